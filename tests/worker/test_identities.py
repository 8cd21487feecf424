"""What one worker has read of who somebody is stays true until it commits."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from app import shops
from app.audit import audit
from app.db import reading, retrying, transaction
from app.intake import inbox
from app.intake.told import Told, pseudonymise
from app.members.enrolling import Named, enrol
from app.members.identity_locks import BUCKETS, bucket_of, hold
from app.settling import Settling
from connectors import CONNECTORS
from tests.build import START, Tessera
from tests.edge import Door, open_door
from tests.worker.together import together, wait_until

Event = tuple[str, dict[str, Any]]  # topic and document

EMAIL = "ada@shop.example"
GUEST = {"id": None, "email": EMAIL, "email_verified": False}
ADA = {"id": "ada", "updated_at": "2026-05-04T10:00:00Z"}
PROOF = ("customer", {**ADA, "email": EMAIL, "email_verified": True})
DELETION = ("customer", {**ADA, "deleted": True})
WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def door(tessera: Tessera) -> Door:
    return open_door(tessera)


@pytest.fixture(params=["when the one has read", "when the one has written"])
def written(request: pytest.FixtureRequest) -> bool:
    """Tell how far the first worker has come when the second begins."""
    return str(request.param).endswith("written")


def order(door: Door, order_id: str, **customer: Any) -> Event:
    """Return a guest's order of 399 points, unless a customer is named."""
    return "order", dict(door.order(id=order_id, customer=customer or GUEST))


def known(door: Door, *events: Event) -> None:
    for topic, document in events:
        door.shop.tell(document, topic=topic)


def told(door: Door, connection: sa.Connection, event: Event) -> tuple[shops.Shop, Told]:
    shop, vault = shops.hold(connection, door.shop.id), door.tessera.services.vault
    [fact] = CONNECTORS["custom"].translate(*event, shop.settings)
    return shop, pseudonymise(fact, "0" * 64, shop, vault, shop.pepper(vault))


def finished_or_waiting(other: threading.Thread, door: Door) -> bool:
    if not other.is_alive() or door.tessera.engine.dialect.name == "sqlite":
        return True
    with reading(door.tessera.engine) as connection:
        return bool(connection.execute(WAITING).scalar())


def settle(work: Settling, fact: Told) -> None:
    work.apply(fact)
    work.flush()


def beside(door: Door, one: Event, other: Callable[[], object], written: bool) -> None:
    """Let another worker begin between the one's reading and its commit."""
    with transaction(door.tessera.engine) as connection:
        shop, fact = told(door, connection, one)
        work = Settling(connection, shop, START)
        work.load([fact])
        if written:
            settle(work, fact)
        thread = threading.Thread(target=other)
        thread.start()
        wait_until(lambda: finished_or_waiting(thread, door))
        if not written:
            settle(work, fact)
    thread.join(30)


def enrolled(door: Door) -> None:
    """Let the merchant name who has proved the e-mail."""
    named = Named(email=EMAIL, email_verified=True, platform_id="ada")

    def work(connection: sa.Connection) -> None:
        shop = shops.hold(connection, door.shop.id)
        enrol(connection, door.tessera.services.vault, shop, named, START)

    retrying(door.tessera.engine, work)


def one_member_has(door: Door, points: int) -> bool:
    assert [balance for balance in door.shop.balances() if balance] == [{"issued": points, "available": points}]
    return audit(door.tessera.engine, door.shop.id) == []


def test_an_order_of_a_new_guest_credits_who_proves_the_email_meanwhile(door: Door, written: bool) -> None:
    beside(door, order(door, "1"), lambda: known(door, PROOF), written)
    assert one_member_has(door, 399)


def test_who_proves_an_email_gets_what_a_guest_earns_meanwhile(door: Door, written: bool) -> None:
    beside(door, PROOF, lambda: known(door, order(door, "1")), written)
    assert one_member_has(door, 399)


def test_whom_the_merchant_enrols_gets_what_a_guest_earns_meanwhile(door: Door, written: bool) -> None:
    beside(door, order(door, "1"), lambda: enrolled(door), written)
    assert one_member_has(door, 399)


def test_no_points_go_to_a_member_that_is_merged_away_meanwhile(door: Door, written: bool) -> None:
    known(door, order(door, "1"), order(door, "2", id="ada"))
    beside(door, order(door, "3"), lambda: known(door, PROOF), written)
    assert one_member_has(door, 3 * 399)


def test_no_points_are_added_to_a_member_that_has_just_been_merged_away(door: Door, written: bool) -> None:
    known(door, order(door, "1"), order(door, "2", id="ada"))
    beside(door, PROOF, lambda: known(door, order(door, "3")), written)
    assert one_member_has(door, 3 * 399)


def test_an_email_closed_meanwhile_proves_nobody(door: Door, written: bool) -> None:
    known(door, PROOF)
    beside(door, DELETION, lambda: known(door, order(door, "1")), written)
    assert one_member_has(door, 399)


def test_whoever_comes_first_a_customer_is_deleted_once_he_is_known(door: Door, written: bool) -> None:
    beside(door, DELETION, lambda: known(door, PROOF), written)
    assert audit(door.tessera.engine, door.shop.id) == []


def anything(door: Door, chance: random.Random, number: int) -> Event:
    """Return an order of a guest or customer, a proof or a deletion, of few people with fewer e-mails."""
    who, email = f"c{chance.randrange(6)}", f"{chance.randrange(4)}{EMAIL}"
    customer = {"id": who, "updated_at": f"2026-05-04T10:{number // 60:02}:{number % 60:02}Z"}
    events: list[Event] = [
        order(door, str(number), **(GUEST | {"email": email})),
        order(door, str(number), id=who, email=email, email_verified=chance.random() < 0.5),
        ("customer", customer | {"email": email, "email_verified": True}),
        ("customer", customer | {"deleted": True}),
    ]
    return chance.choices(events, [6, 4, 2, 1])[0]


def test_whatever_is_told_of_few_people_at_once_is_what_the_journal_says(door: Door) -> None:
    chance = random.Random(7)
    for number in range(240):
        topic, document = anything(door, chance, number)
        door.deliver(document, topic)
    draining = partial(inbox.drain_all, door.tessera.services.drain, limit=3)
    assert [one for one in together([draining] * 4) if isinstance(one, Exception)] == []
    assert {row.state for row in door.kept()} == {"done"}
    assert audit(door.tessera.engine, door.shop.id) == []


def test_a_bucket_is_the_same_in_every_process() -> None:
    assert [bucket_of(value) for value in ("ada", "bob", "é")] == [104, 64, 62]
    assert {bucket_of(str(number)) for number in range(10_000)} == set(range(BUCKETS))


def test_a_shops_first_newcomers_at_once_wait_for_each_other(door: Door) -> None:
    def newcomer(number: int) -> None:
        with transaction(door.tessera.engine) as connection:
            hold(connection, door.shop.id, [str(number + one) for one in range(8)])

    assert together([partial(newcomer, number) for number in range(8)]) == [None] * 8
