"""Explanations: every figure behind the points, and one sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from app.rules.earning import Context, ProductFacts
from app.rules.explain import sentence
from app.rules.programme import parse_programme
from connectors.contract import CustomerRef
from tests.rules.builders import document, earned, line, order, programme, rate, shipping


def test_the_first_case_explains_itself():
    told = earned(order(), version=3).explanation
    assert told == {
        "version": 3,
        "currency": "EUR",
        "basis": "39.98",
        "rate": {"points": "10", "per": "1"},
        "earn_on": "paid",
        "stacking": "add",
        "multipliers": [],
        "lines": [
            {
                "line": "l1",
                "basis": "39.98",
                "rate": {"points": "10", "per": "1"},
                "factor": "1",
                "points_exact": "399.8",
                "rules": [],
            }
        ],
        "points_exact": "399.8",
        "rounding": "floor",
        "rounded": 399,
        "bonuses": [],
        "caps": {"order": None, "room": None},
        "points": 399,
        "flags": [],
    }


def test_each_multiplier_and_bonus_names_its_rule_and_version():
    rules = programme(
        tiers=[{"key": "gold", "enter": "0", "multiplier": "2"}],
        campaigns=[{"key": "spring", "multiplier": "3", "bonus": 5}],
        products=[{"key": "shoes", "match": {}, "rate": rate("20"), "multiplier": "1.5", "bonus": 7}],
        basis={"shipping": True},
        caps={"order": 9000},
    )
    told = earned(order(charges=(shipping(),)), rules, Context(tier="gold"), version=4, room=500).explanation
    assert [(each["kind"], each["rule"], each["version"]) for each in told["multipliers"]] == [
        ("tier", "gold", 4),
        ("campaign", "spring", 4),
    ]
    assert told["lines"][0]["rate"] == {"points": "20", "per": "1", "rule": "shoes"}
    assert told["lines"][0]["multiplier"] == {"kind": "product", "rule": "shoes", "version": 4, "multiplier": "1.5"}
    assert [(each["rule"], each["points"], each["version"]) for each in told["bonuses"]] == [
        ("shoes", 7, 4),
        ("spring", 5, 4),
    ]
    assert (told["charges"][0]["line"], told["basis"]) == ("shipping", "44.88")
    assert (told["caps"], told["points"]) == ({"order": 9000, "room": 500}, 500)


def test_numbers_that_never_end_are_told_as_fractions():
    told = earned(order(line("10.00", 1)), programme(rate=rate("1", "3"))).explanation
    assert (told["points_exact"], told["basis"]) == ("10/3", "10")


def test_it_is_json_and_knows_nothing_of_the_shopper():
    state = replace(order(), customer=CustomerRef(id="c-77", email="ada@example.com"))
    told = json.dumps(earned(state).explanation)
    assert "c-77" not in told
    assert "ada" not in told


@pytest.mark.parametrize(
    ("changes", "rules", "said"),
    [
        ({}, {}, "€39.98 × 10 points per €1.00 = 399 points, rounded down"),
        ({}, {"rounding": "ceil"}, "€39.98 × 10 points per €1.00 = 400 points, rounded up"),
        ({}, {"rate": rate("1", "0.01")}, "€39.98 × 1 point per €0.01 = 3,998 points"),
        (
            {},
            {"campaigns": [{"key": "a", "multiplier": "3"}]},
            "€39.98 × 10 points per €1.00 × 3 = 1,199 points, rounded down",
        ),
        (
            {},
            {"campaigns": [{"key": "a", "bonus": 50}]},
            "€39.98 × 10 points per €1.00 + 50 bonus = 449 points, rounded down",
        ),
        (
            {},
            {"caps": {"order": 100}},
            "€39.98 × 10 points per €1.00 = 399 points, rounded down, 100 points at most for one order",
        ),
        (
            {},
            {"products": [{"key": "a", "match": {}, "rate": rate("5")}]},
            "€39.98 at the rates and multipliers of its products = 199 points, rounded down",
        ),
        ({"status": "cancelled"}, {}, "No points: the order is cancelled"),
        ({"paid": "none"}, {}, "No points: the order is not paid"),
        ({"test": True}, {}, "No points: it is a test order"),
        ({"currency": "CHF"}, {}, "No points: the programme has no rate for its currency"),
        ({}, {"earn_on": "fulfilled"}, "No points: the order is not sent yet"),
        (
            {"paid": "part", "paid_amount": Decimal(1), "paid_of": Decimal(2)},
            {},
            "€19.99 × 10 points per €1.00 = 199 points, rounded down, for the paid share of 0.5",
        ),
        ({"all_refunded": True}, {}, "€0.00 × 10 points per €1.00 = 0 points"),
    ],
)
def test_one_sentence_says_how(changes, rules, said):
    assert sentence(earned(order(**changes), programme(**rules)).explanation) == said


FIRST = "€39.98 × 10 points per €1.00 = 399 points, rounded down"


@pytest.mark.parametrize(
    ("cap", "room", "more"),
    [
        (None, None, ""),
        (399, 399, ""),
        (398, None, ", 398 points at most for one order"),
        (None, 398, ", the limit of the period leaves 398 points"),
        (None, -5, ", the limit of the period leaves 0 points"),
        (100, 100, ", 100 points at most for one order"),
        (100, 99, ", 100 points at most for one order, the limit of the period leaves 99 points"),
        (1000, 1, ", the limit of the period leaves 1 point"),
    ],
)
def test_a_limit_is_said_where_it_takes_something(cap, room, more):
    assert sentence(earned(order(), programme(caps={"order": cap}), room=room).explanation) == FIRST + more


def test_lines_of_different_factors_are_said_together_and_those_without_money_not_at_all():
    tagged = [{"key": "a", "match": {"tag": "a"}, "multiplier": "2"}]
    two = order(line("10.00", 1), line("5.00", 1, id="l2", tags=("a",)))
    said = sentence(earned(two, programme(products=tagged)).explanation)
    assert said == "€15.00 at the rates and multipliers of its products = 200 points"
    free = order(line("10.00", 1), line("0.00", 1, id="l2", tags=("a",)))
    assert sentence(earned(free, programme(products=tagged)).explanation) == "€10.00 × 10 points per €1.00 = 100 points"


def test_what_nobody_foresaw_is_said_too():
    assert sentence({}) == "No points: no programme was running when the order was placed"
    assert sentence({"rounded": 0, "nothing_because": "odd"}) == "No points: the order does not count (yet)"
    half = earned(order(), programme(rounding="half_up")).explanation
    assert sentence(half) == "€39.98 × 10 points per €1.00 = 400 points, rounded"


def test_everything_that_had_a_say_is_told_and_nothing_else():
    rules = parse_programme(
        document(
            rate=rate("10"),
            markets=[{"key": "fr", "countries": ["FR"], "rate": rate("20")}],
            margins=[{"key": "low", "to": "0.5", "multiplier": "0.75"}],
            products=[{"key": "shoes", "match": {"tag": "shoe"}, "multiplier": "1.5", "bonus": 7}],
            basis={"shipping": True, "tax": "excluded"},
            caps={"order": 9000, "member": {"period": "day", "points": 500}},
            campaigns=[{"key": "few", "bonus": 5, "max_orders": 1}],
        )
    )
    state = order(line("10.00", 2, tags=("shoe",)), charges=(shipping("5.00"),), country="FR")
    context = Context(lines={"l1": ProductFacts(tags=["shoe"], band="low")})
    seen = earned(state, rules, context, version=4, room=450)
    fr = {"points": "20", "per": "1", "market": "fr"}
    assert seen.explanation == {
        "version": 4,
        "currency": "EUR",
        "basis": "25",
        "rate": fr,
        "earn_on": "paid",
        "stacking": "add",
        "multipliers": [],
        "lines": [
            {
                "line": "l1",
                "basis": "20",
                "rate": fr,
                "factor": "1.25",
                "points_exact": "500",
                "rules": ["shoes"],
                "multiplier": {"kind": "product", "rule": "shoes", "version": 4, "multiplier": "1.5"},
                "margin": {"kind": "margin", "rule": "low", "version": 4, "multiplier": "0.75"},
            }
        ],
        "charges": [{"line": "shipping", "basis": "5", "rate": fr, "factor": "1", "points_exact": "100", "rules": []}],
        "points_exact": "600",
        "rounding": "floor",
        "rounded": 600,
        "bonuses": [
            {"kind": "product", "rule": "shoes", "version": 4, "points": 7, "line": "l1"},
            {"kind": "campaign", "rule": "few", "version": 4, "points": 5},
        ],
        "places": {"few": None},
        "caps": {"order": 9000, "room": 450, "member": {"period": "day", "points": 500}},
        "points": 450,
        "flags": [],
        "about": True,
    }
    assert seen.undecided == ["few"]
    assert [each.points_exact for each in (*seen.lines, *seen.charges)] == [500, 100]


def test_an_order_counts_while_anything_of_it_is_kept():
    assert earned(order(line("0.00", 1), line("1.00", 1, id="l2"))).counts
    assert not earned(order(line("0.00", 1))).counts
    assert not earned(order(paid="none")).counts
