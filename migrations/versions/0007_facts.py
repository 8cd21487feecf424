"""The fact journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document, Moment

revision = "0007_facts"
down_revision = "0006_orders"


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("body", Document, nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "seq", name=op.f("pk_facts")),
    )

    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE facts_seq AS bigint CACHE 1")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE facts_seq")
    op.drop_table("facts")
