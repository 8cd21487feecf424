"""The ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0003_ledger"
down_revision = "0002_members"


def upgrade() -> None:
    op.create_table(
        "balances",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("issued", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pending", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("available", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("redeemed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expired", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reversed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("written_off", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("transferred", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("clamped", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("clamp_waiting", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("entries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("good_until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "member_id", name=op.f("pk_balances")),
    )
    op.create_index(
        "ix_balances_due",
        "balances",
        ["shop_id", "good_until"],
        unique=False,
        postgresql_where=sa.text("good_until IS NOT NULL"),
    )
    op.create_table(
        "entries",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("facts", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("account_changes", Document, nullable=False),
        sa.Column("source_type", sa.String(length=24), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("explanation", Document, nullable=False),
        sa.Column("booked_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "member_id", "n", name=op.f("pk_entries")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_entries_shop_id_key")),
    )
    op.create_table(
        "lots",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("source_type", sa.String(length=24), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("expired", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("available_from", Moment(), nullable=False),
        sa.Column("booked", sa.Boolean(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("root", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "key", name=op.f("pk_lots")),
    )
    op.create_index(
        "ix_lots_open",
        "lots",
        ["shop_id", "member_id"],
        unique=False,
        postgresql_where=sa.text("remaining > 0"),
        sqlite_where=sa.text("remaining > 0"),
    )
    op.create_index(
        "ix_lots_restored",
        "lots",
        ["shop_id", "root"],
        unique=False,
        postgresql_where=sa.text("root <> key"),
        sqlite_where=sa.text("root <> key"),
    )
    op.create_table(
        "allocations",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("entry_n", sa.BigInteger(), nullable=False),
        sa.Column("i", sa.Integer(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("slot", sa.String(length=12), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "member_id", "entry_n", "i", name=op.f("pk_allocations")),
    )
    op.create_table(
        "holds",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("lots", Document, nullable=False),
        sa.Column("returned", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held_at", Moment(), nullable=False),
        sa.Column("lapses_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_holds")),
    )


def downgrade() -> None:
    op.drop_table("holds")
    op.drop_table("allocations")
    op.drop_table("lots")
    op.drop_table("entries")
    op.drop_table("balances")
