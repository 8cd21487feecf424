"""Imports of what happened in a shop before it came to us."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from app.models.base import Document, Moment, metadata

_RUNNING = text("state = 'running'")

imports = Table(
    "imports",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("choice", String(8), nullable=False),  # award: orders earn as if the first programme had been there; tiers
    Column("state", String(12), nullable=False),  # running → done | failed | stopped
    Column("part", String(12), nullable=False),  # customers, then orders
    Column("place", Document, nullable=False),  # where the part goes on: the platform's own words
    Column("orders", Integer, nullable=False),  # read so far
    Column("orders_in_all", Integer),  # null: the platform has not told
    Column("customers", Integer, nullable=False),
    Column("customers_in_all", Integer),
    Column("worked_ms", Integer, nullable=False),  # of work so far: pauses do not count in the rate
    Column("due_at", Moment),  # not before
    Column("lease", String(32)),
    Column("leased_until", Moment),
    Column("reason", Text),
    Column("begun_at", Moment, nullable=False),
    Column("ended_at", Moment),
    # importing.begin: one at a time; importing.run_due
    Index("uq_imports_running", "shop_id", unique=True, postgresql_where=_RUNNING, sqlite_where=_RUNNING),
)
