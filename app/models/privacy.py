"""What platforms ask for in the name of people's privacy, and what became of it: kept as the record of it."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text, text

from app.models.base import Moment, metadata

_WAITING = text("state = 'waiting'")

privacy_requests = Table(
    "privacy_requests",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", Text, primary_key=True),  # the platform's, or made of what was asked
    Column("kind", String(20), nullable=False),  # export, erase_customer, erase_shop, merge_customers
    Column("customer_id", Text),  # the platform's; forgotten when the customer is
    Column("into_id", Text),  # merge_customers: who lives on
    Column("email_ref", String(40)),  # keyed hash
    Column("state", String(12), nullable=False),  # waiting → done
    Column("outcome", Text),
    Column("document", LargeBinary),  # export: sealed, for the merchant, for 30 days
    Column("asked_at", Moment, nullable=False),  # real time, like the deadlines of the law
    Column("ended_at", Moment),
    # carrying_out.run_due
    Index("ix_privacy_requests_waiting", "shop_id", "asked_at", postgresql_where=_WAITING, sqlite_where=_WAITING),
)
