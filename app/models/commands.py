"""What makes commands happen once, and the programme clock's one row."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, String, Table, Text

from app.models.base import Moment, metadata

idempotency = Table(
    "idempotency",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("method", String(8), nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("status", Integer),  # null: in flight
    Column("body", LargeBinary),  # sealed
    Column("started_at", Moment, nullable=False),  # real time
)

clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instant", Moment),  # null: programme time is real time
    CheckConstraint("id = 1", name="one_row"),
)
