"""Redemptions: holds that come back and go again, codes and who used them, vouchers of partners, averages."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0018_redemptions"
down_revision = "0017_activity_rules"

TAKEN = sa.text("state <> 'voided'")
LAPSING = sa.text("state IN ('held', 'issued')")
WAITING = sa.text("state = 'held'")
FREE = sa.text("redemption_id IS NULL")
COUNTED = sa.text("counts")


def upgrade() -> None:
    _columns()
    _redemptions()
    _beside()


def _columns() -> None:
    op.add_column("holds", sa.Column("back", Document, server_default="[]", nullable=False))
    op.add_column("holds", sa.Column("moves", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_holds_member", "holds", ["shop_id", "member_id"], unique=False)
    _index("ix_orders_counted", "orders", ["placed_at"], COUNTED)
    op.add_column("shops", sa.Column("code_secret", sa.String(length=64), server_default="", nullable=False))
    shops = sa.table("shops", sa.column("id", sa.String()), sa.column("code_secret", sa.String()))
    bind = op.get_bind()
    for shop_id in bind.execute(sa.select(shops.c.id)).scalars().all():
        bind.execute(sa.update(shops).where(shops.c.id == shop_id).values(code_secret=secrets.token_hex(32)))


def _redemptions() -> None:
    op.create_table(
        "redemptions",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("reward", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("voucher", sa.Integer(), nullable=True),
        sa.Column("value", Document, nullable=False),
        sa.Column("explanation", Document, nullable=False),
        sa.Column("held_at", Moment(), nullable=False),
        sa.Column("issued_at", Moment(), nullable=True),
        sa.Column("lapses_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("returned", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("flags", Document, nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_redemptions")),
    )
    op.create_index("uq_redemptions_key", "redemptions", ["shop_id", "key"], unique=True)
    op.create_index("uq_redemptions_code", "redemptions", ["shop_id", "code"], unique=True)
    _index("ix_redemptions_member", "redemptions", ["member_id", "held_at", "id"])
    _index("ix_redemptions_listed", "redemptions", ["held_at", "id"])
    _index("ix_redemptions_taken", "redemptions", ["reward", "held_at"], TAKEN)
    _index("ix_redemptions_lapsing", "redemptions", ["lapses_at"], LAPSING)
    _index("ix_redemptions_waiting", "redemptions", ["reward", "id"], WAITING)


def _beside() -> None:
    op.create_table(
        "code_uses",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("redemption_id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("placed_at", Moment(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("share", sa.Text(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "redemption_id", "order_id", name=op.f("pk_code_uses")),
    )
    _index("ix_code_uses_order", "code_uses", ["order_id"])
    op.create_table(
        "voucher_codes",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("reward", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("redemption_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "reward", "n", name=op.f("pk_voucher_codes")),
    )
    op.create_index("uq_voucher_codes_digest", "voucher_codes", ["shop_id", "reward", "digest"], unique=True)
    _index("ix_voucher_codes_free", "voucher_codes", ["reward", "n"], FREE)
    op.create_table(
        "limited_rewards",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("reward", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "reward", name=op.f("pk_limited_rewards")),
    )
    op.create_table(
        "average_orders",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("total", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "day", name=op.f("pk_average_orders")),
    )


def _index(name: str, table: str, columns: list[str], where: sa.TextClause | None = None) -> None:
    op.create_index(name, table, ["shop_id", *columns], unique=False, postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    for table in ("average_orders", "limited_rewards", "voucher_codes", "code_uses", "redemptions"):
        op.drop_table(table)
    op.drop_column("shops", "code_secret")
    op.drop_index("ix_orders_counted", table_name="orders")
    op.drop_index("ix_holds_member", table_name="holds")
    op.drop_column("holds", "moves")
    op.drop_column("holds", "back")
