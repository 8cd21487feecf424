"""What a shop took for goods that were kept, and what they had cost it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from app.rules.order import OrderLine
from app.rules.sales import Sale, sale_of
from connectors.contract import OrderState
from tests.rules.builders import after, back, line, order, refund, shipping


def sale(state: OrderState, **costs: str) -> Sale:
    def cost_of(line: OrderLine) -> Decimal | None:
        return Decimal(costs[line.id]) if line.id in costs else None

    found = sale_of(state, "EUR", cost_of)
    assert found is not None
    return found


def test_two_kept_units_are_sold_at_their_price_and_cost_twice_the_unit() -> None:
    found = sale(order(), l1="8.00")
    assert (found.revenue, found.covered, found.cost, found.margin) == (
        Fraction("39.98"),
        Fraction("39.98"),
        16,
        Fraction("23.98"),
    )


def test_tax_is_no_revenue_and_shipping_tips_and_gift_cards_are_no_goods() -> None:
    gift, tip = line(id="g", kind="gift_card"), line(id="t", kind="tip")
    taxed = line(tax=Decimal("6.38"))
    assert sale(order(taxed, gift, tip, charges=(shipping(),)), g="1", t="1") == Sale(Fraction("33.60"))
    assert sale(order(taxed, prices_include_tax=False)).revenue == Fraction("39.98")


def test_a_unit_given_back_is_neither_sold_nor_does_it_cost() -> None:
    assert sale(after(order(), refund(back(amount="19.99"))), l1="8.00") == Sale(
        Fraction("19.99"), Fraction("19.99"), 8
    )
    assert sale(after(order(), refund(back(quantity=2))), l1="8.00") == Sale(Fraction(0))


def test_money_back_without_an_item_lowers_the_revenue_and_not_the_cost() -> None:
    found = sale(after(order(), refund(money="9.98")), l1="8.00")
    assert (found.revenue, found.covered, found.cost) == (30, 30, 16)


def test_more_units_back_than_there_were_cost_nothing_and_neither_does_a_gift() -> None:
    over = after(order(), refund(back(3, "10.00")))
    assert sale(over, l1="8.00") == Sale(Fraction("29.98"), Fraction("29.98"), Fraction(0))
    assert sale(order(line("0.00", 1)), l1="8.00") == Sale(Fraction(0))


def test_only_lines_with_a_known_cost_are_covered() -> None:
    found = sale(order(line(), line("10.00", 1, id="l2")), l2="4.00")
    assert (found.revenue, found.covered, found.cost, found.margin) == (Fraction("49.98"), 10, 4, 6)


@pytest.mark.parametrize("changes", [{"status": "cancelled"}, {"paid": "none"}, {"test": True}, {"status": "deleted"}])
def test_what_was_not_sold_is_nothing(changes: dict[str, object]) -> None:
    assert sale(order(**changes), l1="8.00") == Sale(Fraction(0))


def test_the_shops_money_counts_where_the_shopper_paid_in_another() -> None:
    dollars = order(currency="USD")
    assert sale_of(dollars, "EUR", lambda line: None) is None
    told = replace(dollars, in_shop_money=order(line("10.00", 1)))
    assert sale(told, l1="4.00") == Sale(Fraction(10), Fraction(10), Fraction(4))
    assert sale_of(replace(dollars, in_shop_money=order(currency="GBP")), "EUR", lambda line: None) is None
