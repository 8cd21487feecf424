"""Which product rule speaks for a line, and what it may say. Each is shown plain, then at its edge."""

from __future__ import annotations

from fractions import Fraction

import pytest

from app.rules.document import ProductRule
from app.rules.earning import Context, ProductFacts
from app.rules.product_rules import NO_RULES, ExactRate, LinePlan, RuleIndex
from tests.rules.builders import after, back, earned, line, order, programme, rate, refund, target

SHOE = line(
    "10.00", 1, variant_id="v1", product_id="p1", collections=("c1", "c2"), tags=("t1", "t2"), vendor="acme", id="shoe"
)
SOCK = line("10.00", 1, id="sock")


def rule(key: str, **says) -> dict:
    return {"key": key, **says}


@pytest.mark.parametrize(
    "match", [{"variant": "v1"}, {"product": "p1"}, {"collection": "c2"}, {"tag": "t2"}, {"vendor": "acme"}]
)
def test_a_rule_is_for_the_products_it_matches(match):
    rules = programme(products=[rule("a", match=match, multiplier="2")])
    assert target(order(SHOE, SOCK), rules) == 200 + 100


def test_a_rule_that_matches_everything_is_for_every_item():
    assert target(order(SHOE, SOCK), programme(products=[rule("a", match={}, multiplier="2")])) == 400


def test_a_rules_rate_replaces_the_programmes():
    assert target(order(SHOE, SOCK), programme(products=[rule("a", match={"tag": "t1"}, rate=rate("20"))])) == 300


def test_names_match_exactly():
    assert target(order(SHOE), programme(products=[rule("a", match={"tag": "T1"}, multiplier="2")])) == 100


def test_the_most_specific_rule_wins_whatever_the_priority():
    ladder = ["variant", "product", "collection", "tag", "vendor"]
    names = {"variant": "v1", "product": "p1", "collection": "c1", "tag": "t1", "vendor": "acme"}
    rules = [rule("all", match={}, rate=rate("1"), priority=99)]
    expected = 1
    for step, kind in enumerate(reversed(ladder), 2):
        rules.insert(0, rule(kind, match={kind: names[kind]}, rate=rate(str(step)), priority=10 - step))
        expected = step
        assert target(order(SHOE), programme(products=rules)) == 10 * expected


def test_of_equally_specific_rules_the_higher_priority_wins():
    rules = [
        rule("a", match={"tag": "t1"}, multiplier="2"),
        rule("b", match={"tag": "t2"}, multiplier="3", priority=1),
    ]
    assert target(order(SHOE), programme(products=rules)) == 300


def test_of_equal_priorities_the_first_key_wins_not_the_first_in_the_list():
    rules = [rule("b", match={"tag": "t1"}, multiplier="2"), rule("a", match={"tag": "t2"}, multiplier="3")]
    assert target(order(SHOE), programme(products=rules)) == 300


def test_rate_multiplier_and_bonus_come_each_from_the_most_specific_rule_that_has_one():
    rules = [
        rule("v", match={"variant": "v1"}, multiplier="2"),
        rule("p", match={"product": "p1"}, rate=rate("20"), multiplier="9"),
        rule("t", match={"tag": "t1"}, rate=rate("90"), bonus=7, multiplier="9"),
        rule("all", match={}, bonus=90),
    ]
    seen = earned(order(SHOE), programme(products=rules))
    assert seen.target == 20 * 10 * 2 + 7
    assert seen.lines[0].rules == ("p", "v", "t")  # rate, multiplier, bonus


def test_a_multiplier_of_one_is_a_multiplier_and_hides_a_less_specific_one():
    rules = [rule("v", match={"variant": "v1"}, multiplier="1"), rule("all", match={}, multiplier="5")]
    assert target(order(SHOE), programme(products=rules)) == 100


def test_a_bonus_of_zero_is_no_bonus_and_hides_none():
    rules = [rule("v", match={"variant": "v1"}, bonus=0), rule("all", match={}, bonus=5)]
    assert target(order(SHOE), programme(products=rules)) == 105


def test_any_matching_exclusion_excludes():
    rules = [
        rule("v", match={"variant": "v1"}, rate=rate("90"), bonus=9),
        rule("all-acme", match={"vendor": "acme"}, exclude=True),
    ]
    seen = earned(order(SHOE, SOCK), programme(products=rules))
    assert (seen.target, seen.lines[0].basis) == (100, 0)
    assert seen.lines[0].rules == ("all-acme",)


