"""What a shop took and kept for the goods of an order, without tax, and what they had cost it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from app.rules.basis import left_of, line_bases
from app.rules.document import Basis
from app.rules.moment import ENDED
from app.rules.money import ZERO, exact, total
from app.rules.order import Order, OrderLine

_WITHOUT_TAX = Basis(tax="excluded")


class Sale(NamedTuple):
    """Goods kept by the shopper, whether they earn points or not; gift cards, tips and shipping are no goods."""

    revenue: Fraction
    covered: Fraction = ZERO  # the part of it whose cost is known
    cost: Fraction = ZERO  # of that part

    @property
    def margin(self) -> Fraction:
        return self.covered - self.cost


NOT_SOLD = Sale(ZERO)


def sale_of(order: Order, currency: str, cost_of: Callable[[OrderLine], Decimal | None]) -> Sale | None:
    """Return what an order sold; None where it is not told in the currency.

    `cost_of` returns what one unit costs, in the same currency; None: not known.
    """
    if order.status in ENDED or order.test or order.paid == "none":
        return NOT_SOLD
    money = order if order.currency == currency else order.in_shop_money
    if money is None or money.currency != currency:
        return None
    left = left_of(money)
    revenue, covered, cost = [], [], []
    for line, value, units in zip(money.lines, line_bases(money, left, _WITHOUT_TAX), left.units, strict=True):
        revenue.append(value)
        each = cost_of(line) if value else None  # what is no goods has no value here
        if each is not None:
            covered.append(value)
            cost.append(exact(each) * max(0, units))
    return Sale(total(revenue) * left.spread, total(covered) * left.spread, total(cost))
