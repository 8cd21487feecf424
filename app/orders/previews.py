"""What a basket would earn: the promise, by the function that will award it.

Source: semantics 2, "Promise = award".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from app import catalogue, programmes
from app.catalogue import Product
from app.desk import member_facts
from app.errors import NotFound
from app.members.ages import Ages
from app.members.person import person_of
from app.models import members
from app.orders import sharing
from app.orders.freezing import Frozen, facts_of_line, frozen
from app.orders.places import left_for as places_left
from app.orders.purchases import Purchase, Purchases
from app.programmes import Version
from app.rewards.shelf import NOT_CONNECTED, Shelf
from app.rules.earning import Basket, BasketLine, Context, Earned, preview
from app.rules.eligibility import Standing, asks_of_people
from app.rules.people import MemberFacts
from app.scheduled import boosters
from app.shops import Shop
from app.tiers import ranks

NEWCOMER = Standing()


def earn_preview(
    connection: Connection,
    shop: Shop,
    basket: Basket,
    now: datetime,
    tier: str | None = None,
    member_id: str | None = None,
) -> tuple[Earned, Version]:
    """Return what a basket earns if bought now: by a member, or by a newcomer who may join.

    A named member has the room that is left under the cap, a newcomer the whole of it.

    `in_force`: the member's own multipliers.
    Raises: NotFound, while no programme is in effect: nothing would be awarded.
    """
    version = programmes.effective(programmes.versions(connection, shop.id), now)
    if version is None:
        raise NotFound("no programme is in effect yet")
    known = version.programme.tiers
    context = _context(connection, shop, version, now, tier or (known[0].key if known else None), member_id)
    completed = replace(basket, lines=_with_catalogue(connection, shop.id, basket.lines, version))
    room = sharing.room_now(connection, shop.id, version, member_id, now, shop.zone)
    own = None if member_id is None else boosters.waiting(connection, shop.id, member_id, now)
    earned = preview(
        completed,
        version.programme,
        context,
        now=now,
        room=room,
        in_force=own,
        zone=shop.zone,
        version=version.number,
    )
    if member_id is None and asks_of_people(version.programme.eligibility):
        earned = earned._replace(about=True)  # nobody knows yet who asks
    return earned, version


def _context(
    connection: Connection, shop: Shop, version: Version, now: datetime, tier: str | None, member_id: str | None
) -> Context:
    """Return what an order placed now would freeze."""
    programme = version.programme
    if not programme.asks_of_members and not programme.compiled.limited:
        return Context(tier)
    purchases = Purchases(connection, shop.id)
    member = frozen(version, MemberFacts(tier=tier, joined_at=now), NEWCOMER, now)
    if member_id is not None:
        purchases.load([member_id])
        member = _member(connection, shop, version, now, tier, purchases.of(member_id), member_id)
    else:
        member = replace(member, unmet=None)
    places = places_left(connection, shop.id, programme.compiled, purchases, member_id)
    return Context(tier, member.segments, {}, member.tags, member.unmet, places)


def _member(
    connection: Connection,
    shop: Shop,
    version: Version,
    now: datetime,
    tier: str | None,
    bought: Sequence[Purchase],
    member_id: str,
) -> Frozen:
    mine = and_(members.c.shop_id == shop.id, members.c.id == member_id)
    person = person_of(connection.execute(select(members).where(mine)).one())
    years = version.programme.eligibility.min_age
    of_age = years is not None and Ages().ask("", person, years, now, shop.zone)
    standing = Standing(enrolled=person.requested_at is not None, of_age=of_age)
    return frozen(version, member_facts(person, bought, tier, now), standing, now)


def _with_catalogue(
    connection: Connection, shop_id: str, lines: Sequence[BasketLine], version: Version
) -> list[BasketLine]:
    """Complete lines by what the catalogue knows of their products, as settling does."""
    known = catalogue.of_ids(connection, shop_id, {line.product_id for line in lines if line.product_id})
    return [_completed(line, known.get(line.product_id or ""), version) for line in lines]


def _completed(line: BasketLine, product: Product | None, version: Version) -> BasketLine:
    if product is None:
        return line
    facts = facts_of_line(line, product, version)
    return replace(line, tags=facts.tags, collections=facts.collections, vendor=facts.vendor, band=facts.band)


def next_reward(on_it: Shelf, member_id: str | None, points: int) -> dict[str, Any] | None:
    """Return the cheapest reward that a member may have and these points do not reach yet, and what is missing."""
    dearer = [reward for reward in on_it.version.programme.rewards if reward.points > points]
    for reward in sorted(dearer, key=lambda reward: (reward.points, reward.key)):
        if not set(on_it.reasons(reward, member_id, reward.points)) - {NOT_CONNECTED}:
            missing = reward.points - points
            return {"key": reward.key, "kind": reward.kind, "points": reward.points, "missing": missing}
    return None


def tier_key(connection: Connection, shop: Shop, member_id: str, enrolled_at: datetime, now: datetime) -> str | None:
    tier = ranks.of(connection, shop, member_id, enrolled_at, now)
    return tier.key if tier else None
