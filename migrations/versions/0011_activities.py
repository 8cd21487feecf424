"""Activities: everything earned by anything but an order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0011_activities"
down_revision = "0010_purchases"

REVIEW = sa.text("state = 'review'")


def upgrade() -> None:
    op.create_table(
        "activities",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("target", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("posted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("postings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("available_from", Moment(), nullable=True),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("takes", Document, nullable=False),
        sa.Column("explanation", Document, nullable=False),
        sa.Column("verified", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_activities")),
    )
    op.create_index("ix_activities_member", "activities", ["shop_id", "member_id", "at"], unique=False)
    op.create_index("ix_activities_rule", "activities", ["shop_id", "rule", "at"], unique=False)
    op.create_index(
        "ix_activities_review",
        "activities",
        ["shop_id", "at"],
        unique=False,
        postgresql_where=REVIEW,
        sqlite_where=REVIEW,
    )


def downgrade() -> None:
    op.drop_table("activities")
