"""Members whose facts have to be told to their shop's platform."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0029_member_facts_told"
down_revision = "0028_catalogue"


def upgrade() -> None:
    op.create_table(
        "untold_members",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "member_id", name=op.f("pk_untold_members")),
    )
    op.create_index("ix_untold_members_due_at", "untold_members", ["shop_id", "due_at"])
    op.add_column("connections", sa.Column("takes_facts", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("connections", "takes_facts")
    op.drop_table("untold_members")
