"""How many visitors were in which arm of an experiment: sums, and nobody in them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, String, Table

from app.models.base import metadata

exposures = Table(
    "exposures",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("experiment", String(100), primary_key=True),  # its key, whatever the version
    Column("arm", String(20), primary_key=True),
    Column("day", Date, primary_key=True),  # in the shop's zone
    Column("visitors", BigInteger, nullable=False),
)
