"""Facts take effect here: one desk per transaction, one fact after the other, then everything is written.

The drain, the import, the tick and the replay all come through `Desk`; only where facts come from differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from app import journal, order_rows, orders, products, programmes, shops, tiers
from app.activities import Activities
from app.desk import Desk, Review
from app.ledger.book import Book
from app.members import People
from app.order_state import units_too_many
from app.orders import Order
from app.purchases import Purchases
from app.shops import Shop
from app.told import Told
from connectors.contract import (
    BadFact,
    CustomerDeleted,
    CustomerRef,
    CustomerTold,
    Fact,
    FulfilmentTold,
    OrderDeleted,
    OrderTold,
    ProductTold,
    RefundTold,
)

# What else follows from a fact, in the same transaction and in this order; each looks after its own tables.
REVIEWS: tuple[Callable[[Connection, Desk, Activities], Review], ...] = ()


class Settling:
    """One transaction's work on one shop: load and lock, apply fact after fact, flush."""

    def __init__(self, connection: Connection, shop: Shop, now: datetime) -> None:
        self.connection = connection
        book = Book(connection, shop.id, now)
        self.desk = Desk(
            shop=shop,
            now=now,
            versions=programmes.versions(connection, shop.id),
            book=book,
            people=People(connection, shop.id, book),
            tiers={},
            products={},
            purchases=Purchases(connection, shop.id),
        )
        self.activities = Activities(connection, self.desk)
        self.reviews = [review(connection, self.desk, self.activities) for review in REVIEWS]
        self.orders: dict[str, Order] = {}
        self.changed: dict[str, Order] = {}
        self.rows: list[journal.Row] = []
        self.told_products: dict[str, ProductTold] = {}

    def load(self, told: Sequence[Told], order_ids: Iterable[str] = ()) -> None:
        """Lock and load what the facts speak of: orders in id order, then who they are about."""
        desk, shop_id = self.desk, self.desk.shop.id
        facts = [one.fact for one in told]
        self.orders = order_rows.load(self.connection, shop_id, {*order_ids, *_order_ids(facts)})
        refs = _customers(told) + [ref for o in self.orders.values() for ref in orders.customers_of(o.held)]
        members = {order.member_id for order in self.orders.values() if order.member_id}
        desk.people.load(refs, members, [key for order in self.orders.values() for key in order.lot_keys])
        desk.tiers = tiers.history(self.connection, shop_id, desk.people.people)
        desk.purchases.load(desk.people.people)
        desk.products = products.facts_of(self.connection, shop_id, _product_ids(facts))
        self.activities.load(told)
        for review in self.reviews:
            review.load(told)

    def at(self, moment: datetime) -> None:
        """Move programme time on, for a replay."""
        self.desk.now = self.desk.book.now = moment

    def apply(self, told: Told, enrolled: Sequence[str] | None = None) -> None:
        """Let one fact take effect in memory and note it for the journal.

        `enrolled`: the ids that new members had, when this is a replay.
        """
        people = self.desk.people
        people.named, people.enrolled = list(enrolled or ()), []
        subject = self._effect(told)
        extra = {"sha256": told.sha256, "email_ref": told.email_ref, "enrolled": people.enrolled}
        kept = {name: value for name, value in extra.items() if value}
        self.rows.append(journal.fact_row(told.fact, subject, self.desk.now, kept))

    def _effect(self, told: Told) -> str:
        fact = told.fact
        if isinstance(fact, OrderTold | RefundTold | FulfilmentTold | OrderDeleted):
            return self._order(told, fact)
        if isinstance(fact, CustomerTold):
            return self._customer(told, fact)
        if isinstance(fact, CustomerDeleted):
            self.desk.people.close_customer(fact.id, self.desk.now)
            return fact.id
        if isinstance(fact, ProductTold):
            self.told_products[fact.id] = fact
            self.desk.products = {**self.desk.products, fact.id: products.of(fact)}
            return fact.id
        shops.mark(self.connection, self.desk.shop.id, "uninstalled", "the merchant removed the app")
        return self.desk.shop.id

    def _order(self, told: Told, fact: OrderTold | RefundTold | FulfilmentTold | OrderDeleted) -> str:
        order_id = fact.state.id if isinstance(fact, OrderTold) else fact.order_id
        order = self.orders[order_id]
        _refuse_impossible_refund(order, fact)
        order.held.tell(fact, told.sha256, self.desk.now)
        self.settle(order)
        if order.member_id is not None and told.sealed_email is not None:
            self._note_email(order.member_id, told.sealed_email)
        return order_id

    def settle(self, order: Order) -> None:
        """Settle an order that is loaded; it is written at the end even when no points moved."""
        orders.settle(order, self.desk)
        self.changed[order.id] = order
        for review in self.reviews:
            review.order(order)

    def _customer(self, told: Told, fact: CustomerTold) -> str:
        ref = CustomerRef(id=fact.id, email_verified=fact.email_verified, email_ref=told.email_ref)
        known = self.desk.people.proofs.get(("customer", fact.id))
        person = self.desk.people.people[self.desk.people.survivor(known)] if known else None
        newest = person.told_at if person is not None else self.desk.people.closed_at.get(("customer", fact.id))
        if newest is not None and newest > fact.updated_at:
            return fact.id  # older than the state held, or than the customer's deletion
        member = self.desk.people.people[self.desk.people.resolve(ref, self.desk.now)]
        member.told_at = fact.updated_at
        member.changes["told_at"] = fact.updated_at
        member.tell(tags=fact.tags, country=fact.country, customer_groups=fact.customer_groups)
        if told.sealed_email is not None:
            member.changes["email"] = told.sealed_email
            member.has_email = True
        if told.sealed_phone is not None:
            member.changes["phone"] = told.sealed_phone
        for review in self.reviews:
            review.customer(told, member)
        return fact.id

    def _note_email(self, member_id: str, sealed: bytes) -> None:
        person = self.desk.people.people[member_id]
        if not person.has_email:
            person.changes["email"] = sealed
            person.has_email = True

    def flush(self) -> int:
        """Write everything; return the number of entries posted. Raises: IntegrityError on a lost race."""
        shop_id = self.desk.shop.id
        order_rows.save(self.connection, shop_id, self.changed.values())
        self.desk.people.flush()
        self.activities.flush()
        for review in self.reviews:
            review.flush()
        posted = self.desk.book.flush()
        products.save(self.connection, shop_id, self.told_products.values())
        journal.write(self.connection, shop_id, self.rows)
        self.changed, self.rows, self.told_products = {}, [], {}
        return posted


