"""Orders that are to be read again at their platform are found without reading every order there is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_rereads"
down_revision = "0024_connections"

WANTED = sa.text("reread")


def upgrade() -> None:
    op.create_index(
        "ix_orders_reread",
        "orders",
        ["shop_id", "id"],
        unique=False,
        postgresql_where=WANTED,
        sqlite_where=WANTED,
    )


def downgrade() -> None:
    op.drop_index("ix_orders_reread", table_name="orders", postgresql_where=WANTED, sqlite_where=WANTED)
