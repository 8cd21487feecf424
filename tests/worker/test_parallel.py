"""Many at once, on both databases: nothing is lost, nothing is invented, one fact has one effect."""

from __future__ import annotations

import json
import threading
from collections import Counter
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select

from app import schedules, shops
from app.audit import audit
from app.db import reading, retrying
from app.errors import InsufficientPoints
from app.intake import inbox
from app.members.views import held_row
from app.models import balances, entries, members
from app.points.adjusting import adjust
from tests.build import START, Tessera
from tests.edge import Door, client_of, open_door
from tests.worker.together import together


def adjusting(door: Door, member_id: str, points: int, key: str | None = None) -> str:
    """Adjust as the API does: in a transaction that is done again when another was in the way."""

    def work(connection: Connection) -> str:
        shop = shops.hold(connection, door.shop.id)
        member = held_row(connection, shop.id, member_id)
        return adjust(connection, shop, member.id, points, reason="test", key=key, now=START)

    return retrying(door.tessera.engine, work)


def draining(door: Door) -> Any:
    return inbox.drain_all(door.tessera.services.drain, limit=7)


def count(door: Door, table: Any) -> int:
    with reading(door.tessera.engine) as connection:
        return connection.execute(select(func.count()).where(table.c.shop_id == door.shop.id)).scalar() or 0


def only_member(door: Door) -> str:
    with reading(door.tessera.engine) as connection:
        return str(
            connection.execute(select(balances.c.member_id).where(balances.c.shop_id == door.shop.id)).scalar_one()
        )


def agrees(door: Door) -> bool:
    """Tell whether every cached sum is the sum of its entries, and all of it what the journal says."""
    return audit(door.tessera.engine, door.shop.id) == []


def no_error(answers: list[Any]) -> bool:
    assert [one for one in answers if isinstance(one, Exception)] == []
    return True


def order_of(door: Door, order_id: str, **customer: Any) -> dict[str, Any]:
    """Return an order of 399 points by the one customer, unless another is named."""
    return dict(door.order(id=order_id, customer=customer or {"id": "ada"}))


def test_32_drains_and_adjustments_of_one_member_lose_and_invent_nothing(tessera: Tessera) -> None:
    door = open_door(tessera)
    door.deliver(order_of(door, "first"))
    door.shop.drain()
    member_id = only_member(door)
    for number in range(40):
        door.deliver(order_of(door, f"o{number}"))
    works = [partial(adjusting, door, member_id, number) for number in range(1, 17)]
    works += [partial(adjusting, door, member_id, -number) for number in range(1, 9)]
    assert no_error(together(works + [partial(draining, door)] * 8))
    draining(door)
    assert {row.state for row in door.kept()} == {"done"}
    assert door.points() == 41 * 399 + sum(range(1, 17)) - sum(range(1, 9))
    assert count(door, entries) == 41 + 16 + 8
    assert agrees(door)


def test_points_are_spent_once_however_many_take_at_the_same_time(tessera: Tessera) -> None:
    door = open_door(tessera)
    door.deliver(order_of(door, "first"))
    door.shop.drain()
    answers = together([partial(adjusting, door, only_member(door), -50)] * 16)
    refused = [one for one in answers if isinstance(one, InsufficientPoints)]
    assert (len(answers) - len(refused), len(refused)) == (7, 9)  # 399 points are 7 × 50 and 49 more
    assert no_error([one for one in answers if one not in refused])
    assert door.points() == 49
    assert agrees(door)


def test_one_adjustment_sent_16_times_at_once_is_one(tessera: Tessera) -> None:
    door = open_door(tessera)
    door.deliver(order_of(door, "first"))
    door.shop.drain()
    answers = together([partial(adjusting, door, only_member(door), 10, "once")] * 16)
    assert answers == ["adjust:once"] * 16
    assert door.points() == 399 + 10


def test_the_same_delivery_100_times_over_8_threads_has_one_effect(tessera: Tessera) -> None:
    door = open_door(tessera)
    body = json.dumps(door.order()).encode()
    headers = door.signed(body, delivery="d-1")

    def deliver(times: int) -> list[int]:
        client = client_of(tessera)
        return [client.post(door.path, data=body, headers=headers).status_code for _ in range(times)]

    answers = together([partial(deliver, 13)] * 4 + [partial(deliver, 12)] * 4 + [partial(draining, door)])
    assert no_error(answers)
    assert [code for one in answers[:8] for code in one] == [200] * 100
    assert door.verdicts() == [("done", None)]
    assert (door.points(), count(door, entries)) == (399, 1)


