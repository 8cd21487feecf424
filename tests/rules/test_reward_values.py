"""Codes, averages, and which share of a reward's discount and points came back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from app.rules.document import Reward
from app.rules.rewards import (
    BY_PLATFORM,
    ONLY_WHOLE,
    Average,
    Taken,
    code_of,
    points_back,
    share_back,
    why_not,
)
from connectors.contract import DiscountCode
from tests.rules.builders import after, back, line, order, refund


def reward(kind: str = "donation", **changes: Any) -> Reward:
    return Reward.model_validate({"key": "r", "kind": kind, "points": 50} | changes)


def test_without_orders_nothing_lies_above_their_average():
    assert Average(0, Fraction(0)).above(Decimal("20.0"), "EUR") == (None, {"orders": 0, "percent": "20.0"})
    assert Average(1, Fraction(10)).above(Decimal("5"), "EUR") == (
        {"amount": "10.50", "currency": "EUR"},
        {"average": "10.00", "orders": 1, "percent": "5"},
    )


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
