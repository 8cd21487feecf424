"""Members, identities, tier changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0002_members"
down_revision = "0001_shops"


def upgrade() -> None:
    op.create_table(
        "members",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("tags", Document, nullable=False),
        sa.Column("merged_into", sa.String(length=32), nullable=True),
        sa.Column("enrolled_at", Moment(), nullable=False),
        sa.Column("told_at", Moment(), nullable=True),
        sa.Column("tokens_from", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_members")),
    )
    op.create_table(
        "identities",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_identities")),
    )
    op.create_index("ix_identities_member", "identities", ["shop_id", "member_id"], unique=False)
    op.create_index("ix_identities_value", "identities", ["shop_id", "value"], unique=False)
    op.create_index(
        "uq_identities_open",
        "identities",
        ["shop_id", "kind", "value"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL AND kind <> 'contact'"),
        sqlite_where=sa.text("closed_at IS NULL AND kind <> 'contact'"),
    )
    op.create_table(
        "tier_changes",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("keeps_until", Moment(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "member_id", "n", name=op.f("pk_tier_changes")),
    )


def downgrade() -> None:
    op.drop_table("tier_changes")
    op.drop_table("identities")
    op.drop_table("members")
