"""Walk the local days that have come since the last run, rule by rule, and give to whoever is due.

How far each rule has run stands in its row of `schedule_runs`. A scheduler locks the rows of a shop, walks on from
there, gives to one page of members, moves the rows on, and commits: it resumes after a crash, catches up after
downtime day by day and in order, and two at once take turns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, select, update

from app import shops
from app.clock import Clock
from app.db import insert_new, retrying
from app.models import schedule_runs
from app.rules.calendar import begins
from app.scheduled import awarding, placing, selecting
from app.scheduled.jobs import first_days, job_of, place_of
from app.settling import Settling

PAGE = 200
MOST_DAYS = 400  # looked through in one transaction
_ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Run:
    """How far one rule has run."""

    rule: str
    place: int
    next_day: date
    cursor: str | None
    moved: bool = False

    @property
    def order(self) -> tuple[date, int, str]:
        return (self.next_day, self.place, self.rule)

    def to(self, next_day: date, cursor: str | None) -> None:
        self.next_day, self.cursor, self.moved = next_day, cursor, True


@dataclass(frozen=True, slots=True)
class Walked:
    given: int = 0
    more: bool = False


def run(engine: Engine, clock: Clock, shop_id: str) -> int:
    """Run everything that is due in a shop; return the number of awards."""
    given, more = 0, True
    while more:
        walked = retrying(engine, lambda connection: walk(connection, clock, shop_id))
        given, more = given + walked.given, walked.more
    return given


def walk(connection: Connection, clock: Clock, shop_id: str) -> Walked:
    """Walk on to the next page of members who are due. Once: under the locks of the shop's runs."""
    shop = shops.hold(connection, shop_id)
    work = Settling(connection, shop, clock.now(connection))
    days = first_days(work.desk.versions, shop.zone)
    if not _any_due(work, days):
        return Walked()
    runs = _locked(work, days)
    walked = _walk(work, runs)
    _save(connection, shop_id, runs)
    return walked


def _any_due(work: Settling, days: dict[str, date]) -> bool:
    """Tell, without waiting for a lock, whether a day has come that is not done."""
    if not days:
        return False
    known = {row.rule: row.next_day for row in work.connection.execute(_rows(work.desk.shop.id, days))}
    return any(_has_come(work, known.get(rule, day)) for rule, day in days.items())


def _has_come(work: Settling, day: date) -> bool:
    return begins(day, work.desk.shop.zone) <= work.desk.now


def _rows(shop_id: str, rules: Iterable[str]) -> Select[Any]:
    mine = and_(schedule_runs.c.shop_id == shop_id, schedule_runs.c.rule.in_(list(rules)))
    return select(schedule_runs).where(mine).order_by(schedule_runs.c.rule)


def _locked(work: Settling, days: dict[str, date]) -> list[Run]:
    """Lock how far the rules have run; a new one begins with the day its first version came into effect."""
    shop_id = work.desk.shop.id
    known = {row.rule for row in work.connection.execute(_rows(shop_id, days))}
    for rule in sorted(days.keys() - known):
        row = {"shop_id": shop_id, "rule": rule, "next_day": days[rule], "cursor": None}
        insert_new(work.connection, schedule_runs, row)
    rows = work.connection.execute(_rows(shop_id, days).with_for_update())
    return [Run(row.rule, place_of(work.desk.versions, row.rule), row.next_day, row.cursor) for row in rows]


def _walk(work: Settling, runs: list[Run]) -> Walked:
    """Take day after day, all rules of a day before the next, until somebody is given something."""
    for _ in range(MOST_DAYS):
        run = min(runs, key=lambda each: each.order)
        if not _has_come(work, run.next_day):
            return Walked()
        if given := _step(work, run):
            return given
    return Walked(more=True)


def _step(work: Settling, run: Run) -> Walked | None:
    """Take one page of one rule's day. None: nobody was in it."""
    shop = work.desk.shop
    job = job_of(work.desk.versions, run.rule, run.next_day, shop.zone)
    if job is None:
        run.to(run.next_day + _ONE_DAY, None)
        return None
    if run.cursor is None:
        placing.place(work, job)
    page = selecting.page(work.connection, shop.id, job, run.cursor, PAGE)
    run.to(run.next_day if page.cursor else run.next_day + _ONE_DAY, page.cursor)
    return Walked(awarding.give(work, job, page.marks), more=True) if page.marks else None


def _save(connection: Connection, shop_id: str, runs: Iterable[Run]) -> None:
    for run in runs:
        if run.moved:
            mine = and_(schedule_runs.c.shop_id == shop_id, schedule_runs.c.rule == run.rule)
            values = {"next_day": run.next_day, "cursor": run.cursor}
            connection.execute(update(schedule_runs).where(mine).values(values))
