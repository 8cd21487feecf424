"""A shop's past orders, member by member, as a stream: one chunk is in memory, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Result, RowMapping, Select, Table, and_, func, select

from app import catalogue
from app.catalogue import Product
from app.db import is_sqlite
from app.members.person import Person as Told
from app.members.person import person_of
from app.models import activities, lots, members, orders, tier_changes
from app.orders import state as order_state
from app.orders.freezing import Frozen, facts_of_line
from app.orders.rows import facts_of, frozen_of
from app.programmes import Version
from app.rules.earning import ProductFacts
from app.rules.factors import InForce
from app.rules.order import OrderLine
from app.rules.standing import Recorded
from app.scheduled.boosters import KIND
from app.tiers.states import GIFT
from connectors.contract import OrderState

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
    orders.c.places,
    lots.c.remaining,
    lots.c.expired,
    lots.c.booked,
)


class Past(NamedTuple):
    """One order as it stands now, what it froze, and what the ledger made of it."""

    id: str
    member_id: str
    state: OrderState
    tier: str | None
    member: Frozen | None
    lines: Mapping[str, ProductFacts]
    bands: Mapping[str, str | None]  # by the draft, as the catalogue is now
    places: Mapping[str, bool]
    boosters: InForce
    version: int | None
    target: int
    posted: int
    remaining: int  # of its own lot
    expired: int
    pending: int  # of what remains


@dataclass(slots=True)
class Person:
    """What a chunk knows of a member beside the orders."""

    by_hand: list[Recorded] = field(default_factory=list)  # tiers set by the merchant, oldest first
    earned: list[tuple[datetime, int]] = field(default_factory=list)  # points of activities that the measure counts
    took: list[tuple[datetime, int]] = field(default_factory=list)  # room under caps that activities took
    told: Told | None = None


@dataclass(slots=True)
class Products:
    """What the chunk at hand needs of the catalogue."""

    connection: Connection
    shop_id: str
    known: dict[str, Product] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def load(self, ids: set[str]) -> None:
        if len(self.asked) > MOST_PRODUCTS:
            self.known, self.asked = {}, set()
        wanted = ids - self.asked
        self.asked |= ids
        self.known |= catalogue.of_ids(self.connection, self.shop_id, wanted)

    def get(self, product_id: str | None) -> Product | None:
        return self.known.get(product_id or "")

    def cost(self, line: OrderLine) -> Decimal | None:
        """Return what a unit costs the shop."""
        product = self.get(line.product_id)
        return None if product is None else product.price_and_cost(line.variant_id)[1]


@dataclass(slots=True)
class Member:
    """One member's orders by (placed_at, id). They are to be read before the next member is asked for."""

    id: str
    person: Person
    orders: Iterator[Past]


@dataclass(slots=True)
class Reader:
    """The stream of a shop's orders placed before a moment, with what the draft asks."""

    connection: Connection
    shop_id: str
    draft: Version
    until: datetime
    at_most: int | None = None
    chunk: int = CHUNK
    products: Products = field(init=False)
    people: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.products = Products(self.connection, self.shop_id)

    def total(self) -> int:
        mine = and_(orders.c.shop_id == self.shop_id, orders.c.member_id.is_not(None), orders.c.placed_at < self.until)
        return self.connection.execute(select(func.count()).select_from(orders).where(mine)).scalar_one()

    def members(self) -> Iterator[Member]:
        for member_id, mine in groupby(self._orders(), key=lambda past: past.member_id):
            yield Member(member_id, self.people[member_id], mine)

    def _orders(self) -> Iterator[Past]:
        result = self.connection.execute(self._statement().execution_options(yield_per=self.chunk)).mappings()
        for rows in result.partitions():
            states = [(row, order_state.load(row["held"]).effective()) for row in rows]
            told = [(row, state) for row, state in states if state is not None]
            self.products.load({line.product_id for _, state in told for line in state.lines if line.product_id})
            self._load_people({row["member_id"] for row in rows})
            for row, state in told:
                yield self._past(row, state)

    def _statement(self) -> Select[Any]:
        own_lot = and_(lots.c.shop_id == orders.c.shop_id, lots.c.key == orders.c.lot)
        mine = and_(orders.c.shop_id == self.shop_id, orders.c.member_id.is_not(None), orders.c.placed_at < self.until)
        statement = select(*_COLUMNS).select_from(orders.outerjoin(lots, own_lot)).where(mine)
        in_turn = (orders.c.member_id, orders.c.placed_at, _by_bytes(self.connection))
        return statement.order_by(*in_turn).limit(self.at_most)

    def _load_people(self, member_ids: set[str]) -> None:
        """Load what the draft asks of members; of those who are done with, nothing is kept."""
        self.people = {member_id: Person() for member_id in member_ids}
        programme, ids = self.draft.programme, sorted(member_ids)
        for row in self._rows(tier_changes, ids, tier_changes.c.source == "manual"):
            self.people[row.member_id].by_hand.append(Recorded(row.at, row.tier, row.keeps_until, row.source))
        for person in self.people.values():
            person.by_hand.sort(key=lambda each: each.at)
        if programme.earning.caps.member is not None:
            for row in self._rows(activities, ids, activities.c.took > 0):
                self.people[row.member_id].took.append((row.at, row.took))
        if programme.tiers and programme.tier_measure.by == "points":
            for row in self._rows(activities, ids, and_(activities.c.target > 0, activities.c.kind != GIFT)):
                self.people[row.member_id].earned.append((row.at, row.target))
        if programme.asks_of_members:
            mine = and_(members.c.shop_id == self.shop_id, members.c.id.in_(ids))
            for row in self.connection.execute(select(members).where(mine)):
                self.people[row.id].told = person_of(row)

    def _rows(self, table: Table, member_ids: list[str], which: ColumnElement[bool]) -> Result[Any]:
        mine = and_(table.c.shop_id == self.shop_id, table.c.member_id.in_(member_ids), which)
        return self.connection.execute(select(table).where(mine))

    def _past(self, row: RowMapping, state: OrderState) -> Past:
        context = row["context"]
        now = self._facts_now(state, context.get("lines", {}))
        remaining = row["remaining"] or 0
        return Past(
            id=row["id"],
            member_id=row["member_id"],
            state=state,
            tier=context.get("tier"),
            member=frozen_of(context),
            lines=now | facts_of(context),
            bands={line: facts.band for line, facts in now.items()},
            places=row["places"],
            boosters=[(KIND, rule, multiplier) for rule, multiplier in context.get("boosters") or ()],
            version=row["version"],
            target=row["target"],
            posted=row["posted"],
            remaining=remaining,
            expired=row["expired"] or 0,
            pending=0 if row["booked"] else remaining,
        )

    def _facts_now(self, state: OrderState, known: Mapping[str, Any]) -> dict[str, ProductFacts]:
        """Return what lines would freeze today: of those that froze nothing, and of all where margins count."""
        every = bool(self.draft.programme.compiled.bands)
        return {
            line.id: facts_of_line(line, self.products.get(line.product_id), self.draft)
            for line in state.lines
            if every or line.id not in known
        }


def _by_bytes(connection: Connection) -> Any:
    """Order ids as text, byte by byte, whatever the database's own alphabet is."""
    return orders.c.id if is_sqlite(connection) else orders.c.id.collate("C")
