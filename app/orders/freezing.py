"""What an order freezes when it is first seen: version, tier, what rules ask of its member, and facts of its products.

Source: semantics 1.4, "Frozen context".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from app.desk import Desk
from app.programmes import Version
from app.rules.bands import band_of
from app.rules.earning import ProductFacts
from app.rules.eligibility import Standing, unmet
from app.rules.people import MemberFacts, segments_of
from connectors.contract import Line, OrderState

if TYPE_CHECKING:
    from app.catalogue import Product
    from app.orders.order import Order


@dataclass(frozen=True, slots=True)
class Frozen:
    """What the rules of a version ask of a member, as of an order. Nothing here names a person."""

    segments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # those that the version's campaigns name
    unmet: str | None = None  # the condition of eligibility that was not met


def freeze(order: Order, state: OrderState, version: Version, member_id: str | None, desk: Desk) -> None:
    """Freeze version, tier, member and product facts when first seen; later changes never move the points."""
    if order.version is None:
        order.version, order.cap = version.number, desk.shares.cap_of(version, state.placed_at)
    if order.tier is None and member_id is not None:
        order.tier = desk.tier_at(member_id, state.placed_at, version)
    if order.member is None and member_id is not None:
        order.member = _member(order, state, version, member_id, desk)
    for line in state.lines:
        if line.id not in order.line_facts:
            order.line_facts[line.id] = _facts(order, line, version, desk)


def _facts(order: Order, line: Line, version: Version, desk: Desk) -> ProductFacts:
    own = facts_of_line(line, None, version)
    if line.product_id is None:
        return own
    found = facts_of_line(line, desk.catalogue.get(line.product_id), version)
    return desk.seen.ask(order.id, line.id, own, found)


def _member(order: Order, state: OrderState, version: Version, member_id: str, desk: Desk) -> Frozen:
    if not version.programme.asks_of_members:
        return Frozen()
    facts = desk.facts_of(member_id, state.placed_at, version, but=order.id)
    person, years = desk.people.people[member_id], version.programme.eligibility.min_age
    of_age = None if years is None else desk.ages.ask(order.id, person, years, state.placed_at, desk.shop.zone)
    standing = Standing(enrolled=person.requested_at is not None, of_age=of_age)
    return frozen(version, replace(facts, tier=order.tier), standing, state.placed_at)


def frozen(version: Version, facts: MemberFacts, standing: Standing, at: datetime) -> Frozen:
    """Return what a version asks of a member at a moment. Who buys has joined by then at the latest."""
    programme = version.programme
    facts = replace(facts, joined_at=at if facts.joined_at is None else min(facts.joined_at, at))
    return Frozen(
        segments=segments_of(programme.segments, facts, at),
        tags=tuple(sorted(programme.compiled.tags.intersection(facts.tags))),
        unmet=unmet(programme.eligibility, facts, standing),
    )


class Named(Protocol):
    """A line of an order or a basket, as far as it names its product."""

    @property
    def variant_id(self) -> str | None: ...
    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def collections(self) -> Sequence[str]: ...
    @property
    def vendor(self) -> str | None: ...


def facts_of_line(line: Named, product: Product | None, version: Version) -> ProductFacts:
    """Return what the order itself says of the product; where it is silent, what the catalogue says."""
    if product is None:
        return ProductFacts(line.tags, line.collections, line.vendor)
    known, bands = product.facts, version.programme.compiled.bands
    return ProductFacts(
        tuple(line.tags or known.tags),
        tuple(line.collections or known.collections),
        line.vendor or known.vendor,
        band_of(bands, *product.price_and_cost(line.variant_id)) if bands else None,
    )
