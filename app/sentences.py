"""Each entry in one plain sentence. Other languages come with the programme engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rules.explain import sentence

_BY_KIND = {
    "adjustment": "Adjusted by the shop",
    "release": "These points can be spent now",
    "expiry": "These points were not used in time",
    "hold": "Set aside for a reward",
    "redemption": "The reward was used",
    "void": "The reward was not used; the points are back",
    "return": "The order came back; so do the points its reward had cost",
    "clamp": "The shop waives what was missing",
    "unclamp": "What the shop had waived is made up for",
    "merge": "Two accounts became one",
}


def of_entry(kind: str, points: int, explanation: Mapping[str, Any]) -> str:
    """Say why an entry was made. Units: points, signed."""
    if kind == "earn":
        return sentence(explanation)
    if explanation.get("rule") == "customer_changed":
        return "The order belongs to another customer now"
    if kind == "reversal":
        return f"The order has changed. It is worth now: {sentence(explanation)}"
    return _BY_KIND.get(kind, kind)
