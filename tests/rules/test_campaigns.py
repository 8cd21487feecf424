"""When a campaign is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.rules.builders import after, back, earned, line, order, programme, rate, refund, shipping, target

PARIS = ZoneInfo("Europe/Paris")


def doubled(moment: str, zone: ZoneInfo = PARIS, **when) -> bool:
    rules = programme(campaigns=[{"key": "a", "multiplier": "2", **when}])
    placed_at = datetime.fromisoformat(moment).astimezone(UTC)
    return target(order(line("10.00", 1), placed_at=placed_at), rules, zone=zone) == 200


@pytest.mark.parametrize(
    ("moment", "runs"),
    [
        ("2026-03-01T11:59:59.999999Z", False),
        ("2026-03-01T12:00:00Z", True),
        ("2026-03-02T11:59:59.999999Z", True),
        ("2026-03-02T12:00:00Z", False),
    ],
)
def test_it_starts_with_from_and_ends_before_to(moment, runs):
    assert doubled(moment, **{"from": "2026-03-01T13:00:00+01:00", "to": "2026-03-02T12:00:00Z"}) is runs


def test_without_dates_it_always_runs():
    assert doubled("1999-01-01T00:00:00Z", **{"from": None, "to": None})


def test_weekdays_are_the_shops():
    assert doubled("2026-03-01T23:30:00Z", weekdays=["mon"])  # already Monday in Paris
    assert not doubled("2026-03-01T23:30:00Z", ZoneInfo("UTC"), weekdays=["mon"])


@pytest.mark.parametrize(
    ("moment", "runs"),
    [("07:59:59", False), ("08:00:00", True), ("16:59:59", True), ("17:00:00", False)],
)
def test_hours_are_the_shops_and_their_end_is_exclusive(moment, runs):
    assert doubled(f"2026-03-01T{moment}Z", hours=["09:00", "18:00"]) is runs


@pytest.mark.parametrize(
    ("moment", "runs"),
    [
        ("2026-03-07T21:59:59", False),  # Saturday
        ("2026-03-07T22:00:00", True),
        ("2026-03-08T01:59:59", True),  # still Saturday's night
        ("2026-03-08T02:00:00", False),
        ("2026-03-08T22:00:00", False),  # Sunday's
        ("2026-03-07T01:00:00", False),  # Friday's
    ],
)
def test_hours_over_midnight_belong_to_the_day_they_began_on(moment, runs):
    assert doubled(f"{moment}+01:00", hours=["22:00", "02:00"], weekdays=["sat"]) is runs


def test_a_day_may_end_at_24_00():
    assert doubled("2026-03-01T23:59:59+01:00", hours=["18:00", "24:00"])
    assert not doubled("2026-03-02T00:00:00+01:00", hours=["18:00", "24:00"])


def test_the_hour_that_comes_twice_counts_twice():
    assert doubled("2026-10-25T02:30:00+02:00", hours=["02:00", "03:00"])
    assert doubled("2026-10-25T02:30:00+01:00", hours=["02:00", "03:00"])


def test_several_campaigns_join():
    rules = programme(
        campaigns=[{"key": "a", "multiplier": "2", "bonus": 1}, {"key": "b", "multiplier": "3", "bonus": 2}]
    )
    assert target(order(line("10.00", 1)), rules) == 403


MINIMUM = {"key": "a", "multiplier": "3", "bonus": 100, "min_basis": "30.00"}


def test_the_least_basis_is_tested_on_what_is_kept():
    rules = programme(campaigns=[MINIMUM])
    bought = order(line("15.00", 2))
    assert target(bought, rules) == 1000
    assert target(after(bought, refund(money="0.01")), rules) == 299
    assert target(order(line("14.99", 2), charges=(shipping("99"),)), rules) == 299


def test_what_is_outside_the_basis_does_not_help_to_reach_it():
    rules = programme(campaigns=[MINIMUM])
    assert target(order(line("29.00", 1), line("50.00", 1, kind="gift_card", id="l2")), rules) == 290
    excluding = programme(campaigns=[MINIMUM], products=[{"key": "x", "match": {"tag": "sale"}, "exclude": True}])
    assert target(order(line("29.00", 1), line("50.00", 1, id="l2", tags=("sale",))), excluding) == 290


def test_a_campaigns_bonus_counts_once_and_falls_with_the_last_kept_unit():
    rules = programme(campaigns=[{"key": "a", "bonus": 100}])
    bought = order(line("10.00", 1), line("10.00", 1, id="l2"))
    assert target(bought, rules) == 300
    assert target(after(bought, refund(back(1, "10.00"))), rules) == 200
    assert target(after(bought, refund(back(1, "10.00"), back(1, "10.00", "l2"))), rules) == 0


def test_nothing_in_the_basis_earns_no_bonus():
    assert target(order(line(kind="gift_card")), programme(campaigns=[{"key": "a", "bonus": 100}])) == 0


def test_a_least_basis_is_compared_in_the_programmes_currency():
    rules = programme(rates={"JPY": rate("1", "2")}, campaigns=[MINIMUM])
    in_yen = order(line("6000", 1), currency="JPY")
    assert target(in_yen, rules) == 3000  # nobody says what it is in EUR
    assert target(replace(in_yen, in_shop_money=order(line("36.00", 1))), rules) == 9100
    assert target(replace(in_yen, in_shop_money=order(line("29.99", 1))), rules) == 3000
    assert target(replace(in_yen, in_shop_money=order(line("36.00", 1), currency="USD")), rules) == 3000


def test_a_part_paid_order_meets_the_least_basis_with_all_that_is_kept_and_bonuses_do_not_shrink():
    rules = programme(campaigns=[MINIMUM])
    half = order(line("15.00", 2), paid="part", paid_amount=Decimal("15"), paid_of=Decimal("30"))
    assert target(half, rules) == 450 + 100
    assert target(replace(half, paid_amount=Decimal(0)), rules) == 0


def test_kept_basis_is_what_tiers_measure():
    assert earned(after(order(), refund(back(1, "19.99")))).kept_basis == Decimal("19.99")
    assert earned(order(status="cancelled")).kept_basis == 0
    yen = earned(order(currency="JPY"), programme(rates={"JPY": rate("1")}))
    assert yen.kept_basis is None


def test_limited_campaigns_and_the_tags_they_ask_for_are_known():
    rules = programme(
        campaigns=[
            {"key": "first", "bonus": 1, "max_orders": 1},
            {"key": "each", "bonus": 1, "max_orders_per_member": 1},
            {"key": "tagged", "bonus": 1, "who": {"any_tag": ["vip", "press"]}},
        ]
    ).compiled
    assert [each.key for each in rules.limited] == ["first", "each"]
    assert rules.tags == {"vip", "press"}
