"""Redemptions, the codes orders used, and what is scarce."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, String, Table, Text, text

from app.models.base import Document, Moment, Points, metadata

redemptions = Table(
    "redemptions",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("key", Text, nullable=False),  # names the business fact: redeem:{key}, or gift:{of what rule}
    Column("member_id", String(32), nullable=False),
    Column("reward", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("points", Points, nullable=False),
    Column("given", Boolean, nullable=False),  # free of points, by a rule
    Column("state", String(12), nullable=False),  # held → issued → committed | voided
    Column("code", Text),  # ours; null where there is none, or not yet
    Column("voucher", Integer),  # the number of the partner's code
    Column("value", Document, nullable=False),  # what the shop is told of it
    Column("explanation", Document, nullable=False),
    Column("held_at", Moment, nullable=False),
    Column("issued_at", Moment),
    Column("lapses_at", Moment),
    Column("ended_at", Moment),  # committed or voided
    Column("ending", String(12)),  # why the platform is asked to end the code: cancelled, lapsed, returned, taken_back
    Column("dead_at", Moment),  # since when no order can use the code at the platform
    Column("order_id", Text),  # which order used it
    Column("returned", Points, nullable=False, server_default="0"),
    Column("flags", Document, nullable=False),
    Index("uq_redemptions_key", "shop_id", "key", unique=True),  # redeeming.redeem, redemptions.give
    Index("uq_redemptions_code", "shop_id", "code", unique=True),  # code_uses.load, GET /redemptions?code=
    Index("ix_redemptions_member", "shop_id", "member_id", "held_at", "id"),  # GET /redemptions?member_id=, merges
    Index("ix_redemptions_listed", "shop_id", "held_at", "id"),  # GET /redemptions
    # shelf.load: stock and budgets
    Index(
        "ix_redemptions_taken",
        "shop_id",
        "reward",
        "held_at",
        postgresql_where=text("state <> 'voided'"),
        sqlite_where=text("state <> 'voided'"),
    ),
    # redeeming.lapse
    Index(
        "ix_redemptions_lapsing",
        "shop_id",
        "lapses_at",
        postgresql_where=text("state IN ('held', 'issued')"),
        sqlite_where=text("state IN ('held', 'issued')"),
    ),
    # vouchers.upload: gifts that wait for a partner's code
    Index(
        "ix_redemptions_waiting",
        "shop_id",
        "reward",
        "id",
        postgresql_where=text("state = 'held'"),
        sqlite_where=text("state = 'held'"),
    ),
)

code_uses = Table(
    "code_uses",  # orders whose state carries, or once carried, the code of a redemption
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("redemption_id", String(32), primary_key=True),
    Column("order_id", Text, primary_key=True),
    Column("placed_at", Moment, nullable=False),
    Column("live", Boolean, nullable=False),  # neither cancelled nor failed, and it still carries the code
    Column("share", Text, nullable=False),  # of the code's discount that was given back, exactly
    Column("whole", Boolean, nullable=False),  # everything of the order was given back
    Index("ix_code_uses_order", "shop_id", "order_id"),  # code_uses.load
)

voucher_codes = Table(
    "voucher_codes",  # codes of partners, handed out one per redemption
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("reward", Text, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("code", LargeBinary),  # sealed
    Column("digest", String(64), nullable=False),  # keyed hash: a code is kept once
    Column("redemption_id", String(32)),
    Index("uq_voucher_codes_digest", "shop_id", "reward", "digest", unique=True),  # vouchers.upload
    # vouchers.take, shelf.load
    Index(
        "ix_voucher_codes_free",
        "shop_id",
        "reward",
        "n",
        postgresql_where=text("redemption_id IS NULL"),
        sqlite_where=text("redemption_id IS NULL"),
    ),
)

limited_rewards = Table(
    "limited_rewards",  # one row to lock for each reward that is scarce
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("reward", Text, primary_key=True),
)

average_orders = Table(
    "average_orders",  # a cache, once a programme day
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("day", Date, primary_key=True),  # in the shop's zone
    Column("orders", Integer, nullable=False),
    Column("total", Text, nullable=False),  # in the programme's currency, exactly
)
