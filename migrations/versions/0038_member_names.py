"""What members want to be called on leaderboards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0038_member_names"
down_revision = "0037_choices_of_a_member"


def upgrade() -> None:
    op.create_table(
        "member_names",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("chosen_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "member_id", name=op.f("pk_member_names")),
    )


def downgrade() -> None:
    op.drop_table("member_names")
