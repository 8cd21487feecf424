"""Raw bodies whose keeping ends are found without reading every delivery there ever was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_bodies"
down_revision = "0022_schedules"

KEPT = sa.text("body IS NOT NULL AND finished_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_inbox_bodies",
        "inbox",
        ["shop_id", "finished_at"],
        unique=False,
        postgresql_where=KEPT,
        sqlite_where=KEPT,
    )


def downgrade() -> None:
    op.drop_index("ix_inbox_bodies", table_name="inbox", postgresql_where=KEPT, sqlite_where=KEPT)
