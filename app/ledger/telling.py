"""Whoever's points or tier change is to be told to the shop's platform, where that keeps such facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, exists, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db import is_sqlite
from app.models import connections, members
from app.models import untold_members as table

TOGETHER = timedelta(seconds=10)  # what changes within this is told at once


def mark(connection: Connection, shop_id: str, member_ids: Iterable[str]) -> None:
    """Note that members have changed; nothing is written where the shop's platform keeps no such facts."""
    wanted = sorted(set(member_ids))
    if wanted:
        _mark(connection, shop_id, members.c.id.in_(wanted))


def mark_all(connection: Connection, shop_id: str) -> None:
    """Note that everyone has changed, and what tiers and orders give: a new programme, or a shop that connected."""
    _mark(connection, shop_id, members.c.merged_into.is_(None))
    due = {"perks_due_at": None, "facts_due_at": None}
    connection.execute(update(connections).where(connections.c.shop_id == shop_id).values(due))


def _mark(connection: Connection, shop_id: str, whom: object) -> None:
    takes = exists().where(connections.c.shop_id == shop_id, connections.c.takes_facts)
    due_at = literal(datetime.now(UTC) + TOGETHER, table.c.due_at.type)
    rows = select(members.c.shop_id, members.c.id, literal(1), due_at)
    found = rows.where(members.c.shop_id == shop_id, whom, takes).order_by(members.c.id)  # type: ignore[arg-type]
    insert = sqlite.insert(table) if is_sqlite(connection) else postgresql.insert(table)
    new = insert.from_select(["shop_id", "member_id", "marks", "due_at"], found)
    connection.execute(
        new.on_conflict_do_update(index_elements=["shop_id", "member_id"], set_={"marks": table.c.marks + 1})
    )
