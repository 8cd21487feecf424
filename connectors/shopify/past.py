"""A shop's past, by bulk operations: https://shopify.dev/docs/api/usage/bulk-operations/queries

Shopify writes one file of lines, in its own time; it stays for a week. One operation runs at a time, so that one whose
answer was lost is found again by its query.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from connectors.contract import PlatformDown, PlatformRefused
from connectors.contract.syncing import Document, Part, Past, Place
from connectors.shopify import nodes
from connectors.shopify.client import Client
from connectors.shopify.documents import BULK, BULKS, PAST_CUSTOMERS, PAST_ORDERS, PAST_PRODUCTS, RUN_BULK

PIECE = 100
LOOK_AGAIN = timedelta(seconds=5)
_ENDED = ("CANCELED", "CANCELING", "EXPIRED", "FAILED")

Whole = Callable[[Client, dict[str, Any]], Document]


def piece(shop: Client, part: Part, place: Place, whole: Whole) -> Past:
    """Return the next hundred of a file; begin the operation, or wait for it, where there is none yet.

    Each has a name of its own, noted before it begins: so one whose answer was lost is found, and none of last week.
    """
    if "name" not in place:
        return Past((), {"name": f"Past{secrets.token_hex(8)}"})
    if "operation" not in place:
        begun = _begun(shop, f"query {place['name']} {_QUERIES[part]}")
        return Past((), {**place, "operation": begun, "byte": 0}, wait=LOOK_AGAIN)
    told = shop.ask(BULK, id=place["operation"])["bulkOperation"]
    if told is None or told["status"] in _ENDED:
        raise PlatformRefused(f"Shopify ended the bulk operation: {(told or {}).get('errorCode') or 'it is gone'}")
    if told["status"] != "COMPLETED":
        return Past((), place, wait=LOOK_AGAIN)
    if told["url"] is None:
        return Past((), None, 0)
    return _read(shop, told, part, place, whole)


def _read(shop: Client, told: Mapping[str, Any], part: Part, place: Place, whole: Whole) -> Past:
    begin = int(place["byte"])
    found = list(islice(_rows(shop.caller.lines(told["url"], begin), begin), PIECE))
    read = int(place.get("rows", 0)) + len(found)
    further = {**place, "byte": found[-1][1], "rows": read} if len(found) == PIECE else None
    if further is None and read != int(told["rootObjectCount"]):
        raise PlatformDown("the file was cut off", acted=False)
    documents = [_told(shop, part, row, whole) for row, _ in found]
    return Past(documents, further, int(told["rootObjectCount"]))


def _told(shop: Client, part: Part, row: dict[str, Any], whole: Whole) -> Document:
    if part == "orders":
        return whole(shop, row)
    return _customer(row) if part == "customers" else _product(row)


def _begun(shop: Client, query: str) -> str:
    """Begin an operation, unless it is on its way already."""
    for one in shop.ask(BULKS)["bulkOperations"]["nodes"]:
        if one["query"] == query and one["status"] not in _ENDED:
            return str(one["id"])
    told = shop.ask(RUN_BULK, query=query)["bulkOperationRunQuery"]
    if told["userErrors"]:
        message = str(told["userErrors"][0]["message"])
        if "already in progress" in message:  # another one of ours
            raise PlatformDown(message, acted=False, after_s=LOOK_AGAIN.total_seconds())
        raise PlatformRefused(f"Shopify refused: {message}")
    return str(told["bulkOperation"]["id"])


_QUERIES: Mapping[Part, str] = {"orders": PAST_ORDERS, "customers": PAST_CUSTOMERS, "products": PAST_PRODUCTS}
_LISTS = {
    "LineItem": "lineItems",
    "ShippingLine": "shippingLines",
    "ProductVariant": "variants",
    "Collection": "collections",
}
_PARTS = (*_LISTS.values(), "discountApplications")


def _rows(lines: Iterator[bytes], begin: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield each row with what stands behind it as its parts, and the byte at which the next one begins."""
    row: dict[str, Any] | None = None
    end = begin
    for line in lines:
        told = _parsed(line)
        if "__parentId" not in told:
            if row is not None:
                yield row, end
            row = told | {name: {"nodes": []} for name in _PARTS}
        elif row is not None:
            row[_LISTS.get(told.get("__typename", ""), "discountApplications")]["nodes"].append(told)
        end += len(line)
    if row is not None:
        yield row, end


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise PlatformDown("the file is not the one that was asked for, or was cut off", acted=False)
    return told


def _product(node: Mapping[str, Any]) -> Document:
    return nodes.product(node, node["variants"]["nodes"], node["collections"]["nodes"])


def _customer(node: Mapping[str, Any]) -> Document:
    address, home = node["defaultEmailAddress"], node["defaultAddress"]
    state = address["marketingState"].lower() if address else None
    return {
        "id": nodes.number(node["id"]),
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "email": address["emailAddress"] if address else None,
        "verified_email": node["verifiedEmail"],
        "tags": ", ".join(node["tags"]),
        "default_address": {"country_code": home["countryCodeV2"]} if home else None,
        "email_marketing_consent": {"state": state} if state else None,
    }
