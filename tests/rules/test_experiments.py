"""Experiments in a programme document: what may be written, who is in which arm, which one runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.rules.document import Experiment
from app.rules.experiments import arms_of, clash, running, tokens_of
from app.rules.programme import InvalidProgramme, parse_programme
from tests.rules.builders import document

MARCH, APRIL, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 5))


def experiment(key: str = "march", **changes: Any) -> dict[str, Any]:
    told = {"key": key, "kind": "points_display", "share": "0.5", "from": "2026-03-01T00:00:00Z"}
    return told | {"to": "2026-04-01T00:00:00Z"} | changes


def parsed(*experiments: dict[str, Any]) -> tuple[Experiment, ...]:
    return parse_programme(document() | {"experiments": list(experiments)}).experiments


def problems(*experiments: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidProgramme) as invalid:
        parse_programme(document() | {"experiments": list(experiments)})
    assert all(each.message for each in invalid.value.problems)
    return [(each.field, each.code) for each in invalid.value.problems]


def test_the_shares_of_the_arms_are_one_together():
    (found,) = parsed(experiment(share="0.45", holdout="0.1"))
    assert arms_of(found) == [("points", Decimal("0.45")), ("none", Decimal("0.45")), ("holdout", Decimal("0.1"))]
    assert tokens_of(found) == {"march:points", "march:none", "march:holdout"}


@pytest.mark.parametrize(
    ("share", "holdout", "keys"),
    [("0.5", "0", ["points", "none"]), ("0.9", "0.1", ["points", "holdout"]), ("0", "0.5", ["none", "holdout"])],
)
def test_an_arm_nobody_can_be_in_is_none(share, holdout, keys):
    (found,) = parsed(experiment(share=share, holdout=holdout))
    assert [arm.key for arm in arms_of(found)] == keys


def test_without_a_holdout_nobody_is_held_out():
    assert parsed(experiment())[0].holdout == 0
    assert parsed(experiment()) == parsed(experiment(holdout="0"))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"share": "1.01"}, [("share", "too_large")]),
        ({"holdout": "2"}, [("holdout", "too_large")]),
        ({"share": "0.6", "holdout": "0.5"}, [("holdout", "too_large")]),
        ({"share": "1"}, [("share", "no_comparison")]),
        ({"share": "0"}, [("share", "no_comparison")]),
        ({"share": "0.0", "holdout": "1.0"}, [("share", "no_comparison")]),
        ({"share": 0.5}, [("share", "not_a_decimal")]),
        ({"share": "-0.5"}, [("share", "not_a_decimal")]),
        ({"holdout": None}, [("holdout", "not_a_decimal")]),
        ({"kind": "price"}, [("kind", "unknown_value")]),
        ({"key": "a:b"}, [("key", "not_a_plain_key")]),
        ({"key": "ada@example.com"}, [("key", "not_a_plain_key")]),
        ({"key": ""}, [("key", "not_a_plain_key")]),
        ({"key": "x" * 101}, [("key", "not_a_plain_key")]),
        ({"key": 7}, [("key", "wrong_type")]),
        ({"from": None}, [("from", "not_a_time")]),
        ({"from": "2026-04-01T00:00:00Z"}, [("to", "empty_period")]),
        ({"to": "2026-03-01"}, [("to", "not_a_time")]),
        ({"elements": []}, [("elements", "unknown_key")]),
    ],
)
def test_what_is_wrong_is_named(changes, found):
    assert problems(experiment(**changes)) == [(f"experiments.0.{field}", code) for field, code in found]


def test_what_must_be_there_is_missed():
    assert problems({}) == [(f"experiments.0.{name}", "missing") for name in ("from", "key", "kind", "share")]


@pytest.mark.parametrize("odd", [7, None, "a", [], [1]])
def test_what_is_no_experiment_is_refused(odd):
    assert problems(odd)[0][0].startswith("experiments.0")


def test_only_one_runs_at_a_time():
    later = experiment("later", **{"from": "2026-03-31T23:59:59Z", "to": None})
    assert problems(experiment(), later) == [("experiments.1.from", "overlap")]
    assert problems(later, experiment()) == [("experiments.0.from", "overlap")]
    assert problems(experiment(to=None), later) == [("experiments.1.from", "overlap")]
    assert len(parsed(experiment(), later | {"from": "2026-04-01T00:00:00Z"})) == 2
    assert len(parsed(experiment(to="2026-04-01T02:00:00+02:00"), later | {"from": "2026-04-01T00:00:00Z"})) == 2


def test_two_of_one_key_are_refused():
    twice = experiment(**{"from": "2026-04-01T00:00:00Z", "to": None})
    assert problems(experiment(), twice) == [("experiments.1.key", "duplicate_key")]


def test_the_running_one_is_found_from_its_first_moment_to_its_end():
    both = parsed(experiment(), experiment("open", **{"from": "2026-04-01T00:00:00Z", "to": None}))
    second = timedelta(seconds=1)
    found = [running(both, at) for at in (MARCH - second, MARCH, APRIL - second, APRIL, MAY)]
    assert [each.key if each else None for each in found] == [None, "march", "march", "open", "open"]


@pytest.mark.parametrize(
    ("changes", "now", "name"),
    [
        ({}, APRIL, None),
        ({"to": None}, APRIL, None),
        ({"share": "0.50", "holdout": "0.0"}, APRIL, None),
        ({"share": "0.4"}, MARCH - timedelta(days=1), "share"),
        ({"holdout": "0.1"}, MARCH - timedelta(days=1), "holdout"),
        ({"from": "2026-03-02T00:00:00Z"}, MARCH, "from"),
        ({"from": "2026-03-02T00:00:00Z"}, MARCH - timedelta(seconds=1), None),
    ],
)
def test_under_one_key_arms_stay_comparable(changes, now, name):
    (known,), (wanted,) = parsed(experiment()), parsed(experiment(**changes))
    assert clash(known, wanted, now) == name
