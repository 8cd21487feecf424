"""How many orders share in each limited campaign. A row is the lock that places are given under."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from app.models.base import metadata

campaign_counts = Table(
    "campaign_counts",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("campaign", String(100), primary_key=True),  # its key, whatever the version
    Column("orders", BigInteger, nullable=False),
)
