"""Rows to lock for identities that nobody has yet; a shop's first newcomer makes them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_identity_locks"
down_revision = "0012_member_facts"


def upgrade() -> None:
    op.create_table(
        "identity_locks",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "bucket", name=op.f("pk_identity_locks")),
    )


def downgrade() -> None:
    op.drop_table("identity_locks")
