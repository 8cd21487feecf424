"""Shops and their api keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0001_shops"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "shops",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("origins", Document, nullable=False),
        sa.Column("settings", Document, nullable=False),
        sa.Column("state", sa.String(length=16), server_default="active", nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("webhook_secret", sa.LargeBinary(), nullable=True),
        sa.Column("webhook_secret_old", sa.LargeBinary(), nullable=True),
        sa.Column("webhook_secret_old_until", Moment(), nullable=True),
        sa.Column("pepper", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shops")),
        sa.UniqueConstraint("platform", "ref", name=op.f("uq_shops_platform_ref")),
    )
    op.create_table(
        "api_keys",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("retires_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_api_keys")),
    )


def downgrade() -> None:
    op.drop_table("api_keys")
    op.drop_table("shops")
