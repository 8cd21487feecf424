"""What time alone brings about: date transitions, orders whose moment comes, data whose keeping ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection, Engine, and_, delete, select

from app import journal, programmes, shops
from app.clock import Clock
from app.db import is_down, retrying, transaction
from app.intake.deliveries import drop_bodies
from app.ledger.book import Book
from app.models import balances, idempotency, orders, verifications
from app.orders import averages
from app.outbox import rows as outbox
from app.platforms import installing
from app.points import expiring
from app.privacy import carrying_out
from app.referrals import moments
from app.rewards import ending
from app.scheduled import walking
from app.settling import Settling
from app.shops import Shop
from app.tiers import ticks

log = structlog.get_logger()

BATCH = 500
ANSWERS_KEPT = timedelta(hours=24)


@dataclass(slots=True)
class Ticked:
    members: int = 0
    orders: int = 0
    scheduled: int = 0
    referrals: int = 0
    tiers: int = 0
    redated: int = 0  # batches of members whose lots got other dates
    lapsed: int = 0
    bodies_dropped: int = 0


def tick(engine: Engine, clock: Clock) -> Ticked:
    """Run everything due at programme time until nothing is due.

    Once: each transition is booked under its member's lock; two ticks at once share the work.
    Raises: when the other shops are done, the error of one that cannot be ticked.
    """
    ticked, stuck = Ticked(), list[Exception]()
    with transaction(engine) as connection:
        known = shops.everyone(connection)
        forget(connection)
    for shop in known:
        try:
            tick_shop(engine, clock, shop, ticked)
        except Exception as error:
            if is_down(error):
                raise
            log.error("tick_failed", shop=shop.id, reason=f"{type(error).__name__}: {error}")
            stuck.append(error)
    if stuck:
        raise stuck[0]
    return ticked


def tick_shop(engine: Engine, clock: Clock, shop: Shop, ticked: Ticked) -> None:
    """Run everything due in one shop."""
    ticked.bodies_dropped += retrying(engine, lambda connection: drop_bodies(connection, shop.id, datetime.now(UTC)))
    while retrying(engine, lambda connection: expiring.redate_due(connection, clock, shop.id)):
        ticked.redated += 1
    while lapsed := retrying(engine, lambda connection: ending.lapse(connection, clock, shop.id)):
        ticked.lapsed += lapsed
    while booked := retrying(engine, lambda connection: _members(connection, clock, shop.id)):
        ticked.members += booked
    while looked := retrying(engine, lambda connection: _orders(connection, clock, shop.id)):
        ticked.orders += looked
    retrying(engine, lambda connection: _average(connection, clock, shop))
    while passed := retrying(engine, partial(moments.due, clock=clock, shop_id=shop.id)):
        ticked.referrals += passed
    ticked.tiers += ticks.run(engine, clock, shop.id)
    ticked.scheduled += walking.run(engine, clock, shop.id)
    while booked := retrying(engine, lambda connection: _members(connection, clock, shop.id)):
        ticked.members += booked  # what was given late may lapse at once


def _members(connection: Connection, clock: Clock, shop_id: str) -> int:
    """Book the due transitions of one batch of members."""
    shops.hold(connection, shop_id)
    now = clock.now(connection)
    mine = and_(balances.c.shop_id == shop_id, balances.c.good_until <= now)
    due = list(connection.execute(select(balances.c.member_id).where(mine).limit(BATCH)).scalars())
    if not due:
        return 0
    book = Book(connection, shop_id, now)
    book_members(book, due)
    journal.write(connection, shop_id, [journal.Row("tick", shop_id, now, {"members": sorted(due)})])
    return len(due)


def book_members(book: Book, member_ids: list[str]) -> None:
    """Book what is due for members, at `book.now`."""
    book.load(member_ids)
    for member_id in member_ids:
        book.account(member_id)
    book.flush()


def _orders(connection: Connection, clock: Clock, shop_id: str) -> int:
    """Settle one batch of orders whose target changes by date alone."""
    shop = shops.hold(connection, shop_id)
    now = clock.now(connection)
    mine = and_(orders.c.shop_id == shop_id, orders.c.look_again_at <= now)
    due = list(connection.execute(select(orders.c.id).where(mine).limit(BATCH)).scalars())
    if not due:
        return 0
    look_again(Settling(connection, shop, now), due)
    return len(due)


def look_again(settling: Settling, order_ids: list[str], of_age: Mapping[str, bool] | None = None) -> None:
    """Settle orders again because their moment has come. `of_age`: who was old enough, when this is a replay."""
    settling.load([], order_ids)
    settling.desk.ages.begin(of_age)
    for order_id in order_ids:
        settling.settle(settling.orders[order_id])
    desk, body = settling.desk, {"orders": sorted(order_ids)}
    told = {"of_age": desk.ages.told} if desk.ages.told else {}
    settling.rows.append(journal.Row("look_again", desk.shop.id, desk.now, {**body, **told}))
    settling.flush()


def _average(connection: Connection, clock: Clock, shop: Shop) -> None:
    """Keep today's average order where a reward asks for it."""
    now = clock.now(connection)
    if averages.needed(programmes.effective(programmes.versions(connection, shop.id), now)):
        averages.average(connection, shop, now, keep=True)


def forget(connection: Connection) -> None:
    """Drop kept answers of commands after a day, and proofs that have run out. By real time."""
    now = datetime.now(UTC)
    installing.forget(connection, now)
    outbox.forget(connection, now)
    carrying_out.forget(connection, now)
    connection.execute(delete(verifications).where(verifications.c.expires_at < now))
    connection.execute(delete(idempotency).where(idempotency.c.started_at < now - ANSWERS_KEPT))
