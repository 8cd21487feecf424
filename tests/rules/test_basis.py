"""Which of an order's money is left, and which of it earns."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from app.rules.money import BadNumber
from connectors.contract import Charge
from tests.rules.builders import after, back, earned, line, order, programme, rate, refund, shipping, target


def test_all_discounts_of_the_line_are_off():
    assert target(order(line("10.00", 3, discount="5.50"))) == 245


def test_a_discount_above_the_line_leaves_nothing_and_takes_nothing_from_others():
    assert target(order(line("10.00", 1, discount="15.00"), line("10.00", 1, id="l2"))) == 100


def test_an_order_wide_discount_is_spread_over_items_in_proportion():
    seen = earned(
        order(
            line("20.00", 1),
            line("10.00", 1, id="l2"),
            line("9.00", 1, id="g", kind="gift_card"),
            order_discount=Decimal(1),
        )
    )
    assert [each.basis for each in seen.lines] == [20 - Fraction(2, 3), 10 - Fraction(1, 3), 0]
    assert target(order(order_discount=Decimal("99"))) == 0


def test_removed_units_leave_in_proportion_and_refunded_ones_with_their_amount():
    bought = order(line("10.00", 5, removed=1))
    assert target(bought) == 400
    assert target(after(bought, refund(back(1, "10.00")))) == 300
    assert target(after(bought, refund(back(1, "10.00"), back(1)))) == 200


def test_an_amount_taken_back_without_a_unit_counts():
    assert target(after(order(), refund(back(0, "5.00")))) == 349


def test_what_an_amount_leaves_of_a_returned_unit_stays():
    assert target(after(order(line("20.00", 1)), refund(back(1, "15.00")))) == 50


def test_money_without_an_item_is_spread_also_over_lines_outside_the_basis():
    bought = order(line("10.00", 1), line("30.00", 1, kind="gift_card", id="g"))
    assert target(bought) == 100
    assert target(after(bought, refund(money="20.00"))) == 50


def test_an_order_whose_money_all_went_back_without_an_item_no_longer_counts():
    assert earned(after(order(), refund(money="39.97"))).counts
    seen = earned(after(order(), refund(money="39.98")))
    assert (seen.target, seen.kept_basis, seen.counts) == (0, 0, False)
    with_shipping = after(order(charges=(shipping(),)), refund(money="39.98"))
    assert earned(with_shipping, programme(basis={"shipping": True})).counts


def test_money_without_an_item_is_spread_over_what_other_refunds_keep():
    bought = order(line("10.00", 1), line("10.00", 1, id="l2", tags=("x",)), line("10.00", 1, id="l3"))
    rules = programme(products=[{"key": "x", "match": {"tag": "x"}, "multiplier": "2"}])
    assert target(bought, rules) == 400
    assert target(after(bought, refund(back(1, "10.00"), money="4.00")), rules) == 240


def test_a_refund_known_by_total_counts_against_items_with_their_tax():
    bought = order(
        line("30.00", 1, tax=Decimal("6.00")), prices_include_tax=False, charges=(shipping(),), total=Decimal("40.90")
    )
    assert target(after(bought, refund(total="9.00"))) == 225


def test_a_refund_known_by_total_counts_against_items_after_negative_fees():
    bought = order(line("30.00", 1), order_discount=Decimal("10"), total=Decimal("20"))
    assert target(after(bought, refund(total="5.00"))) == 150
    with_tax = order(
        line("30.00", 1, tax=Decimal("6.00")),
        order_discount=Decimal("10"),
        order_discount_tax=Decimal("2"),
        prices_include_tax=False,
    )
    assert target(after(with_tax, refund(total="6.00"))) == 150  # 6 of 20 + 4


def test_a_refund_known_by_total_touches_no_gift_card():
    rules = programme(basis={"gift_cards": True})
    bought = order(line("10.00", 1), line("10.00", 1, kind="gift_card", id="g"), total=Decimal("20"))
    assert target(after(bought, refund(total="5.00")), rules) == 150
    assert target(after(bought, refund(total="20.00")), rules) == 0


def test_once_its_lines_are_known_the_total_no_longer_counts():
    bought = order(line("10.00", 1), line("30.00", 1, id="l2"), total=Decimal("40"))
    known = replace(refund(back(1, "10.00")), total=Decimal("10.00"))
    assert target(after(bought, known)) == 300


def test_totals_that_reach_the_order_total_take_shipping_too():
    rules = programme(basis={"shipping": True})
    bought = order(line("35.00", 1), charges=(shipping("5.00"),), total=Decimal("40"))
    assert target(bought, rules) == 400
    assert target(after(bought, refund(total="39.99")), rules) == 50
    assert target(after(bought, refund(total="40.00")), rules) == 0


def test_a_platform_that_only_says_refunded_means_everything():
    assert target(order(all_refunded=True)) == 0


@pytest.mark.parametrize(
    ("switch", "included", "points"),
    [
        ("displayed", True, 480),
        ("displayed", False, 480),
        ("excluded", True, 400),
        ("excluded", False, 480),
        ("included", True, 480),
        ("included", False, 560),
    ],
)
def test_tax_counts_as_displayed_unless_switched(switch, included, points):
    seen = earned(
        order(line("24.00", tax=Decimal("8.00")), prices_include_tax=included), programme(basis={"tax": switch})
    )
    assert seen.target == points
    assert seen.about is (points != 480)


def test_switched_tax_follows_what_is_kept_of_the_line():
    bought = order(line("24.00", tax=Decimal("8.00")))
    assert target(after(bought, refund(back(1, "24.00"))), programme(basis={"tax": "excluded"})) == 200


def test_an_order_wide_discount_lowers_the_tax_by_its_own_tax():
    bought = order(line("24.00", tax=Decimal("8.00")), order_discount=Decimal("12"), order_discount_tax=Decimal("2"))
    assert target(bought, programme(basis={"tax": "excluded"})) == 300


@pytest.mark.parametrize(
    ("switch", "extra"), [("shipping", "shipping"), ("tips", "tip"), ("duties", "duty"), ("fees", "fee")]
)
def test_charges_are_outside_until_their_switch_is_on(switch, extra):
    bought = order(line("10.00", 1), charges=(Charge(kind=extra, amount=Decimal(5)),))
    assert target(bought) == 100
    assert target(bought, programme(basis={switch: True})) == 150
    others = {each: True for each in ("shipping", "tips", "duties", "fees") if each != switch}
    assert target(bought, programme(basis=others)) == 100


@pytest.mark.parametrize(("switch", "kind"), [("gift_cards", "gift_card"), ("tips", "tip")])
def test_gift_card_and_tip_lines_are_outside_until_their_switch_is_on(switch, kind):
    bought = order(line("10.00", 1), line("5.00", 1, kind=kind, id="l2"))
    assert target(bought) == 100
    assert target(bought, programme(basis={switch: True})) == 150


def test_charges_earn_at_the_programmes_rate_with_the_orders_factors():
    rules = programme(
        basis={"shipping": True},
        products=[{"key": "a", "match": {}, "rate": rate("90"), "multiplier": "9"}],
        campaigns=[{"key": "c", "multiplier": "2"}],
    )
    assert target(order(line("0.00", 1), charges=(shipping("5.00"),)), rules) == 100


def test_shipping_refunds_touch_only_shipping():
    rules = programme(basis={"shipping": True})
    bought = order(line("10.00", 1), charges=(shipping("5.00"),))
    assert target(after(bought, refund(shipping="2.00")), rules) == 130
    assert target(after(bought, refund(shipping="9.00")), rules) == 100


def test_money_back_above_the_order_is_nothing_and_flagged():
    for change in (refund(back(1, "99")), refund(money="99"), refund(shipping="1")):
        assert earned(after(order(), change)).flags == ("refund_above_order",)
    assert target(after(order(), refund(back(1, "99")))) == 0
    total = earned(after(order(total=Decimal("39.98")), refund(total="40")))
    assert (total.target, total.flags) == (0, ("refund_above_order",))


def test_one_lines_excess_takes_nothing_from_another():
    bought = order(line("10.00", 1), line("10.00", 1, id="l2"))
    assert target(after(bought, refund(back(1, "15.00")))) == 100


def test_more_units_back_than_ordered_is_flagged():
    seen = earned(after(order(), refund(back(3))))
    assert (seen.target, seen.flags) == (0, ("over_refunded",))


def test_a_refund_of_a_line_nobody_knows_is_flagged_and_takes_nothing():
    seen = earned(after(order(), refund(back(1, "5.00", "elsewhere"))))
    assert (seen.target, seen.flags) == (399, ("unknown_refund_line",))


def test_a_refund_of_full_line_amounts_beside_a_negative_fee_is_not_flagged():
    seen = earned(after(order(line("20.00", 1), order_discount=Decimal(5)), refund(back(1, "20.00"))))
    assert (seen.target, seen.flags) == (0, ())


def test_an_order_without_lines_earns_nothing():
    assert target(replace(order(), lines=())) == 0


def test_extra_decimals_count_exactly():
    assert earned(order(line("0.0000000000000000001", 3))).lines[0].basis == Fraction(3, 10**19)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "sNaN", "1E+100", "1E-200", "1" * 61])
def test_amounts_that_are_no_money_are_refused(amount):
    with pytest.raises(BadNumber):
        earned(order(replace(line(), gross=Decimal(amount))))


class TestCurrency:
    RULES = programme(rates={"USD": rate("5")})

    def test_the_shoppers_currency_earns_at_its_own_rate(self):
        assert target(order(line("10.00", 1), currency="USD"), self.RULES) == 50

    def test_without_such_a_rate_the_shops_money_earns(self):
        in_francs = order(line("12.00", 1), currency="CHF", in_shop_money=order(line("10.00", 1)))
        seen = earned(in_francs, self.RULES)
        assert (seen.target, seen.about, seen.how.currency) == (100, True, "EUR")

    def test_the_shoppers_currency_goes_first(self):
        in_dollars = order(line("12.00", 1), currency="USD", in_shop_money=order(line("10.00", 1)))
        assert target(in_dollars, self.RULES) == 60

    def test_without_any_rate_nothing_is_earned_and_it_is_flagged(self):
        bonus = programme(campaigns=[{"key": "a", "bonus": 5}])
        for shop in (None, order(currency="GBP")):
            seen = earned(order(currency="CHF", in_shop_money=shop), bonus)
            assert (seen.target, seen.flags, seen.about) == (0, ("no_rate",), True)


class TestPartPaid:
    HALF = order(line("10.00", 2), paid="part", paid_amount=Decimal("10"), paid_of=Decimal("25"))

    def test_the_paid_share_of_the_basis_earns(self):
        assert target(self.HALF) == 80

    def test_no_more_than_everything_is_paid(self):
        assert target(replace(self.HALF, paid_amount=Decimal("99"))) == 200

    def test_the_share_is_not_rounded(self):
        assert earned(replace(self.HALF, paid_of=Decimal("30"))).lines[0].basis == Fraction(20, 3)

    def test_untold_the_whole_is_kept_lines_with_tax_shipping_and_tip(self):
        bought = order(
            line("10.00", 2, tax=Decimal("4.00")),
            charges=(shipping("4.00"), Charge(kind="tip", amount=Decimal("2"))),
            prices_include_tax=False,
            paid="part",
            paid_amount=Decimal("15"),
        )
        assert target(bought) == 100
        assert target(replace(bought, prices_include_tax=True)) == 115  # 200 × 15 ÷ 26 = 115.38…
        assert target(after(bought, refund(back(1, "10.00")))) == 83  # 100 × 15 ÷ 18 = 83.3…

    def test_untold_the_whole_is_what_money_refunds_leave(self):
        bought = order(line("10.00", 2), paid="part", paid_amount=Decimal("10"))
        assert target(after(bought, refund(money="4.00"))) == 100

    def test_nothing_told_is_nothing_paid(self):
        assert target(replace(self.HALF, paid_amount=None)) == 0

    def test_the_share_told_in_one_currency_holds_in_the_other(self):
        in_francs = replace(self.HALF, currency="CHF", in_shop_money=order(line("5.00", 2), paid="part"))
        assert target(in_francs) == 40
