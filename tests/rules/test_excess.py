"""Refunds up to the last cent and the last unit: what is kept, and what is flagged as too much."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.rules.builders import after, back, earned, line, order, programme, refund, shipping, target

MONEY, UNITS = ("refund_above_order",), ("over_refunded",)
BOTH = order(line("10.00", 2), line("10.00", 1, id="l2"), charges=(shipping("5.00"),), total=Decimal("35"))


@pytest.mark.parametrize(
    ("state", "points", "flags"),
    [
        (BOTH, 350, ()),
        (after(BOTH, refund(total="35")), 0, ()),
        (after(BOTH, refund(total="35.01")), 0, MONEY),
        (after(BOTH, refund(total="5"), refund(back(2, "20"), money="5", shipping="5")), 0, ()),
        (
            after(BOTH, refund(total="5"), refund(back(2, "20"), money="5", shipping="4.99")),
            33,
            MONEY,
        ),
        (after(BOTH, refund(back(2, "20"), back(1, "10", "l2"), shipping="5")), 0, ()),
        (after(BOTH, refund(total="0")), 350, ()),
        (after(BOTH, refund(total="0.60")), 344, ()),
        (after(replace(BOTH, total=Decimal(0)), refund(total="0")), 350, ()),
        (after(replace(BOTH, total=Decimal("0.50")), refund(total="0.50")), 0, ()),
        (after(BOTH, refund(money="30")), 50, ()),
        (after(BOTH, refund(money="30.01")), 50, MONEY),
        (after(BOTH, refund(money="0.60")), 344, ()),
        (after(BOTH, refund(money="0", shipping="5")), 300, ()),
        (after(BOTH, refund(shipping="2.50"), refund(shipping="2.51")), 300, MONEY),
        (after(BOTH, refund(back(2, "20"))), 150, ()),
        (after(BOTH, refund(back(2, "19.50"))), 155, ()),
        (after(BOTH, refund(back(2, "20.01"))), 150, MONEY),
        (after(BOTH, refund(back(2)), refund(back(1))), 150, (*UNITS, *MONEY)),
        (after(BOTH, refund(back(1, line_id="l2"))), 250, ()),
        (after(BOTH, refund(back(-1))), 350, ()),
        (after(BOTH, refund(back(-1, "-5"))), 350, ()),
        (after(order(line("10.00", 0)), refund(back(1))), 0, UNITS),
        (order(line("10.00", 0, removed=1)), 0, ()),
        (order(line("10.00", 3, removed=1), line("10.00", 1, id="l2")), 300, ()),
        (after(order(line("10.00", 3, removed=1)), refund(back(2))), 0, ()),
        (after(order(line("10.00", 3, removed=1)), refund(back(3))), 0, (*UNITS, *MONEY)),
        (order(line("0.00", 1), paid="part", paid_amount=Decimal(0), paid_of=Decimal(0)), 0, ()),
    ],
)
def test_what_goes_back_up_to_the_last_cent_is_no_excess(state, points, flags):
    seen = earned(state, programme(basis={"shipping": True}))
    assert (seen.target, seen.flags) == (points, flags)


def test_the_tax_of_a_charge_is_added_or_taken_off_with_the_switch():
    taxed = (shipping("5.00", "1.00"),)
    bought = order(line("10.00", 1), charges=taxed)
    assert target(bought, programme(basis={"shipping": True, "tax": "excluded"})) == 140
    without = replace(bought, prices_include_tax=False)
    assert target(without, programme(basis={"shipping": True, "tax": "included"})) == 160


def test_the_shops_money_may_tell_its_own_paid_share():
    shop = order(line("5.00", 2), paid="part", paid_amount=Decimal(9), paid_of=Decimal(10))
    in_francs = order(
        line("10.00", 2), currency="CHF", paid="part", paid_amount=Decimal(10), paid_of=Decimal(20), in_shop_money=shop
    )
    assert target(in_francs) == 90
