"""Refunds up to the last cent and the last unit: what is kept, and what is flagged as too much."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.rules.builders import after, back, earned, line, order, programme, refund, shipping

BOTH = order(line("10.00", 2), line("10.00", 1, id="l2"), charges=(shipping("5.00"),), total=Decimal("35"))


@pytest.mark.parametrize(
    ("state", "points", "flags"),
    [
        (after(BOTH, refund(total="35")), 0, ()),
        (after(BOTH, refund(total="35.01")), 0, ("refund_above_order",)),
        (after(BOTH, refund(total="5"), refund(back(2, "20"), money="5", shipping="5")), 0, ()),
        (
            after(BOTH, refund(total="5"), refund(back(2, "20"), money="5", shipping="4.99")),
            33,
            ("refund_above_order",),
        ),
        (after(BOTH, refund(back(2, "20"), back(1, "10", "l2"), shipping="5")), 0, ()),
        (after(BOTH, refund(total="0")), 300, ()),
        (after(replace(BOTH, total=Decimal(0)), refund(total="0")), 300, ()),
        (after(BOTH, refund(money="30")), 0, ()),
        (after(BOTH, refund(money="30.01")), 0, ("refund_above_order",)),
        (after(BOTH, refund(money="0", shipping="5")), 300, ()),
        (after(BOTH, refund(shipping="2.50"), refund(shipping="2.51")), 300, ("refund_above_order",)),
        (after(BOTH, refund(back(2, "20"))), 100, ()),
        (after(BOTH, refund(back(2, "20.01"))), 100, ("refund_above_order",)),
        (after(BOTH, refund(back(2)), refund(back(1))), 100, ("over_refunded", "refund_above_order")),
        (after(BOTH, refund(back(-1, "-5"))), 300, ()),
        (order(line("10.00", 3, removed=1), line("10.00", 1, id="l2")), 300, ()),
        (after(order(line("10.00", 3, removed=1)), refund(back(2))), 0, ()),
        (after(order(line("10.00", 3, removed=1)), refund(back(3))), 0, ("over_refunded", "refund_above_order")),
    ],
)
def test_what_goes_back_up_to_the_last_cent_is_no_excess(state, points, flags):
    seen = earned(state, programme(basis={"shipping": True}))
    kept = seen.target - sum(int(10 * each.basis) for each in seen.charges)
    assert (kept, seen.flags) == (points, flags)
