"""How long the lists of a programme may be, what its schema says of the whole, and what it asks of members."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest

from app.rules.document import Tier, TierMeasure
from app.rules.programme import InvalidProgramme, parse_programme, programme_schema
from app.rules.tiers import Ladder
from tests.rules.builders import document


def _experiment(day: int) -> dict[str, Any]:
    begins = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    times = {"from": begins.isoformat(), "to": (begins + timedelta(days=1)).isoformat()}
    return {"kind": "points_display", "share": "0.5", **times}


ROWS: dict[str, tuple[int, Callable[[int], dict[str, Any]]]] = {  # the most, and how one is written
    "segments": (200, lambda number: {}),
    "activities": (500, lambda number: {"kind": "manual", "points": 1}),
    "campaigns": (1000, lambda number: {"bonus": 1}),
    "tiers": (100, lambda number: {"enter": str(number)}),
    "memberships": (100, lambda number: {"product": f"p{number}", "tier": "gold", "months": 1}),
    "rewards": (1000, lambda number: {"kind": "donation", "points": 1}),
    "experiments": (100, _experiment),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_list_is_as_long_as_it_may_be_and_no_longer(name):
    most, row = ROWS[name]
    rows = [{"key": f"k{number}", **row(number)} for number in range(most + 1)]
    tiers = {} if name == "tiers" else {"tiers": [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "5"}]}
    assert len(getattr(parse_programme(document() | tiers | {name: rows[:-1]}), name)) == most
    with pytest.raises(InvalidProgramme) as invalid:
        parse_programme(document() | tiers | {name: rows})
    problems = [(each.field, each.code, each.message) for each in invalid.value.problems]
    assert problems == [(name, "too_long", f"List at most {most}.")]


def test_the_schema_is_told_whole_and_lets_null_mean_the_default():
    schema = programme_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "Tessera programme"
    assert {"$defs", "properties", "required", "type"} <= schema.keys()
    assert "from" in schema["$defs"]["Campaign"]["properties"]  # as it is written, not as it is named in here
    judge = jsonschema.Draft202012Validator(schema)
    left_to_default = dict.fromkeys(("points_name", "phase", "eligibility", "tier_measure", "expiry"))
    assert judge.is_valid(document() | left_to_default)
    assert parse_programme(document() | left_to_default) == parse_programme(document())
    for key in left_to_default:
        assert not judge.is_valid(document() | {key: 5})
    assert not judge.is_valid(document() | {"earning": None})


@pytest.mark.parametrize(
    ("more", "asks"),
    [
        ({}, False),
        ({"campaigns": [{"key": "a", "bonus": 1, "who": {"tiers": ["gold"]}}]}, False),
        ({"campaigns": [{"key": "a", "bonus": 1, "who": {"any_tag": ["vip"]}}]}, True),
        ({"segments": [{"key": "a"}]}, True),
        ({"eligibility": {"exclude_tags": ["staff"]}}, True),
        ({"eligibility": {"countries": ["FR"]}}, False),
    ],
)
def test_only_some_rules_ask_more_of_a_member_than_the_tier(more, asks):
    rules = parse_programme(document(tiers=[{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "5"}]) | more)
    assert rules.asks_of_members is asks


def test_the_ladder_is_that_of_tiers_and_measure():
    measure = {"by": "orders", "window": "calendar_year", "downgrade": "one_step", "grace_days": 3}
    rules = parse_programme(document(tiers=[{"key": "entry", "enter": "0"}]) | {"tier_measure": measure})
    assert rules.ladder == Ladder.of([Tier(key="entry", enter="0")], TierMeasure.model_validate(measure))
    assert rules.ladder is rules.ladder
