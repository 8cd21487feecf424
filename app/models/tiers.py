"""Where members stand, and how far a change of the tier rules has come."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from app.models.base import Moment, metadata

standings = Table(
    "standings",  # the last of a member's tier_changes, and when time alone changes it; no row: the entry tier
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("member_id", String(32), primary_key=True),
    Column("tier", Text, nullable=False),
    Column("since", Moment),  # null: since enrolment
    Column("at", Moment),  # of the last change; null: there is none
    Column("keeps_until", Moment),
    Column("source", Text, nullable=False),
    Column("changes", Integer, nullable=False),  # the last change's n
    Column("review_at", Moment),  # null: nothing is due
    Column("version", Integer),  # whose tier rules it was last reviewed under
    # tier_ticks: members whose term ends
    Index("ix_standings_due", "shop_id", "review_at", postgresql_where=text("review_at IS NOT NULL")),
    Index("ix_standings_tier", "shop_id", "tier", "member_id"),  # GET /members?tier=
)

tier_sweeps = Table(
    "tier_sweeps",  # the review of all members under new tier rules; one row a shop
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),  # the version that brought the rules
    Column("after", String(32), nullable=False),  # the last member that was reviewed; empty: none yet
    Column("finished_at", Moment),
)
