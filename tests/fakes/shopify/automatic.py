"""Automatic discounts for segments of customers, as the Admin API makes them and the checkout takes them off."""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.shopify.redeeming import error
from tests.fakes.shopify.resolving import on, page
from tests.fakes.shopify.state import Node, Shop

AUTOMATIC = {
    "discountAutomaticBasicCreate": ("automaticBasicDiscount", "DiscountAutomaticBasic"),
    "discountAutomaticFreeShippingCreate": ("freeShippingAutomaticDiscount", "DiscountAutomaticFreeShipping"),
}
MOST_AUTOMATIC = 25
_SEGMENT = re.compile(r"customer_tags CONTAINS '([^'\\\\]+)'")


def _automatic(shop: Shop, kind: str, given: Node, argument: str) -> Node:
    segments = ((given.get("context") or {}).get("customerSegments") or {}).get("add") or ()
    combines = given.get("combinesWith") or {}
    wrong = []
    if not given.get("title") or not given.get("startsAt"):
        wrong = [error("BLANK", "Title and starts at can't be blank", argument)]
    elif given["title"] in [one["automaticDiscount"]["title"] for one in shop.automatic.values()]:
        wrong = [error("TAKEN", "Title must be unique for automatic discount.", argument, "title")]
    elif kind == "DiscountAutomaticFreeShipping" and combines.get("shippingDiscounts"):
        wrong = [
            error("INVALID_COMBINES_WITH_FOR_DISCOUNT_CLASS", "Combines with is invalid", argument, "combinesWith")
        ]
    elif missing := [one for one in segments if one not in shop.segments]:
        wrong = [error("INVALID", f"Segment {missing[0]} does not exist", argument, "context")]
    elif sum(one["automaticDiscount"]["status"] == "ACTIVE" for one in shop.automatic.values()) >= MOST_AUTOMATIC:
        wrong = [error("ACTIVE_PERIOD_OVERLAP", "Only 25 automatic discounts can be active", argument)]
    if wrong:
        return {"automaticDiscountNode": None, "userErrors": wrong}
    told = {"__typename": kind, "title": given["title"], "status": "ACTIVE", "tags": given.get("tags") or []}
    node = {
        "__typename": "DiscountAutomaticNode",
        "id": shop.gid("DiscountAutomaticNode"),
        "automaticDiscount": {**told, "given": given, "segments": list(segments)},
    }
    shop.automatic[node["id"]] = node
    return {"automaticDiscountNode": node, "userErrors": []}


for _name, (_argument, _kind) in AUTOMATIC.items():

    @on("Mutation", _name)
    def _made_automatic(shop: Shop, _source: Any, kind: str = _kind, argument: str = _argument, **given: Any) -> Node:
        return _automatic(shop, kind, given[argument], argument)


@on("QueryRoot", "automaticDiscountNodes")
def automatic(shop: Shop, _source: Any, **given: Any) -> Node:
    return page(list(shop.automatic.values()), **given)


@on("Mutation", "discountAutomaticDelete")
def delete_automatic(shop: Shop, _source: Any, id: str) -> Node:
    if shop.automatic.pop(id, None) is None:
        wrong = error("INVALID", "Automatic discount does not exist.", "id")
        return {"deletedAutomaticDiscountId": None, "userErrors": [wrong]}
    return {"deletedAutomaticDiscountId": id, "userErrors": []}


@on("QueryRoot", "segments")
def segments(shop: Shop, _source: Any, **given: Any) -> Node:
    return page(list(shop.segments.values()), **given)


@on("Mutation", "segmentCreate")
def make_segment(shop: Shop, _source: Any, name: str, query: str) -> Node:
    if any(one["name"] == name for one in shop.segments.values()):
        return {"segment": None, "userErrors": [{"field": ["name"], "message": "Name has already been taken"}]}
    if not _SEGMENT.fullmatch(query):
        return {"segment": None, "userErrors": [{"field": ["query"], "message": "Query is invalid"}]}
    made = {"id": shop.gid("Segment"), "name": name, "query": query}
    shop.segments[made["id"]] = made
    return {"segment": made, "userErrors": []}


def automatic_for(shop: Shop, customer: Node | None) -> list[Node]:
    """Return the automatic discounts that a customer gets."""
    found = []
    for node in shop.automatic.values():
        told = node["automaticDiscount"]
        queries = [_SEGMENT.fullmatch(shop.segments[one]["query"]) for one in told["segments"]]
        tags = {tag.lower() for tag in (customer or {}).get("tags") or ()}
        fits = not queries or any(query and query.group(1).lower() in tags for query in queries)
        if told["status"] == "ACTIVE" and fits and told["given"]["startsAt"] <= shop.stamp():
            found.append(told)
    return found
