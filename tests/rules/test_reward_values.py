"""What a redemption costs, what the shop is told of it and which rewards need the shop, each said whole."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from app.rules.document import Reward
from app.rules.rewards import (
    BY_ORDER,
    BY_PLATFORM,
    CODED,
    ENTITLING,
    ONLY_WHOLE,
    Average,
    Taken,
    WrongPoints,
    code_of,
    cost,
    money_text,
    points_back,
    share_back,
    value_of,
    why_not,
    worth,
)
from connectors.contract import DiscountCode
from tests.rules.builders import after, back, line, order, refund

TEN = {"amount": "10.00", "currency": "EUR"}
RATE = {"points": "100", "per": "2"}


def reward(kind: str = "donation", **changes: Any) -> Reward:
    return Reward.model_validate({"key": "r", "kind": kind, "points": 50} | changes)


def pay(**changes: Any) -> Reward:
    return reward("pay_with_points", **{"rate": RATE, "points": 0} | changes)


def test_what_the_shop_itself_must_carry_out():
    by_order = {"amount_off", "percent_off", "free_shipping", "free_product", "pay_with_points"}
    assert by_order == BY_ORDER
    assert by_order | {"gift_card"} == CODED
    assert by_order | {"gift_card", "store_credit", "exclusive_product", "early_access"} == BY_PLATFORM
    assert {"exclusive_product", "early_access", "exclusive_content"} == ENTITLING
    assert {"free_shipping", "gift_card"} == ONLY_WHOLE


def test_points_pay_for_what_the_rate_says_rounded_down():
    assert [worth(pay(), points, "EUR") for points in (1, 50, 125)] == [Fraction("0.02"), 1, Fraction("2.5")]
    third = pay(rate={"points": "3", "per": "1"})
    assert [worth(third, 10, currency) for currency in ("JPY", "EUR", "KWD")] == [
        3,
        Fraction("3.33"),
        Fraction("3.333"),
    ]


@pytest.mark.parametrize(
    ("told", "asked", "why"),
    [
        (reward(), 49, "r costs 50 points; leave points out"),
        (pay(), None, "say how many points to pay with"),
        (pay(), 0, "pay with at least 1 points"),
        (pay(min_points=7), 6, "pay with at least 7 points"),
        (pay(min_points=7, max_points=9), 6, "pay with from 7 to 9 points"),
        (pay(min_points=7, max_points=9), 10, "pay with from 7 to 9 points"),
        (pay(rate={"points": "100", "per": "0.5"}), 1, "1 points are worth less than the smallest coin"),
        (pay(rate={"points": "0", "per": "1"}), 5, "r has no rate"),
        (pay(rate=None), 5, "r has no rate"),
    ],
    ids=str,
)
def test_who_asks_for_the_wrong_points_is_told_the_right_ones(told, asked, why):
    with pytest.raises(WrongPoints) as wrong:
        cost(told, asked, "EUR")
    assert str(wrong.value) == why


def test_the_least_and_the_most_may_be_asked_for():
    assert [cost(pay(min_points=7, max_points=9), asked, "EUR") for asked in (7, 9)] == [7, 9]
    assert cost(pay(), 1, "EUR") == 1
    assert [cost(reward(), asked, "EUR") for asked in (None, 50)] == [50, 50]


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("0.00499", "EUR", "0.00"),
        ("0.005", "EUR", "0.01"),
        ("1.2", "EUR", "1.20"),
        ("0.49", "JPY", "0"),
        ("0.5", "JPY", "1"),
        ("1.0005", "KWD", "1.001"),
    ],
)
def test_an_amount_is_rounded_half_up_to_its_coins(amount, currency, text):
    assert money_text(Fraction(amount), currency) == text


def test_without_orders_nothing_lies_above_their_average():
    assert Average(0, Fraction(0)).above(Decimal("20.0"), "EUR") == (None, {"orders": 0, "percent": "20.0"})
    assert Average(1, Fraction(10)).above(Decimal("5"), "EUR") == (
        {"amount": "10.50", "currency": "EUR"},
        {"average": "10.00", "orders": 1, "percent": "5"},
    )


@pytest.mark.parametrize(
    ("told", "points", "value"),
    [
        (reward(), 50, {}),
        (reward("contest_entry", combines=True), 50, {}),
        (reward("amount_off", amount=TEN), 50, {"amount": TEN, "combines": False}),
        (reward("amount_off", amount=TEN, combines=True), 50, {"amount": TEN, "combines": True}),
        (
            reward("percent_off", percent="12.5", max_amount={"amount": "3", "currency": "EUR"}, products=["p"]),
            50,
            {
                "percent": "12.5",
                "max_amount": {"amount": "3.00", "currency": "EUR"},
                "products": ["p"],
                "combines": False,
            },
        ),
        (reward("free_product", product="p1"), 50, {"product": "p1", "combines": False}),
        (reward("exclusive_product", product="p1"), 50, {"product": "p1"}),
        (reward("exclusive_content", content="a"), 50, {"content": "a"}),
        (reward("free_shipping", collections=["c"]), 50, {"collections": ["c"], "combines": False}),
        (pay(), 125, {"amount": {"amount": "2.50", "currency": "EUR"}, "combines": False}),
        (pay(), 0, {"amount": {"amount": "0.00", "currency": "EUR"}, "combines": False}),
    ],
)
def test_the_shop_is_told_what_applies_and_nothing_else(told, points, value):
    assert value_of(told, points, "EUR", None) == value
    assert value_of(told, points, "EUR", TEN) == value | {"min_basket": TEN}


def test_who_is_not_told_to_be_excluded_may_have_it():
    assert why_not(reward(), 50, Taken()) == []


def test_a_code_is_read_off_its_hash():
    assert code_of(bytes(32)) == "TES-AAAA-AAAA-AAAA"
    assert code_of((24**12 + 24**11 * 23 + 24 * 2 + 1).to_bytes(32)) == "TES-CDAA-AAAA-AAA9"


# ---- what came back --------------------------------------------------------------------------------------------------

SHOES = order(line("10.00", 2, id="a"), line("40.00", 1, id="b"))
BY_LINE = DiscountCode(code="X", lines={"a": Decimal(4), "gone": Decimal(2)}, shipping=Decimal(2))


@pytest.mark.parametrize(
    ("state", "used", "share"),
    [
        (after(SHOES, refund(back(1, line_id="a"))), BY_LINE, Fraction(2, 8)),
        (after(SHOES, refund(back(3, line_id="a"))), BY_LINE, Fraction(4, 8)),
        (after(SHOES, refund(back(1, line_id="gone"))), BY_LINE, Fraction(0)),
        (after(SHOES, refund(back(1, line_id="b"))), DiscountCode(code="X", total=Decimal(9)), Fraction(40, 60)),
        (
            after(SHOES, refund(back(1, line_id="b"))),
            DiscountCode(code="X", total=Decimal(9), shipping=Decimal(9)),
            Fraction(0),
        ),
        (
            after(SHOES, refund(back(1, line_id="b"))),
            DiscountCode(code="X", total=Decimal(9), lines={"a": Decimal(9)}),
            Fraction(0),
        ),
        (order(line("10.00", 2, id="a"), line("1.00", 0, id="b")), DiscountCode(code="X", lines={"b": 1}), Fraction(1)),
        (replace(SHOES, lines=()), DiscountCode(code="X", total=Decimal(9)), Fraction(0)),
    ],
)
def test_a_codes_share_lies_by_line_and_by_unit(state, used, share):
    assert share_back(state, used) == share


@pytest.mark.parametrize("kind", sorted(BY_PLATFORM))
def test_points_come_back_by_share_but_some_only_whole(kind):
    some = 0 if kind in ONLY_WHOLE else 66
    assert [points_back(kind, 100, Fraction(2, 3), whole) for whole in (False, True)] == [some, 100]
