"""Reading orders of a WooCommerce shop, with the lines of their refunds, which no webhook tells.

Only what is used is asked for: neither names and streets nor the shopper's IP address leave the shop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import NotThere, PlatformDown
from connectors.contract.installing import Credentials
from connectors.contract.syncing import Document, Listed, Part, Past, Place
from connectors.neutral.calling import Caller
from connectors.woocommerce.client import PAGE, Client
from connectors.woocommerce.install import client
from connectors.woocommerce.orders import NOT_YET_ORDERS

FIELDS = ",".join(
    (
        *("id", "status", "currency", "prices_include_tax", "total", "customer_id"),
        *("date_created_gmt", "date_modified_gmt", "date_paid_gmt", "date_completed_gmt"),
        *("billing.email", "billing.country", "shipping.country"),
        *("line_items", "shipping_lines", "fee_lines", "coupon_lines", "refunds", "meta_data"),
    )
)

_CUSTOMER = "id,date_created_gmt,date_modified_gmt,email,role,billing.phone,billing.country"
_PRODUCT = ",".join(
    (
        *("id", "date_created_gmt", "date_modified_gmt", "price", "tags", "categories", "brands"),
        *("variations", "cost_of_goods_sold"),
    )
)
_BEGINNING = "1970-01-01T00:00:00"


class OrderReader:
    every: timedelta = timedelta(minutes=10)  # it never sends a webhook twice
    sees: timedelta | None = None

    def listed_orders(
        self, caller: Caller, ref: str, credentials: Credentials, since: datetime
    ) -> Iterator[list[Listed]]:
        shop = client(caller, ref, credentials)
        asked = {"after": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "dates_are_gmt": "true"}
        fields = "id,status,date_modified_gmt,refunds"
        for status in ("any", "trash"):
            for page in shop.everything("orders", status=status, _fields=fields, **asked):
                yield [_listed(row) for row in page if row.get("status") not in NOT_YET_ORDERS]

    def changed_orders(
        self, caller: Caller, ref: str, credentials: Credentials, since: datetime
    ) -> Iterator[list[Document]]:
        shop = client(caller, ref, credentials)
        for status in ("any", "trash"):  # any is any but that one
            for page in shop.changed("orders", since, status=status, _fields=FIELDS):
                yield [_with_lines(shop, row) for row in page]

    def past(self, caller: Caller, ref: str, credentials: Credentials, part: Part, place: Place) -> Past:
        shop = client(caller, ref, credentials)
        if part == "orders":
            return _past_orders(shop, place)
        return _by_page(shop, place, part, _CUSTOMER) if part == "customers" else _products(shop, place)

    def changed_products(
        self, caller: Caller, ref: str, credentials: Credentials, since: datetime
    ) -> Iterator[list[Document]]:
        shop = client(caller, ref, credentials)
        for page in shop.changed("products", since, _fields=_PRODUCT):
            yield [_with_variants(shop, row) for row in page]

    def order(self, caller: Caller, ref: str, credentials: Credentials, order_id: str) -> Document | None:
        shop = client(caller, ref, credentials)
        if not (order_id.isascii() and order_id.isdigit()):
            return None
        try:
            return _with_lines(shop, shop.get(f"orders/{order_id}", _fields=FIELDS))
        except NotThere:
            return None


def _past_orders(shop: Client, place: Place) -> Past:
    """Go by the time of placing, one second back each time: pages that are counted would skip where one is deleted."""
    since, page = str(place.get("since", _BEGINNING)), int(place.get("page", 1))
    asked = {"after": since, "dates_are_gmt": "true", "orderby": "date", "order": "asc", "status": "any"}
    rows = shop.get("orders", per_page=str(PAGE), page=str(page), _fields=FIELDS, **asked)
    in_all = place.get("in_all") or shop.count("orders", status="any")
    new = [row for row in rows if row["id"] not in place.get("seen", ())]
    told = [_with_lines(shop, row) for row in new if row.get("status") not in NOT_YET_ORDERS]
    if len(rows) < PAGE:
        return Past(told, None, in_all)
    last = _second_before(rows[-1]["date_created_gmt"])
    further = {"since": last} if last > since else {"since": since, "page": page + 1}
    seen = [row["id"] for row in rows if row["date_created_gmt"] > further["since"]]
    return Past(told, {**further, "seen": seen, "in_all": in_all}, in_all)


def _second_before(stamp: str) -> str:
    return (datetime.fromisoformat(stamp) - timedelta(seconds=1)).isoformat()


def _products(shop: Client, place: Place) -> Past:
    found = _by_page(shop, place, "products", _PRODUCT)
    return replace(found, documents=[_with_variants(shop, row) for row in found.documents])


def _with_variants(shop: Client, row: Document) -> Document:
    """Put each variation's price and cost in the place of its number."""
    if not row.get("variations"):
        return row
    fields = "id,price,cost_of_goods_sold"
    pages = shop.everything(f"products/{row['id']}/variations", _fields=fields)
    return {**row, "variations": [one for page in pages for one in page]}


def _by_page(shop: Client, place: Place, path: str, fields: str) -> Past:
    """Go by counted pages: no time can be asked for. What is skipped because one was deleted comes with an order."""
    page = int(place.get("page", 1))
    rows = shop.get(path, per_page=str(PAGE), page=str(page), orderby="id", order="asc", _fields=fields)
    in_all = place.get("in_all") or shop.count(path)
    return Past(rows, {"page": page + 1, "in_all": in_all} if len(rows) == PAGE else None, in_all)


def _listed(row: dict[str, Any]) -> Listed:
    try:
        updated_at = datetime.fromisoformat(row["date_modified_gmt"]).replace(tzinfo=UTC)
        refunds = frozenset(str(refund["id"]) for refund in row.get("refunds") or ())
        return Listed(str(row["id"]), updated_at, refunds)
    except (KeyError, TypeError, ValueError):
        raise PlatformDown("a list of orders was asked for, and something else was answered", acted=None) from None


def _with_lines(shop: Client, row: dict[str, Any]) -> Document:
    """Put each refund's lines in the place of its total."""
    if not row.get("refunds"):
        return row
    pages = shop.everything(f"orders/{row['id']}/refunds")
    return {**row, "refunds": [refund for page in pages for refund in page]}
