"""What shoppers have said they want, each with the moment they said it."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from app.models.base import Moment, metadata

member_choices = Table(
    "member_choices",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("member_id", String(32), primary_key=True),
    Column("name", String(32), primary_key=True),  # "mail.promotions", "language": members.choices
    Column("value", Text),  # "yes", "no", or a language; null: taken back
    Column("source", String(16), nullable=False),  # where it was said: "shopper"
    Column("chosen_at", Moment, nullable=False),  # real time: the proof of consent
)
