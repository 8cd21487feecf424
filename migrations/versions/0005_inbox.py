"""Deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0005_inbox"
down_revision = "0004_programmes"


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="new", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_inbox_shop_id_key")),
    )
    op.create_index(
        "ix_inbox_new",
        "inbox",
        ["shop_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'new'"),
        sqlite_where=sa.text("state = 'new'"),
    )
    op.create_index("ix_inbox_state", "inbox", ["shop_id", "state", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("inbox")