def test_a_bonus_counts_once_per_line_whatever_the_units():
    rules = programme(products=[rule("a", match={"tag": "t1"}, bonus=50)])
    assert target(order(line("10.00", 3, tags=("t1",)), line("1.00", 1, tags=("t1",), id="l2")), rules) == 310 + 100


def test_a_lines_bonus_stands_until_nothing_of_the_line_is_kept():
    rules = programme(products=[rule("a", match={"tag": "t1"}, bonus=50)])
    bought = order(line("10.00", 2, tags=("t1",)), line("1.00", 1, id="l2"))
    assert target(bought, rules) == 260
    assert target(after(bought, refund(back(1, "10.00"))), rules) == 160
    assert target(after(bought, refund(back(2, "20.00"))), rules) == 10


def test_a_bonus_stands_even_if_the_basis_rounds_to_nothing():
    rules = programme(products=[rule("a", match={}, bonus=50)])
    assert target(order(line("0.01", 1)), rules) == 50
    assert target(order(line("0.00", 1)), rules) == 0


def test_a_rules_rate_is_in_the_programmes_currency_and_others_keep_theirs():
    rules = programme(
        rates={"USD": rate("5")}, products=[rule("a", match={}, rate=rate("90"), multiplier="2", bonus=3)]
    )
    assert target(order(SHOE), rules) == 1803
    assert target(order(SHOE, currency="USD"), rules) == 103


def test_facts_frozen_with_the_order_replace_the_lines_own():
    rules = programme(products=[rule("a", match={"tag": "t1"}, multiplier="2")])
    frozen = Context(lines={"shoe": ProductFacts(), "sock": ProductFacts(tags=("t1",))})
    seen = earned(order(SHOE, SOCK), rules, frozen)
    assert [each.factor for each in seen.lines] == [1, 2]


def test_a_line_without_frozen_facts_brings_its_own():
    rules = programme(products=[rule("a", match={"tag": "t1"}, multiplier="2")])
    assert target(order(SHOE), rules, Context(lines={"other": ProductFacts()})) == 200


def test_product_rules_are_not_for_tips_that_earn():
    rules = programme(products=[rule("a", match={}, multiplier="9", bonus=9)], basis={"tips": True})
    assert target(order(line("10.00", 1, kind="tip")), rules) == 100


def test_rules_hold_for_gift_cards_that_earn():
    rules = programme(
        basis={"gift_cards": True},
        products=[
            {"key": "x", "match": {"product": "gc"}, "exclude": True},
            {"key": "y", "match": {"product": "g2"}, "multiplier": "2"},
        ],
    )
    for product, points in (("gc", 0), ("g2", 200), ("g3", 100)):
        bought = order(line("10.00", 1, kind="gift_card", product_id=product))
        assert target(bought, rules) == points


# ---- the index -------------------------------------------------------------------------------------------------------


def index(*matches: dict) -> RuleIndex:
    return RuleIndex.of([ProductRule(key=f"k{n}", match=match, bonus=n + 1) for n, match in enumerate(matches)])


def test_lines_alike_share_a_plan_and_plans_are_no_part_of_the_rules():
    used, unused = index({"tag": "t1"}), index({"tag": "t1"})
    plan = used.plan(SHOE, SHOE)
    assert plan == LinePlan(bonus=1, bonus_key="k0", rules=("k0",))
    assert used.plan(SHOE, SHOE) is plan
    assert used.plan(SOCK, SOCK) is NO_RULES
    assert list(used.plans.values()) == [plan]
    assert used == unused
    assert (used.empty, index().empty) == (False, True)


def test_a_rate_is_held_exactly_and_as_it_is_written():
    found = RuleIndex.of([ProductRule(key="k", match={}, rate=rate("5.0", "2"))]).plan(SHOE, SHOE).rate
    assert found == ExactRate(Fraction(5, 2), "5.0", "2", rule="k", market=None)


def test_no_more_than_ten_thousand_plans_are_kept():
    rules = index({"tag": "t1"}, {"vendor": "acme"})
    rules.plans.update({(number,): NO_RULES for number in range(100, 10_099)})
    shoe, tagged = rules.plan(SHOE, SHOE), rules.plan(SOCK, ProductFacts(tags=("t1",)))
    assert list(rules.plans.values()) == [tagged]  # the first filled the ten thousand
    assert (shoe.bonus, shoe.rules, tagged.bonus) == (1, ("k0",), 1)
    assert rules.plan(SHOE, SHOE) == shoe
    assert len(rules.plans) == 2
