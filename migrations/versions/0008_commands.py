"""Idempotency keys and the programme clock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0008_commands"
down_revision = "0007_facts"


def upgrade() -> None:
    op.create_table(
        "idempotency",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("started_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instant", Moment(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )


def downgrade() -> None:
    op.drop_table("clock")
    op.drop_table("idempotency")
