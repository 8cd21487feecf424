"""Places of limited campaigns, and who asked to be in the programme."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0016_order_rules"
down_revision = "0015_lot_dates"


def upgrade() -> None:
    op.add_column("members", sa.Column("requested_at", Moment(), nullable=True))
    op.execute(
        "UPDATE members SET requested_at = (SELECT min(at) FROM facts WHERE facts.shop_id = members.shop_id "
        "AND facts.kind = 'member' AND facts.subject = members.id)"
    )
    op.add_column("orders", sa.Column("places", Document, server_default="{}", nullable=False))
    op.create_index("ix_orders_placed", "orders", ["shop_id", "placed_at"])
    op.create_table(
        "campaign_counts",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("campaign", sa.String(length=100), nullable=False),
        sa.Column("orders", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "campaign", name=op.f("pk_campaign_counts")),
    )


def downgrade() -> None:
    op.drop_table("campaign_counts")
    op.drop_index("ix_orders_placed", table_name="orders")
    op.drop_column("orders", "places")
    op.drop_column("members", "requested_at")
