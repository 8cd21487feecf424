"""Checks of the rules that the calendar runs, beside those of every activity: nothing in them goes unseen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.rules.usual import SCHEDULED

Found = tuple[str, str, str]  # field, code, what to write instead

_TOLD_ONLY = ("subject", "verified_buyer")
_AWAY = ("days_without_order", "rhythm", "days_without_visit")


def schedule_checks(document: object) -> Iterator[Found]:
    """Yield what is wrong with scheduled rules, read as they were sent."""
    rules = document.get("activities") if isinstance(document, dict) else None
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, dict):
            for field, code, message in _faults(rule, document):
                yield f"activities.{number}.{field}", code, message


def _faults(rule: dict[str, Any], document: object) -> Iterator[Found]:
    kind, away, contest = rule.get("kind"), rule.get("win_back"), rule.get("contest")
    for name in _TOLD_ONLY if isinstance(kind, str) and kind in SCHEDULED else ():
        if rule.get(name):
            yield name, "not_for_this_kind", f"Remove this key: nobody tells of a {kind}, the calendar runs it."
    if isinstance(away, dict) and away and all(away.get(name) is None for name in _AWAY):
        yield "win_back", "missing", f"Write at least one of {', '.join(_AWAY)}."
    tiers = document.get("tiers") if isinstance(document, dict) else None
    if isinstance(contest, dict) and contest.get("by") == "tier" and not tiers:
        yield "contest.by", "no_tiers", "Write another measure: the programme has no tiers."
