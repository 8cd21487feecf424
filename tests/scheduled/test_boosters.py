"""Boosters: a member's own multiplier for the next order, given by a rule, used once, promised by the preview."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.build import Tessera, refund
from tests.scheduled.play import Play, play, rule

DOUBLE = {"multiplier": "2", "valid_days": 10}
LINES = [{"product_id": "p1", "quantity": 2, "unit_price": "19.99"}]


def booster(**changes: Any) -> dict[str, Any]:
    return rule("next_purchase_booster", 0, booster=DOUBLE, win_back={"days_without_order": 7}, **changes)


def boosted(tessera: Tessera, **top: Any) -> Play:
    """Let ada order on 1 March and get a booster on the 8th, valid until the end of the 18th."""
    shop = play(tessera, booster(), **top)
    shop.buy("ada", "2026-03-01")
    assert shop.tick("2026-03-08T12:00").scheduled == 1
    return shop


def promised(shop: Play, name: str) -> int:
    api = Api(shop.tessera.client(), shop.shop.keys.api_key, shop.shop)
    asked = {"currency": "EUR", "lines": LINES, "member_id": shop.enrol(name)}
    return api.post("/preview", asked).json["points"]


def test_the_next_order_is_multiplied_once_and_the_preview_says_so(tessera: Tessera) -> None:
    shop = boosted(tessera)
    assert promised(shop, "ada") == 799
    assert shop.target(shop.buy("ada", "2026-03-09")) == 799
    assert promised(shop, "ada") == 399
    assert shop.target(shop.buy("ada", "2026-03-10")) == 399
    told = shop.shop.order("ada-2026-03-09T00:00:00Z").explanation["multipliers"]
    assert told == [{"kind": "booster", "rule": "next_purchase_booster", "version": 1, "multiplier": "2"}]
    shop.agrees()


@pytest.mark.parametrize(
    ("placed", "points"), [("2026-03-07T22:59", 399), ("2026-03-18T22:59", 799), ("2026-03-18T23:00", 399)]
)
def test_it_is_dated(tessera: Tessera, placed: str, points: int) -> None:
    shop = boosted(tessera)
    assert shop.target(shop.buy("ada", placed)) == points
    shop.agrees()


def test_it_is_personal(tessera: Tessera) -> None:
    shop = boosted(tessera)
    assert promised(shop, "bob") == 399
    assert shop.target(shop.buy("bob", "2026-03-09")) == 399


@pytest.mark.parametrize(("stacking", "points"), [("add", 1599), ("multiply", 2398), ("best", 1199)])
def test_it_joins_other_multipliers_by_stacking(tessera: Tessera, stacking: str, points: int) -> None:
    shop = boosted(tessera, campaigns=[{"key": "triple", "multiplier": "3"}], stacking=stacking)
    assert promised(shop, "ada") == points
    assert shop.target(shop.buy("ada", "2026-03-09")) == points
    shop.agrees()


def test_an_order_that_was_not_paid_uses_nothing(tessera: Tessera) -> None:
    shop = boosted(tessera)
    waits = shop.buy("ada", "2026-03-09", financial_status="pending")
    assert shop.target(shop.buy("ada", "2026-03-10")) == 799
    shop.buy("ada", "2026-03-09", order_id=waits, updated_at="2026-03-11T00:00:00Z")
    assert shop.target(waits) == 399
    shop.agrees()


def test_a_refunded_or_reopened_order_keeps_the_booster_it_used(tessera: Tessera) -> None:
    shop = boosted(tessera)
    first = shop.buy("ada", "2026-03-09")
    gone = {"updated_at": "2026-03-10T00:00:00Z", "cancelled_at": "2026-03-10T00:00:00Z"}
    shop.buy("ada", "2026-03-09", order_id=first, **gone)
    assert shop.target(shop.buy("ada", "2026-03-10")) == 399
    half = {"updated_at": "2026-03-11T00:00:00Z", "refunds": [refund()]}
    shop.buy("ada", "2026-03-09", order_id=first, **half)
    assert shop.target(first) == 399  # half of 799, rounded down
    shop.agrees()


def test_an_order_that_has_earned_already_takes_no_later_booster(tessera: Tessera) -> None:
    shop = play(tessera, booster())
    shop.buy("ada", "2026-03-01")
    first = shop.buy("ada", "2026-03-08T12:00", order_id="early")
    assert shop.target(first) == 399
    shop.agrees()


def test_it_is_given_for_each_absence_and_by_other_rules_too(tessera: Tessera) -> None:
    shop = play(tessera, rule("birthday", 10, booster={"multiplier": "3", "valid_days": 1}), booster())
    shop.enrol("ada", "1990-05-02")
    shop.tick("2026-05-02T12:00")
    assert shop.target(shop.buy("ada", "2026-05-02T13:00")) == 1199
    shop.tick("2026-05-10")
    assert shop.target(shop.buy("ada", "2026-05-11")) == 799
    shop.tick("2026-06-30")
    assert len(shop.awards("next_purchase_booster")) == 2
    shop.agrees()


def test_without_conditions_it_comes_the_day_after_each_order(tessera: Tessera) -> None:
    shop = play(tessera, rule("next_purchase_booster", 0, booster=DOUBLE))
    shop.buy("ada", "2026-03-02")
    shop.tick("2026-03-03T12:00")
    assert shop.target(shop.buy("ada", "2026-03-03T13:00")) == 799
    shop.tick("2026-03-04T12:00")
    assert shop.target(shop.buy("ada", "2026-03-20")) == 399  # lapsed
    shop.agrees()


def test_a_guests_booster_goes_with_the_claim(tessera: Tessera) -> None:
    shop = play(tessera, booster())
    shop.buy("x", "2026-03-01", customer={"id": None, "email": "ada@example.com"})
    shop.tick("2026-03-08T12:00")
    shop.enrol("ada")
    shop.enrol("ada", email="ada@example.com", email_verified=True)
    assert promised(shop, "ada") == 799
    assert shop.target(shop.buy("ada", "2026-03-09")) == 799
    shop.agrees()
