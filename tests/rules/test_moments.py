"""When an order earns: the table of earn moments."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.rules.builders import HOUR, NOON, after, back, earned, line, order, programme, refund, sent, shipping, target

PAID, FULFILLED, COMPLETED, DELIVERED = (
    programme(earn_on=moment) for moment in ("paid", "fulfilled", "completed", "delivered")
)
TWO = order(line("10.00", 2), line("10.00", 1, id="l2"))


def moment(state, rules, **changes):
    seen = earned(state, rules, **changes)
    return seen.target, seen.earned_at


def test_paid_is_when_it_was_placed_unless_the_platform_knows_better():
    assert moment(TWO, PAID) == (300, NOON)
    assert moment(replace(TWO, paid_at=NOON + HOUR), PAID) == (300, NOON + HOUR)


@pytest.mark.parametrize("status", ["cancelled", "voided", "expired", "deleted"])
@pytest.mark.parametrize("rules", [PAID, FULFILLED, COMPLETED, DELIVERED])
def test_an_order_that_came_to_nothing_earns_nothing_at_any_moment(status, rules):
    done = replace(TWO, status=status, fulfilled_at=NOON, completed_at=NOON, delivered_at=NOON)
    assert moment(done, rules, now=NOON + timedelta(days=99)) == (0, None)


@pytest.mark.parametrize("rules", [PAID, FULFILLED, COMPLETED, DELIVERED])
def test_an_unpaid_order_earns_nothing_at_any_moment(rules):
    assert moment(replace(TWO, paid="none", fulfilled_at=NOON, delivered_at=NOON), rules) == (0, None)


def test_an_order_opened_again_earns_again():
    assert target(replace(replace(TWO, status="cancelled"), status="processing")) == 300


def test_test_orders_earn_only_where_allowed():
    assert target(replace(TWO, test=True)) == 0
    assert target(replace(TWO, test=True), allow_test=True) == 300


@pytest.mark.parametrize("rules", [FULFILLED, COMPLETED])
def test_fulfilled_and_completed_wait_for_everything_to_be_sent(rules):
    assert moment(TWO, rules) == (0, None)
    assert moment(replace(TWO, fulfilled_at=NOON + HOUR), rules) == (300, NOON + HOUR)
    assert moment(replace(TWO, completed_at=NOON + HOUR, status="completed"), rules) == (300, NOON + HOUR)


@pytest.mark.parametrize("rules", [FULFILLED, COMPLETED])
def test_the_last_fulfilment_tells_when(rules):
    parcels = (sent({"l1": 2}, 5), sent({"l2": 1}, 3), sent({"l2": 1}, 9, counts=False))
    assert moment(replace(TWO, fulfilled_at=NOON, fulfilments=parcels), rules) == (300, NOON + 5 * HOUR)


def test_of_a_partly_fulfilled_order_the_sent_units_earn():
    parcel = sent({"l1": 1}, 2)
    assert moment(replace(TWO, fulfilments=(parcel,)), FULFILLED) == (100, NOON + 2 * HOUR)
    assert moment(replace(TWO, fulfilments=(parcel, sent({"l1": 1}, 4))), FULFILLED) == (200, NOON + 4 * HOUR)
    assert moment(replace(TWO, fulfilments=(parcel,)), COMPLETED) == (0, None)


def test_cancelled_fulfilments_send_nothing():
    assert moment(replace(TWO, fulfilments=(sent({"l1": 2}, counts=False),)), FULFILLED) == (0, None)


def test_sent_units_earn_only_while_they_are_kept():
    partly = replace(order(line("10.00", 3)), fulfilments=(sent({"l1": 2}),))
    assert target(partly, FULFILLED) == 200
    assert target(after(partly, refund(back(1, "10.00"))), FULFILLED) == 200
    assert target(after(partly, refund(back(2, "20.00"))), FULFILLED) == 100


def test_lines_not_sent_yet_get_no_bonus_and_charges_wait():
    rules = programme(earn_on="fulfilled", basis={"shipping": True}, products=[{"key": "a", "match": {}, "bonus": 50}])
    partly = replace(TWO, charges=(shipping("5.00"),), fulfilments=(sent({"l1": 1}),))
    assert target(partly, rules) == 150
    assert target(replace(partly, fulfilled_at=NOON), rules) == 450


def test_a_part_paid_order_earns_its_share_once_sent():
    half = replace(TWO, paid="part", paid_amount=Decimal(15), paid_of=Decimal(30))
    assert target(half, FULFILLED) == 0
    assert target(replace(half, fulfilled_at=NOON), FULFILLED) == 150


def test_an_order_put_back_to_work_is_no_longer_completed():
    reopened = replace(TWO, completed_at=NOON, status="processing")
    assert target(reopened, COMPLETED) == 0
    assert target(reopened, DELIVERED, now=NOON + timedelta(days=30)) == 0
    assert target(reopened, PAID) == 300


def test_completed_without_a_date_counts_since_it_was_paid():
    assert moment(replace(TWO, status="completed", paid_at=NOON + HOUR), COMPLETED) == (300, NOON + HOUR)


def test_delivered_waits_for_every_parcel():
    first, second = sent({"l1": 2}, 1, delivered=True), sent({"l2": 1}, 2)
    assert moment(replace(TWO, fulfilled_at=NOON, fulfilments=(first, second)), DELIVERED) == (0, None)
    arrived = replace(second, delivered=True)
    lost = sent({"l2": 1}, 9, counts=False)
    both = replace(TWO, fulfilled_at=NOON, fulfilments=(first, arrived, lost))
    assert moment(both, DELIVERED) == (300, NOON + 2 * HOUR + HOUR / 2)


def test_delivered_as_the_platform_tells():
    assert moment(TWO, DELIVERED) == (0, None)
    assert moment(replace(TWO, fulfilled_at=NOON), DELIVERED) == (0, None)
    assert moment(replace(TWO, delivered_at=NOON + HOUR), DELIVERED) == (300, NOON + HOUR)


def test_where_nobody_tells_delivery_is_so_many_days_after_completion():
    done = replace(TWO, status="completed", completed_at=NOON)
    due = NOON + timedelta(days=7)
    waiting = earned(done, DELIVERED, now=due - timedelta(microseconds=1))
    assert (waiting.target, waiting.earned_at, waiting.look_again_at) == (0, None, due)
    assert earned(done, DELIVERED).look_again_at == due
    assert moment(done, DELIVERED, now=due) == (300, due)
    assert earned(done, DELIVERED, now=due).look_again_at is None
    assert moment(done, programme(earn_on="delivered", delivered_after_days=0)) == (300, NOON)


def test_a_refunded_order_has_reached_its_moment():
    assert moment(after(TWO, refund(back(2, "20.00"), back(1, "10.00", "l2"))), PAID) == (0, NOON)
