"""What is wrong with a scheduled rule is said at its place."""

from __future__ import annotations

from typing import Any

import pytest

from app.rules.programme import InvalidProgramme, parse_programme
from tests.build import programme

GOOD: tuple[dict[str, Any], ...] = (
    {"kind": "birthday", "points": 200},
    {"kind": "member_anniversary", "points": 50},
    {"kind": "first_purchase_anniversary", "points": 50},
    {"kind": "streak", "points": 10, "streak": {"of": "order", "period": "month", "length": 3}},
    {"kind": "win_back", "points": 10, "win_back": {"rhythm": "2.5", "only_after_orders": 5}},
    {"kind": "next_purchase_booster", "booster": {"multiplier": "2", "valid_days": 14}},
    {"kind": "leaderboard_prize", "contest": {"by": "spend", "period": "month", "prizes": [500, 200]}},
    {"kind": "surprise", "points": 9, "surprise": {"period": "week", "members": 5, "seed": "s"}},
    {"kind": "survey", "points": 9, "booster": {"multiplier": "2", "valid_days": 14}},
)
WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"kind": "streak"}, "streak", "missing"),
    ({"kind": "win_back", "win_back": {}}, "win_back", "missing"),
    ({"kind": "win_back", "win_back": {"only_after_orders": 2}}, "win_back", "missing"),
    ({"kind": "next_purchase_booster"}, "booster", "missing"),
    ({"kind": "leaderboard_prize"}, "contest", "missing"),
    ({"kind": "leaderboard_prize", "contest": {"by": "tier", "prizes": [5]}}, "contest.by", "no_tiers"),
    ({"kind": "surprise", "points": 5}, "surprise", "missing"),
    ({"kind": "birthday", "win_back": {"days_without_order": 5}}, "win_back", "not_for_this_kind"),
    ({"kind": "survey", "streak": {"length": 2}}, "streak", "not_for_this_kind"),
    ({"kind": "birthday", "contest": {"prizes": [5]}}, "contest", "not_for_this_kind"),
    ({"kind": "win_back", "surprise": {"members": 5, "seed": "s"}}, "surprise", "not_for_this_kind"),
    ({"kind": "birthday", "subject": "x"}, "subject", "not_for_this_kind"),
    ({"kind": "birthday", "rate": {"points": "1", "per": "1"}}, "rate", "not_for_this_kind"),
    ({"kind": "birthday", "min_amount": "5"}, "min_amount", "not_for_this_kind"),
    ({"kind": "member_anniversary", "self_reported": True}, "self_reported", "not_for_a_browser"),
    ({"kind": "birthday", "verified_buyer": True}, "verified_buyer", "not_for_this_kind"),
)


@pytest.mark.parametrize("rule", GOOD, ids=lambda rule: rule["kind"])
def test_a_scheduled_rule_can_be_published(rule: dict[str, Any]) -> None:
    parse_programme(programme(activities=[{"key": "r", **rule}]))


@pytest.mark.parametrize(("rule", "field", "code"), WRONG)
def test_what_is_wrong_is_said_at_its_place(rule: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(InvalidProgramme) as caught:
        parse_programme(programme(activities=[{"key": "r", **rule}]))
    assert (f"activities.0.{field}", code) in {(each.field, each.code) for each in caught.value.problems}
