"""What tiers give with every order stands at the platform."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0032_perks"
down_revision = "0031_owners"


def upgrade() -> None:
    op.add_column("connections", sa.Column("perks_due_at", Moment()))
    op.add_column("connections", sa.Column("perks_kept", sa.Text()))
    op.add_column("connections", sa.Column("perks_kept_at", Moment()))
    op.add_column("connections", sa.Column("perks_version", sa.Integer()))
    op.add_column("connections", sa.Column("perks_reason", sa.Text()))
    op.add_column("connections", sa.Column("perks_lease", sa.String(32)))
    op.add_column("connections", sa.Column("perks_leased_until", Moment()))


def downgrade() -> None:
    for column in ("leased_until", "lease", "reason", "version", "kept_at", "kept", "due_at"):
        op.drop_column("connections", f"perks_{column}")
