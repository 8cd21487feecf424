"""What proves an e-mail, what tells two alike, and that somebody has been erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0020_identity"
down_revision = "0019_referrals"

MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    op.add_column("members", sa.Column("email_norm_ref", sa.String(length=40), nullable=True))
    op.add_column("members", sa.Column("disposable_email", sa.Boolean(), server_default="0", nullable=False))
    op.add_column("members", sa.Column("erased_at", Moment(), nullable=True))
    op.create_index(
        "ix_members_merged", "members", ["shop_id", "merged_into"], postgresql_where=MERGED, sqlite_where=MERGED
    )
    op.create_table(
        "verifications",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("email_ref", sa.String(length=40), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_verifications")),
    )
    op.create_index("ix_verifications_member", "verifications", ["shop_id", "member_id"])
    op.create_index("ix_verifications_expires", "verifications", ["shop_id", "expires_at"])


def downgrade() -> None:
    op.drop_table("verifications")
    op.drop_index("ix_members_merged", "members")
    op.drop_column("members", "erased_at")
    op.drop_column("members", "disposable_email")
    op.drop_column("members", "email_norm_ref")
