"""What is wrong with the settings of expiry, pending periods and the phase, as (field, code, what to write instead).

Read from the document as it was sent, like the other cross-checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Found = tuple[str, str, str]

_NUMBERS = ("days", "months", "after")
_TAKES = {
    "never": (),
    "days": ("days",),
    "months": ("months",),
    "end_of_month": ("after",),
    "end_of_quarter": ("after",),
    "end_of_year": ("after",),
    "inactivity": ("days", "months"),
}
_RETURN_DAYS = 14


def lot_checks(document: object) -> Iterator[Found]:
    """Yield what contradicts itself."""
    yield from expiry_checks(_part(document, "expiry"), "expiry")
    activities = document.get("activities") if isinstance(document, dict) else None
    for number, rule in enumerate(activities if isinstance(activities, list) else ()):
        own = _part(rule, "expiry")
        if own.get("kind") != "inactivity":  # not for one rule: told with the other checks of activities
            yield from expiry_checks(own, f"activities.{number}.expiry")
    yield from _pending(_part(document, "earning"))
    yield from _phase(_part(document, "phase"))


def expiry_checks(expiry: Mapping[str, Any], field: str) -> Iterator[Found]:
    """Yield what of an expiry is missing or too much for its kind."""
    kind = expiry.get("kind", "never")
    if not isinstance(kind, str) or kind not in _TAKES:
        return  # told where the kind is
    takes = _TAKES[kind]
    given = [name for name in _NUMBERS if expiry.get(name) is not None]
    for name in given:
        if name not in takes:
            yield f"{field}.{name}", "unknown_key", _only(kind, takes)
    if len(set(given) & set(takes)) > 1:
        yield f"{field}.months", "too_many", "Keep one of days and months."
    if takes and takes != ("after",) and not set(given) & set(takes):
        yield f"{field}.{takes[0]}", "missing", f"Write {' or '.join(takes)}: how long points live."


def _only(kind: str, takes: tuple[str, ...]) -> str:
    return f"Remove this key: {kind} takes {' or '.join(takes) or 'no number'}."


def _pending(earning: Mapping[str, Any]) -> Iterator[Found]:
    until = earning.get("pending_until", "days")
    if until != "return_window" and earning.get("return_days", _RETURN_DAYS) != _RETURN_DAYS:
        message = 'Remove this key, or write "return_window" in earning.pending_until.'
        yield "earning.return_days", "without_effect", message
    if until == "fulfilled" and earning.get("earn_on") in ("completed", "delivered"):
        message = f'Write "days" or a later event: with earn_on {earning["earn_on"]} everything is sent already.'
        yield "earning.pending_until", "without_effect", message


def _phase(phase: Mapping[str, Any]) -> Iterator[Found]:
    kind, day = phase.get("kind", "running"), phase.get("spend_until")
    if kind == "winding_down" and day is None:
        yield "phase.spend_until", "missing", 'Write the last day to spend, such as "2026-12-31".'
    if kind in ("running", "paused", "ended") and day is not None:
        yield "phase.spend_until", "unknown_key", "Remove this key: only winding_down has a last day to spend."


def _part(document: object, key: str) -> Mapping[str, Any]:
    part = document.get(key) if isinstance(document, dict) else None
    return part if isinstance(part, dict) else {}
