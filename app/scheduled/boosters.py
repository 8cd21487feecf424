"""Boosters: a member's own multiplier for the next order, given by a rule and used once.

The first order placed within the dates that earns takes what the member has; from then on it is frozen with that
order, whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, and_, select, update

from app.db import write_rows
from app.models import boosters
from app.rules.expiry import grace_until
from app.rules.factors import InForce

if TYPE_CHECKING:
    from app.activities.rows import Activity
    from app.members.people import People
    from app.orders.order import Order
    from app.rules.document import ActivityRule

KIND = "booster"
_CHANGES = ("member_id", "used_by")


@dataclass(slots=True)
class Booster:
    id: str
    member_id: str
    rule: str
    multiplier: str
    valid_from: datetime
    valid_until: datetime
    used_by: str | None = None

    def may_serve(self, placed_at: datetime) -> bool:
        return self.used_by is None and self.valid_from <= placed_at < self.valid_until


class Boosters:
    """The unused boosters of the members one transaction works on."""

    def __init__(self, connection: Connection, shop_id: str, zone: ZoneInfo, people: People) -> None:
        self.connection = connection
        self.shop_id = shop_id
        self.zone = zone
        self.people = people
        self._all: dict[str, Booster | None] = {}  # None: looked for, and not there
        self._changed: set[str] = set()

    def load(self, member_ids: Iterable[str]) -> None:
        """Load what members have. Their balances must be locked: then nobody else gives or takes."""
        mine = and_(boosters.c.shop_id == self.shop_id, boosters.c.member_id.in_(list(member_ids)))
        for row in self.connection.execute(select(boosters).where(mine, boosters.c.used_by.is_(None))):
            self._all.setdefault(row.id, _booster(row))

    def find(self, ids: Iterable[str]) -> None:
        """Load boosters by id, used ones too; one that is not there is remembered as missing."""
        wanted = sorted(set(ids) - self._all.keys())
        if not wanted:
            return
        self._all |= dict.fromkeys(wanted)
        mine = and_(boosters.c.shop_id == self.shop_id, boosters.c.id.in_(wanted))
        for row in self.connection.execute(select(boosters).where(mine)):
            self._all[row.id] = _booster(row)

    def give(self, activity: Activity, rule: ActivityRule) -> None:
        """Give what a rule promises with an activity. Once: an activity gives one booster."""
        if rule.booster is None or activity.state != "awarded":
            return
        self.find([activity.id])
        if self._all[activity.id] is not None:
            return
        self._all[activity.id] = Booster(
            id=activity.id,
            member_id=activity.member_id,
            rule=rule.key,
            multiplier=f"{rule.booster.multiplier:f}",
            valid_from=activity.at,
            valid_until=grace_until(activity.at, rule.booster.valid_days, self.zone),
        )
        self._changed.add(activity.id)

    def in_force(self, order: Order, member_id: str | None, placed_at: datetime) -> InForce:
        """Return the multipliers frozen with an order, or those that its member's next order takes."""
        if order.boosters is not None:
            return [(KIND, rule, multiplier) for rule, multiplier in order.boosters]
        return [(KIND, each.rule, each.multiplier) for each in self._serving(member_id, placed_at)]

    def _serving(self, member_id: str | None, placed_at: datetime) -> list[Booster]:
        if member_id is None:
            return []
        known = (each for each in self._all.values() if each is not None and each.may_serve(placed_at))
        mine = (each for each in known if self.people.survivor(each.member_id) == member_id)
        return sorted(mine, key=lambda each: each.id)

    def bind(self, order: Order, member_id: str | None, placed_at: datetime) -> None:
        """Freeze boosters with an order that earns for the first time; none, where the member had none."""
        if order.boosters is not None or not order.counts:
            return
        serving = self._serving(member_id, placed_at)
        order.boosters = tuple((each.rule, each.multiplier) for each in serving)
        for each in serving:
            each.used_by = order.id
            self._changed.add(each.id)

    def flush(self) -> None:
        changed = [each for key in sorted(self._changed) if (each := self._all[key]) is not None]
        rows = [self._row(each) for each in changed]
        write_rows(self.connection, boosters, rows, update=_CHANGES)
        self._changed = set()

    def _row(self, each: Booster) -> dict[str, Any]:
        names = ("id", "rule", "multiplier", "valid_from", "valid_until", "used_by")
        member_id = self.people.survivor(each.member_id)
        return {"shop_id": self.shop_id, "member_id": member_id} | {name: getattr(each, name) for name in names}


def _booster(row: Row[Any]) -> Booster:
    dates = (row.valid_from, row.valid_until)
    return Booster(row.id, row.member_id, row.rule, row.multiplier, *dates, row.used_by)


def waiting(connection: Connection, shop_id: str, member_id: str, now: datetime) -> InForce:
    """Return what an order placed now would use."""
    mine = and_(boosters.c.shop_id == shop_id, boosters.c.member_id == member_id, boosters.c.used_by.is_(None))
    valid = and_(boosters.c.valid_from <= now, boosters.c.valid_until > now)
    rows = connection.execute(select(boosters).where(mine, valid).order_by(boosters.c.id))
    return [(KIND, row.rule, row.multiplier) for row in rows]


def join(connection: Connection, shop_id: str, old: str, survivor: str) -> None:
    """Hand a merged member's boosters to the survivor."""
    mine = and_(boosters.c.shop_id == shop_id, boosters.c.member_id == old)
    connection.execute(update(boosters).where(mine).values(member_id=survivor))
