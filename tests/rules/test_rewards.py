"""What a reward costs and is worth, what of it an order gave back, and what a document may say of it."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.checks import InvalidProgramme
from app.rules.document import Reward
from app.rules.programme import parse_programme
from app.rules.rewards import (
    Average,
    WrongPoints,
    code_of,
    cost,
    looks_like_code,
    money_text,
    points_back,
    share_back,
    value_of,
    worth,
)
from connectors.contract import DiscountCode, Line, OrderState, Refund, RefundLine

PARIS = ZoneInfo("Europe/Paris")
PAY = {"key": "pay", "kind": "pay_with_points", "rate": {"points": "3", "per": "1"}}
NEEDED: dict[str, dict[str, Any]] = {
    "amount_off": {"amount": {"amount": "5.00", "currency": "EUR"}},
    "percent_off": {"percent": "10"},
    "free_shipping": {},
    "free_product": {"product": "p1"},
    "gift_card": {"amount": {"amount": "25.00", "currency": "EUR"}},
    "store_credit": {"amount": {"amount": "5.00", "currency": "EUR"}},
    "pay_with_points": {"rate": {"points": "100", "per": "1"}},
    "partner_voucher": {},
    "exclusive_product": {"product": "p1"},
    "early_access": {"product": "p1"},
    "exclusive_content": {"content": "https://shop.example/a"},
    "contest_entry": {},
    "donation": {},
}


def reward(**fields: Any) -> Reward:
    return Reward.model_validate({"key": "r", "kind": "amount_off", "points": 1, **fields})


def programme(*rewards: dict[str, Any], **more: Any) -> dict[str, Any]:
    rate = {"points": "10", "per": "1"}
    return {"name": "Club", "currency": "EUR", "earning": {"rate": rate}, "rewards": list(rewards), **more}


def problems(document: dict[str, Any]) -> list[tuple[str, str]]:
    try:
        parse_programme(document)
    except InvalidProgramme as error:
        return [(each.field, each.code) for each in error.problems]
    return []


# --- cost and worth ---------------------------------------------------------------------------------------------------


def test_a_fixed_reward_costs_what_it_says_and_is_asked_without_points() -> None:
    assert cost(reward(points=500), None, "EUR") == 500
    assert cost(reward(points=500), 500, "EUR") == 500
    with pytest.raises(WrongPoints):
        cost(reward(points=500), 499, "EUR")


@pytest.mark.parametrize(
    ("currency", "asked", "money", "taken"),
    [
        ("EUR", 10, "3.33", 10),  # 10 ÷ 3 = 3.333…; 3.33 needs 9.99
        ("EUR", 100, "33.33", 100),
        ("JPY", 11, "3", 9),  # 11 ÷ 3 = 3.66…: three yen need nine points
        ("KWD", 10, "3.333", 10),
    ],
)
def test_points_pay_for_whole_coins_and_no_more_are_taken_than_they_need(
    currency: str, asked: int, money: str, taken: int
) -> None:
    paying = Reward.model_validate(PAY)
    assert cost(paying, asked, currency) == taken
    assert value_of(paying, taken, currency, None)["amount"] == {"amount": money, "currency": currency}


@given(asked=st.integers(1, 10**9), points=st.integers(1, 1000), per=st.integers(1, 1000))
def test_the_points_taken_are_the_fewest_that_are_worth_as_much(asked: int, points: int, per: int) -> None:
    paying = Reward.model_validate({**PAY, "rate": {"points": str(points), "per": str(per)}})
    if not worth(paying, asked, "EUR"):
        return
    taken = cost(paying, asked, "EUR")
    assert taken <= asked
    assert worth(paying, taken, "EUR") == worth(paying, asked, "EUR")
    assert worth(paying, taken - 1, "EUR") < worth(paying, asked, "EUR")


@pytest.mark.parametrize("asked", [None, 99, 501, 0])
def test_paying_with_points_keeps_to_its_least_and_most(asked: int | None) -> None:
    paying = Reward.model_validate({**PAY, "min_points": 100, "max_points": 500})
    assert cost(paying, 100, "EUR") == 100
    with pytest.raises(WrongPoints):
        cost(paying, asked, "EUR")


def test_points_worth_less_than_a_coin_buy_nothing() -> None:
    with pytest.raises(WrongPoints):
        cost(Reward.model_validate(PAY), 2, "JPY")


def test_a_least_basket_above_the_average_is_rounded_to_a_coin_and_explained() -> None:
    average = Average(3, Fraction(100))
    assert average.above(Decimal("20"), "EUR") == (
        {"amount": "40.00", "currency": "EUR"},
        {"average": "33.33", "orders": 3, "percent": "20"},
    )
    assert average.above(Decimal("0"), "JPY")[0] == {"amount": "33", "currency": "JPY"}
    assert Average(0, Fraction(0)).above(Decimal("20"), "EUR")[0] is None
    assert money_text(Fraction(1, 3), "KWD") == "0.333"


def test_codes_are_readable_and_their_own() -> None:
    made = {code_of(hashlib.sha256(bytes([n])).digest()) for n in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"TES(-[ACDEFGHJKMNPQRTVWXY34679]{4}){3}", code) for code in made)
    assert all(map(looks_like_code, made))
    assert not looks_like_code("KALIMERA")


# --- what came back ---------------------------------------------------------------------------------------------------


def state(**changes: Any) -> OrderState:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    fields: dict[str, Any] = {
        "id": "1",
        "placed_at": moment,
        "updated_at": moment,
        "status": "paid",
        "currency": "EUR",
        "prices_include_tax": True,
        "paid": "full",
        "lines": (
            Line(id="a", quantity=2, gross=Decimal("20.00")),
            Line(id="b", quantity=3, gross=Decimal("30.00")),
        ),
        **changes,
    }
    return OrderState(**fields)


def gone(line: str, quantity: int) -> Refund:
    return Refund(id=f"{line}{quantity}", lines=(RefundLine(line_id=line, quantity=quantity),))


SPLIT = DiscountCode(code="X", lines={"a": Decimal("4.00"), "b": Decimal("6.00")})


@pytest.mark.parametrize(
    ("changes", "used", "share"),
    [
        ({}, SPLIT, Fraction(0)),
        ({"refunds": (gone("a", 1),)}, SPLIT, Fraction(2, 10)),
        ({"refunds": (gone("a", 2), gone("b", 1))}, SPLIT, Fraction(6, 10)),
        ({"refunds": (gone("a", 2), gone("b", 3))}, SPLIT, Fraction(1)),
        ({"refunds": (Refund(id="m", money=Decimal("10.00")),)}, SPLIT, Fraction(0)),
        ({"status": "cancelled"}, SPLIT, Fraction(1)),
        ({"status": "refunded"}, SPLIT, Fraction(1)),
        ({"all_refunded": True}, SPLIT, Fraction(1)),
        ({"refunds": (gone("a", 1),)}, DiscountCode(code="X", total=Decimal("9.00")), Fraction(1, 5)),
        ({"refunds": (gone("a", 1),)}, DiscountCode(code="X"), Fraction(0)),
        ({"refunds": (gone("a", 2),)}, DiscountCode(code="X", shipping=Decimal("4.90")), Fraction(0)),
    ],
)
def test_the_share_that_came_back_is_that_of_the_discount(changes: dict, used: DiscountCode, share: Fraction) -> None:
    assert share_back(state(**changes), used) == share


def test_units_that_an_edit_took_out_came_back_too() -> None:
    lines = (Line(id="a", quantity=2, removed=1, gross=Decimal("20.00")),)
    used = DiscountCode(code="X", lines={"a": Decimal("4.00")})
    assert share_back(state(lines=lines), used) == Fraction(1, 2)


def test_points_come_back_rounded_down_and_the_last_takes_the_rest() -> None:
    assert points_back("amount_off", 100, Fraction(1, 3), whole=False) == 33
    assert points_back("amount_off", 100, Fraction(2, 3), whole=False) == 66
    assert points_back("amount_off", 100, Fraction(1), whole=True) == 100
    assert points_back("free_shipping", 100, Fraction(2, 3), whole=False) == 0
    assert points_back("gift_card", 100, Fraction(1), whole=True) == 100


# --- the document -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NEEDED)
def test_a_reward_of_each_kind_is_right_with_what_it_needs(kind: str) -> None:
    points = 0 if kind == "pay_with_points" else 500
    assert problems(programme({"key": "r", "kind": kind, "points": points, **NEEDED[kind]})) == []


@pytest.mark.parametrize("kind", [kind for kind, needed in NEEDED.items() if needed])
def test_a_reward_lacks_what_its_kind_needs(kind: str) -> None:
    (needed,) = NEEDED[kind]
    assert problems(programme({"key": "r", "kind": kind})) == [(f"rewards.0.{needed}", "missing")]


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("amount_off", "percent", "10"),
        ("free_shipping", "amount", {"amount": "5.00", "currency": "EUR"}),
        ("gift_card", "min_basket", {"amount": "5.00", "currency": "EUR"}),
        ("donation", "combines", True),
        ("percent_off", "max_points", 500),
        ("contest_entry", "products", ["p1"]),
    ],
)
def test_a_field_that_the_kind_has_no_use_for_is_refused(kind: str, field: str, value: Any) -> None:
    document = programme({"key": "r", "kind": kind, "points": 1, **NEEDED[kind], field: value})
    assert problems(document) == [(f"rewards.0.{field}", "not_for_this_kind")]


FIVE = {"key": "five", "kind": "amount_off", "points": 500, **NEEDED["amount_off"]}


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({**PAY, "points": 5}, "points", "not_for_this_kind"),
        ({**PAY, "rate": {"points": "0", "per": "1"}}, "rate.points", "not_above_zero"),
        ({**PAY, "min_points": 10, "max_points": 9}, "max_points", "empty_range"),
        ({**PAY, "max_points": 0}, "max_points", "empty_range"),
        ({"key": "p", "kind": "percent_off", "percent": "101"}, "percent", "out_of_range"),
        (
            {**FIVE, "min_basket": {"amount": "9", "currency": "EUR"}, "min_above_average_percent": "5"},
            "min_above_average_percent",
            "too_many",
        ),
        ({**FIVE, "min_basket": {"amount": "9.001", "currency": "EUR"}}, "min_basket.amount", "too_many_decimals"),
        ({**FIVE, "min_basket": {"amount": "9", "currency": "USD"}}, "min_basket.currency", "other_currency"),
        ({**FIVE, "cost": {"amount": "1.5", "currency": "JPY"}}, "cost.amount", "too_many_decimals"),
        ({**FIVE, "who": {"tiers": ["gold"]}}, "who.tiers.0", "unknown_key_named"),
        ({**FIVE, "who": {"segments": ["vip"]}}, "who.segments.0", "unknown_key_named"),
        ({**FIVE, "who": {"markets": ["fi"]}}, "who.markets.0", "unknown_key_named"),
        (
            {**FIVE, "when": {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}},
            "when.to",
            "empty_period",
        ),
        ({**FIVE, "when": {"hours": ["09:00", "09:00"]}}, "when.hours", "empty_period"),
    ],
)
def test_what_contradicts_itself_is_named(wrong: dict[str, Any], field: str, code: str) -> None:
    assert problems(programme(wrong)) == [(f"rewards.0.{field}", code)]


def test_no_rule_gives_away_a_reward_that_has_no_worth_of_its_own() -> None:
    tiers = [{"key": "entry", "enter": "0", "perks": {"entry_reward": "pay"}}]
    assert problems(programme(PAY, tiers=tiers)) == [("tiers.0.perks.entry_reward", "cannot_be_given")]


@pytest.mark.parametrize("key", [[], {}, 5, None])
def test_nonsense_beside_a_reward_hides_nothing(key: Any) -> None:
    document = programme({**FIVE, "who": {"tiers": ["gold"]}}, tiers=[{"key": key, "enter": "0"}])
    assert ("rewards.0.who.tiers.0", "unknown_key_named") in problems(document)


def test_the_examples_of_the_docs_are_right() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rewards.md").read_text()
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.S)]
    tiers = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "500"}]
    assert problems(programme(*blocks[0]["rewards"], tiers=tiers)) == []
    assert len(blocks) == 4
