"""What the members of one transaction have taken of the rules' caps so far, and what the rules' budgets have given.

A member's caps hold because the member's balance is locked; a budget, because the shop's gate of budgets is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, and_, select

from app.db import insert_new, write_rows
from app.members.people import People
from app.models import activities, activity_budgets
from app.rules.activities import Taken
from app.rules.document import Budget
from app.rules.periods import period_name

_GATE = ("", "")


class Past:
    """The activities that count against caps, by member."""

    def __init__(self, connection: Connection, shop_id: str, people: People) -> None:
        self.connection = connection
        self.shop_id = shop_id
        self.people = people
        self._of: dict[str, dict[str, Taken]] = {}
        self._owner: dict[str, str] = {}  # activity noted in this transaction → member
        self._since: dict[str, datetime] = {}

    def load(self, member_ids: Iterable[str], since: datetime) -> None:
        """Load what members took since a moment, with one statement."""
        wanted = sorted(each for each in set(member_ids) if each not in self._since or self._since[each] > since)
        if not wanted:
            return
        self._since |= dict.fromkeys(wanted, since)
        mine = and_(activities.c.shop_id == self.shop_id, activities.c.member_id.in_(wanted), activities.c.at >= since)
        columns = (*_COLUMNS, activities.c.id, activities.c.member_id)
        for row in self.connection.execute(select(*columns).where(mine, activities.c.state != "refused")):
            if row.id not in self._owner:
                self._of.setdefault(row.member_id, {})[row.id] = _taken(row)

    def note(self, activity_id: str, member_id: str, taken: Taken | None) -> None:
        """Note an activity as it stands now; None: it takes nothing."""
        for known in self._of.values():
            known.pop(activity_id, None)
        self._owner[activity_id] = member_id
        if taken is not None:
            self._of.setdefault(member_id, {})[activity_id] = taken

    def of(self, member_id: str, since: datetime, but: str) -> Iterator[Taken]:
        """Yield what a member took since a moment, one activity left out; of those merged into it, too."""
        same = [each for each in self.people.people if self.people.survivor(each) == member_id]
        self.load(same, since)
        for each in same:
            yield from (taken for name, taken in self._of.get(each, {}).items() if name != but)


_COLUMNS = (
    activities.c.rule,
    activities.c.subject,
    activities.c.at,
    activities.c.state,
    activities.c.worth,
    activities.c.target,
)


def taken_by(connection: Connection, shop_id: str, member_id: str) -> list[Taken]:
    """Return what a member took so far, to be shown; nothing is locked."""
    mine = and_(activities.c.shop_id == shop_id, activities.c.member_id == member_id, activities.c.state != "refused")
    return [_taken(row) for row in connection.execute(select(*_COLUMNS).where(mine))]


def _taken(row: Row[*tuple[Any, ...]]) -> Taken:
    return Taken(row.rule, row.subject, row.at, row.worth if row.state == "review" else row.target)


def spent(connection: Connection, shop_id: str, rule: str, budget: Budget, at: datetime, zone: ZoneInfo) -> int:
    """Return what a rule's budget has given in the period of a moment; nothing is locked."""
    mine = and_(activity_budgets.c.shop_id == shop_id, activity_budgets.c.rule == rule)
    of_period = activity_budgets.c.period == period_name(budget.period, at, zone)
    return connection.execute(select(activity_budgets.c.spent).where(mine, of_period)).scalar() or 0


class Budgets:
    """What rules with a budget have given in a period, under one lock for the shop."""

    def __init__(self, connection: Connection, shop_id: str, zone: ZoneInfo) -> None:
        self.connection = connection
        self.shop_id = shop_id
        self.zone = zone
        self._spent: dict[tuple[str, str], int] = {}
        self._changed: set[tuple[str, str]] = set()
        self._open = False

    def left(self, rule: str, budget: Budget, at: datetime) -> int:
        """Return what a budget has left for the period of a moment. Once: nobody else can take it meanwhile."""
        return budget.points - self._of(rule, budget, at)[1]

    def move(self, rule: str, budget: Budget, at: datetime, points: int) -> None:
        """Count points given, or below 0: given back."""
        key, spent = self._of(rule, budget, at)
        self._spent[key] = spent + points
        self._changed.add(key)

    def _of(self, rule: str, budget: Budget, at: datetime) -> tuple[tuple[str, str], int]:
        self._lock()
        key = (rule, period_name(budget.period, at, self.zone))
        if key not in self._spent:
            self._spent[key] = spent(self.connection, self.shop_id, rule, budget, at, self.zone)
        return key, self._spent[key]

    def _lock(self) -> None:
        """Close the shop's gate: one gate for all budgets, so that two transactions never wait crosswise."""
        if self._open:
            return
        gate = {"shop_id": self.shop_id, "rule": _GATE[0], "period": _GATE[1], "spent": 0}
        insert_new(self.connection, activity_budgets, gate)
        mine = and_(activity_budgets.c.shop_id == self.shop_id, activity_budgets.c.rule == _GATE[0])
        self.connection.execute(select(activity_budgets.c.spent).where(mine).with_for_update())
        self._open = True

    def flush(self) -> None:
        rows = [
            {"shop_id": self.shop_id, "rule": rule, "period": period, "spent": self._spent[rule, period]}
            for rule, period in sorted(self._changed)
        ]
        write_rows(self.connection, activity_budgets, rows, update=("spent",))
        self._changed = set()
