"""What a point is worth, by the rewards it can be spent on."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from app.rules.document import Reward
from app.rules.programme import parse_programme
from app.rules.worth import PointWorth, RewardWorth, worth_of
from tests.build import programme

FIVE = {"amount": "5.00", "currency": "EUR"}


def worth(*rewards: dict[str, Any], average: Fraction | None = None) -> PointWorth:
    told = [{"key": str(number), **reward} for number, reward in enumerate(rewards)]
    return worth_of(parse_programme(programme(rewards=told)), average)


def test_an_amount_off_is_worth_its_amount() -> None:
    (each,) = worth({"kind": "amount_off", "points": 500, "amount": FIVE}).rewards
    assert (each.face, each.cost, each.by) == (Fraction(1, 100), Fraction(1, 100), "amount")


def test_a_cost_is_what_it_costs_the_shop_and_the_worth_of_what_has_no_other() -> None:
    cost = {"amount": "2.50", "currency": "EUR"}
    off, gift = worth(
        {"kind": "amount_off", "points": 500, "amount": FIVE, "cost": cost},
        {"kind": "free_product", "points": 100, "product": "mug", "cost": cost},
    ).rewards
    assert (off.face, off.cost) == (Fraction(1, 100), Fraction(1, 200))
    assert (gift.face, gift.cost, gift.by) == (Fraction(1, 40), Fraction(1, 40), "cost")


def test_points_to_pay_with_are_worth_their_rate() -> None:
    (each,) = worth({"kind": "pay_with_points", "rate": {"points": "100", "per": "2"}}).rewards
    assert each == RewardWorth("0", Fraction(1, 50), Fraction(1, 50), "rate")


@pytest.mark.parametrize(
    ("most", "average", "face"),
    [
        (None, Fraction(50), Fraction(5, 100)),
        ("3.00", Fraction(50), Fraction(3, 100)),
        ("3.00", None, Fraction(3, 100)),
        ("9.00", Fraction(50), Fraction(5, 100)),
        ("3.00", Fraction(-50), Fraction(0)),
    ],
)
def test_a_percentage_is_taken_of_the_average_order_up_to_its_maximum(
    most: str | None, average: Fraction | None, face: Fraction
) -> None:
    limit = {"max_amount": {"amount": most, "currency": "EUR"}} if most else {}
    (each,) = worth({"kind": "percent_off", "points": 100, "percent": "10", **limit}, average=average).rewards
    assert (each.face, each.by) == (face, "percent")


def test_least_average_and_greatest_go_over_rewards_that_have_a_worth() -> None:
    found = worth(
        {"kind": "amount_off", "points": 500, "amount": FIVE},
        {"kind": "amount_off", "points": 100, "amount": FIVE},
        {"kind": "free_shipping", "points": 100},
        {"kind": "contest_entry", "points": 0},
        {"kind": "amount_off", "points": 10, "amount": {"amount": "9.00", "currency": "USD"}},
        {"kind": "percent_off", "points": 10, "percent": "10"},
    )
    assert (found.least, found.average, found.greatest) == (Fraction(1, 100), Fraction(3, 100), Fraction(5, 100))
    assert (found.cost, found.unvalued) == (Fraction(3, 100), ("2", "4", "5"))


def test_without_rewards_a_point_has_no_known_worth() -> None:
    found = worth()
    assert (found.least, found.average, found.greatest, found.cost) == (None, None, None, None)


@pytest.mark.parametrize(
    "half_told",
    [
        {"kind": "pay_with_points", "points": 5},
        {"kind": "pay_with_points", "points": 5, "rate": {"points": "0", "per": "1"}},
        {"kind": "amount_off", "points": 5, "rate": {"points": "10", "per": "1"}},
        {"kind": "percent_off", "points": 5},
    ],
)
def test_a_reward_that_is_told_by_half_has_no_worth(half_told: dict[str, Any]) -> None:
    rules = parse_programme(programme())
    known = rules.model_copy(update={"rewards": (Reward.model_validate({"key": "r", **half_told}),)})
    assert worth_of(known, Fraction(50)) == PointWorth((), ("r",))


def test_worths_that_differ_have_a_mean() -> None:
    two = PointWorth(tuple(RewardWorth("r", Fraction(n), Fraction(n, 4), "amount") for n in (1, 2, 6)), ())
    assert (two.least, two.greatest, two.average, two.cost) == (1, 6, 3, Fraction(3, 4))
