"""Shops by their storefronts' origins: a preflight names no shop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Document

revision = "0014_shop_origins"
down_revision = "0013_identity_locks"


def upgrade() -> None:
    made = op.create_table(
        "shop_origins",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "origin", name=op.f("pk_shop_origins")),
    )
    op.create_index("ix_shop_origins_origin", "shop_origins", ["origin"])
    shops = sa.table("shops", sa.column("id", sa.String), sa.column("origins", Document))
    known = op.get_bind().execute(sa.select(shops.c.id, shops.c.origins)).all()
    op.bulk_insert(made, [{"shop_id": shop.id, "origin": origin} for shop in known for origin in set(shop.origins)])


def downgrade() -> None:
    op.drop_table("shop_origins")
