"""Imports of a shop's past, and which orders count for tiers alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0027_history"
down_revision = "0026_effects"

RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("choice", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("part", sa.String(length=12), nullable=False),
        sa.Column("place", Document, nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("orders_in_all", sa.Integer()),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("customers_in_all", sa.Integer()),
        sa.Column("worked_ms", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment()),
        sa.Column("lease", sa.String(length=32)),
        sa.Column("leased_until", Moment()),
        sa.Column("reason", sa.Text()),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment()),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_imports")),
    )
    op.create_index(
        "uq_imports_running", "imports", ["shop_id"], unique=True, postgresql_where=RUNNING, sqlite_where=RUNNING
    )
    op.add_column("orders", sa.Column("past", sa.String(length=8)))


def downgrade() -> None:
    op.drop_column("orders", "past")
    op.drop_table("imports")
