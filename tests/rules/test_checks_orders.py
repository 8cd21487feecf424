"""What is wrong between the order rules of a programme is named with its place."""

from __future__ import annotations

import pytest

from app.rules.programme import parse_programme
from tests.rules.builders import document, rate
from tests.rules.test_programme import problems


def whole(**parts) -> dict:
    """Return a programme with a part of each kind, some of them replaced."""
    earning = {
        "rate": rate("10"),
        "markets": parts.pop("markets", [{"key": "fr", "countries": ["FR"]}]),
        "margins": parts.pop("margins", []),
    }
    base = {
        **document(tiers=[{"key": "entry", "enter": "0"}]),
        "earning": earning,
        "segments": [{"key": "vip", "any_tag": ["vip"]}],
    }
    return {**base, **parts}


def test_a_programme_with_rules_of_every_kind_is_right_and_available():
    who = {"segments": ["vip"], "tiers": ["entry"], "markets": ["fr"], "any_tag": ["x"]}
    row = {"key": "a", "bonus": 5, "who": who, "coupon": "X", "max_orders": 5, "max_orders_per_member": 5}
    margins = [{"key": "a", "to": "0.2", "multiplier": "0"}, {"key": "b", "from": "0.2", "multiplier": "2"}]
    rules = whole(campaigns=[{**row, "priority": 1, "stackable": False}], margins=margins)
    rules["eligibility"] = {"enrol": "on_request", "min_age": 18, "countries": ["FR"], "exclude_countries": ["DE"]}
    parse_programme(rules)


@pytest.mark.parametrize("part", ["campaigns", "activities", "rewards"])
@pytest.mark.parametrize("kind", ["segments", "tiers", "markets"])
def test_who_names_what_exists(part, kind):
    rows = {
        "campaigns": {"key": "a"},
        "activities": {"key": "a", "kind": "sign_up", "points": 5},
        "rewards": {"key": "a", "kind": "free_shipping", "points": 5},
    }
    known = {"segments": "vip", "tiers": "entry", "markets": "fr"}[kind]
    text = whole(**{part: [{**rows[part], "who": {kind: [known, "gone"]}}]})
    assert (f"{part}.0.who.{kind}.1", "unknown_key_named") in problems(text)


BAND = {"multiplier": "1"}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"segments": [{"key": "a"}, {"key": "a"}]}, ("segments.1.key", "duplicate_key")),
        ({"segments": [{"key": "a", "tiers": ["gone"]}]}, ("segments.0.tiers.0", "unknown_key_named")),
        ({"segments": [{"key": "a", "any_tag": ["x"], "no_tag": ["x"]}]}, ("segments.0.no_tag", "contradiction")),
        (
            {"segments": [{"key": "a", "orders_at_least": 3, "orders_at_most": 2}]},
            ("segments.0.orders_at_most", "empty_range"),
        ),
        (
            {"segments": [{"key": "a", "joined_from": "2026-01-02T00:00:00Z", "joined_to": "2026-01-02T00:00:00Z"}]},
            ("segments.0.joined_to", "empty_period"),
        ),
        (
            {"markets": [{"key": "a", "countries": ["FR"]}, {"key": "a", "countries": ["DE"]}]},
            ("earning.markets.1.key", "duplicate_key"),
        ),
        ({"markets": [{"key": "a", "countries": []}]}, ("earning.markets.0.countries", "too_short")),
        (
            {"markets": [{"key": "a", "countries": ["fr"]}]},
            ("earning.markets.0.countries.0", "not_a_country"),
        ),
        (
            {"markets": [{"key": "a", "countries": ["FR"], "rates": {"EUR": rate("1")}}]},
            ("earning.markets.0.rates.EUR", "duplicate_rate"),
        ),
        (
            {"margins": [{"key": "a", "from": "0.5", "to": "0.5", **BAND}]},
            ("earning.margins.0.to", "empty_range"),
        ),
        ({"margins": [{"key": "a", "from": "40", **BAND}]}, ("earning.margins.0.from", "out_of_range")),
        (
            {"margins": [{"key": "a", "to": "0.5", **BAND}, {"key": "b", "from": "0.49", **BAND}]},
            ("earning.margins.1.from", "overlap"),
        ),
        (
            {"margins": [{"key": "a", **BAND}, {"key": "b", "from": "0.1", "to": "0.2", **BAND}]},
            ("earning.margins.1.from", "overlap"),
        ),
        ({"campaigns": [{"key": "a", "max_orders": 0}]}, ("campaigns.0.max_orders", "out_of_range")),
        (
            {"campaigns": [{"key": "a", "max_orders": 2, "max_orders_per_member": 3}]},
            ("campaigns.0.max_orders_per_member", "out_of_range"),
        ),
        ({"campaigns": [{"key": "a", "coupon": " x"}]}, ("campaigns.0.coupon", "not_printable")),
        ({"campaigns": [{"key": "a", "stackable": False}]}, ("campaigns.0.stackable", "no_effect")),
        (
            {"eligibility": {"countries": ["FR"], "exclude_countries": ["FR"]}},
            ("eligibility.exclude_countries", "contradiction"),
        ),
        ({"eligibility": {"min_age": 0}}, ("eligibility.min_age", "out_of_range")),
    ],
)
def test_what_contradicts_itself_is_named(parts, expected):
    assert expected in problems(whole(**parts))


def test_bands_that_touch_do_not_overlap():
    rows = [("a", None, "0.1"), ("c", "0.5", None), ("b", "0.1", "0.5")]
    parse_programme(whole(margins=[{"key": key, "from": first, "to": end, **BAND} for key, first, end in rows]))


def test_one_wrong_value_hides_no_other():
    text = whole(campaigns=[{"key": "a", "who": {"segments": ["gone"], "tiers": 5}, "max_orders": "x"}])
    assert {field for field, _ in problems(text)} == {
        "campaigns.0.who.segments.0",
        "campaigns.0.who.tiers",
        "campaigns.0.max_orders",
    }
