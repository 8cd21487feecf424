"""Facts take effect here: one desk per transaction, one fact after the other, then everything is written.

The drain, the import, the tick and the replay all come through `Desk`; only where facts come from differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app import journal, programmes
from app.activities.mechanism import Activities
from app.activities.of_customers import CustomerActivities
from app.activities.of_orders import OrderActivities
from app.activities.telling import Telling
from app.catalogue import Catalogue
from app.desk import Desk, Review
from app.intake import shop_facts
from app.intake.told import Told, customers_told, order_ids_of, product_ids_of
from app.ledger.book import Book
from app.members.ages import Ages
from app.members.faceless import without_face
from app.members.people import People
from app.orders import rows as order_rows
from app.orders.order import Order, customers_of, settle
from app.orders.places import Places
from app.orders.purchases import Purchases
from app.orders.seen import Lines, Seen
from app.orders.sharing import Shares, Touch
from app.orders.state import units_too_many
from app.referrals import rows as referral_rows
from app.referrals.review import ReferralReview
from app.rewards import code_uses
from app.rewards.redemptions import Redemptions
from app.scheduled.boosters import Boosters
from app.scheduled.rhythms import Rhythms
from app.shops import Shop
from app.tiers.book import TierBook
from app.tiers.review import TierReview
from connectors.contract import (
    ActivityTold,
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
REVIEWS: tuple[Callable[[Connection, Desk, Activities], Review], ...] = (
    code_uses.CodeUses,
    OrderActivities,
    CustomerActivities,
    Rhythms,
    ReferralReview,
    TierReview,
)


class Settling:
    """One transaction's work on one shop: load and lock, apply fact after fact, flush."""

    def __init__(self, connection: Connection, shop: Shop, now: datetime) -> None:
        self.connection = connection
        book = Book(connection, shop.id, now)
        people = People(connection, shop.id, book)
        versions, purchases = programmes.versions(connection, shop.id), Purchases(connection, shop.id)
        self.desk = Desk(
            shop=shop,
            now=now,
            versions=versions,
            book=book,
            tiers=TierBook(connection, shop.id, shop.zone, versions, purchases),
            people=people,
            catalogue=Catalogue(connection, shop.id),
            purchases=purchases,
            shares=Shares(connection, shop.id, shop.zone, versions, purchases),
            places=Places(connection, shop.id, purchases),
            ages=Ages(),
            seen=Seen(),
            boosters=Boosters(connection, shop.id, shop.zone, people),
        )
        self.desk.redemptions = Redemptions(connection, self.desk)
        self.activities = Activities(connection, self.desk)
        self.telling = Telling(self.activities)
        self.reviews = [review(connection, self.desk, self.activities) for review in REVIEWS]
        self.desk.people.watchers.append(self._merged)
        self.orders: dict[str, Order] = {}
        self.changed: dict[str, Order] = {}
        self.rows: list[journal.Row] = []

    def load(
        self,
        told: Sequence[Told],
        order_ids: Iterable[str] = (),
        member_ids: Iterable[str] = (),
        refs: Iterable[CustomerRef] = (),
    ) -> None:
        """Lock and load what the facts speak of: orders in id order, then who they are about."""
        desk, shop_id = self.desk, self.desk.shop.id
        facts = [one.fact for one in told]
        self.orders = order_rows.load(self.connection, shop_id, {*order_ids, *order_ids_of(facts)})
        refs = [*refs, *customers_told(told)]
        refs += [ref for order in self.orders.values() for ref in customers_of(order.held)]
        members = {order.member_id for order in self.orders.values() if order.member_id} | set(member_ids)
        members |= {one.member_id for one in told if one.member_id}
        members |= referral_rows.referrers(self.connection, desk, told, self.orders)
        desk.codes = code_uses.sought(told, self.orders)
        members |= code_uses.owners(self.connection, shop_id, desk.codes)
        desk.people.load(refs, members, [key for order in self.orders.values() for key in order.lot_keys])
        desk.purchases.load(desk.people.people)
        desk.tiers.load(desk.people.people)
        desk.boosters.load(desk.people.people)
        desk.shares.load(desk.people.people)
        self._load_orders(self._may_follow(facts))
        desk.catalogue.hold(fact.id for fact in facts if isinstance(fact, ProductTold))
        desk.catalogue.load(product_ids_of(facts, [order.held.full for order in self.orders.values()]))
        self.telling.load(told)
        for review in self.reviews:
            review.load(told)

    def at(self, moment: datetime) -> None:
        """Move programme time on, for a replay."""
        self.desk.now = self.desk.book.now = moment

    def apply(
        self,
        told: Told,
        enrolled: Sequence[str] | None = None,
        of_age: Mapping[str, bool] | None = None,
        seen: Mapping[str, Lines] | None = None,
    ) -> None:
        """Let one fact take effect in memory and note it for the journal.

        When this is a replay, `enrolled`: the ids that new members had; `of_age`: who was old enough; `seen`: what
        the catalogue said.
        """
        people, told = self.desk.people, without_face(told, self.orders)
        people.named, people.enrolled = list(enrolled or ()), []
        self.desk.ages.begin(of_age)
        self.desk.seen.begin(seen)
        subject = self._effect(told)
        self.share()
        extra: dict[str, Any] = {**told.kept(), "enrolled": people.enrolled, "of_age": self.desk.ages.told}
        extra["seen"] = self.desk.seen.told
        kept = {name: value for name, value in extra.items() if value}
        self.rows.append(journal.fact_row(told.fact, subject, self.desk.now, kept))

    def _effect(self, told: Told) -> str:
        fact = told.fact
        if isinstance(fact, OrderTold | RefundTold | FulfilmentTold | OrderDeleted):
            return self._order(told, fact)
        if isinstance(fact, CustomerTold):
            return self._customer(told, fact)
        if isinstance(fact, ActivityTold):
            return self.telling.hear(told, fact)
        if isinstance(fact, CustomerDeleted):
            self.desk.people.close_customer(fact.id, self.desk.now)
            return fact.id
        if isinstance(fact, ProductTold):
            self.desk.catalogue.tell(fact)
            return fact.id
        return shop_facts.follow(self.connection, self.desk.shop.id, told)

    def _order(self, told: Told, fact: OrderTold | RefundTold | FulfilmentTold | OrderDeleted) -> str:
        order_id = fact.state.id if isinstance(fact, OrderTold) else fact.order_id
        order = self.orders[order_id]
        _refuse_impossible_refund(order, fact)
        order.held.tell(fact, told.sha256, self.desk.now)
        self.settle(order, told)
        return order_id

    def settle(self, order: Order, told: Told | None = None) -> None:
        """Settle an order that is loaded; it is written at the end even when no points moved."""
        before = self.desk.purchases.get(order.id)
        settle(order, self.desk)
        if told is not None and order.member_id is not None:
            self.desk.people.people[order.member_id].note_email(told.traits, told.sealed_email, replace=False)
        self.changed[order.id] = order
        self.desk.shares.follow(before, self.desk.purchases.get(order.id), order.held.changed_at())
        shared = self._share()
        self._review([order, *shared])

    def share(self) -> None:
        """Settle the orders whose share of a member's cap has changed, and what follows from that."""
        while shared := self._share():
            self._review(shared)

    def _share(self) -> list[Order]:
        settled, shares = [], self.desk.shares
        while shares.touched:
            touch = shares.touched.pop(0)
            for order_id in shares.unequal(touch.member_id):
                self._load_orders([order_id])
                order = self.changed[order_id] = self.orders[order_id]
                flags = order.flags  # its state is what it was, and so is what reviews have said of it
                settle(order, self.desk, because=touch.at)
                order.flags = flags
                settled.append(order)
        return settled

    def _review(self, settled: Iterable[Order]) -> None:
        for order in settled:
            for review in self.reviews:
                review.order(order)

    def _load_orders(self, order_ids: Iterable[str]) -> None:
        """Lock and load further orders of members that are loaded, with the lots they may touch."""
        wanted = set(order_ids) - self.orders.keys()
        if wanted:
            found = order_rows.load(self.connection, self.desk.shop.id, wanted)
            self.orders |= found
            lot_keys = [key for order in found.values() for key in order.lot_keys]
            self.desk.book.load_lots(lot_keys, self.desk.people.survivor)

    def _may_follow(self, facts: Sequence[Fact]) -> set[str]:
        """Return the later orders that may have to be settled again with those of this batch."""
        if not self.desk.shares.capped:
            return set()
        people, moved = self.desk.people, {(o.member_id, o.placed_at) for o in self.orders.values()}
        for state in (fact.state for fact in facts if isinstance(fact, OrderTold)):
            ref = state.customer
            named = ref and (
                people.proofs.get(("customer", ref.id or "")) or people.proofs.get(("email", ref.email_ref or ""))
            )
            moved |= {(named or self.orders[state.id].member_id, state.placed_at)}
        known = {(people.survivor(member), moment) for member, moment in moved if member and moment}
        return {order_id for member, moment in known for order_id in self.desk.shares.may_follow(member, moment)}

    def _merged(self, old: str, survivor: str, at: datetime) -> None:
        self.desk.shares.join(old, survivor, at)

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
        member.tell(accepts_marketing=fact.accepts_marketing)
        member.note_email(told.traits, told.sealed_email)
        if told.sealed_phone is not None:
            member.changes["phone"] = told.sealed_phone
        for review in self.reviews:
            review.customer(told, member)
        return fact.id

    def flush(self) -> int:
        """Write everything; return the number of entries posted. Raises: IntegrityError on a lost race."""
        self.share()
        shop_id = self.desk.shop.id
        order_rows.save(self.connection, shop_id, self.changed.values())
        self.desk.people.flush()
        self.activities.flush()
        self.desk.boosters.flush()
        for review in self.reviews:
            review.flush()
        self.desk.redemptions.flush()
        posted = self.desk.book.flush()
        self.desk.catalogue.flush()
        self.desk.places.flush()
        journal.write(self.connection, shop_id, self.rows)
        self.changed, self.rows = {}, []
        return posted


def share_again(connection: Connection, shop: Shop, now: datetime, member_ids: Sequence[str]) -> None:
    """Share the caps of members out again who have just become one with others."""
    settling = Settling(connection, shop, now)
    settling.load([], member_ids=member_ids)
    settling.desk.shares.touched += [Touch(member_id, now) for member_id in sorted(set(member_ids))]
    settling.share()
    for review in settling.reviews:
        if isinstance(review, OrderActivities):
            review.joined(member_ids, now)
    settling.flush()


def _refuse_impossible_refund(order: Order, fact: Fact) -> None:
    """Refuse a refund of more units than were ordered; one that comes before its order is passed over later.

    Raises: BadFact. Source: semantics 10.
    """
    full = order.held.full
    if isinstance(fact, RefundTold) and full is not None and (line := units_too_many(fact.refund, full)):
        raise BadFact(f"refund {fact.refund.id} takes back more units of line {line} than were ordered")
