"""The worked examples of semantics 2: acceptance cases, in the page's order. Rate 10 per EUR 1 unless said."""

from __future__ import annotations

from decimal import Decimal

from app.rules.earning import Context
from tests.rules.builders import after, back, line, order, programme, rate, refund, shipping, target

TIERS = ({"key": "entry", "enter": "0", "multiplier": "1"}, {"key": "gold", "enter": "500", "multiplier": "2"})
CAMPAIGN = {"key": "spring", "multiplier": "3"}


def test_two_at_19_99_earn_399():
    assert target(order()) == 399


def test_with_an_order_discount_of_ten_percent_359():
    assert target(order(line(discount="4.00"))) == 359


def test_discounted_units_refunded_one_by_one_leave_179_then_0():
    bought = order(line(discount="4.00"))
    one_back = after(bought, refund(back(1, "17.99")))
    assert target(one_back) == 179
    assert target(after(one_back, refund(back(1, "17.99")))) == 0


def test_gold_tier_and_campaign_add_up_to_four():
    assert target(order(), programme(tiers=TIERS, campaigns=[CAMPAIGN]), Context(tier="gold")) == 1599


def test_gold_tier_and_campaign_multiply_to_six():
    rules = programme(tiers=TIERS, campaigns=[CAMPAIGN], stacking="multiply")
    assert target(order(), rules, Context(tier="gold")) == 2398


def test_units_refunded_one_by_one_leave_199_then_0():
    one_back = after(order(), refund(back(1, "19.99")))
    assert target(one_back) == 199
    assert target(after(one_back, refund(back(1, "19.99")))) == 0


def test_units_refunded_without_amounts_leave_the_same():
    one_back = after(order(), refund(back(1)))
    assert target(one_back) == 199
    assert target(after(one_back, refund(back(1)))) == 0


def test_three_at_3_33_refunded_one_by_one_99_66_33_0():
    state = order(line("3.33", 3))
    seen = [target(state)]
    for _ in range(3):
        state = after(state, refund(back(1, "3.33")))
        seen.append(target(state))
    assert seen == [99, 66, 33, 0]


def test_the_order_keeps_the_rate_of_its_own_version():
    first, later = programme(), programme(rate=rate("20"))
    state = after(order(), refund(back(1, "19.99")))
    assert target(state, first) == 199
    assert target(state, later) == 399  # what a later order would earn; the version is an argument


def test_half_a_point_per_yen_for_1999_yen_is_999():
    state = order(line("1999", 1), currency="JPY")
    assert target(state, programme(currency="JPY", rate=rate("0.5"))) == 999


def test_one_point_per_ten_euros_of_99_99_is_9():
    assert target(order(line("99.99", 1)), programme(rate=rate("1", "10"))) == 9


def test_one_point_per_three_euros_of_30_is_10():
    assert target(order(line("30.00", 1)), programme(rate=rate("1", "3"))) == 10


def test_tax_included_prices_count_with_tax():
    assert target(order(line("24.00", tax=Decimal("8.00")))) == 480


def test_refunding_only_shipping_changes_nothing():
    bought = order(charges=(shipping("4.90"),))
    assert target(bought) == 399
    assert target(after(bought, refund(shipping="4.90"))) == 399


def test_a_refund_known_by_its_total_reduces_the_items():
    bought = order(line("35.00", 1), charges=(shipping("4.90"),), total=Decimal("39.90"))
    assert target(bought) == 350
    assert target(after(bought, refund(total="10.00"))) == 250


def test_refunds_known_by_total_that_reach_the_order_total_leave_nothing():
    bought = order(line("35.00", 1), charges=(shipping("4.90"),), total=Decimal("39.90"))
    assert target(after(bought, refund(total="39.90"))) == 0
    assert target(after(bought, refund(total="10.00"), refund(total="29.90"))) == 0


def test_money_refunded_without_items_is_spread_over_lines_with_their_own_multipliers():
    lines = [line("10.00", 1, id=str(number), product_id=f"p{number}") for number in (1, 2, 3)]
    products = [
        {"key": f"k{number}", "match": {"product": f"p{number}"}, "multiplier": str(number)} for number in (1, 2, 3)
    ]
    bought = order(*lines)
    assert target(bought, programme(products=products)) == 600
    assert target(after(bought, refund(money="5.00")), programme(products=products)) == 500


def test_a_cap_gives_each_order_the_room_that_earlier_ones_leave():
    first = target(order(), room=500)
    assert (first, target(order(), room=500 - first)) == (399, 101)
    first_refunded = target(after(order(), refund(back(2, "39.98"))), room=500)
    assert target(order(), room=500 - first_refunded) == 399
