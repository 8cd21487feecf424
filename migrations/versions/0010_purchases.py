"""What an order counts as: its kept basis, and whether it is a purchase at all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_purchases"
down_revision = "0009_append_only"


def upgrade() -> None:
    op.add_column("orders", sa.Column("spend", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("counts", sa.Boolean(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("orders", "counts")
    op.drop_column("orders", "spend")