def test_of_other_bytes_under_one_id_the_first_wins_and_the_others_are_409(tessera: Tessera) -> None:
    door = open_door(tessera)

    def deliver(number: int) -> int:
        body = json.dumps(order_of(door, str(number))).encode()
        return client_of(tessera).post(door.path, data=body, headers=door.signed(body, delivery="d-1")).status_code

    assert Counter(together([partial(deliver, number) for number in range(8)])) == {200: 1, 409: 7}
    assert len(door.kept()) == 1


def deliver_15(door: Door, thread: int) -> None:
    client = client_of(door.tessera)
    for number in range(15):
        body = json.dumps(order_of(door, f"{thread}-{number}", id=f"c{number % 4}")).encode()
        assert client.post(door.path, data=body, headers=door.signed(body)).status_code == 200


def test_nothing_that_is_accepted_while_drains_run_is_lost(tessera: Tessera) -> None:
    doors = [open_door(tessera), open_door(tessera)]
    accepted = threading.Event()

    def drain() -> None:
        while not accepted.is_set():
            draining(doors[0])

    def accept() -> list[Any]:
        try:
            return together([partial(deliver_15, door, thread) for door in doors for thread in range(3)])
        finally:
            accepted.set()

    answers = together([accept, drain, drain, drain])
    assert no_error([*answers, *answers[0]])
    draining(doors[0])
    for door in doors:
        assert Counter(row.state for row in door.kept()) == {"done": 45}
        assert (door.points(), count(door, entries), count(door, members)) == (45 * 399, 45, 4)
        assert agrees(door)


def test_two_first_orders_of_one_new_customer_at_once_make_one_member(tessera: Tessera) -> None:
    door = open_door(tessera)
    email = "ada@shop.example"
    for number in range(8):
        customer = {"id": f"c{number}"} if number % 2 else {"id": None, "email": f"{number}{email}"}
        for part in range(4):
            door.deliver(order_of(door, f"{number}-{part}", **customer))
        one_by_one = partial(inbox.drain_shop, tessera.services.drain, door.shop.id, 1)
        assert no_error(together([one_by_one] * 4))
        draining(door)
        assert count(door, members) == number + 1
    assert {row.state for row in door.kept()} == {"done"}
    assert door.points() == 32 * 399
    assert agrees(door)


def test_states_of_one_order_drained_at_once_end_where_they_would_in_order(tessera: Tessera) -> None:
    door = open_door(tessera)
    for second in range(8):
        kept = {"lines": [{"id": "l", "quantity": 8 - second, "unit_price": "10.00"}]}
        door.deliver(order_of(door, "one") | kept | {"updated_at": f"2026-05-04T10:00:0{second}Z"})
    one_by_one = partial(inbox.drain_shop, tessera.services.drain, door.shop.id, 1)
    assert no_error(together([one_by_one] * 8))
    draining(door)
    assert {row.state for row in door.kept()} == {"done"}
    assert (door.points(), door.shop.order("one").target) == (100, 100)
    assert agrees(door)


def test_a_deletion_that_many_drain_at_once_counts_once(tessera: Tessera) -> None:
    """Deletions are counted: told once, one restoring must be enough."""
    door = open_door(tessera, "woocommerce")
    before = {"date_created_gmt": "2026-02-01T10:00:00", "date_modified_gmt": "2026-02-01T10:00:00"}
    for topic in ("order.created", "order.deleted"):
        for number in range(12):
            door.deliver(door.order(id=number, **before) if topic == "order.created" else {"id": number}, topic)
        two_by_two = partial(inbox.drain_shop, tessera.services.drain, door.shop.id, 2)
        assert no_error(together([two_by_two] * 6))
        draining(door)
    assert door.points() == 0
    for number in range(12):
        door.deliver(door.order(id=number, **before), "order.restored")
    draining(door)
    assert door.points() == 12 * 350
    assert agrees(door)


def test_an_audit_beside_drains_and_ticks_finds_no_difference(tessera: Tessera) -> None:
    door = open_door(tessera, pending_days=0)
    for number in range(60):
        door.deliver(order_of(door, str(number), id=f"c{number % 5}"))
    drained = threading.Event()

    def drain() -> None:
        draining(door)
        drained.set()

    def look() -> list[Any]:
        found: list[Any] = []
        while not drained.is_set():
            found += audit(tessera.engine, door.shop.id)
        return found

    def tick() -> None:
        while not drained.is_set():
            schedules.tick(tessera.engine, tessera.services.clock)

    answers = together([drain, drain, look, tick])
    assert no_error(answers)
    assert answers[2] == []
