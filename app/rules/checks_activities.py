"""Checks of `activities[]`: what each kind needs, what it cannot use, and keys of other parts that must be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.rules.document import ActivityRule


def waiting_activities(rules: Iterable[ActivityRule]) -> Iterator[tuple[str, str]]:
    """Yield what of the rules is understood but not acted on yet: (field, what it is)."""
    for number, rule in enumerate(rules):
        if rule.reward is not None:
            yield f"activities.{number}.reward", "a reward for an activity"
