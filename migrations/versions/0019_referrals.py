"""Members who bring friends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0019_referrals"
down_revision = "0018_redemptions"

DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "referral_codes",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "code", name=op.f("pk_referral_codes")),
        sa.UniqueConstraint("shop_id", "member_id", name=op.f("uq_referral_codes_shop_id_member_id")),
    )
    op.create_table(
        "referrals",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("referrer_id", sa.String(length=32), nullable=False),
        sa.Column("friend_id", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("signs", Document, nullable=False),
        sa.Column("reasons", Document, nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("qualified_at", Moment(), nullable=True),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("rewarded_at", Moment(), nullable=True),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("gifts", Document, nullable=False),
        sa.Column("network_ref", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_referrals")),
    )
    op.create_index("ix_referrals_friend", "referrals", ["shop_id", "friend_id"])
    op.create_index("ix_referrals_referrer", "referrals", ["shop_id", "referrer_id", "state"])
    op.create_index("ix_referrals_order", "referrals", ["shop_id", "order_id"])
    op.create_index("ix_referrals_state", "referrals", ["shop_id", "state", "id"])
    op.create_index("ix_referrals_due", "referrals", ["shop_id", "due_at"], postgresql_where=DUE, sqlite_where=DUE)
    op.create_table(
        "fingerprints",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_fingerprints")),
    )
    op.create_index("ix_fingerprints_member", "fingerprints", ["shop_id", "member_id", "kind", "value"])


def downgrade() -> None:
    op.drop_table("fingerprints")
    op.drop_table("referrals")
    op.drop_table("referral_codes")
