"""Members whose balance, tier or next reward has changed, and whose shop's platform does not know it yet."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from app.models.base import Moment, metadata

untold_members = Table(
    "untold_members",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("member_id", String(32), primary_key=True),
    Column("marks", Integer, nullable=False),  # how often since: what was marked meanwhile is told once more
    Column("due_at", Moment, nullable=False),  # real time: several changes are told together
    Index("ix_untold_members_due_at", "shop_id", "due_at"),  # telling.run_due
)
