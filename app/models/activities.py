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
    Column("worth", Points, nullable=False, server_default="0"),  # what it takes of caps and budget while it waits
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
    Column("facts", String(64), nullable=False, server_default=""),  # of what was told: other facts are refused
    Column("evidence", LargeBinary),  # sealed; for the merchant's eyes, gone with an erasure
    Index("ix_activities_member", "shop_id", "member_id", "at"),  # caps, measures, merges, GET …/activities
    Index("ix_activities_rule", "shop_id", "rule", "at"),  # budgets and reports
    Index("ix_activities_kind", "shop_id", "kind", "at"),  # scheduled.contests: referrals and points of a period
    # GET /activities?state=review
    Index(
        "ix_activities_review",
        "shop_id",
        "at",
        postgresql_where=text("state = 'review'"),
        sqlite_where=text("state = 'review'"),
    ),
)

activity_budgets = Table(
    "activity_budgets",  # what rules with a budget have given so far; the row of rule "" is the shop's gate
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("period", String(16), primary_key=True),  # "2026-03-01", "2026-W09", "2026-03", "2026" or "lifetime"
    Column("spent", Points, nullable=False),
)

activity_digests = Table(
    "activity_digests",  # texts and pictures told before, as keyed digests
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("activity", Text, nullable=False),  # the first that brought it
)

review_apps = Table(
    "review_apps",  # whose signed calls a shop takes as reviews
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("app", String(32), primary_key=True),
    Column("secret", LargeBinary, nullable=False),  # sealed
)
