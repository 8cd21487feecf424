"""What a draft would change: on the shop's recent orders, for its members, and in the document itself.

Both programmes are asked about the same orders as they stand now, with today's members and catalogue; nothing is
written. Caps per member, which share points out between orders, are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, select

from app import catalogue, programmes
from app.catalogue import Product
from app.desk import member_facts
from app.members.ages import Ages
from app.members.person import Person, person_of
from app.models import members, orders
from app.orders import state as order_state
from app.orders.freezing import Frozen, facts_of_line, frozen
from app.orders.purchases import Purchases
from app.programmes import Version
from app.rules.compiled import Compiled, ExactCampaign
from app.rules.differences import differences
from app.rules.earning import Context, ProductFacts, earn
from app.rules.eligibility import Standing
from app.rules.programme import Programme
from app.shops import Shop
from connectors.contract import Line, OrderState

MOST_ORDERS = 1_000
MOST_DAYS = 90
MOST_SHOWN = 10
MOST_CHANGES = 500
_READ = ("id", "held", "placed_at", "member_id", "context")


@dataclass(frozen=True, slots=True)
class _Past:
    """An order as it stands now, with what it froze."""

    id: str
    member_id: str
    placed_at: datetime
    state: OrderState
    tier: str | None
    facts: Mapping[str, Mapping[str, Any]]  # line id → tags, collections, vendor


@dataclass(frozen=True, slots=True)
class _World:
    """What both programmes are asked with."""

    shop: Shop
    now: datetime
    people: Mapping[str, Person]
    purchases: Purchases
    products: Mapping[str, Product]


def compare(
    connection: Connection, shop: Shop, draft: Programme, now: datetime, *, most: int, days: int
) -> dict[str, Any]:
    """Return what a draft changes on the last orders: so many of them, and none older than so many days.

    `tiers` is for who would move between tiers; whoever knows fills it in.
    """
    known = programmes.effective(programmes.versions(connection, shop.id), now)
    past = _recent(connection, shop.id, now - timedelta(days=days), most)
    after = Version(0, now, draft)
    world = _world(connection, shop, now, past, [version for version in (known, after) if version])
    before = dict.fromkeys((one.id for one in past), 0) if known is None else _points(known, past, world)
    documents = ({} if known is None else known.programme.to_document(), draft.to_document())
    changed = [{"path": path, "before": old, "after": new} for path, old, new in differences(*documents)]
    return {
        "version": None if known is None else known.number,
        **_told(past, before, _points(after, past, world)),
        "changed": changed[:MOST_CHANGES],
        "tiers": [],
    }


def _recent(connection: Connection, shop_id: str, since: datetime, most: int) -> list[_Past]:
    """Return the last orders of members, oldest first."""
    mine = and_(orders.c.shop_id == shop_id, orders.c.placed_at >= since, orders.c.member_id.is_not(None))
    latest = select(*(orders.c[name] for name in _READ)).where(mine)
    latest = latest.order_by(orders.c.placed_at.desc(), orders.c.id.desc()).limit(most)
    found = [_past(row) for row in connection.execute(latest).mappings()]
    return [one for one in reversed(found) if one is not None]


def _past(row: RowMapping) -> _Past | None:
    state = order_state.load(row["held"]).effective()
    if state is None:
        return None
    context = row["context"]
    return _Past(row["id"], row["member_id"], row["placed_at"], state, context.get("tier"), context.get("lines", {}))


def _world(
    connection: Connection, shop: Shop, now: datetime, past: Sequence[_Past], versions: Sequence[Version]
) -> _World:
    """Read what the programmes ask, with one statement for each table."""
    ids = {one.member_id for one in past}
    purchases = Purchases(connection, shop.id)
    people: dict[str, Person] = {}
    if any(version.programme.asks_of_members for version in versions):
        purchases.load(ids)
        mine = and_(members.c.shop_id == shop.id, members.c.id.in_(sorted(ids)))
        people = {row.id: person_of(row) for row in connection.execute(select(members).where(mine))}
    named = {line.product_id for one in past for line in one.state.lines if line.product_id}
    return _World(shop, now, people, purchases, catalogue.of_ids(connection, shop.id, named))


def _points(version: Version, past: Sequence[_Past], world: _World) -> dict[str, int]:
    """Return what each order would be worth under a version; places of limited campaigns are given out anew."""
    places = _Places()
    return {one.id: _worth(version, one, world, places) for one in past}


def _worth(version: Version, one: _Past, world: _World, places: _Places) -> int:
    member = _member(version, one, world)
    facts = {line.id: _facts(version, one, line, world) for line in one.state.lines}
    given: dict[str, bool] = {}
    context = Context(one.tier, member.segments, facts, member.tags, member.unmet, given)
    while True:
        earned = earn(
            one.state,
            version.programme,
            context,
            zone=world.shop.zone,
            now=world.now,
            allow_test=world.shop.settings.allow_test_orders,
        )
        if not (earned.counts and earned.undecided):
            return earned.target
        given |= places.decide(version.programme.compiled, earned.undecided, one.member_id)


def _member(version: Version, one: _Past, world: _World) -> Frozen:
    """Return what the order would freeze of its member."""
    if not version.programme.asks_of_members:
        return Frozen()
    person, years = world.people[one.member_id], version.programme.eligibility.min_age
    facts = member_facts(person, world.purchases.of(one.member_id), one.tier, one.placed_at, but=one.id)
    of_age = years is not None and Ages().ask(one.id, person, years, one.placed_at, world.shop.zone)
    standing = Standing(enrolled=person.requested_at is not None, of_age=of_age)
    return frozen(version, facts, standing, one.placed_at)


def _facts(version: Version, one: _Past, line: Line, world: _World) -> ProductFacts:
    """Return what the order froze of a line's product, in the margin band of this version."""
    facts = facts_of_line(line, world.products.get(line.product_id or ""), version)
    told = one.facts.get(line.id)
    if told is None:
        return facts
    return replace(facts, tags=told["tags"], collections=told["collections"], vendor=told["vendor"])


