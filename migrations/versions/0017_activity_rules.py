"""What rules of activities remember: budgets, digests of what was told, whose reviews count, who accepts marketing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_activity_rules"
down_revision = "0016_order_rules"


def upgrade() -> None:
    op.add_column("members", sa.Column("accepts_marketing", sa.Boolean(), nullable=True))
    op.add_column("activities", sa.Column("worth", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("activities", sa.Column("facts", sa.String(length=64), server_default="", nullable=False))
    op.create_table(
        "activity_budgets",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "rule", "period", name=op.f("pk_activity_budgets")),
    )
    op.create_table(
        "activity_digests",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "digest", name=op.f("pk_activity_digests")),
    )
    op.create_table(
        "review_apps",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("app", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "app", name=op.f("pk_review_apps")),
    )


def downgrade() -> None:
    op.drop_table("review_apps")
    op.drop_table("activity_digests")
    op.drop_table("activity_budgets")
    op.drop_column("activities", "facts")
    op.drop_column("activities", "worth")
    op.drop_column("members", "accepts_marketing")
