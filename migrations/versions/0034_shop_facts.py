"""What themes may show of a shop stands at its platform."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0034_shop_facts"
down_revision = "0033_experiments"


def upgrade() -> None:
    op.add_column("connections", sa.Column("facts_due_at", Moment()))
    op.add_column("connections", sa.Column("facts_told", sa.String(64)))
    op.add_column("connections", sa.Column("facts_told_at", Moment()))


def downgrade() -> None:
    for column in ("told_at", "told", "due_at"):
        op.drop_column("connections", f"facts_{column}")