@dataclass(slots=True)
class _Places:
    """Who has a place in limited campaigns, over the orders at hand alone."""

    taken: Counter[str] = field(default_factory=Counter)
    own: Counter[tuple[str, str]] = field(default_factory=Counter)

    def decide(self, rules: Compiled, keys: Collection[str], member_id: str) -> dict[str, bool]:
        return {each.key: self._take(each, member_id) for each in rules.limited if each.key in keys}

    def _take(self, each: ExactCampaign, member_id: str) -> bool:
        full = each.max_orders is not None and self.taken[each.key] >= each.max_orders
        had = each.max_per_member is not None and self.own[each.key, member_id] >= each.max_per_member
        if full or had:
            return False
        self.taken[each.key] += 1
        self.own[each.key, member_id] += 1
        return True


def _told(past: Sequence[_Past], before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, Any]:
    by_member: dict[str, list[int]] = {}
    for one in past:
        sums = by_member.setdefault(one.member_id, [0, 0])
        sums[0] += before[one.id]
        sums[1] += after[one.id]
    affected = {one.member_id for one in past if before[one.id] != after[one.id]}
    rows = [_row("member_id", member_id, *by_member[member_id]) for member_id in affected]
    changes = [_row("order_id", one.id, before[one.id], after[one.id]) for one in past]
    return {
        "orders": {
            "compared": len(past),
            "points_before": sum(before.values()),
            "points_after": sum(after.values()),
            "earning_more": sum(row["points_after"] > row["points_before"] for row in changes),
            "earning_less": sum(row["points_after"] < row["points_before"] for row in changes),
            "most_affected": _most_affected("order_id", changes),
        },
        "members": {"affected": len(affected), "most_affected": _most_affected("member_id", rows)},
    }


def _row(name: str, key: str, before: int, after: int) -> dict[str, Any]:
    return {name: key, "points_before": before, "points_after": after}


def _most_affected(name: str, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return those whose points change most, more or less alike."""
    changed = [row for row in rows if row["points_after"] != row["points_before"]]
    return sorted(changed, key=lambda row: (-abs(row["points_after"] - row["points_before"]), row[name]))[:MOST_SHOWN]
