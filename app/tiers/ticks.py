"""What time and new rules do to tiers: terms that end, and the review of everyone when other tier rules take effect.

Once: members are reviewed under their locks, and how far a sweep has come is a row: two ticks at once share the work.
Source: semantics 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Engine, Select, and_, select, update

from app import journal, shops
from app.clock import Clock
from app.db import insert_new, retrying
from app.models import members, programme_versions, standings, tier_sweeps
from app.settling import Settling

BATCH = 500
FIRST = ""  # before every member's id


def run(engine: Engine, clock: Clock, shop_id: str) -> int:
    """Let terms end and sweeps go on until nothing is due; return how many reviews it took."""
    reviews = 0
    for work in (terms, sweep):
        while done := retrying(engine, partial(work, clock=clock, shop_id=shop_id)):
            reviews += done
    return reviews


def due_members(shop_id: str, now: datetime) -> Select[tuple[str]]:
    """Select a batch of the members whose tier time alone may change."""
    mine = and_(standings.c.shop_id == shop_id, standings.c.review_at <= now)
    return select(standings.c.member_id).where(mine).order_by(standings.c.review_at).limit(BATCH)


def terms(connection: Connection, clock: Clock, shop_id: str) -> int:
    """Let one batch of terms end; return how many members were due."""
    shop = shops.hold(connection, shop_id)
    now = clock.now(connection)
    due = [row.member_id for row in connection.execute(due_members(shop_id, now))]
    if due:
        _reviewed(Settling(connection, shop, now), due)
    return len(due)


def sweep(connection: Connection, clock: Clock, shop_id: str) -> int:
    """Review one batch of all members if other tier rules are in effect; return how many they were."""
    now = clock.now(connection)
    begun = and_(programme_versions.c.shop_id == shop_id, programme_versions.c.effective_from <= now)
    newest = (programme_versions.c.effective_from.desc(), programme_versions.c.version.desc())
    version = connection.execute(select(programme_versions.c.version).where(begun).order_by(*newest).limit(1)).scalar()
    mine = tier_sweeps.c.shop_id == shop_id
    done = and_(mine, tier_sweeps.c.version == version, tier_sweeps.c.finished_at.is_not(None))
    if version is None or connection.execute(select(tier_sweeps.c.version).where(done)).first():
        return 0
    shop = shops.hold(connection, shop_id)
    insert_new(connection, tier_sweeps, {"shop_id": shop_id, "version": version, "after": FIRST})
    row = connection.execute(select(tier_sweeps).where(mine).with_for_update()).one()
    if row.version == version and row.finished_at is not None:
        return 0  # another tick was quicker
    batch = _next(connection, shop_id, row.after if row.version == version else FIRST)
    if batch:
        _reviewed(Settling(connection, shop, now), batch)
    ends = {"finished_at": None if batch else now, "after": batch[-1] if batch else FIRST}
    connection.execute(update(tier_sweeps).where(mine).values(version=version, **ends))
    return len(batch)


def _next(connection: Connection, shop_id: str, after: str) -> list[str]:
    mine = and_(members.c.shop_id == shop_id, members.c.id > after, members.c.merged_into.is_(None))
    return list(connection.execute(select(members.c.id).where(mine).order_by(members.c.id).limit(BATCH)).scalars())


def _reviewed(settling: Settling, member_ids: Sequence[str]) -> None:
    """Review members; the journal tells of those for whom it changed something."""
    changed = review(settling, member_ids)
    if changed:
        now, shop_id = settling.desk.now, settling.desk.shop.id
        journal.write(settling.connection, shop_id, [journal.Row("tiers", shop_id, now, {"members": changed})])


def review(settling: Settling, member_ids: Sequence[str]) -> list[str]:
    """Bring members' tiers up to date; return those for whom it changed something."""
    settling.load([], member_ids=member_ids)
    tiers, now = settling.desk.tiers, settling.desk.now
    for member_id in sorted(settling.desk.people.survivor(each) for each in member_ids):
        tiers.bring_up(member_id, now)
        tiers.follow_fact(member_id, now, now)
    changed = sorted(tiers.written)
    settling.flush()
    return changed
