"""What rules may see of a member: country and customer groups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document

revision = "0012_member_facts"
down_revision = "0011_activities"


def upgrade() -> None:
    op.add_column("members", sa.Column("country", sa.String(length=2), nullable=True))
    op.add_column("members", sa.Column("customer_groups", Document, server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("members", "customer_groups")
    op.drop_column("members", "country")
