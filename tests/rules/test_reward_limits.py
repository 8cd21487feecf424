"""Why a reward cannot be had, what it costs and is worth to the coin, and what came back of an order that used it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.rules.document import Reward
from app.rules.document.shared import Rate
from app.rules.rewards import (
    BY_ORDER,
    BY_PLATFORM,
    CODED,
    DEAD,
    Taken,
    WrongPoints,
    all_back,
    cost,
    money_text,
    value_of,
    why_not,
    why_not_now,
    worth,
)
from tests.rules.builders import after, back, line, order, refund

PARIS = ZoneInfo("Europe/Paris")


def reward(**changes: Any) -> Reward:
    return Reward.model_validate({"key": "r", "kind": "donation", "points": 50} | changes)


def codes(told: Reward, points: int = 50, eligible: bool = True, **taken: int | None) -> list[str]:
    return [reason.code for reason in why_not(told, points, Taken(**taken), eligible=eligible)]


@pytest.mark.parametrize(
    ("changes", "taken", "reasons"),
    [
        ({}, {"stock": 9, "budget": 9, "by_member": 9}, []),
        ({"points": 0}, {}, ["given_only"]),
        ({"points": 0, "kind": "pay_with_points"}, {}, []),
        ({"stock": 2}, {"stock": 1}, []),
        ({"stock": 2}, {"stock": 2}, ["out_of_stock"]),
        ({"stock": 0}, {}, ["out_of_stock"]),
        ({}, {"vouchers_left": 1}, []),
        ({}, {"vouchers_left": 0}, ["out_of_stock"]),
        ({"stock": 2}, {"vouchers_left": 0}, ["out_of_stock"]),
        ({"per_member": 2}, {"by_member": 1}, []),
        ({"per_member": 2}, {"by_member": 2}, ["limit_reached"]),
        ({"budget": {"points": 100}}, {"budget": 50}, []),
        ({"budget": {"points": 100}}, {"budget": 51}, ["budget_spent"]),
        ({"budget": {"points": 50}}, {}, []),
        ({"budget": {"points": 49}, "per_member": 1}, {"by_member": 1}, ["limit_reached", "budget_spent"]),
    ],
    ids=str,
)
def test_every_limit_that_is_reached_is_named(changes, taken, reasons):
    assert codes(reward(**changes), **taken) == reasons
    assert codes(reward(**changes), eligible=False, **taken) == ["not_eligible", *reasons]


def test_a_budget_counts_the_points_it_would_cost():
    pay = reward(kind="pay_with_points", points=0, budget={"points": 100})
    assert codes(pay, 100) == []
    assert codes(pay, 101) == ["budget_spent"]


def test_nothing_is_taken_until_told():
    assert Taken() == Taken(stock=0, budget=0, by_member=0, vouchers_left=None)
    assert codes(reward(stock=1, per_member=1, budget={"points": 50})) == []


@pytest.mark.parametrize(
    ("when", "spending", "reasons"),
    [
        ({}, True, []),
        ({}, False, ["programme_closed"]),
        ({"weekdays": ["mon"]}, True, []),  # already Monday in Paris
        ({"weekdays": ["sun"]}, True, ["not_now"]),
        ({"hours": ["00:00", "01:00"]}, True, []),
        ({"hours": ["01:00", "24:00"]}, True, ["not_now"]),
        ({"from": "2026-03-01T23:30:00Z"}, True, []),
        ({"from": "2026-03-01T23:30:01Z"}, True, ["not_now"]),
        ({"to": "2026-03-01T23:30:00Z"}, False, ["programme_closed", "not_now"]),
    ],
    ids=str,
)
def test_a_reward_has_its_time(when, spending, reasons):
    now = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # a Sunday
    assert [reason.code for reason in why_not_now(reward(when=when), now, PARIS, spending=spending)] == reasons


# ---- costs and worths ------------------------------------------------------------------------------------------------

PAY = reward(kind="pay_with_points", points=0, rate={"points": "3", "per": "2"}, min_points=2, max_points=9)


@pytest.mark.parametrize(
    ("asked", "currency", "points", "money"),
    [
        (2, "EUR", 2, Fraction(133, 100)),
        (9, "EUR", 9, Fraction(6)),
        (8, "EUR", 8, Fraction(533, 100)),
        (8, "JPY", 8, Fraction(5)),
        (4, "JPY", 3, Fraction(2)),
        (4, "KWD", 4, Fraction(2666, 1000)),
    ],
)
def test_points_are_worth_whole_coins_of_their_currency(asked, currency, points, money):
    assert worth(PAY, asked, currency) == money
    assert cost(PAY, asked, currency) == points


@pytest.mark.parametrize(
    ("told", "asked", "why"),
    [
        (PAY, 1, "^pay with from 2 to 9 points$"),
        (PAY, 10, "^pay with from 2 to 9 points$"),
        (PAY, None, "^say how many points to pay with$"),
        (PAY.model_copy(update={"min_points": 0, "max_points": None}), 0, "^pay with at least 1 points$"),
        (PAY.model_copy(update={"rate": None}), 5, "^r has no rate$"),
        (PAY.model_copy(update={"rate": Rate(points="0", per="1")}), 5, "^r has no rate$"),
        (reward(points=50), 49, "^r costs 50 points; leave points out$"),
    ],
)
def test_other_numbers_of_points_are_refused_with_those_that_can_be(told, asked, why):
    with pytest.raises(WrongPoints, match=why):
        cost(told, asked, "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Fraction(5, 1000), "EUR", "0.01"),
        (Fraction(4999, 10**6), "EUR", "0.00"),
        (Fraction(1, 2), "JPY", "1"),
        (Fraction(49, 100), "JPY", "0"),
        (Fraction(12345, 10000), "KWD", "1.235"),
        (Fraction(12), "EUR", "12.00"),
    ],
)
def test_money_is_written_with_the_decimals_of_its_currency_rounded_half_up(amount, currency, text):
    assert money_text(amount, currency) == text


def test_the_shop_is_told_what_applies_to_a_kind_and_nothing_else():
    assert value_of(PAY, 8, "EUR", None) == {"amount": {"amount": "5.33", "currency": "EUR"}, "combines": False}
    assert value_of(PAY, 0, "EUR", None) == {"amount": {"amount": "0.00", "currency": "EUR"}, "combines": False}
    ten = {"amount": "10.00", "currency": "EUR"}
    percent = reward(kind="percent_off", percent="10", max_amount=ten, products=["p"], collections=["c"], combines=True)
    assert value_of(percent, 50, "EUR", ten) == {
        "percent": "10",
        "max_amount": ten,
        "min_basket": ten,
        "products": ["p"],
        "collections": ["c"],
        "combines": True,
    }
    assert value_of(reward(kind="gift_card", amount=ten), 50, "EUR", None) == {"amount": ten}
    assert value_of(reward(kind="exclusive_content", content="x"), 50, "EUR", None) == {"content": "x"}
    assert value_of(reward(kind="early_access", product="p"), 50, "EUR", None) == {"product": "p"}


def test_kinds_that_carry_a_code_and_those_the_shop_carries_out():
    assert {"gift_card"} == CODED - BY_ORDER
    assert {"amount_off", "percent_off", "free_shipping", "free_product", "pay_with_points"} == BY_ORDER
    assert {"store_credit"} == BY_PLATFORM - CODED
    assert BY_PLATFORM > CODED > BY_ORDER


# ---- what came back --------------------------------------------------------------------------------------------------

BOUGHT = order(line("10.00", 2, id="a"), line("10.00", 1, id="b"))


@pytest.mark.parametrize(
    ("state", "everything"),
    [
        (BOUGHT, False),
        *((order(status=status), True) for status in sorted(DEAD | {"refunded"})),
        (order(status="pending"), False),
        (order(all_refunded=True), True),
        (after(BOUGHT, refund(back(2, line_id="a"))), False),
        (after(BOUGHT, refund(back(2, line_id="a")), refund(back(1, line_id="b"))), True),
        (after(BOUGHT, refund(back(1, line_id="a"), back(1, line_id="a"), back(5, line_id="b"))), True),
        (after(BOUGHT, refund(back(1, line_id="a"), back(1, line_id="b"))), False),
        (after(BOUGHT, refund(back(1, line_id="gone"))), False),
        (order(line("10.00", 0, id="a")), True),
        (order(line("10.00", 2, removed=2)), True),
        (after(order(line("10.00", 2, removed=1)), refund(back(1))), True),
        (order(line("10.00", 2, removed=1)), False),
    ],
)
def test_everything_came_back_when_no_unit_is_kept(state, everything):
    assert all_back(state) is everything


def test_an_order_without_lines_has_given_nothing_back():
    assert all_back(replace(order(), lines=())) is False
