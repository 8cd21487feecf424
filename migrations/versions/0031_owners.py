"""Where a shop's owner gets a link that lets her in again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0031_owners"
down_revision = "0030_privacy"


def upgrade() -> None:
    op.add_column("shops", sa.Column("owner_email", sa.LargeBinary()))
    op.add_column("shops", sa.Column("links_from", Moment()))


def downgrade() -> None:
    op.drop_column("shops", "links_from")
    op.drop_column("shops", "owner_email")
