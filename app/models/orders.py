"""Orders as last known, the frozen context they are settled by, and the fact journal."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, text

from app.models.base import Document, Moment, Points, metadata

_CHOSEN = text("kind = 'choices'")

orders = Table(
    "orders",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", Text, primary_key=True),  # the platform's
    Column("held", Document, nullable=False),  # the merged state: see app/orders/state.py
    Column("updated_at", Moment),  # of the winning full state
    Column("placed_at", Moment),
    Column("member_id", String(32)),
    Column("version", Integer),  # frozen with `context` at the first settlement
    Column("context", Document, nullable=False),
    Column("state", String(20), nullable=False),
    Column("target", Points, nullable=False, server_default="0"),
    Column("posted", Points, nullable=False, server_default="0"),
    Column("postings", Integer, nullable=False, server_default="0"),
    Column("lot", Text),  # the order's own lot
    Column("available_from", Moment),  # fixed by the first posting above 0
    Column("expires_at", Moment),
    Column("takes", Document, nullable=False),  # what claw-backs took and from where, newest last
    Column("spend", Text),  # kept basis in the programme's currency, exactly; null: not known there
    Column("own", Points, nullable=False, server_default="0"),  # its points before the member's cap
    Column("cap", Points),  # the member's cap, and the period it counts in: frozen with the version
    Column("cap_from", Moment),
    Column("cap_to", Moment),
    Column("counts", Boolean, nullable=False, server_default="0"),  # its earn moment is reached and something is kept
    Column("memberships", Document, nullable=False, server_default="[]"),  # on its kept lines: [key, tier, …]
    Column("places", Document, nullable=False, server_default="{}"),  # limited campaign → whether it has a place
    Column("lines", Document, nullable=False),
    Column("explanation", Document, nullable=False),
    Column("flags", Document, nullable=False),
    Column("arm", String(130)),  # "experiment:arm" of the shopper, frozen as first told
    Column("sold", Text),  # with an arm: kept goods without tax; null: nothing is sold as it stands
    Column("sold_currency", String(3)),
    Column("past", String(8)),  # from before the first programme, by an import: award; tiers (it counts, and earns not)
    Column("reread", Boolean, nullable=False, server_default="0"),  # to be read again at the platform
    Column("look_again_at", Moment),  # programme time at which its target changes by itself
    Index("ix_orders_member", "shop_id", "member_id", "placed_at"),  # members.merge, GET /orders
    Index("ix_orders_placed", "shop_id", "placed_at"),  # what_if; scheduled.standings
    Index("ix_orders_due", "shop_id", "look_again_at"),  # schedules.tick
    # platforms.reading: to be read again
    Index("ix_orders_reread", "shop_id", "id", postgresql_where=text("reread"), sqlite_where=text("reread")),
    # experiments.report
    Index(
        "ix_orders_arm",
        "shop_id",
        "arm",
        "placed_at",
        postgresql_where=text("arm IS NOT NULL"),
        sqlite_where=text("arm IS NOT NULL"),
    ),
    # averages.compute: what counted orders were worth lately
    Index("ix_orders_counted", "shop_id", "placed_at", postgresql_where=text("counts"), sqlite_where=text("counts")),
)

facts = Table(
    "facts",  # append-only: what replay and audit read; no names, addresses, e-mails or IPs
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", Moment, nullable=False),  # programme time of the receipt
    Column("body", Document, nullable=False),
    # members.choices: how often a member has changed settings
    Index("ix_facts_choices", "shop_id", "subject", "seq", postgresql_where=_CHOSEN, sqlite_where=_CHOSEN),
)

products = Table(
    "products",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("updated_at", Moment, nullable=False),
    Column("tags", Document, nullable=False),
    Column("collections", Document, nullable=False),
    Column("vendor", Text),
    Column("variants", Document, nullable=False),
    Column("deleted", Boolean, nullable=False, server_default="0"),
)
