"""Caps shared out over a member's orders; dates of lots that move, and warnings before they lapse."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Moment

revision = "0015_lot_dates"
down_revision = "0014_shop_origins"


def upgrade() -> None:
    op.add_column("orders", sa.Column("own", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("orders", sa.Column("cap", sa.BigInteger(), nullable=True))
    op.add_column("orders", sa.Column("cap_from", Moment(), nullable=True))
    op.add_column("orders", sa.Column("cap_to", Moment(), nullable=True))
    op.add_column("activities", sa.Column("took", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("lots", sa.Column("warned", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "expiry_warnings",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "lot", "expires_at", "kind", name=op.f("pk_expiry_warnings")),
    )
    op.create_table(
        "redatings",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("cursor", sa.String(length=32), server_default="", nullable=False),
        sa.Column("done", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "version", name=op.f("pk_redatings")),
    )
    op.execute("UPDATE activities SET took = target")
    _append_only()


def _append_only() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER expiry_warnings_no_{verb.lower()} BEFORE {verb} ON expiry_warnings "
                "BEGIN SELECT RAISE(ABORT, 'expiry_warnings is append-only'); END"
            )
    elif not bind.exec_driver_sql("SELECT 1 FROM pg_extension WHERE extname = 'citus'").first():
        op.execute(
            "CREATE TRIGGER expiry_warnings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON expiry_warnings "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("redatings")
    op.drop_table("expiry_warnings")
    op.drop_column("lots", "warned")
    op.drop_column("activities", "took")
    for name in ("cap_to", "cap_from", "cap", "own"):
        op.drop_column("orders", name)
