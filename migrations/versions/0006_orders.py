"""Orders and products."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0006_orders"
down_revision = "0005_inbox"


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("held", Document, nullable=False),
        sa.Column("updated_at", Moment(), nullable=True),
        sa.Column("placed_at", Moment(), nullable=True),
        sa.Column("member_id", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("context", Document, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("target", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("posted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("postings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("available_from", Moment(), nullable=True),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("takes", Document, nullable=False),
        sa.Column("lines", Document, nullable=False),
        sa.Column("explanation", Document, nullable=False),
        sa.Column("flags", Document, nullable=False),
        sa.Column("reread", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("look_again_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_orders")),
    )
    op.create_index("ix_orders_due", "orders", ["shop_id", "look_again_at"], unique=False)
    op.create_index("ix_orders_member", "orders", ["shop_id", "member_id", "placed_at"], unique=False)
    op.create_table(
        "products",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("tags", Document, nullable=False),
        sa.Column("collections", Document, nullable=False),
        sa.Column("vendor", sa.Text(), nullable=True),
        sa.Column("variants", Document, nullable=False),
        sa.Column("deleted", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_products")),
    )


def downgrade() -> None:
    op.drop_table("products")
    op.drop_table("orders")
