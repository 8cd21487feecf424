"""The catalogue as far as rules need it: tags, collections and vendor of a product, its variants' prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, and_, select

from app.db import write_rows
from app.models import products
from app.rules.earning import ProductFacts
from connectors.contract import ProductTold

_CHANGES = ("updated_at", "tags", "collections", "vendor", "variants", "deleted")


def of(told: ProductTold) -> ProductFacts:
    return ProductFacts(told.tags, told.collections, told.vendor)


def facts_of(connection: Connection, shop_id: str, ids: Iterable[str]) -> dict[str, ProductFacts]:
    """Return what is known of products; unknown ones are left out."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    mine = and_(products.c.shop_id == shop_id, products.c.id.in_(wanted))
    rows = connection.execute(select(products).where(mine))
    return {row.id: ProductFacts(tuple(row.tags), tuple(row.collections), row.vendor) for row in rows}


def save(connection: Connection, shop_id: str, told: Iterable[ProductTold]) -> None:
    """Keep the newest state of each product."""
    rows = {product.id: _row(shop_id, product) for product in told}
    if not rows:
        return
    mine = and_(products.c.shop_id == shop_id, products.c.id.in_(sorted(rows)))
    statement = select(products.c.id, products.c.updated_at).where(mine).order_by(products.c.id).with_for_update()
    newer = {row.id for row in connection.execute(statement) if row.updated_at > rows[row.id]["updated_at"]}
    write_rows(connection, products, [row for id_, row in sorted(rows.items()) if id_ not in newer], update=_CHANGES)


def _row(shop_id: str, told: ProductTold) -> Mapping[str, Any]:
    return {
        "shop_id": shop_id,
        "id": told.id,
        "updated_at": told.updated_at,
        "tags": list(told.tags),
        "collections": list(told.collections),
        "vendor": told.vendor,
        "variants": [{"id": v.id, "price": str(v.price), "cost": str(v.cost)} for v in told.variants],
        "deleted": told.deleted,
    }
