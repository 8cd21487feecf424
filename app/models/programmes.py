"""Programme versions (append-only) and the draft."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from app.models.base import Document, Moment, metadata

programme_versions = Table(
    "programme_versions",  # append-only
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("effective_from", Moment, nullable=False),
    Column("document", Document, nullable=False),
    Column("published_at", Moment, nullable=False),
)

programme_drafts = Table(
    "programme_drafts",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("document", Document, nullable=False),
    Column("saved_at", Moment, nullable=False),
)
