"""A member's cap, shared out over the orders of its period, whatever the order of arrival."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from app import shops
from app.activities.mechanism import Grant
from app.audit import audit
from app.db import reading, transaction
from app.intake import inbox
from app.models import activities, orders
from app.orders.previews import earn_preview
from app.rules.earning import Basket, BasketLine
from app.rules.periods import period_of
from app.settling import Settling
from tests.build import START, Shop, Tessera, line, order, programme, refund
from tests.worker.together import together

PARIS = ZoneInfo("Europe/Paris")
DAY = {"member": {"period": "day", "points": 500}}


def at(hour: int, day: int = 1, **changes: Any) -> dict[str, Any]:
    """Return an order of 399 points, placed in March 2026."""
    placed = f"2026-03-{day:02}T{hour:02}:00:00Z"
    return order(id=f"{day:02}-{hour:02}", placed_at=placed, updated_at=placed, **changes)


def back(told: dict[str, Any], day: int = 2) -> dict[str, Any]:
    """Return the same order with everything given back."""
    return {**told, "updated_at": f"2026-03-{day:02}T20:00:00Z", "refunds": [refund(quantity=2)]}


def targets(shop: Shop) -> dict[str, int]:
    with reading(shop.tessera.engine) as connection:
        rows = connection.execute(
            select(orders.c.id, orders.c.target, orders.c.posted).where(orders.c.shop_id == shop.id)
        )
        found = {row.id: (row.target, row.posted) for row in rows}
    assert all(target == posted for target, posted in found.values())
    return {order_id: target for order_id, (target, _) in sorted(found.items())}


def test_later_orders_of_the_day_take_the_room_that_is_left(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    first, second = at(10), at(11)
    shop.tell(first, second)
    assert targets(shop) == {"01-10": 399, "01-11": 101}
    told = shop.order("01-11").explanation
    assert told["caps"] == {"order": None, "room": 101, "member": {"period": "day", "points": 500}}
    assert shop.balance()["available"] == 500

    shop.tell(back(first))

    assert targets(shop) == {"01-10": 0, "01-11": 399}
    assert shop.balance() == {"issued": 798, "reversed": 399, "available": 399}
    # what came back is posted at the moment of the refund that gave it back
    gained = next(entry for entry in shop.entries() if entry.key == "order:01-11:2")
    assert (gained.points, gained.at) == (298, datetime(2026, 3, 2, 20, tzinfo=UTC))
    assert audit(tessera.engine) == []


def test_an_order_told_late_takes_its_room_from_those_placed_after_it(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    shop.tell(at(12), at(11), at(10))
    assert targets(shop) == {"01-10": 399, "01-11": 101, "01-12": 0}
    assert audit(tessera.engine) == []


def test_orders_placed_at_one_moment_share_in_the_order_of_their_ids_as_text(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    shop.tell(order(id="9"), order(id="10"))
    assert targets(shop) == {"10": 399, "9": 101}
    assert audit(tessera.engine) == []


def test_a_day_is_the_shops_own(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    shop.tell(at(22), at(23))  # 23:00 and 00:00 in Paris
    assert targets(shop) == {"01-22": 399, "01-23": 399}
    row = shop.order("01-23")
    assert (row.cap, row.cap_from, row.cap_to) == (
        500,
        datetime(2026, 3, 1, 23, tzinfo=UTC),
        datetime(2026, 3, 2, 23, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("period", "begins", "ends"),
    [
        ("day", "2026-03-29", "2026-03-30"),  # the clocks change
        ("week", "2026-03-23", "2026-03-30"),
        ("month", "2026-03-01", "2026-04-01"),
        ("year", "2026-01-01", "2027-01-01"),
    ],
)
def test_periods_begin_and_end_at_local_midnight(period: Any, begins: str, ends: str) -> None:
    local = [datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=PARIS) for day in (begins, ends)]
    for moment in (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC)):
        assert period_of(period, moment, PARIS) == (local[0], local[1])


def test_every_order_keeps_the_cap_and_the_period_of_its_own_version(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    shop.tell(at(9))
    shop.publish(programme(caps={"member": {"period": "week", "points": 600}}), START)
    shop.tell(at(13))  # a Sunday: the week holds the morning too
    shop.tell(at(14))
    assert targets(shop) == {"01-09": 399, "01-13": 201, "01-14": 0}
    shop.tell(back(at(9)))
    assert targets(shop) == {"01-09": 0, "01-13": 399, "01-14": 201}
    assert audit(tessera.engine) == []


def test_orders_of_a_version_without_a_cap_take_room_and_need_none(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(at(9))
    shop.publish(programme(caps=DAY), START)
    shop.tell(at(13), at(10))
    assert targets(shop) == {"01-09": 399, "01-10": 399, "01-13": 0}
    assert audit(tessera.engine) == []


def test_what_one_order_gains_another_loses_whose_period_the_first_is_not_in(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps={"member": {"period": "month", "points": 500}}))
    sunday, monday = at(10), at(9, day=2)
    shop.tell(sunday, monday)
    shop.publish(programme(caps={"member": {"period": "week", "points": 500}}), START)
    tuesday = at(9, day=3)  # its week begins on Monday
    shop.tell(tuesday)
    assert targets(shop) == {"01-10": 399, "02-09": 101, "03-09": 399}
    shop.tell(back(sunday, day=4))
    assert targets(shop) == {"01-10": 0, "02-09": 399, "03-09": 101}
    assert audit(tessera.engine) == []


def test_when_an_order_changes_its_customer_both_days_are_shared_again(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    bobs = at(11, customer={"id": "bob"}) | {"id": "bobs"}
    shop.tell(at(10), at(12), bobs)
    assert targets(shop) == {"01-10": 399, "01-12": 101, "bobs": 399}
    moved = {**at(10), "customer": {"id": "bob"}, "updated_at": "2026-03-01T19:00:00Z"}
    shop.tell(moved)
    assert targets(shop) == {"01-10": 399, "01-12": 399, "bobs": 101}
    assert audit(tessera.engine) == []


def test_a_claim_makes_two_days_one(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    guest = {"id": None, "email": "ada@example.com"}
    shop.tell(at(10), at(11, customer=guest), at(12))
    assert targets(shop) == {"01-10": 399, "01-11": 399, "01-12": 101}
    known = {"id": "ada", "updated_at": "2026-03-02T00:00:00Z", "email": "ada@example.com", "email_verified": True}
    shop.tell(known, topic="customer")
    assert targets(shop) == {"01-10": 399, "01-11": 101, "01-12": 0}
    assert sum(sums.get("available", 0) for sums in shop.balances()) == 500
    shop.tell(back(at(10)))
    assert targets(shop) == {"01-10": 0, "01-11": 399, "01-12": 101}
    assert audit(tessera.engine) == []


def test_a_claim_in_the_batch_of_its_orders_comes_to_the_same(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    guest = {"id": None, "email": "ada@example.com"}
    shop.deliver(at(10), at(11, customer=guest), at(12))
    known = {"id": "ada", "updated_at": "2026-03-02T00:00:00Z", "email": "ada@example.com", "email_verified": True}
    shop.deliver(known, topic="customer")
    shop.deliver(back(at(10)))
    assert shop.drain().failed == 0
    assert targets(shop) == {"01-10": 0, "01-11": 399, "01-12": 101}
    assert audit(tessera.engine) == []


def test_the_merchant_who_proves_an_address_shares_the_days_too(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    shop.tell(at(10, customer={"id": "ada"}), at(11, customer={"id": None, "email": "ada@example.com"}))
    client = tessera.client()
    named = {"platform_id": "ada", "email": "ada@example.com", "email_verified": True}
    made = client.post("/api/v1/members", json=named, headers={"Authorization": f"Bearer {shop.keys.api_key}"})
    assert made.status_code == 200
    assert targets(shop) == {"01-10": 399, "01-11": 101}
    assert audit(tessera.engine) == []


def test_spent_points_of_a_later_order_are_clawed_back_like_any_other(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    shop.tell(at(12))
    client, headers = tessera.client(), {"Authorization": f"Bearer {shop.keys.api_key}"}
    (member,) = client.get("/api/v1/members", headers=headers).json["data"]
    taken = {"points": -300, "reason": "spent"}
    assert client.post(f"/api/v1/members/{member['id']}/adjustments", json=taken, headers=headers).status_code == 201
    shop.tell(at(10))
    assert targets(shop) == {"01-10": 399, "01-12": 101}
    assert shop.balance()["available"] == 500 - 300
    assert audit(tessera.engine) == []


# Activities: no fact of a connector makes one here, so they are granted as the reviews do it, in a transaction


def grant(shop: Shop, name: str, points: int, moment: datetime) -> int:
    with transaction(shop.tessera.engine) as connection:
        settling = Settling(connection, shops.hold(connection, shop.id), START)
        with reading(shop.tessera.engine) as other:
            member = other.execute(select(orders.c.member_id).where(orders.c.shop_id == shop.id)).scalars().first()
        settling.load([], member_ids=[str(member)])
        told = Grant(id=name, kind="review", at=moment, points=points, explanation={"kind": "review"})
        made = settling.activities.grant(str(member), told)
        settling.flush()
        return made.target


def test_an_activity_takes_the_room_left_in_its_period_and_never_gives_it_back(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    shop.tell(at(12))
    morning = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert grant(shop, "review:1", 80, morning) == 80
    assert grant(shop, "review:2", 80, morning) == 21
    assert grant(shop, "review:3", 80, morning) == 0
    assert grant(shop, "review:4", 80, morning + timedelta(days=1)) == 80
    shop.tell(at(10))  # earlier than the other, later than the activities: they keep what they have
    assert targets(shop) == {"01-10": 399, "01-12": 0}
    shop.tell(back(at(10)))
    assert targets(shop) == {"01-10": 0, "01-12": 399}
    with reading(tessera.engine) as connection:
        rows = connection.execute(select(activities).order_by(activities.c.id)).all()
    assert [(row.id, row.target, row.took) for row in rows] == [
        ("review:1", 80, 80),
        ("review:2", 21, 21),
        ("review:3", 0, 0),
        ("review:4", 80, 80),
    ]
    assert rows[1].explanation["caps"] == {"room": 21}


def test_an_activity_that_is_taken_back_keeps_its_room(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    shop.tell(at(10))
    assert grant(shop, "review:1", 101, START) == 101
    with transaction(tessera.engine) as connection:
        settling = Settling(connection, shops.hold(connection, shop.id), START)
        member = shop.order("01-10").member_id
        settling.load([], member_ids=[member])
        made = settling.activities.get("review:1")
        assert made is not None
        settling.activities.settle(made, 0, START)
        assert (made.target, made.took) == (0, 101)
        settling.activities.settle(made, 90, START)
        assert made.target == 90
        settling.flush()
    shop.tell(at(11))
    assert targets(shop) == {"01-10": 399, "01-11": 0}


def settled_again(shop: Shop, name: str, points: int) -> int:
    with transaction(shop.tessera.engine) as connection:
        settling = Settling(connection, shops.hold(connection, shop.id), START)
        settling.load([], member_ids=[shop.order("01-10").member_id])
        made = settling.activities.get(name)
        assert made is not None
        settling.activities.settle(made, points, START)
        settling.flush()
        return made.target


def test_an_activity_that_grows_takes_no_more_than_is_left(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    shop.tell(at(10))
    assert grant(shop, "review:1", 50, START) == 50
    assert settled_again(shop, "review:1", 90) == 90
    assert settled_again(shop, "review:1", 300) == 101


def test_the_room_an_activity_has_taken_is_its_own_whatever_comes_later(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(at(10, lines=[line(quantity=1, unit_price="1.00")]))
    shop.publish(programme(caps={"member": {"period": "day", "points": 100}}), START)
    assert grant(shop, "review:1", 200, START) == 90
    shop.tell(at(9))  # of the version without a cap
    assert settled_again(shop, "review:1", 0) == 0
    assert settled_again(shop, "review:1", 200) == 90


def test_an_activity_under_a_larger_cap_leaves_less_to_orders_at_once(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    shop.tell(at(10))
    shop.publish(programme(caps={"member": {"period": "day", "points": 800}}), START)
    assert grant(shop, "review:1", 1000, START) == 401
    assert targets(shop) == {"01-10": 99}


# Promise = award


def promised(shop: Shop, member: str | None, now: datetime) -> int:
    with reading(shop.tessera.engine) as connection:
        known = shops.get(connection, shop.id)
        basket = Basket(currency="EUR", lines=[BasketLine(quantity=2, unit_price=Decimal("19.99"))])
        return earn_preview(connection, known, basket, now, None, member)[0].target


def test_a_named_members_promise_is_the_room_left_and_a_newcomers_the_whole_cap(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps={"member": {"period": "day", "points": 300}}))
    assert promised(shop, None, START) == 300
    small = at(10, lines=[line(quantity=1)])
    shop.tell(small)
    member = shop.order("01-10").member_id
    assert promised(shop, member, START) == 101
    grant(shop, "review:1", 60, START + timedelta(hours=1))
    assert promised(shop, member, START) == 41
    shop.tell(at(12))
    assert shop.order("01-12").target == 41
    assert promised(shop, member, START + timedelta(days=1)) == 300


# Whatever the order of arrival

CAPS = [None, ("day", 500), ("day", 250), ("week", 900), ("month", 1100)]


def oracle(bought: list[tuple[datetime, str, int]], caps: list[tuple[datetime, Any]]) -> dict[str, int]:
    """Share caps out by brute force: one order after the other, each looking at all before."""
    shared: list[tuple[datetime, str, int]] = []
    for placed, name, own in sorted(bought):
        cap = [told for begins, told in caps if begins <= placed][-1]
        points = own
        if cap is not None:
            begins, ends = period_of(cap[0], placed, PARIS)
            points = min(own, max(0, cap[1] - sum(p for when, _, p in shared if begins <= when < ends)))
        shared.append((placed, name, points))
    return {name: points for _, name, points in shared}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_whatever_the_order_of_arrival_caps_are_shared_out_alike(tessera: Tessera, seed: int) -> None:
    dice = random.Random(seed)
    first, second = dice.choice(CAPS), dice.choice(CAPS)
    shop = tessera.shop(programme(caps={"member": first and {"period": first[0], "points": first[1]}}))
    shop.publish(programme(caps={"member": second and {"period": second[0], "points": second[1]}}), START)
    caps = [(datetime(2026, 1, 1, tzinfo=UTC), first), (START, second)]
    lives, last = [], {}
    for number in range(dice.randint(2, 9)):
        placed = START + timedelta(hours=dice.randint(-60, 60))
        told = order(
            id=str(number),
            placed_at=placed.isoformat(),
            updated_at=placed.isoformat(),
            lines=[line(quantity=dice.randint(1, 3), unit_price=f"{dice.randint(100, 4000) / 100:.2f}")],
        )
        states = [told]
        if dice.random() < 0.4:
            gone = (placed + timedelta(hours=3)).isoformat()
            states.append({**told, "updated_at": gone, "cancelled_at": gone})
        lives += states
        (bought,) = told["lines"]
        own = int(Decimal(bought["unit_price"]) * bought["quantity"] * 10)
        last[str(number)] = (placed, str(number), 0 if len(states) == 2 else own)
    dice.shuffle(lives)
    cut = dice.randint(0, len(lives))
    shop.deliver(*lives[:cut])
    shop.drain()
    shop.deliver(*lives[cut:])
    assert shop.drain().failed == 0
    assert targets(shop) == dict(sorted(oracle(list(last.values()), caps).items()))
    assert audit(tessera.engine, shop.id) == []


def test_a_batch_of_refunds_reads_the_later_orders_with_one_statement(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps=DAY))
    customers = [{"id": f"c{number}"} for number in range(6)]
    names = [(number, hour) for number in range(6) for hour in (10, 11)]
    told = {(n, h): at(h, customer=customers[n]) | {"id": f"{n}-{h}"} for n, h in names}
    shop.deliver(*told.values())
    shop.drain()
    shop.deliver(*(back(told[number, 10]) for number in range(6)))
    seen: list[str] = []
    event.listen(tessera.engine, "before_cursor_execute", lambda c, cur, sql, *_: seen.append(sql))
    shop.drain()
    reads = [sql for sql in seen if "FROM orders" in sql and "orders.held" in sql]
    assert len(reads) <= 3  # the batch's own, the later ones, and the second, empty batch's nothing
    assert set(targets(shop).values()) == {0, 399}


def test_many_workers_share_a_members_cap_out_alike(tessera: Tessera) -> None:
    shop = tessera.shop(programme(caps={"member": {"period": "month", "points": 1500}}))
    told = [at(hour, day) for day in range(1, 6) for hour in (9, 12)]
    shop.deliver(*reversed(told))
    for each in told[::3]:
        shop.deliver(back(each, day=7))
    works = [partial(inbox.drain_all, tessera.services.drain, limit=3)] * 4
    assert [answer for answer in together(works) if isinstance(answer, Exception)] == []
    shop.drain()
    kept = [each["id"] for number, each in enumerate(told) if number % 3]
    shares = [399, 399, 399, 303, 0, 0]
    assert {name: points for name, points in targets(shop).items() if name in kept} == dict(
        zip(kept, shares, strict=True)
    )
    assert audit(tessera.engine) == []


def test_a_campaign_of_weekends_and_evenings_promises_what_it_awards(tessera: Tessera) -> None:
    weekend = {"key": "weekend", "multiplier": "3", "weekdays": ["sat", "sun"], "hours": ["09:00", "18:00"]}
    shop = tessera.shop(programme(campaigns=[weekend]))
    sunday, evening, monday = at(12), at(17), at(12, day=2)  # 17:00 is 18:00 in Paris
    shop.tell(sunday, evening, monday)
    assert targets(shop) == {"01-12": 1199, "01-17": 399, "02-12": 399}
    moments = [datetime(2026, 3, *when, tzinfo=UTC) for when in ((1, 12), (1, 17), (2, 12))]
    assert [promised(shop, None, moment) for moment in moments] == [1199, 399, 399]
    assert audit(tessera.engine) == []
