"""Who is due: for each kind of rule the ranges of an index that hold the members of one day, and nobody else.

A page is at most so many rows of those ranges after the cursor. Nothing here scans the members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Select, and_, func, or_, select

from app.members import birthdays
from app.models import members, placings, rhythms, streaks
from app.rules.calendar import begins, celebrated, same_days
from app.rules.money import exact
from app.rules.rhythm import Rhythm, away_on
from app.scheduled.jobs import Job

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slice:
    """A range of an index: `low` ≤ column < `high`, read by (column, member)."""

    name: str
    column: Column[Any]
    low: Any
    high: Any
    also: tuple[ColumnElement[bool], ...] = ()

    @property
    def member(self) -> Column[Any]:
        table = self.column.table
        return members.c.id if table is members else table.c["member_id"]

    def where(self, shop_id: str) -> ColumnElement[bool]:
        mine = [self.column.table.c["shop_id"] == shop_id, *self.also, self.column >= self.low]
        return and_(*mine) if self.high is None else and_(*mine, self.column < self.high)


@dataclass(frozen=True, slots=True)
class Page:
    """Members found, each with the mark that names what they are due for; `cursor` is None after the last page."""

    marks: dict[str, str]
    cursor: str | None


def page(connection: Connection, shop_id: str, job: Job, cursor: str | None, limit: int) -> Page:
    """Return the members of a job after a cursor."""
    name, *last = orjson.loads(cursor) if cursor else (None,)
    parts = list(slices(connection, shop_id, job))
    names = [part.name for part in parts]
    first = names.index(name) if name in names else 0  # a range that has emptied since: awards are given once anyway
    marks: dict[str, str] = {}
    read = 0
    for part in parts[first:]:
        rows = connection.execute(statement_of(part, shop_id, last if part.name == name else [], limit - read)).all()
        if rows:
            marks |= _MARKS[job.rule.kind](connection, shop_id, job, [row.member for row in rows])
        read += len(rows)
        if read >= limit:
            return Page(marks, orjson.dumps([part.name, rows[-1].value, rows[-1].member]).decode())
    return Page(marks, None)


def statement_of(part: Slice, shop_id: str, last: Sequence[Any], limit: int) -> Select[Any]:
    """Return the statement that reads a page of a slice, after the row that was the last."""
    value, member = part.column.label("value"), part.member.label("member")
    statement = select(value, member).where(part.where(shop_id)).order_by(part.column, part.member).limit(limit)
    if not last:
        return statement
    seen = datetime.fromisoformat(last[0]) if isinstance(part.low, datetime) else last[0]
    after = or_(part.column > seen, and_(part.column == seen, part.member > last[1]))
    return statement.where(part.column >= seen, after)


def still_due(connection: Connection, shop_id: str, job: Job, marks: dict[str, str]) -> dict[str, str]:
    """Return who of a page is still due, now that their balances are locked."""
    if not marks or job.rule.kind in _LOOKED_AT_ANEW:
        return _MARKS[job.rule.kind](connection, shop_id, job, sorted(marks))
    found: set[str] = set()
    for part in slices(connection, shop_id, job):
        rows = connection.execute(select(part.member).where(part.where(shop_id), part.member.in_(list(marks))))
        found |= set(rows.scalars())
    return _MARKS[job.rule.kind](connection, shop_id, job, sorted(found))


def slices(connection: Connection, shop_id: str, job: Job) -> Iterator[Slice]:
    return _SLICES[job.rule.kind](connection, shop_id, job)


# --- yearly -----------------------------------------------------------------------------------------------------------


def _birthdays(connection: Connection, shop_id: str, job: Job) -> Iterator[Slice]:
    here = (
        members.c.merged_into.is_(None),
        members.c.enrolled_at <= job.at,
        members.c.birthday_set_at <= job.at - birthdays.KNOWN_SINCE,
    )
    for day in celebrated(job.day):
        yield Slice(str(day), members.c.birthday_day, day, day + 1, here)


def _joined(connection: Connection, shop_id: str, job: Job) -> Iterator[Slice]:
    return _anniversaries(connection, shop_id, job, members.c.enrolled_at, (members.c.merged_into.is_(None),))


def _first_bought(connection: Connection, shop_id: str, job: Job) -> Iterator[Slice]:
    return _anniversaries(connection, shop_id, job, rhythms.c.first_order_at, ())


def _anniversaries(
    connection: Connection, shop_id: str, job: Job, column: Column[Any], also: tuple[ColumnElement[bool], ...]
) -> Iterator[Slice]:
    """Yield the same day of each year back to the shop's first."""
    earliest = connection.execute(select(func.min(column)).where(column.table.c["shop_id"] == shop_id)).scalar()
    if earliest is None:
        return
    for year in range(job.day.year - 1, earliest.year - 2, -1):
        for day in same_days(job.day, year):
            after = begins(day + _ONE_DAY, job.zone)
            if after > earliest:
                yield Slice(day.isoformat(), column, begins(day, job.zone), after, also)


def _year(connection: Connection, shop_id: str, job: Job, found: Sequence[str]) -> dict[str, str]:
    return dict.fromkeys(found, str(job.day.year))


# --- away -------------------------------------------------------------------------------------------------------------


