"""A shop's past orders, member by member, as a stream: one chunk is in memory, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Select, and_, func, select

from app import order_state
from app.db import is_sqlite
from app.models import lots, orders, products, tier_changes
from app.rules.earning import Context, ProductFacts
from connectors.contract import Line, OrderState

CHUNK = 500
MOST_PRODUCTS = 5_000  # kept in memory at a time

_COLUMNS = (
    orders.c.id,
    orders.c.member_id,
    orders.c.placed_at,
    orders.c.held,
    orders.c.version,
    orders.c.context,
    orders.c.target,
    orders.c.posted,
    orders.c.lot,
    lots.c.remaining,
    lots.c.expired,
    lots.c.booked,
)


class Past(NamedTuple):
    """One order as it stands now, and what the ledger made of it."""

    id: str
    member_id: str
    state: OrderState
    frozen: Context
    version: int | None
    target: int
    posted: int
    remaining: int  # of its own lot
    expired: int
    pending: int  # of what remains


@dataclass(frozen=True, slots=True)
class Product:
    facts: ProductFacts
    costs: Mapping[str, Decimal]  # by variant

    def cost_of(self, variant_id: str | None) -> Decimal | None:
        """Return what a unit costs the shop; of the only variant, where the order names none."""
        if variant_id is None and len(self.costs) == 1:
            return next(iter(self.costs.values()))
        return self.costs.get(variant_id or "")


@dataclass(slots=True)
class Catalogue:
    """What the chunk at hand needs of the catalogue."""

    connection: Connection
    shop_id: str
    known: dict[str, Product] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def load(self, ids: set[str]) -> None:
        if len(self.asked) > MOST_PRODUCTS:
            self.known, self.asked = {}, set()
        wanted = sorted(ids - self.asked)
        self.asked |= ids
        if wanted:
            mine = and_(products.c.shop_id == self.shop_id, products.c.id.in_(wanted))
            self.known |= {row.id: _product(row) for row in self.connection.execute(select(products).where(mine))}

    def cost(self, line: Any) -> Decimal | None:
        product = self.known.get(line.product_id or "")
        return product.cost_of(line.variant_id) if product else None

    def facts(self, line: Line) -> ProductFacts:
        """Return what an order's line would have frozen: its own word first, then the catalogue's."""
        product = self.known.get(line.product_id or "")
        facts = product.facts if product else ProductFacts()
        return ProductFacts(
            tuple(line.tags or facts.tags), tuple(line.collections or facts.collections), line.vendor or facts.vendor
        )


def _product(row: Any) -> Product:
    facts = ProductFacts(tuple(row.tags), tuple(row.collections), row.vendor)
    costs = {variant["id"]: cost for variant in row.variants if (cost := _cost(variant.get("cost"))) is not None}
    return Product(facts, costs)


def _cost(told: object) -> Decimal | None:
    try:
        cost = Decimal(str(told))
    except InvalidOperation:  # no cost is told
        return None
    return cost if cost.is_finite() and cost >= 0 else None


@dataclass(slots=True)
class Member:
    """One member's orders by (placed_at, id). They are to be read before the next member is asked for."""

    id: str
    by_hand: Sequence[tuple[datetime, str]]
    orders: Iterator[Past]


@dataclass(slots=True)
class Reader:
    """The stream of a shop's orders placed before a moment."""

    connection: Connection
    shop_id: str
    until: datetime
    at_most: int | None = None
    chunk: int = CHUNK
    catalogue: Catalogue = field(init=False)
    tiers: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.connection, self.shop_id)

    def total(self) -> int:
        mine = and_(orders.c.shop_id == self.shop_id, orders.c.member_id.is_not(None), orders.c.placed_at < self.until)
        return self.connection.execute(select(func.count()).select_from(orders).where(mine)).scalar_one()

    def members(self) -> Iterator[Member]:
        for member_id, mine in groupby(self._orders(), key=lambda past: past.member_id):
            yield Member(member_id, self.tiers.get(member_id, ()), mine)

    def _orders(self) -> Iterator[Past]:
        result = self.connection.execute(self._statement().execution_options(yield_per=self.chunk)).mappings()
        for rows in result.partitions():
            states = [(row, order_state.load(row["held"]).effective()) for row in rows]
            told = [(row, state) for row, state in states if state is not None]
            self.catalogue.load({line.product_id for _, state in told for line in state.lines if line.product_id})
            self._load_tiers({row["member_id"] for row in rows})
            for row, state in told:
                yield _past(row, state, self.catalogue)

    def _statement(self) -> Select[Any]:
        own_lot = and_(lots.c.shop_id == orders.c.shop_id, lots.c.key == orders.c.lot)
        mine = and_(orders.c.shop_id == self.shop_id, orders.c.member_id.is_not(None), orders.c.placed_at < self.until)
        statement = select(*_COLUMNS).select_from(orders.outerjoin(lots, own_lot)).where(mine)
        return statement.order_by(orders.c.member_id, orders.c.placed_at, _by_bytes(self.connection)).limit(
            self.at_most
        )

    def _load_tiers(self, member_ids: set[str]) -> None:
        """Load tiers set by hand; of members who are done with, nothing is kept."""
        mine = and_(tier_changes.c.shop_id == self.shop_id, tier_changes.c.member_id.in_(sorted(member_ids)))
        self.tiers = {}
        for row in self.connection.execute(select(tier_changes).where(mine).order_by(tier_changes.c.n)):
            self.tiers.setdefault(row.member_id, []).append((row.at, row.tier))


def _past(row: RowMapping, state: OrderState, catalogue: Catalogue) -> Past:
    context = row["context"]
    facts = {
        line: ProductFacts(tuple(told["tags"]), tuple(told["collections"]), told["vendor"])
        for line, told in context.get("lines", {}).items()
    }
    for line in state.lines:
        if line.id not in facts:
            facts[line.id] = catalogue.facts(line)
    frozen = Context(context.get("tier"), tuple(context.get("segments", ())), facts)
    remaining = row["remaining"] or 0
    return Past(
        id=row["id"],
        member_id=row["member_id"],
        state=state,
        frozen=frozen,
        version=row["version"],
        target=row["target"],
        posted=row["posted"],
        remaining=remaining,
        expired=row["expired"] or 0,
        pending=0 if row["booked"] else remaining,
    )


def _by_bytes(connection: Connection) -> Any:
    """Order ids as text, byte by byte, whatever the database's own alphabet is."""
    return orders.c.id if is_sqlite(connection) else orders.c.id.collate("C")
