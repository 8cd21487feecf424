"""Reading orders of a Shopify shop: https://shopify.dev/docs/api/admin-graphql/2026-10/queries/orders

Without the scope read_all_orders an app sees orders of the last 60 days; an older one is not gone, only out of sight.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import PlatformDown
from connectors.contract.installing import Credentials
from connectors.contract.syncing import Document as Told
from connectors.contract.syncing import Listed, Part, Past, Place
from connectors.neutral.calling import Caller
from connectors.shopify import nodes, past
from connectors.shopify.client import Client, Document
from connectors.shopify.documents import (
    ALL_ORDERS,
    CHANGED_ORDERS,
    CHANGED_PRODUCTS,
    COLLECTIONS_OF,
    LINES_OF,
    MOST_REFUNDS,
    ORDER,
    PARCELS_OF,
    REFUND,
    REFUNDS,
    REFUNDS_OF,
    VARIANTS_OF,
)
from connectors.shopify.shop import client

_NOT_SENT = ("UNFULFILLED", "OPEN", "ON_HOLD", "SCHEDULED")


class OrderReader:
    every: timedelta = timedelta(hours=1)
    sees: timedelta | None = timedelta(days=59)  # a day less: clocks differ

    def listed_orders(
        self, caller: Caller, ref: str, credentials: Credentials, since: datetime
    ) -> Iterator[list[Listed]]:
        shop = client(caller, ref, credentials)
        for page in shop.pages(ALL_ORDERS, "orders", search=f"created_at:>='{_time(since)}'"):
            yield [Listed(str(nodes.number(one["id"])), datetime.fromisoformat(one["updatedAt"]), None) for one in page]

    def changed_orders(
        self, caller: Caller, ref: str, credentials: Credentials, since: datetime
    ) -> Iterator[list[Told]]:
        shop = client(caller, ref, credentials)
        for page in shop.pages(CHANGED_ORDERS, "orders", search=f"updated_at:>='{_time(since)}'"):
            found = [_order(shop, one["id"]) for one in page]
            yield [one for one in found if one is not None]

    def past(self, caller: Caller, ref: str, credentials: Credentials, part: Part, place: Place) -> Past:
        return past.piece(client(caller, ref, credentials), part, place, _from_file)

    def changed_products(
        self, caller: Caller, ref: str, credentials: Credentials, since: datetime
    ) -> Iterator[list[Told]]:
        shop = client(caller, ref, credentials)
        for page in shop.pages(CHANGED_PRODUCTS, "products", search=f"updated_at:>='{_time(since)}'"):
            yield [_product(shop, node) for node in page]

    def order(self, caller: Caller, ref: str, credentials: Credentials, order_id: str) -> Told | None:
        if not (order_id.isascii() and order_id.isdigit()):
            return None
        return _order(client(caller, ref, credentials), f"gid://shopify/Order/{order_id}")


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _order(shop: Client, gid: str) -> Told | None:
    """Return an order, whole. What moves while it is read in pieces is told by a later change."""
    node = shop.ask(ORDER, id=gid)["order"]
    if node is None:
        return None
    lines = [*node["lineItems"]["nodes"], *_more_lines(shop, gid, node["lineItems"]["pageInfo"])]
    return _whole(shop, node, lines)


def _from_file(shop: Client, node: dict[str, Any]) -> Told:
    """Return an order of a bulk operation's file, completed by what no file can tell."""
    return _whole(shop, node, node["lineItems"]["nodes"])


def _whole(shop: Client, node: dict[str, Any], lines: list[dict[str, Any]]) -> Told:
    gid = node["id"]
    refunds = [_refund(shop, one) for one in _refund_ids(shop, gid, node)]
    sent = node["displayFulfillmentStatus"] not in _NOT_SENT
    parcels = shop.ask(PARCELS_OF, id=gid)["order"]["fulfillments"] if sent else []
    return nodes.order(node, lines, refunds, parcels)


def _product(shop: Client, node: dict[str, Any]) -> Told:
    variants = [*node["variants"]["nodes"], *_more(shop, VARIANTS_OF, node, "variants")]
    collections = [*node["collections"]["nodes"], *_more(shop, COLLECTIONS_OF, node, "collections")]
    return nodes.product(node, variants, collections)


def _more(shop: Client, document: Document, node: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    page = node[name]["pageInfo"]
    while page["hasNextPage"]:
        told = shop.ask(document, id=node["id"], after=page["endCursor"])["product"][name]
        yield from told["nodes"]
        page = told["pageInfo"]


def _more_lines(shop: Client, gid: str, page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    while page["hasNextPage"]:
        told = shop.ask(LINES_OF, id=gid, after=page["endCursor"])["order"]["lineItems"]
        yield from told["nodes"]
        page = told["pageInfo"]


def _refund_ids(shop: Client, gid: str, node: dict[str, Any]) -> list[str]:
    """Return the refunds' ids: their list has no pages, so that a long one is asked for again."""
    found = node["refunds"]
    if len(found) == REFUNDS:
        found = shop.ask(REFUNDS_OF, id=gid)["order"]["refunds"]
    if len(found) == MOST_REFUNDS:
        raise PlatformDown(f"an order has {MOST_REFUNDS} refunds or more: {gid}", acted=False)
    return [one["id"] for one in found]


def _refund(shop: Client, gid: str) -> dict[str, Any]:
    node = shop.ask(REFUND, id=gid)["refund"]
    backs, page = list(node["refundLineItems"]["nodes"]), node["refundLineItems"]["pageInfo"]
    while page["hasNextPage"]:
        more = shop.ask(REFUND, id=gid, after=page["endCursor"])["refund"]["refundLineItems"]
        backs += more["nodes"]
        page = more["pageInfo"]
    return nodes.refund(node, backs)
