"""What is wrong with rules of activities, said with its place and what to write instead."""

from __future__ import annotations

from typing import Any

import pytest

from app.rules.fields import ACTIVITY_KINDS
from app.rules.programme import InvalidProgramme, parse_programme
from app.rules.usual import NEVER_FROM_A_BROWSER, SCHEDULED
from tests.rules.builders import SETTINGS


def rule(kind: str = "review", **changes: Any) -> dict[str, Any]:
    return {"key": "r", "kind": kind, "points": 5, **SETTINGS.get(kind, {}), **changes}


def document(*rules: dict[str, Any], **top: Any) -> dict[str, Any]:
    return {
        "name": "Club",
        "currency": "EUR",
        "earning": {"rate": {"points": "1", "per": "1"}},
        "activities": rules,
    } | top


def faults(*rules: dict[str, Any], **top: Any) -> list[tuple[str, str]]:
    try:
        parse_programme({**document(**top), "activities": list(rules)})
    except InvalidProgramme as invalid:
        return [(each.field.removeprefix("activities."), each.code) for each in invalid.problems]
    return []


@pytest.mark.parametrize("kind", [*ACTIVITY_KINDS, "custom:dance"])
def test_every_kind_can_be_written(kind: str) -> None:
    assert faults(rule(kind)) == []


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_kind_needs_its_setting_and_no_other_kind_takes_it(kind: str) -> None:
    (name, value), *_ = SETTINGS[kind].items()
    assert faults({"key": "r", "kind": kind, "points": 5}) == [(f"0.{name}", "missing")]
    elsewhere = [] if name == "booster" else [(f"0.{name}", "not_for_this_kind")]  # any rule may give a booster
    assert faults(rule(**{name: value})) == elsewhere


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        (rule(points=0), "points", "nothing_to_earn"),
        (rule(rate={"points": "1", "per": "1"}), "rate", "not_for_this_kind"),
        (rule(min_amount="5"), "min_amount", "not_for_this_kind"),
        (rule("custom:dance", rate={"points": "1", "per": "1"}, self_reported=True), "rate", "not_for_a_browser"),
        (rule("order_count_milestone", milestone={"at": "2.5"}), "milestone.at", "not_whole"),
        (rule("spend_milestone", milestone={"every": "0.01"}), "milestone.every", "out_of_range"),
        (rule("product_set", product_set={"products": ["a"], "at_least": 2}), "product_set.at_least", "out_of_range"),
        (rule("product_set", product_set={"products": ["a", "a"]}), "product_set.products", "repeated"),
        (rule(caps=[{"period": "day"}]), "caps.0.times", "missing"),
        (rule(budget={"points": 4}), "budget.points", "out_of_range"),
        (rule(when={"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}), "when.to", "empty_period"),
        (rule(when={"hours": ["09:00", "09:00"]}), "when.hours", "empty_period"),
        (rule(expiry={"kind": "inactivity", "months": 6}), "expiry.kind", "not_for_one_rule"),
        (rule(expiry={"kind": "days"}), "expiry.days", "missing"),
        (rule(who={"tiers": ["gold"]}), "who.tiers.0", "unknown_key_named"),
        (rule(who={"segments": ["vip"]}), "who.segments.0", "unknown_key_named"),
        (rule(who={"markets": ["eu"]}), "who.markets.0", "unknown_key_named"),
        (rule(reward="mug"), "reward", "unknown_key_named"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_is_named_with_its_place(wrong: dict[str, Any], field: str, code: str) -> None:
    assert faults(wrong) == [(f"0.{field}", code)]


@pytest.mark.parametrize("kind", sorted(NEVER_FROM_A_BROWSER))
def test_a_browser_is_not_believed_about_purchases_reviews_and_birthdays(kind: str) -> None:
    assert faults(rule(kind, self_reported=True)) == [("0.self_reported", "not_for_a_browser")]


def test_two_rules_need_two_keys() -> None:
    assert faults(rule(), rule("survey")) == [("1.key", "duplicate_key")]


def test_keys_of_other_parts_are_found() -> None:
    tiers = [{"key": "entry", "enter": "0"}]
    rewards = [{"key": "mug", "kind": "free_product", "product": "mug", "points": 5}]
    segments = [{"key": "vip", "any_tag": ["vip"]}]
    told = rule(who={"tiers": ["entry"], "segments": ["vip"]}, reward="mug")
    assert faults(told, tiers=tiers, rewards=rewards, segments=segments) == []


@pytest.mark.parametrize("odd", [None, 5, "x", [], [None], [{}], [{"kind": 5, "milestone": 5, "caps": 5, "who": 5}]])
def test_no_shape_breaks_the_checks(odd: Any) -> None:
    with pytest.raises(InvalidProgramme):
        parse_programme({"activities": odd, "segments": 5, "earning": []})


def test_every_kind_that_the_calendar_runs_can_be_published() -> None:
    parse_programme(document(*[rule(kind, key=kind) for kind in (*sorted(SCHEDULED), "review")]))