def _away(connection: Connection, shop_id: str, job: Job) -> Iterator[Slice]:
    """Yield for each condition those who come to meet it on this very day; whoever is due is among them."""
    rule = job.away
    bought = () if rule.only_after_orders is None else (rhythms.c.orders == rule.only_after_orders,)
    if rule.days_without_order is not None:
        yield _days_ago(job, "order", rhythms.c.last_order_at, rule.days_without_order, bought)
    if rule.days_without_visit is not None:
        yield _days_ago(job, "visit", rhythms.c.last_visit_at, rule.days_without_visit, bought)
    if rule.rhythm is not None:
        for gap in _gaps(connection, shop_id):
            yield _gap_slice(job, exact(rule.rhythm), gap, bought)


def _days_ago(job: Job, name: str, column: Column[Any], days: int, also: tuple[ColumnElement[bool], ...]) -> Slice:
    day = job.day - days * _ONE_DAY
    return Slice(name, column, begins(day, job.zone), begins(day + _ONE_DAY, job.zone), also)


def _gap_slice(job: Job, ratio: Fraction, gap: int, also: tuple[ColumnElement[bool], ...]) -> Slice:
    """Return the last orders that put members with a mean gap of `gap` to `gap` + 1 days out of rhythm on this day."""
    low = begins(job.day - _ONE_DAY, job.zone) - _days(ratio * (gap + 1))
    high = job.at - _days(ratio * gap) + timedelta(seconds=1)
    return Slice(f"gap{gap}", rhythms.c.last_order_at, low, high, (rhythms.c.gap_days == gap, *also))


def _days(days: Fraction) -> timedelta:
    return timedelta(seconds=int(days * 86400))


def _gaps(connection: Connection, shop_id: str) -> list[int]:
    """Return the mean gaps there are: each is one look into the index for the next greater one."""
    mine = and_(rhythms.c.shop_id == shop_id, rhythms.c.gap_days.is_not(None))
    found = select(func.min(rhythms.c.gap_days).label("gap")).where(mine).cte("found", recursive=True)
    greater = select(func.min(rhythms.c.gap_days)).where(mine, rhythms.c.gap_days > found.c.gap).scalar_subquery()
    found = found.union_all(select(greater).where(found.c.gap.is_not(None)))
    return list(connection.execute(select(found.c.gap).where(found.c.gap.is_not(None))).scalars())


def _absence(connection: Connection, shop_id: str, job: Job, found: Sequence[str]) -> dict[str, str]:
    """Return those who are away since just this day, each with the moment the absence began at."""
    mine = and_(rhythms.c.shop_id == shop_id, rhythms.c.member_id.in_(list(found)))
    marks: dict[str, str] = {}
    for row in connection.execute(select(rhythms).where(mine)):
        rhythm = Rhythm(
            first_order_at=row.first_order_at,
            last_order_at=row.last_order_at,
            orders=row.orders,
            last_visit_at=row.last_visit_at,
        )
        by_orders = job.away.days_without_order is not None or job.away.rhythm is not None
        since = row.last_order_at if by_orders else row.last_visit_at
        if away_on(job.away, rhythm, job.zone) == job.day and since is not None:
            marks[row.member_id] = since.isoformat().replace("+00:00", "Z")
    return marks


# --- at the end of a period -------------------------------------------------------------------------------------------


def _in_a_row(connection: Connection, shop_id: str, job: Job) -> Iterator[Slice]:
    """Yield the runs that have just reached the length, or a multiple of it."""
    streak, ended = job.rule.streak, job.ended
    if streak is None or ended is None:
        return
    measure = streaks.c.measure == f"{streak.of}:{streak.period}"
    earliest = connection.execute(
        select(func.min(streaks.c.since)).where(streaks.c.shop_id == shop_id, measure)
    ).scalar()
    if earliest is None:
        return
    for since in range(ended + 1 - streak.length, earliest - 1, -streak.length):
        yield Slice(str(since), streaks.c.until, ended, None, (measure, streaks.c.since == since))


def _placed(connection: Connection, shop_id: str, job: Job) -> Iterator[Slice]:
    of = (placings.c.rule == job.rule.key, placings.c.period == job.period)
    yield Slice("place", placings.c.place, 0, None, of)


def _end_of_period(connection: Connection, shop_id: str, job: Job, found: Sequence[str]) -> dict[str, str]:
    return dict.fromkeys(found, (job.day - _ONE_DAY).isoformat())


def _period(connection: Connection, shop_id: str, job: Job, found: Sequence[str]) -> dict[str, str]:
    return dict.fromkeys(found, job.period)


_Slices = Callable[[Connection, str, Job], Iterator[Slice]]
_Marks = Callable[[Connection, str, Job, Sequence[str]], dict[str, str]]

_SLICES: dict[str, _Slices] = {
    "birthday": _birthdays,
    "member_anniversary": _joined,
    "first_purchase_anniversary": _first_bought,
    "win_back": _away,
    "next_purchase_booster": _away,
    "streak": _in_a_row,
    "leaderboard_prize": _placed,
    "surprise": _placed,
}
_MARKS: dict[str, _Marks] = {
    "birthday": _year,
    "member_anniversary": _year,
    "first_purchase_anniversary": _year,
    "win_back": _absence,
    "next_purchase_booster": _absence,
    "streak": _end_of_period,
    "leaderboard_prize": _period,
    "surprise": _period,
}
_LOOKED_AT_ANEW = ("win_back", "next_purchase_booster")  # their marks are made from the members' rhythms themselves
