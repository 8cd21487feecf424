"""Checks of the rules that the calendar runs: each kind has the part it needs, and no other that it would not see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.rules.usual import SCHEDULED

Found = tuple[str, str, str]  # field, code, what to write instead

# kind → the part it cannot do without
_NEEDS = {
    "streak": "streak",
    "win_back": "win_back",
    "next_purchase_booster": "booster",
    "leaderboard_prize": "contest",
    "surprise": "surprise",
}
# part → the kinds that look at it; a booster may come with any rule
_FOR = {
    "streak": ("streak",),
    "win_back": ("win_back", "next_purchase_booster"),
    "contest": ("leaderboard_prize",),
    "surprise": ("surprise",),
}
_TOLD_ONLY = ("subject", "rate", "min_amount", "self_reported", "verified_buyer")  # what only told activities have
_AWAY = ("days_without_order", "rhythm", "days_without_visit")


def schedule_checks(document: object) -> Iterator[Found]:
    """Yield what is wrong with scheduled rules, read as they were sent."""
    rows = document.get("activities") if isinstance(document, dict) else None
    tiers = document.get("tiers") if isinstance(document, dict) else None
    for number, rule in enumerate(rows if isinstance(rows, list) else ()):
        kind = rule.get("kind") if isinstance(rule, dict) else None
        if isinstance(kind, str):
            yield from _parts(f"activities.{number}", rule, kind)
            yield from _away(f"activities.{number}.win_back", rule.get("win_back"))
            yield from _contest(f"activities.{number}.contest", rule.get("contest"), tiers)


def _parts(place: str, rule: Mapping[str, Any], kind: str) -> Iterator[Found]:
    need = _NEEDS.get(kind)
    if need is not None and not rule.get(need):
        yield f"{place}.{need}", "missing", f"Add this part: a rule of the kind {kind} is told by it what to do."
    for part, kinds in _FOR.items():
        if rule.get(part) and kind not in kinds:
            yield (
                f"{place}.{part}",
                "not_for_kind",
                f"Leave it out: only rules of the kind {' or '.join(kinds)} use it.",
            )
    for name in _TOLD_ONLY if kind in SCHEDULED else ():
        if rule.get(name):
            yield f"{place}.{name}", "not_for_kind", f"Leave it out: nobody tells of a {kind}, the calendar runs it."


def _away(place: str, away: object) -> Iterator[Found]:
    if isinstance(away, dict) and away and all(away.get(name) is None for name in _AWAY):
        yield place, "missing", f"Write at least one of {', '.join(_AWAY)}."


def _contest(place: str, contest: object, tiers: object) -> Iterator[Found]:
    if isinstance(contest, dict) and contest.get("by") == "tier" and not tiers:
        yield f"{place}.by", "no_tiers", "Write another measure: the programme has no tiers."
