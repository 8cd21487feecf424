"""Browsers that asked for messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0036_push_subscriptions"
down_revision = "0035_shoppers"


def upgrade() -> None:
    op.create_table(
        "push_subscriptions",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=35)),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_push_subscriptions")),
    )
    op.create_index("ix_push_subscriptions_member", "push_subscriptions", ["shop_id", "member_id"])


def downgrade() -> None:
    op.drop_table("push_subscriptions")
