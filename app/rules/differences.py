"""What differs between two programme documents, by path; entries of a list are known by their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

Difference = tuple[str, Any, Any]  # path, before, after; None where it is not there


def differences(before: object, after: object, path: str = "") -> Iterator[Difference]:
    """Yield every value that differs, in the order of the later document."""
    if before == after:
        return
    ours, theirs = _by_name(before), _by_name(after)
    if ours is None or theirs is None:
        yield path, before, after
        return
    for name in chain(theirs, (name for name in ours if name not in theirs)):
        inside = f"{path}.{name}" if path else name
        if name not in ours or name not in theirs:
            yield inside, ours.get(name), theirs.get(name)
        else:
            yield from differences(ours[name], theirs[name], inside)
    if isinstance(after, list) and _moved(ours, theirs):
        yield path, list(ours), list(theirs)


def _by_name(value: object) -> Mapping[str, Any] | None:
    """Return what is inside a value, by name; None for a plain value."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and all(isinstance(each, dict) and "key" in each for each in value):
        return {each["key"]: each for each in value}
    return None


def _moved(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Tell whether entries that stay have changed places: of two that fit, the first often counts."""
    return [name for name in ours if name in theirs] != [name for name in theirs if name in ours]
