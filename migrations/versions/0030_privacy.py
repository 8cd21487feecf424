"""What platforms ask for in the name of people's privacy, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0030_privacy"
down_revision = "0029_member_facts_told"

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "privacy_requests",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("customer_id", sa.Text()),
        sa.Column("into_id", sa.Text()),
        sa.Column("email_ref", sa.String(length=40)),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("document", sa.LargeBinary()),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment()),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_privacy_requests")),
    )
    op.create_index(
        "ix_privacy_requests_waiting",
        "privacy_requests",
        ["shop_id", "asked_at"],
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )


def downgrade() -> None:
    op.drop_table("privacy_requests")
