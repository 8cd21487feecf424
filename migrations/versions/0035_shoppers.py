"""What shoppers choose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0035_shoppers"
down_revision = "0032_perks"


def upgrade() -> None:
    op.create_table(
        "member_choices",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text()),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("chosen_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "member_id", "name", name=op.f("pk_member_choices")),
    )


def downgrade() -> None:
    op.drop_table("member_choices")
