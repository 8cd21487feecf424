"""Visitors are counted by the arm of an experiment they are in; an order tells its arm."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033_experiments"
down_revision = "0032_perks"

_ARM = sa.text("arm IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "exposures",
        sa.Column("shop_id", sa.String(32), primary_key=True),
        sa.Column("experiment", sa.String(100), primary_key=True),
        sa.Column("arm", sa.String(20), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("visitors", sa.BigInteger(), nullable=False),
    )
    op.add_column("orders", sa.Column("arm", sa.String(130)))
    op.add_column("orders", sa.Column("sold", sa.Text()))
    op.add_column("orders", sa.Column("sold_currency", sa.String(3)))
    op.create_index(
        "ix_orders_arm", "orders", ["shop_id", "arm", "placed_at"], postgresql_where=_ARM, sqlite_where=_ARM
    )


def downgrade() -> None:
    op.drop_index("ix_orders_arm", "orders")
    for column in ("sold_currency", "sold", "arm"):
        op.drop_column("orders", column)
    op.drop_table("exposures")
