"""How a shop's platform is called, sealed; and attempts to connect one, for minutes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0024_connections"
down_revision = "0023_bodies"


def upgrade() -> None:
    op.create_table(
        "connections",
        sa.Column("shop_id", sa.String(32), nullable=False),
        sa.Column("credentials", sa.LargeBinary(), nullable=False),
        sa.Column("access_until", Moment()),
        sa.Column("refresh_until", Moment()),
        sa.Column("scopes", Document, nullable=False),
        sa.Column("about", Document, nullable=False),
        sa.Column("hooks_checked_at", Moment()),
        sa.Column("renewing", sa.String(32)),
        sa.Column("renewing_until", Moment()),
        sa.Column("read_at", Moment()),
        sa.Column("read_until", Moment()),
        sa.Column("compared_at", Moment()),
        sa.Column("connected_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", name="pk_connections"),
    )
    op.create_index("ix_connections_updated_at", "connections", ["updated_at"])
    op.create_index("ix_connections_read_at", "connections", ["read_at"])
    op.create_table(
        "installs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("shop_id", sa.String(32)),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("granted_at", Moment()),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_installs"),
    )
    op.create_index("ix_installs_expires_at", "installs", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_installs_expires_at", table_name="installs")
    op.drop_table("installs")
    op.drop_index("ix_connections_read_at", table_name="connections")
    op.drop_index("ix_connections_updated_at", table_name="connections")
    op.drop_table("connections")
