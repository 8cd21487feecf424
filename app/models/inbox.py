"""Deliveries as they came: the inbox is the queue of record."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text, UniqueConstraint, text

from app.models.base import Moment, metadata

inbox = Table(
    "inbox",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", BigInteger, primary_key=True),  # made in the app, grows with time
    Column("key", Text, nullable=False),  # the same key is the same delivery
    Column("topic", Text, nullable=False),
    Column("body", LargeBinary),  # sealed raw bytes; dropped 30 days after success
    Column("sha256", String(64), nullable=False),
    Column("state", String(8), nullable=False, server_default="new"),  # new, done, ignored, failed
    Column("reason", Text),
    Column("received_at", Moment, nullable=False),  # real time
    Column("finished_at", Moment),
    UniqueConstraint("shop_id", "key"),
    # inbox.claim: what is waiting
    Index(
        "ix_inbox_new",
        "shop_id",
        "id",
        postgresql_where=text("state = 'new'"),
        sqlite_where=text("state = 'new'"),
    ),
    Index("ix_inbox_state", "shop_id", "state", "id"),  # GET /deliveries?state=
    # deliveries.drop_bodies: what was finished long ago. Nothing is added to it while a delivery is accepted
    Index(
        "ix_inbox_bodies",
        "shop_id",
        "finished_at",
        postgresql_where=text("body IS NOT NULL AND finished_at IS NOT NULL"),
        sqlite_where=text("body IS NOT NULL AND finished_at IS NOT NULL"),
    ),
)
