"""How multipliers join, how points are rounded, and what caps leave."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from app.rules.earning import Context
from app.rules.money import MAX_POINTS
from tests.rules.builders import earned, line, order, programme, rate, target

GOLD = Context(tier="gold")


def tiers(multiplier: str) -> list[dict]:
    return [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "10", "multiplier": multiplier}]


def campaigns(*multipliers: str) -> list[dict]:
    return [{"key": f"c{number}", "multiplier": each} for number, each in enumerate(multipliers)]


@pytest.mark.parametrize(
    ("stacking", "points"), [("add", 100 * (1 + 1 + 2)), ("multiply", 100 * 2 * 3), ("best", 100 * 3)]
)
def test_multipliers_of_tier_and_campaign_join_as_the_programme_says(stacking, points):
    rules = programme(stacking=stacking, tiers=tiers("2"), campaigns=campaigns("3"))
    assert target(order(line("10.00", 1)), rules, GOLD) == points


@pytest.mark.parametrize("stacking", ["add", "multiply", "best"])
def test_without_any_multiplier_the_factor_is_one(stacking):
    assert earned(order(), programme(stacking=stacking)).lines[0].factor == 1


def test_small_multipliers_add_up_to_nothing_at_least():
    assert target(order(), programme(campaigns=campaigns("0.2", "0.3", "0.1"))) == 0


@pytest.mark.parametrize(("stacking", "factor"), [("add", "0.5"), ("multiply", "0.5"), ("best", "0.5")])
def test_a_lone_multiplier_below_one_takes_away(stacking, factor):
    assert earned(order(), programme(stacking=stacking, campaigns=campaigns("0.5"))).lines[0].factor == Fraction(factor)


def test_best_takes_the_greatest_not_the_product_of_the_line():
    rules = programme(
        stacking="best", campaigns=campaigns("1.5"), products=[{"key": "a", "match": {"tag": "t"}, "multiplier": "2"}]
    )
    seen = earned(order(line(tags=("t",)), line(id="l2")), rules)
    assert [each.factor for each in seen.lines] == [2, Fraction(3, 2)]


def test_a_multiplier_of_zero_earns_nothing_but_the_bonus():
    rules = programme(stacking="multiply", campaigns=[{"key": "a", "multiplier": "0", "bonus": 5}])
    assert target(order(), rules) == 5


def test_a_tier_the_programme_does_not_know_multiplies_nothing():
    assert target(order(), programme(tiers=tiers("2")), Context(tier="platinum")) == 399


def test_multipliers_in_force_join_the_others():
    extra = [("segment", "vip", "1.5"), ("segment", "new", Decimal("0.5"))]
    seen = earned(order(line("10.00", 1)), programme(tiers=tiers("2")), GOLD, in_force=extra)
    assert seen.lines[0].factor == 2
    assert {"kind": "segment", "rule": "vip", "version": None, "multiplier": "1.5"} in seen.explanation["multipliers"]


@pytest.mark.parametrize(("rounding", "points"), [("floor", 2), ("half_up", 3), ("ceil", 3)])
def test_points_are_rounded_once_for_the_whole_order(rounding, points):
    lines = [line("0.05", 1, id=str(number)) for number in range(5)]  # 0.5 points each
    assert target(order(*lines), programme(rounding=rounding)) == points


@pytest.mark.parametrize(("price", "points"), [("0.24", 2), ("0.25", 3), ("0.26", 3), ("0.20", 2)])
def test_half_up_rounds_at_the_half(price, points):
    assert target(order(line(price, 1)), programme(rounding="half_up")) == points


def test_a_third_is_a_third_until_the_end():
    lines = [line("1.00", 1, id=str(number)) for number in range(3)]
    assert target(order(*lines), programme(rate=rate("1", "3"))) == 1


def test_bonuses_are_added_after_rounding():
    assert target(order(line("0.29", 1)), programme(campaigns=[{"key": "a", "bonus": 100}])) == 102


def test_the_cap_per_order_counts_bonuses():
    rules = programme(caps={"order": 450}, campaigns=[{"key": "a", "bonus": 100}])
    seen = earned(order(), rules)
    assert (seen.own_points, seen.target) == (450, 450)


def test_a_cap_of_zero_leaves_nothing():
    assert target(order(), programme(caps={"order": 0})) == 0


@pytest.mark.parametrize(("room", "points"), [(None, 399), (500, 399), (100, 100), (0, 0), (-7, 0)])
def test_room_limits_the_target_but_not_the_orders_own_points(room, points):
    seen = earned(order(), room=room)
    assert (seen.target, seen.own_points) == (points, 399)


def test_points_beyond_64_bits_stop_there_and_are_flagged():
    seen = earned(order(line("99999999999999", 1)), programme(rate=rate("9000000000000000000")))
    assert seen.target == MAX_POINTS
    assert "above_64_bit" in seen.flags


def test_the_most_points_that_fit_are_not_flagged():
    seen = earned(order(line("1.00", 1)), programme(rate=rate(str(2**63 - 1))))
    assert (seen.target, seen.flags) == (2**63 - 1, ())
