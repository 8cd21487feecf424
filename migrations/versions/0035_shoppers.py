"""What shoppers choose, and the cards they show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0035_shoppers"
down_revision = "0034_shop_facts"

SHOWN = sa.text("shown")


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
    op.create_table(
        "member_cards",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "number", name=op.f("pk_member_cards")),
    )
    op.create_index(
        "uq_member_cards_shown",
        "member_cards",
        ["shop_id", "member_id"],
        unique=True,
        postgresql_where=SHOWN,
        sqlite_where=SHOWN,
    )
    op.create_index("ix_member_cards_member", "member_cards", ["shop_id", "member_id"])


def downgrade() -> None:
    op.drop_table("member_cards")
    op.drop_table("member_choices")
