"""The outbox, and how far a reward's code has been ended at the platform."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0026_effects"
down_revision = "0025_rereads"

WAITING = sa.text("state = 'waiting'")
FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    op.create_table(
        "effects",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", Document, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("due_at", Moment()),
        sa.Column("tried_at", Moment()),
        sa.Column("lease", sa.String(length=32)),
        sa.Column("leased_until", Moment()),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment()),
        sa.PrimaryKeyConstraint("shop_id", "seq", name=op.f("pk_effects")),
    )
    op.create_index(
        "ix_effects_waiting",
        "effects",
        ["shop_id", "subject", "seq"],
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
    op.create_index("ix_effects_failed", "effects", ["shop_id", "seq"], postgresql_where=FAILED, sqlite_where=FAILED)
    op.create_index("ix_effects_ended_at", "effects", ["shop_id", "ended_at"])
    op.add_column("redemptions", sa.Column("ending", sa.String(length=12)))
    op.add_column("redemptions", sa.Column("dead_at", Moment()))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE effects_seq AS bigint CACHE 1")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE effects_seq")
    op.drop_column("redemptions", "dead_at")
    op.drop_column("redemptions", "ending")
    op.drop_table("effects")
