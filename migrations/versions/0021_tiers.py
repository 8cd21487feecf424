"""Tiers by the measure: where members stand, memberships on orders, and sweeps after a change of the rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0021_tiers"
down_revision = "0020_identity"

DUE = sa.text("review_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("orders", sa.Column("memberships", Document, server_default="[]", nullable=False))
    op.create_table(
        "standings",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("since", Moment(), nullable=True),
        sa.Column("at", Moment(), nullable=True),
        sa.Column("keeps_until", Moment(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("review_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "member_id", name=op.f("pk_standings")),
    )
    op.create_index("ix_standings_due", "standings", ["shop_id", "review_at"], unique=False, postgresql_where=DUE)
    op.create_index("ix_standings_tier", "standings", ["shop_id", "tier", "member_id"], unique=False)
    op.create_table(
        "tier_sweeps",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_tier_sweeps")),
    )
    # tiers set by hand before: the last change is where the member stands
    op.execute(
        "INSERT INTO standings (shop_id, member_id, tier, since, at, keeps_until, source, changes, review_at) "
        "SELECT shop_id, member_id, tier, at, at, keeps_until, source, n, keeps_until FROM tier_changes AS last "
        "WHERE n = (SELECT max(n) FROM tier_changes WHERE shop_id = last.shop_id AND member_id = last.member_id)"
    )


def downgrade() -> None:
    op.drop_table("tier_sweeps")
    op.drop_table("standings")
    op.drop_column("orders", "memberships")
