"""A shop's past, by bulk operations: https://shopify.dev/docs/api/usage/bulk-operations/queries

Shopify writes one file of lines, in its own time; it stays for a week. One operation runs at a time, so that one whose
answer was lost is found again by its query.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any, Literal

from connectors.contract import PlatformDown, PlatformRefused
from connectors.contract.syncing import Document, Past, Place
from connectors.shopify import nodes
from connectors.shopify.client import Client
from connectors.shopify.documents import BULK, BULKS, PAST_CUSTOMERS, PAST_ORDERS, RUN_BULK

PIECE = 100
LOOK_AGAIN = timedelta(seconds=20)
_ENDED = ("CANCELED", "CANCELING", "EXPIRED", "FAILED")

Whole = Callable[[Client, dict[str, Any]], Document]


def piece(shop: Client, part: Literal["customers", "orders"], place: Place, whole: Whole) -> Past:
    """Return the next hundred of a file; begin the operation, or wait for it, where there is none yet."""
    query = PAST_ORDERS if part == "orders" else PAST_CUSTOMERS
    if "operation" not in place:
        return Past((), {"operation": _begun(shop, query), "byte": 0}, wait=LOOK_AGAIN)
    told = shop.ask(BULK, id=place["operation"])["bulkOperation"]
    if told is None or told["status"] in _ENDED:
        raise PlatformRefused(f"Shopify ended the bulk operation: {(told or {}).get('errorCode') or 'it is gone'}")
    if told["status"] != "COMPLETED":
        return Past((), place, wait=LOOK_AGAIN)
    if told["url"] is None:
        return Past((), None, 0)
    return _read(shop, told, part, int(place["byte"]), whole)


def _read(shop: Client, told: Mapping[str, Any], part: str, begin: int, whole: Whole) -> Past:
    found = list(islice(_rows(shop.caller.lines(told["url"], begin), begin), PIECE))
    further = {"operation": told["id"], "byte": found[-1][1]} if len(found) == PIECE else None
    documents = [whole(shop, row) if part == "orders" else _customer(row) for row, _ in found]
    return Past(documents, further, int(told["rootObjectCount"]))


def _begun(shop: Client, query: str) -> str:
    """Begin an operation, unless it is on its way already, or done within the week."""
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


_LISTS = {"LineItem": "lineItems", "ShippingLine": "shippingLines"}


def _rows(lines: Iterator[bytes], begin: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield each row with what stands behind it as its parts, and the byte at which the next one begins."""
    row: dict[str, Any] | None = None
    end = begin
    for line in lines:
        told = json.loads(line)
        if "__parentId" not in told:
            if row is not None:
                yield row, end
            row = told | {name: {"nodes": []} for name in ("lineItems", "shippingLines", "discountApplications")}
        elif row is not None:
            row[_LISTS.get(told.get("__typename", ""), "discountApplications")]["nodes"].append(told)
        end += len(line)
    if row is not None:
        yield row, end


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
