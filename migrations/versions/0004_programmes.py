"""Programme versions and drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0004_programmes"
down_revision = "0003_ledger"


def upgrade() -> None:
    op.create_table(
        "programme_versions",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_from", Moment(), nullable=False),
        sa.Column("document", Document, nullable=False),
        sa.Column("published_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "version", name=op.f("pk_programme_versions")),
    )
    op.create_table(
        "programme_drafts",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("document", Document, nullable=False),
        sa.Column("saved_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_programme_drafts")),
    )


def downgrade() -> None:
    op.drop_table("programme_drafts")
    op.drop_table("programme_versions")
