"""How far a shop's catalogue has been read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0028_catalogue"
down_revision = "0027_history"


def upgrade() -> None:
    op.add_column("connections", sa.Column("products_at", Moment()))
    op.add_column("connections", sa.Column("products_whole_at", Moment()))
    op.add_column("connections", sa.Column("products_until", Moment()))
    op.add_column("connections", sa.Column("products_place", Document))


def downgrade() -> None:
    for name in ("products_place", "products_until", "products_whole_at", "products_at"):
        op.drop_column("connections", name)
