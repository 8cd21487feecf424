"""What has to happen outside: written in the transaction of its cause, carried out by a worker."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, text

from app.models.base import Document, Moment, metadata

_WAITING = text("state = 'waiting'")
_FAILED = text("state = 'failed'")

effects = Table(
    "effects",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # effects of one subject happen in this order
    Column("kind", String(32), nullable=False),
    Column("subject", Text, nullable=False),  # what it is about: a redemption, a member
    Column("body", Document, nullable=False),  # nothing personal: that is read when it is carried out
    Column("state", String(12), nullable=False),  # waiting → done | refused | failed (a merchant may try again)
    Column("attempts", Integer, nullable=False),
    Column("unsure", Boolean, nullable=False),  # an attempt may have acted, and nobody knows
    Column("due_at", Moment),  # null: at once
    Column("tried_at", Moment),  # the first time
    Column("lease", String(32)),  # who carries it out just now …
    Column("leased_until", Moment),  # … and until when the others wait
    Column("reason", Text),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    # outbox.due; the earlier ones of a subject
    Index("ix_effects_waiting", "shop_id", "subject", "seq", postgresql_where=_WAITING, sqlite_where=_WAITING),
    Index("ix_effects_failed", "shop_id", "seq", postgresql_where=_FAILED, sqlite_where=_FAILED),  # GET /effects
    Index("ix_effects_ended_at", "shop_id", "ended_at"),  # outbox.forget
)
