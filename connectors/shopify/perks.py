"""Perks of tiers as automatic discounts for a segment of customers: those who carry the tier's tag.

https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/discountAutomaticBasicCreate, /segmentCreate

None of these calls can be repeated by Shopify's own means, so what is there is looked at first. A discount carries a
tag that says all that it is: what changes is another discount. A shop can have 25 automatic discounts at a time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.contract import PlatformRefused
from connectors.contract.installing import Credentials
from connectors.contract.perks import Perk
from connectors.neutral.calling import Caller
from connectors.shopify.answers import done, time_text
from connectors.shopify.client import Client
from connectors.shopify.reward_documents import (
    AUTOMATIC,
    DELETE_AUTOMATIC,
    MAKE_AUTOMATIC,
    MAKE_AUTOMATIC_SHIPPING,
    MAKE_SEGMENT,
    SEGMENTS,
)
from connectors.shopify.shop import client

_MARK = re.compile(r"tessera-perk-[0-9a-f]{24}")  # the tag of a discount of ours
_EARLY = timedelta(minutes=1)  # Shopify's clock may be behind ours
_NEEDS = ("write_customers", "write_discounts")
_UNFIT = frozenset("'\"\\,")  # in a tag, and in the text of a segment


class SegmentDiscounts:
    by_email: bool = False

    def cannot(self, scopes: Collection[str]) -> str | None:
        missing = [scope for scope in _NEEDS if scope not in scopes]
        return f"The app lacks the permission {missing[0]} in this shop." if missing else None

    def keep(
        self, caller: Caller, ref: str, credentials: Credentials, perks: Sequence[Perk], dropped: Sequence[str]
    ) -> None:
        shop = client(caller, ref, credentials)
        wanted = {_mark(perk, kind): (perk, kind) for perk in perks for kind in _kinds(perk)}
        there = _there(shop)
        for mark, nodes in there.items():
            for node in nodes[1 if mark in wanted else 0 :]:
                done(shop.ask(DELETE_AUTOMATIC, id=node["id"]), "discountAutomaticDelete")
        missing = [mark for mark in wanted if mark not in there]
        segments = _segments(shop) if missing else {}
        for mark in missing:
            perk, kind = wanted[mark]
            _make(shop, perk, kind, mark, _segment(shop, perk, segments))
        for mark in wanted:
            told = there[mark][0]["automaticDiscount"] if mark in there else {}
            if told.get("status") == "EXPIRED":
                raise PlatformRefused(f"the shop has ended the discount {told['title']}: activate or delete it there")


def _kinds(perk: Perk) -> list[str]:
    return [*(["percent"] if perk.percent else []), *(["shipping"] if perk.free_shipping else [])]


def _mark(perk: Perk, kind: str) -> str:
    """Return the tag of a discount: another for all that a discount cannot change into."""
    percent = f"{perk.percent:f}" if kind == "percent" else ""
    told = "\n".join((perk.id, perk.title, perk.tag, kind, percent))
    return f"tessera-perk-{hashlib.sha256(told.encode()).hexdigest()[:24]}"


def _there(shop: Client) -> dict[str, list[Mapping[str, Any]]]:
    """Return the discounts of ours that the shop has, by their marks."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for page in shop.pages(AUTOMATIC, "automaticDiscountNodes"):
        for node in page:
            for tag in node["automaticDiscount"].get("tags") or ():
                if _MARK.fullmatch(tag):
                    found.setdefault(tag, []).append(node)
    return found


def _segments(shop: Client) -> dict[str, str]:
    return {str(one["name"]): str(one["id"]) for page in shop.pages(SEGMENTS, "segments") for one in page}


def _segment(shop: Client, perk: Perk, known: dict[str, str]) -> str:
    """Return the segment of a tier's customers, made where it is missing; it outlives the discount."""
    if _UNFIT & set(perk.tag):
        raise PlatformRefused(f"the customer tag {perk.tag} cannot be used for a perk: leave out quotes and commas")
    name = f"Tessera: {perk.tag}"
    if name not in known:
        told = shop.ask(MAKE_SEGMENT, name=name, query=f"customer_tags CONTAINS '{perk.tag}'")
        done(told, "segmentCreate")
        known[name] = str(told["segmentCreate"]["segment"]["id"])
    return known[name]


def _make(shop: Client, perk: Perk, kind: str, mark: str, segment: str) -> None:
    given = {
        "title": f"{perk.title[:200]} −{perk.percent:f} %" if kind == "percent" else perk.title[:200],  # no two alike
        "startsAt": time_text(perk.since - _EARLY),
        "context": {"customerSegments": {"add": [segment]}},
        "tags": [mark],
    }
    if kind == "shipping":
        told = {**given, "destination": {"all": True}, "combinesWith": _with("orderDiscounts", "productDiscounts")}
        done(shop.ask(MAKE_AUTOMATIC_SHIPPING, discount=told), "discountAutomaticFreeShippingCreate")
        return
    gets = {"value": {"percentage": float((perk.percent or 0) / 100)}, "items": {"all": True}}
    beside = _with("orderDiscounts", "productDiscounts", "shippingDiscounts")
    told = {**given, "customerGets": gets, "combinesWith": beside}
    done(shop.ask(MAKE_AUTOMATIC, discount=told), "discountAutomaticBasicCreate")


def _with(*classes: str) -> dict[str, bool]:
    return dict.fromkeys(classes, True)
