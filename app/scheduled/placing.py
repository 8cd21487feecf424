"""Decide a contest, or draw a surprise, once its period has ended; the outcome is written down for good.

A draw can be drawn again by anybody who knows the seed: of the members who take part, those come first whose SHA-256
of "seed:period:member id" is the smallest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from heapq import nsmallest
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, select

from app import journal
from app.db import write_rows
from app.models import placings, rhythms
from app.rules.activities import Occasion
from app.rules.calendar import begins
from app.rules.document import Eligibility, Who
from app.rules.document.activities import Surprise
from app.rules.people import fits
from app.scheduled.jobs import Job
from app.scheduled.standings import Field, Placed, best, places
from app.settling import Settling

KIND = "placings"


def place(work: Settling, job: Job) -> None:
    """Write down who is placed by what has ended. Once: by rule and period; later changes of orders change nothing."""
    if job.ended is None or job.rule.kind not in ("leaderboard_prize", "surprise") or _decided(work, job):
        return
    placed, among = _drawn(work, job) if job.rule.surprise is not None else _won(work, job)
    body = {"rule": job.rule.key, "period": job.period, "among": among, "version": job.version.number}
    rows = [list(each) for each in placed]
    journal.write(
        work.connection,
        work.desk.shop.id,
        [journal.Row(KIND, job.rule.key, work.desk.now, body | {"placed": rows})],
    )
    _write(work.connection, work.desk.shop.id, body, placed)


def replay(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    """Write down again who was placed."""
    _write(target, shop_id, body, [Placed(*each) for each in body["placed"]])


def _write(connection: Connection, shop_id: str, body: Mapping[str, Any], placed: Iterable[Placed]) -> None:
    same = {"shop_id": shop_id, "rule": body["rule"], "period": body["period"], "among": body["among"]}
    rows = [same | {"member_id": each.member_id, "place": each.place, "value": each.value} for each in placed]
    write_rows(connection, placings, rows)


def _decided(work: Settling, job: Job) -> bool:
    mine = and_(placings.c.shop_id == work.desk.shop.id, placings.c.rule == job.rule.key)
    return bool(work.connection.execute(select(placings.c.place).where(mine, placings.c.period == job.period)).first())


# --- contests ---------------------------------------------------------------------------------------------------------


def field_of(connection: Connection, shop_id: str, job: Job) -> Field:
    """Return whom the contest of a job compares. The rule must be one of a contest."""
    if job.rule.contest is None:
        raise ValueError(f"{job.rule.key} is no contest")
    first, after = job.period_days
    return Field(connection, shop_id, job.version, job.rule.contest, begins(first, job.zone), begins(after, job.zone))


def _won(work: Settling, job: Job) -> tuple[list[Placed], int]:
    """Return who won: the best whom the rule is for, however far down they are found."""
    field = field_of(work.connection, work.desk.shop.id, job)
    prizes = wanted = len(field.contest.prizes)
    while True:
        top, count = best(field.standings(), wanted)
        for_them = set(fitting(work, job, (each.member_id for each in top)))
        mine = [each for each in top if each.member_id in for_them]
        if len(mine) >= prizes or len(top) == count:
            return [each for each in places(mine) if each.place <= prizes], count
        wanted *= 4


# --- surprises --------------------------------------------------------------------------------------------------------


def _drawn(work: Settling, job: Job) -> tuple[list[Placed], int]:
    surprise = job.rule.surprise
    if surprise is None:
        return [], 0
    count = 0

    def digests() -> Iterator[tuple[str, str]]:
        nonlocal count
        for member_id in fitting(work, job, _active(work, job, surprise)):
            count += 1
            yield digest(surprise.seed, job.period, member_id), member_id

    first = nsmallest(surprise.members, digests())
    return [Placed(number, *each) for number, each in enumerate(first, 1)], count


def digest(seed: str, period: str, member_id: str) -> str:
    return hashlib.sha256(f"{seed}:{period}:{member_id}".encode()).hexdigest()


def _active(work: Settling, job: Job, surprise: Surprise) -> Iterator[str]:
    """Yield members with an order since, read along the index."""
    since = begins(job.day - timedelta(days=surprise.active_within_days), job.zone)
    mine = and_(rhythms.c.shop_id == work.desk.shop.id, rhythms.c.last_order_at >= since)
    statement = select(rhythms.c.member_id).where(mine, rhythms.c.first_order_at < job.at)
    yield from work.connection.execute(statement.execution_options(yield_per=500)).scalars()


# --- whom the rule is for ---------------------------------------------------------------------------------------------


def fitting(work: Settling, job: Job, member_ids: Iterable[str]) -> Iterator[str]:
    """Yield the members whom the rule and the programme are for, without locking any."""
    if job.rule.who == Who() and job.version.programme.eligibility == Eligibility():
        yield from member_ids
        return
    waiting = iter(member_ids)
    while chunk := list(islice(waiting, 500)):
        yield from _who(work, job, chunk)


def _who(work: Settling, job: Job, chunk: list[str]) -> Iterator[str]:
    look = Settling(work.connection, work.desk.shop, work.desk.now)
    look.desk.people.look(chunk)
    look.desk.purchases.load(chunk)
    look.desk.tiers.load(chunk)
    for member_id in chunk:
        doer = look.activities.doer(member_id, job.version, job.at)
        occasion = Occasion(job.rule.kind, job.at)
        closed = look.activities.closed(member_id, job.version, doer, member_id, occasion)
        if closed is None and fits(job.rule.who, doer.facts, doer.segments, doer.market):
            yield member_id
