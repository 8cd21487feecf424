"""Whatever is wrong with a programme is said with its place and what to do: one spoiled value in each document."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.programmes.templates import TEMPLATES, document
from app.rules.programme import InvalidProgramme, parse_programme

EXAMPLES = sorted((Path(__file__).parent.parent.parent / "docs" / "examples").glob("*.json"))
DOCUMENTS = {path.stem: json.loads(path.read_text()) for path in EXAMPLES}
DOCUMENTS |= {f"template-{each.key}": document(each.key) for each in TEMPLATES}

WRONG: tuple[Any, ...] = (
    [],
    [[]],
    {"surprise": 1},
    3.5,
    -1,
    10**30,
    "",
    "\x00",
    "\ud800",
    "not a value of anything",
    float("nan"),
    True,
)


def paths(part: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if here:
        yield here
    rows = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in rows:
        yield from paths(value, (*here, key))


def spoiled(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(whole)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def problems_of(text: Any) -> list[Any]:
    try:
        parse_programme(text)
    except InvalidProgramme as invalid:
        return list(invalid.problems)
    return []


def near(field: str, path: tuple[Any, ...]) -> bool:
    """Tell whether a problem is told at the place, inside it or around it."""
    place = ".".join(map(str, path))
    return field == place or field.startswith(place + ".") or place.startswith(field + ".") or field == ""


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_spoiled_value_is_named_with_its_place(name: str) -> None:
    refused = 0
    for path in paths(DOCUMENTS[name]):
        for value in WRONG:
            found = problems_of(spoiled(DOCUMENTS[name], path, value))
            refused += bool(found)
            for problem in found:
                assert problem.message, (path, value)
                assert problem.code.isidentifier(), problem.code
            if found and "key" not in path[-1:] and value != []:  # a key that is gone is missed where it is named
                assert any(near(problem.field, path) for problem in found), (path, value, found)
    assert refused > 200


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_key_that_is_too_many_is_named(name: str) -> None:
    for path in paths(DOCUMENTS[name]):
        whole = copy.deepcopy(DOCUMENTS[name])
        place = whole
        for key in path:
            place = place[key]
        if isinstance(place, dict):
            place["surprise"] = 1
            assert problems_of(whole), path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_key_that_is_missing_is_named_or_has_its_default(name: str) -> None:
    for path in paths(DOCUMENTS[name]):
        whole = copy.deepcopy(DOCUMENTS[name])
        place = whole
        for key in path[:-1]:
            place = place[key]
        if isinstance(place, dict):
            del place[path[-1]]
            assert all(problem.message for problem in problems_of(whole)), path


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(DOCUMENTS)), st.integers(0, 10_000), json_values)
def test_no_document_is_a_stack_trace(name: str, number: int, value: Any) -> None:
    every = list(paths(DOCUMENTS[name]))
    problems_of(spoiled(DOCUMENTS[name], every[number % len(every)], value))


@given(json_values)
def test_nothing_at_all_is_a_stack_trace(value: Any) -> None:
    assert problems_of(value)
