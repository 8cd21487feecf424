"""Every key of a programme document with what it takes and what it means when it is left out: the interface's promise.

`programme_keys.txt` is that promise, written once. A change here is a change of every shop's stored programme.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.rules.programme import programme_schema

PROMISED = Path(__file__).with_name("programme_keys.txt")
BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)


def test_each_key_takes_what_it_promised_and_means_the_same_when_left_out():
    told = "\n".join(_keys(programme_schema())) + "\n"
    assert told == PROMISED.read_text()


@pytest.mark.parametrize("length", ["minLength", "maxLength"])
def test_only_a_text_has_a_length(length):
    lists = [each for each in _schemas(programme_schema()) if each.get("type") not in ("string", None)]
    assert lists
    assert not [each for each in lists if length in each]


def _keys(schema: dict[str, Any]) -> Iterator[str]:
    for part, told in sorted({**schema["$defs"], "Programme": schema}.items()):
        needed = told.get("required", ())
        assert told["additionalProperties"] is False, part
        for name, value in told["properties"].items():
            default = f" = {_text(value['default'])}" if "default" in value else ""
            yield f"{part}.{name}: {_takes(value)}{' !' if name in needed else default}"


def _takes(told: dict[str, Any]) -> str:
    if "anyOf" in told:
        return " or ".join(map(_takes, told["anyOf"]))
    if "$ref" in told:
        return str(told["$ref"]).rpartition("/")[2]
    if "enum" in told or "const" in told:
        return "|".join(told.get("enum") or [told["const"]])
    words = [str(told["type"])]
    words += [f"{told.get(low, '')}…{told.get(high, '')}" for low, high in BOUNDS if low in told or high in told]
    words += [str(told[key]) for key in ("format", "pattern") if key in told]
    if "items" in told or "prefixItems" in told:
        words.append(
            "of " + (_takes(told["items"]) if "items" in told else ", ".join(map(_takes, told["prefixItems"])))
        )
    for pattern, value in told.get("patternProperties", {}).items():
        words.append(f"{pattern} to {_takes(value)}")
    return " ".join(words)


def _text(default: Any) -> str:
    if isinstance(default, dict):
        return "{" + ", ".join(f"{key}: {_text(value)}" for key, value in default.items()) + "}"
    return default if isinstance(default, str) else json.dumps(default)


def _schemas(told: Any) -> Iterator[dict[str, Any]]:
    if isinstance(told, dict):
        yield told
        for value in told.values():
            yield from _schemas(value)
    elif isinstance(told, list):
        for value in told:
            yield from _schemas(value)