def _refuse_impossible_refund(order: Order, fact: Fact) -> None:
    """Refuse a refund of more units than were ordered; one that comes before its order is passed over later.

    Raises: BadFact. Source: semantics 10.
    """
    full = order.held.full
    if isinstance(fact, RefundTold) and full is not None and (line := units_too_many(fact.refund, full)):
        raise BadFact(f"refund {fact.refund.id} takes back more units of line {line} than were ordered")


def _order_ids(facts: Sequence[Fact]) -> set[str]:
    ids = {fact.state.id for fact in facts if isinstance(fact, OrderTold)}
    return ids | {fact.order_id for fact in facts if isinstance(fact, RefundTold | FulfilmentTold | OrderDeleted)}


def _customers(told: Sequence[Told]) -> list[CustomerRef]:
    refs = [one.fact.state.customer for one in told if isinstance(one.fact, OrderTold) and one.fact.state.customer]
    return refs + [
        CustomerRef(id=one.fact.id, email_ref=one.email_ref)
        for one in told
        if isinstance(one.fact, CustomerTold | CustomerDeleted)
    ]


def _product_ids(facts: Sequence[Fact]) -> set[str]:
    lines = (line for fact in facts if isinstance(fact, OrderTold) for line in fact.state.lines)
    return {line.product_id for line in lines if line.product_id}
