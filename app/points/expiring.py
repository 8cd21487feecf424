"""Versions that move the dates of open lots when they take effect, batch by batch; and recorded warnings, as read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update

from app import journal, programmes, shops
from app.clock import Clock
from app.ledger.account import SOMEDAY
from app.ledger.book import Book
from app.models import expiry_warnings, lots, redatings
from app.points import lot_dates
from app.programmes import Version
from app.shops import Shop

BATCH = 500


def redate_due(connection: Connection, clock: Clock, shop_id: str) -> int:
    """Move the dates of one batch of members' lots; return 0 when no version asks for it any more.

    Once: how far a version has come stands on its row; two ticks at once wait for each other there.
    """
    shop = shops.hold(connection, shop_id)
    now = clock.now(connection)
    task = _task(connection, shop_id, now)
    if task is None:
        return 0
    versions = programmes.versions(connection, shop_id)
    version = versions[task.version - 1]
    members = _members(connection, shop, version, task.cursor) if lot_dates.redates(versions, version) else []
    if members:
        redate_members(Book(connection, shop_id, now), shop, versions, version, members)
        body = {"version": version.number, "members": members}
        journal.write(connection, shop_id, [journal.Row("redate", str(version.number), now, body)])
    # once more from the beginning, until nobody is found: a merge may have brought lots to a member who was done
    changes = {"cursor": members[-1] if members else "", "done": not members and not task.cursor}
    mine = and_(redatings.c.shop_id == shop_id, redatings.c.version == version.number)
    connection.execute(update(redatings).where(mine).values(**changes))
    return 1


def _task(connection: Connection, shop_id: str, now: datetime) -> Row[Any] | None:
    mine = and_(redatings.c.shop_id == shop_id, redatings.c.done.is_(False), redatings.c.due_at <= now)
    statement = select(redatings).where(mine).order_by(redatings.c.due_at, redatings.c.version).limit(1)
    return connection.execute(statement.with_for_update()).first()


def _members(connection: Connection, shop: Shop, version: Version, after: str) -> list[str]:
    """Return the next members with open lots that the version moves; those it has moved are not found again."""
    end = lot_dates.end_of_spending(version, shop.zone)
    undated = lots.c.expires_at.is_(None)
    moved = and_(undated, lots.c.available_from < SOMEDAY) if end is None else or_(undated, lots.c.expires_at > end)
    mine = and_(lots.c.shop_id == shop.id, lots.c.member_id > after, lots.c.remaining > 0, moved)
    statement = select(lots.c.member_id).where(mine).distinct().order_by(lots.c.member_id).limit(BATCH)
    return list(connection.execute(statement).scalars())


def redate_members(
    book: Book, shop: Shop, versions: Sequence[Version], version: Version, member_ids: Sequence[str]
) -> None:
    """Move the dates of these members' open lots; replay comes through here too."""
    book.load(member_ids)
    for member_id in member_ids:
        lot_dates.redate(book.account(member_id), versions, version, shop.zone)
    book.flush()


def warnings_of(
    connection: Connection, shop_id: str, member_ids: Sequence[str], at: datetime | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Return the warnings that stand for members' open lots, soonest expiry first: one query for all."""
    same = and_(lots.c.shop_id == expiry_warnings.c.shop_id, lots.c.key == expiry_warnings.c.lot)
    stands = and_(lots.c.expires_at == expiry_warnings.c.expires_at, lots.c.remaining > 0)
    mine = and_(lots.c.shop_id == shop_id, lots.c.member_id.in_(list(member_ids)), stands)
    statement = select(lots.c.member_id.label("owner"), expiry_warnings).join(lots, same).where(mine)
    if at is not None:
        statement = statement.where(expiry_warnings.c.recorded_at <= at)
    told: dict[str, dict[tuple[datetime, str, datetime], int]] = {}
    for row in connection.execute(statement):
        found = told.setdefault(row.owner, {})
        key = (row.expires_at, row.kind, row.recorded_at)
        found[key] = found.get(key, 0) + row.points
    return {
        member: [
            {"kind": kind, "points": points, "expires_at": expires_at, "recorded_at": recorded_at}
            for (expires_at, kind, recorded_at), points in sorted(found.items(), key=lambda item: item[0])
        ]
        for member, found in told.items()
    }
