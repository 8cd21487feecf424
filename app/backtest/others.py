"""What a back-test takes as it was: points that are not an order's, members without orders, the tiers people have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select

from app import programmes
from app.models import entries, lots, members, orders, standings
from app.rules.programme import Programme
from app.shops import Shop

_WHY = {
    "activity": "points of activities are counted as they were",
    "adjustment": "points given or taken by hand are counted as they were",
    "redemption": "redemptions are not replayed: shoppers are taken to use the same share of their points",
}


@dataclass(frozen=True, slots=True)
class Others:
    """The same under any programme, as far as a back-test goes."""

    current: Programme | None
    orders: int
    members: int
    of_nobody: int
    waiting: int
    open: int  # points of lots that are not an order's
    tiers: dict[str, int]  # as they really are
    posted: dict[str, int]  # points by what they came from

    def not_simulated(self) -> list[dict[str, Any]]:
        found = [{"what": what, "why": why, "points": self.posted.get(what, 0)} for what, why in _WHY.items()]
        return [*found, {"what": "switching_on", "why": "the draft is taken to have been in effect all the time"}]


def others_of(connection: Connection, shop: Shop, now: datetime) -> Others:
    """Count what the orders of members do not tell: one statement for each table."""
    current = programmes.current_or_none(connection, shop.id, now)
    programme = current.programme if current else None
    people = _count(connection, members, members.c.shop_id == shop.id, members.c.merged_into.is_(None))
    return Others(
        current=programme,
        orders=_count(connection, orders, orders.c.shop_id == shop.id),
        members=people,
        of_nobody=_count(
            connection,
            orders,
            orders.c.shop_id == shop.id,
            orders.c.member_id.is_(None),
            orders.c.placed_at.is_not(None),
        ),
        waiting=_count(connection, orders, orders.c.shop_id == shop.id, orders.c.placed_at.is_(None)),
        open=_open(connection, shop.id),
        tiers=_tiers(connection, shop.id, programme, people),
        posted=_posted(connection, shop.id),
    )


def _count(connection: Connection, table: Any, *where: Any) -> int:
    return connection.execute(select(func.count()).select_from(table).where(and_(*where))).scalar_one()


def _open(connection: Connection, shop_id: str) -> int:
    mine = and_(lots.c.shop_id == shop_id, lots.c.remaining > 0, lots.c.source_type != "order")
    return int(connection.execute(select(func.coalesce(func.sum(lots.c.remaining), 0)).where(mine)).scalar_one())


def _posted(connection: Connection, shop_id: str) -> dict[str, int]:
    mine = and_(entries.c.shop_id == shop_id, entries.c.source_type != "order", entries.c.kind != "expiry")
    sums = select(entries.c.source_type, func.sum(entries.c.points)).where(mine).group_by(entries.c.source_type)
    return {source: int(points) for source, points in connection.execute(sums)}


def _tiers(connection: Connection, shop_id: str, programme: Programme | None, people: int) -> dict[str, int]:
    """Count members by the tier that is recorded for them; everybody else is in the entry tier."""
    if programme is None or not programme.tiers:
        return {}
    alive = and_(members.c.shop_id == standings.c.shop_id, members.c.id == standings.c.member_id)
    mine = and_(standings.c.shop_id == shop_id, members.c.merged_into.is_(None), standings.c.tier != "")
    counts = select(standings.c.tier, func.count()).join(members, alive).where(mine).group_by(standings.c.tier)
    found: Counter[str] = Counter({row[0]: row[1] for row in connection.execute(counts)})
    found[programme.tiers[0].key] += people - sum(found.values())
    keys = [tier.key for tier in programme.tiers]
    return {key: found[key] for key in [*keys, *sorted(found.keys() - set(keys))]}
