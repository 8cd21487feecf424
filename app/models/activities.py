"""Everything earned by anything but an order: told activities, scheduled awards, gifts. One row for each."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, text

from app.models.base import Document, Moment, Points, metadata

activities = Table(
    "activities",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", Text, primary_key=True),  # names the business fact; the key of its first entry
    Column("member_id", String(32), nullable=False),
    Column("kind", String(100), nullable=False),
    Column("subject", Text),
    Column("at", Moment, nullable=False),  # of the fact
    Column("rule", Text),
    Column("version", Integer),
    Column("state", String(12), nullable=False),  # awarded, review, refused
    Column("reason", Text),  # why it was refused or waits for review
    Column("target", Points, nullable=False, server_default="0"),
    Column("took", Points, nullable=False, server_default="0"),  # room under members' caps; never given back
    Column("posted", Points, nullable=False, server_default="0"),
    Column("postings", Integer, nullable=False, server_default="0"),
    Column("lot", Text),
    Column("available_from", Moment),
    Column("expires_at", Moment),
    Column("takes", Document, nullable=False),
    Column("explanation", Document, nullable=False),
    Column("verified", Boolean, nullable=False, server_default="0"),  # not merely self-reported
    Column("evidence", LargeBinary),  # sealed; for the merchant's eyes, gone with an erasure
    Index("ix_activities_member", "shop_id", "member_id", "at"),  # caps, measures, merges, GET …/activities
    Index("ix_activities_rule", "shop_id", "rule", "at"),  # budgets and reports
    # GET /activities?state=review
    Index(
        "ix_activities_review",
        "shop_id",
        "at",
        postgresql_where=text("state = 'review'"),
        sqlite_where=text("state = 'review'"),
    ),
)
