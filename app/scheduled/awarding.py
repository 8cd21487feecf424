"""Give the members of a page what their rule gives, and write down for the journal who they were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from app import journal, shops
from app.models import activities as table
from app.models import placings
from app.rules.activities import earliest_that_counts
from app.rules.calendar import begins
from app.scheduled import jobs
from app.scheduled.jobs import Job
from app.scheduled.selecting import still_due
from app.settling import Settling

KIND = "scheduled"
_ONCE_FOR_ALL = ("birthday", "member_anniversary", "first_purchase_anniversary")  # of several rules one gives


def give(work: Settling, job: Job, marks: Mapping[str, str]) -> int:
    """Lock the members, look again who is due, award; return how many were."""
    work.load([], member_ids=marks)
    due = still_due(work.connection, work.desk.shop.id, job, dict(marks))
    if not due:
        return 0
    work.desk.ages.begin(None)
    given = _award(work, job, due)
    body: dict[str, Any] = {"rule": job.rule.key, "day": job.day.isoformat(), "members": due}
    if work.desk.ages.told:
        body["of_age"] = work.desk.ages.told
    work.rows.append(journal.Row(KIND, job.rule.key, work.desk.now, body))
    work.flush()
    return given


def replay(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    """Award again whom the journal names."""
    work = Settling(target, shops.get(target, shop_id), at)
    desk, marks = work.desk, body["members"]
    job = jobs.job_of(desk.versions, body["rule"], date.fromisoformat(body["day"]), desk.shop.zone)
    if job is None:
        return
    work.load([], member_ids=marks)
    desk.ages.begin(body.get("of_age"))
    _award(work, job, marks)
    work.flush()


def _award(work: Settling, job: Job, due: Mapping[str, str]) -> int:
    activities, desk = work.activities, work.desk
    had = _had_this_year(work, job, due)
    ids = {member_id: activity_id(job, member_id, mark) for member_id, mark in sorted(due.items())}
    activities.find(ids.values())
    activities.past.load(ids, earliest_that_counts(job.rule, job.at, desk.shop.zone))
    if job.rule.booster is not None:
        desk.boosters.find(ids.values())
    told = _told(work.connection, desk.shop.id, job, due)
    given = 0
    for member_id, named in ids.items():
        if activities.get(named) is not None or member_id in had:
            continue
        made = activities.award(
            member_id,
            job.rule,
            job.version,
            named,
            job.at,
            points=_points(work, job, member_id, told[member_id]),
            extra=told[member_id],
            ask_age=True,
        )
        given += made.state != "refused"
    return given


def _had_this_year(work: Settling, job: Job, due: Mapping[str, str]) -> set[str]:
    """Return who had it this year already, perhaps as somebody they have been made one with since."""
    if job.rule.kind not in _ONCE_FOR_ALL:
        return set()
    first, after = (begins(date(year, 1, 1), job.zone) for year in (job.day.year, job.day.year + 1))
    mine = and_(table.c.shop_id == work.desk.shop.id, table.c.member_id.in_(list(due)), table.c.at >= first)
    same = and_(table.c.at < after, table.c.kind == job.rule.kind, table.c.state != "refused")
    return set(work.connection.execute(select(table.c.member_id).where(mine, same)).scalars())


def activity_id(job: Job, member_id: str, mark: str) -> str:
    """Name the fact that a member is due: what is given for it is given once."""
    kind, rule = job.rule.kind, job.rule.key
    if kind in _ONCE_FOR_ALL:
        return f"{kind}:{member_id}:{mark}"
    if kind in ("leaderboard_prize", "surprise"):
        return f"{'contest' if kind == 'leaderboard_prize' else kind}:{rule}:{mark}:{member_id}"
    return f"{kind}:{rule}:{member_id}:{mark}"


def _points(work: Settling, job: Job, member_id: str, told: Mapping[str, Any]) -> int | None:
    """Return the points where they are not the rule's own: a tier's on top, a prize by its place."""
    if job.rule.kind == "birthday":
        perk = _birthday_perk(work, job, member_id)
        return job.rule.points + perk if perk else None
    if job.rule.contest is not None:
        return job.rule.points + job.rule.contest.prizes[int(told["place"]) - 1]
    return None


def _birthday_perk(work: Settling, job: Job, member_id: str) -> int:
    key = work.desk.tier_at(member_id, job.at, job.version)
    tiers = (tier for tier in job.version.programme.tiers if tier.key == key)
    return next((tier.perks.birthday_points for tier in tiers), 0)


def _told(connection: Connection, shop_id: str, job: Job, due: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what of each award is to be explained."""
    day = {"day": job.day.isoformat()}
    if job.rule.kind in ("win_back", "next_purchase_booster"):
        return {member_id: day | {"away_since": mark} for member_id, mark in due.items()}
    if job.rule.kind not in ("leaderboard_prize", "surprise"):
        return {member_id: day | {"period": mark} for member_id, mark in due.items()}
    mine = and_(placings.c.shop_id == shop_id, placings.c.rule == job.rule.key, placings.c.period == job.period)
    rows = connection.execute(select(placings).where(mine, placings.c.member_id.in_(list(due))))
    return {row.member_id: day | {"period": row.period} | _placing(job, row) for row in rows}


def _placing(job: Job, row: Any) -> dict[str, Any]:
    told = {"place": row.place, "value": row.value, "among": row.among}
    if job.rule.surprise is not None:
        return told | {"seed": job.rule.surprise.seed}
    return told | ({"by": job.rule.contest.by} if job.rule.contest is not None else {})
