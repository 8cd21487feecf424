"""The catalogue as far as rules need it: tags, collections and vendor of a product, its variants' prices and costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, select
from sqlalchemy.dialects.postgresql import insert

from app.db import is_sqlite, write_rows
from app.models import products
from app.rules.earning import ProductFacts
from connectors.contract import ProductTold, Variant

_CHANGES = ("updated_at", "tags", "collections", "vendor", "variants", "deleted")
_NOTHING = (None, None)
NEVER = datetime(1, 1, 1, tzinfo=UTC)  # `updated_at` of a product's row that is made only to be locked


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    updated_at: datetime
    facts: ProductFacts
    variants: Mapping[str, tuple[Decimal | None, Decimal | None]] = field(default_factory=dict)  # id → price, cost
    deleted: bool = False

    def price_and_cost(self, variant_id: str | None) -> tuple[Decimal | None, Decimal | None]:
        """Return what is known of a variant; a product without variants has one of its own id, or just one."""
        if variant_id is not None and variant_id in self.variants:
            return self.variants[variant_id]
        if self.id in self.variants:
            return self.variants[self.id]
        (only,) = self.variants.values() if len(self.variants) == 1 and variant_id is None else (_NOTHING,)
        return only


class Catalogue:
    """The products that one transaction works on."""

    def __init__(self, connection: Connection, shop_id: str) -> None:
        self.connection = connection
        self.shop_id = shop_id
        self._known: dict[str, Product] = {}
        self._changed: set[str] = set()

    def hold(self, ids: Iterable[str]) -> None:
        """Lock and load the products that are told, new ones too; what orders only read is not waited for.

        SQLite's one writer holds everything already.
        """
        wanted = sorted(set(ids))
        if wanted and not is_sqlite(self.connection):
            blank = [_row(self.shop_id, Product(each, NEVER, ProductFacts())) for each in wanted]
            self.connection.execute(insert(products).values(blank).on_conflict_do_nothing())
        self._known |= of_ids(self.connection, self.shop_id, wanted, lock=True)

    def load(self, ids: Iterable[str]) -> None:
        wanted = set(ids) - self._known.keys()
        self._known |= of_ids(self.connection, self.shop_id, wanted)

    def get(self, product_id: str | None) -> Product | None:
        return self._known.get(product_id or "")

    def tell(self, told: ProductTold) -> None:
        """Note a product's state unless a newer one is known. It must be held."""
        known = self._known.get(told.id)
        if known is not None and known.updated_at > told.updated_at:
            return
        self._known[told.id] = _product(told, known)
        self._changed.add(told.id)

    def flush(self) -> None:
        changed = [_row(self.shop_id, self._known[product_id]) for product_id in sorted(self._changed)]
        write_rows(self.connection, products, changed, update=_CHANGES)
        self._changed = set()


def of_ids(connection: Connection, shop_id: str, ids: Iterable[str], lock: bool = False) -> dict[str, Product]:
    """Return what is known of products; unknown ones are left out."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    mine = and_(products.c.shop_id == shop_id, products.c.id.in_(wanted))
    statement = select(products).where(mine).order_by(products.c.id)
    rows = connection.execute(statement.with_for_update() if lock else statement).mappings()
    return {row["id"]: _read(row) for row in rows}


def _product(told: ProductTold, known: Product | None) -> Product:
    """Return a product as told; a price or cost that is not told stays what it was."""
    before = known.variants if known is not None else {}
    return Product(
        told.id,
        told.updated_at,
        ProductFacts(told.tags, _collections(told, known), told.vendor),
        {variant.id: _completed(variant, before.get(variant.id, _NOTHING)) for variant in told.variants},
        told.deleted,
    )


def _collections(told: ProductTold, known: Product | None) -> tuple[str, ...]:
    """Return the collections as told; where they are not, they stay what they were."""
    if told.collections is not None:
        return told.collections
    return tuple(known.facts.collections) if known is not None else ()


def differs(told: ProductTold, known: Product | None) -> bool:
    """Tell whether a product is told to be other than it is known."""
    if known is None:
        return True
    after = _product(told, known)
    return told.updated_at >= known.updated_at and replace(after, updated_at=known.updated_at) != known


def _completed(
    variant: Variant, before: tuple[Decimal | None, Decimal | None]
) -> tuple[Decimal | None, Decimal | None]:
    price, cost = before
    return price if variant.price is None else variant.price, cost if variant.cost is None else variant.cost


def _read(row: RowMapping) -> Product:
    return Product(
        row["id"],
        row["updated_at"],
        ProductFacts(tuple(row["tags"]), tuple(row["collections"]), row["vendor"]),
        {one["id"]: (_amount(one["price"]), _amount(one["cost"])) for one in row["variants"]},
        row["deleted"],
    )


def _amount(text: str | None) -> Decimal | None:
    return None if text in (None, "None") else Decimal(text)  # rows of before hold "None"


def _row(shop_id: str, product: Product) -> Mapping[str, Any]:
    return {
        "shop_id": shop_id,
        "id": product.id,
        "updated_at": product.updated_at,
        "tags": list(product.facts.tags),
        "collections": list(product.facts.collections),
        "vendor": product.facts.vendor,
        "variants": [
            {"id": key, "price": _text(price), "cost": _text(cost)} for key, (price, cost) in product.variants.items()
        ],
        "deleted": product.deleted,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
