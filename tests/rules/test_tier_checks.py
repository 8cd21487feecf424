"""What is wrong with tiers and memberships is told with its place and what to write instead."""

from __future__ import annotations

from typing import Any

import pytest

from app.rules.programme import InvalidProgramme, parse_programme

TIERS = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "500"}, {"key": "club", "enter": None}]
CARD = {"key": "card", "product": "p1", "tier": "club", "months": 12}
WINDOW = {"window": "calendar_year"}


def document(**changes: Any) -> dict[str, Any]:
    earning = {"rate": {"points": "1", "per": "1"}}
    return {"name": "Club", "currency": "EUR", "earning": earning, "tiers": TIERS, "memberships": [CARD], **changes}


def gold(**changes: Any) -> list[dict[str, Any]]:
    return [TIERS[0], {**TIERS[1], **changes}, TIERS[2]]


def problems(given: dict[str, Any]) -> set[tuple[str, str]]:
    with pytest.raises(InvalidProgramme) as caught:
        parse_programme(given)
    assert all(problem.message for problem in caught.value.problems)
    return {(problem.field, problem.code) for problem in caught.value.problems}


def test_a_whole_ladder_is_taken_and_nothing_of_it_waits() -> None:
    perks = {"entry_points": 10, "discount_percent": "5", "free_shipping": True, "early_access_days": 2}
    measure = {**WINDOW, "downgrade": "one_step", "grace_days": 30}
    programme = parse_programme(document(tiers=gold(keep="400", perks=perks), tier_measure=measure))
    assert [rung.key for rung in programme.ladder.rungs] == ["entry", "gold"]
    assert parse_programme(programme.to_document()) == programme


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"tiers": gold(keep="501"), "tier_measure": WINDOW}, "tiers.1.keep", "above_enter"),
        ({"tiers": gold(keep="400")}, "tiers.1.keep", "needs_window"),
        ({"tier_measure": {"grace_days": 1}}, "tier_measure.grace_days", "needs_window"),
        ({"tier_measure": {"downgrade": "one_step"}}, "tier_measure.downgrade", "needs_window"),
        (
            {"tiers": [*TIERS[:2], {**TIERS[2], "keep": "1"}], "tier_measure": WINDOW},
            "tiers.2.keep",
            "never_measured",
        ),
        (
            {"tiers": [{**TIERS[0], "keep": "0.5"}, *TIERS[1:]], "tier_measure": WINDOW},
            "tiers.0.keep",
            "above_enter",
        ),
        ({"tiers": [{**TIERS[0], "enter": None}, *TIERS[1:]]}, "tiers.0.enter", "no_entry_tier"),
        ({"tiers": gold(enter="0")}, "tiers.1.enter", "not_ascending"),
        ({"tiers": [TIERS[0], TIERS[0], TIERS[2]]}, "tiers.1.key", "duplicate_key"),
        ({"tiers": gold(perks={"entry_reward": "mug"})}, "tiers.1.perks.entry_reward", "unknown_reward"),
        ({"memberships": [{**CARD, "tier": "none"}]}, "memberships.0.tier", "unknown_tier"),
        ({"memberships": [{**CARD, "days": 3}]}, "memberships.0", "one_term"),
        ({"memberships": [{**CARD, "months": None}]}, "memberships.0", "one_term"),
        ({"memberships": [CARD, {**CARD, "key": "b"}]}, "memberships.1.product", "duplicate_product"),
        ({"memberships": [CARD, {**CARD, "product": "b"}]}, "memberships.1.key", "duplicate_key"),
        ({"memberships": [{**CARD, "tier": "entry"}]}, "memberships.0.tier", "entry_tier"),
    ],
)
def test_each_mistake_is_named(changes: dict[str, Any], field: str, code: str) -> None:
    assert (field, code) in problems(document(**changes))


def test_one_mistake_hides_no_other() -> None:
    tiers = [{"key": "entry", "enter": "x"}, {"key": "gold", "enter": "500", "keep": "600", "perks": 3}]
    found = problems(document(tiers=tiers, memberships=[{"key": "card", "tier": 7}]))
    assert {
        ("tiers.0.enter", "not_a_decimal"),
        ("tiers.1.keep", "above_enter"),
        ("tiers.1.keep", "needs_window"),
        ("tiers.1.perks", "wrong_type"),
        ("memberships.0.product", "missing"),
        ("memberships.0", "one_term"),
    } <= found
