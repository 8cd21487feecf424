"""What shoppers have said they want, the cards they show, and the devices they get messages on."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, LargeBinary, String, Table, Text, text

from app.models.base import Moment, metadata

_SHOWN = text("shown")

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

member_names = Table(
    "member_names",  # of those who want to be named on leaderboards
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("member_id", String(32), primary_key=True),
    Column("name", LargeBinary, nullable=False),  # sealed
    Column("chosen_at", Moment, nullable=False),  # real time: the proof of consent
)

member_cards = Table(
    "member_cards",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("number", String(16), primary_key=True),  # GET /members?card=
    Column("member_id", String(32), nullable=False),
    Column("shown", Boolean, nullable=False),  # false: of a member merged into this one, who has a card of their own
    Column("made_at", Moment, nullable=False),  # real time
    # GET /shopper/v1/card: one card is shown
    Index("uq_member_cards_shown", "shop_id", "member_id", unique=True, postgresql_where=_SHOWN, sqlite_where=_SHOWN),
    Index("ix_member_cards_member", "shop_id", "member_id"),  # merges, erasure
)

push_subscriptions = Table(
    "push_subscriptions",  # browsers that asked for messages
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", String(40), primary_key=True),  # keyed hash of the address
    Column("member_id", String(32), nullable=False),
    Column("address", LargeBinary, nullable=False),  # sealed: where the browser is reached, and its keys
    Column("language", String(35)),  # of the page it asked on
    Column("asked_at", Moment, nullable=False),  # real time: the proof of consent
    Index("ix_push_subscriptions_member", "shop_id", "member_id"),  # announcing, merges, erasure
)
