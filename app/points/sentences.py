"""Each entry in one plain sentence, in the shopper's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.programmes import Version
from app.rules.explain import ENGLISH, sentence
from app.rules.words import Words, words

_BY_KIND = ("release", "expiry", "hold", "redemption", "void", "return", "clamp", "unclamp", "merge")


def in_language(wanted: str | None, version: Version | None) -> Words:
    """Return the words for a language tag or an Accept-Language header, with the programme's name for points."""
    return words(wanted, version.programme.points_name if version else None)


def of_entry(kind: str, points: int, explanation: Mapping[str, Any], in_words: Words = ENGLISH) -> str:
    """Say why an entry was made. Units: points, signed."""
    if kind == "adjustment":
        return in_words.say("entry.given" if points > 0 else "entry.taken")
    if kind in _BY_KIND:
        return in_words.say(f"entry.{'return_undone' if kind == 'return' and points < 0 else kind}")
    if explanation.get("rule") == "customer_changed":
        return in_words.say("order.other_customer")
    if "kind" in explanation:
        return _activity(points, explanation, in_words)
    if kind == "earn":
        return sentence(explanation, in_words)
    if kind == "reversal":
        return in_words.say("order.changed", sentence=sentence(explanation, in_words))
    return in_words.say("entry.other")


def title_of_entry(kind: str, in_words: Words) -> str:
    """Say in a word or two what an entry did."""
    key = f"moved.{kind.replace('unc', 'c')}"  # what was settled, and no longer is
    return in_words.say(key) if in_words.knows(key) else in_words.say("entry.other")


def kind_name(kind: str, in_words: Words) -> str:
    """Return what shoppers call a kind of activity; a merchant's own kind by its name."""
    if kind.startswith("custom:"):
        return kind.removeprefix("custom:").replace("_", " ").replace("-", " ")
    return in_words.say(f"kind.{kind}" if in_words.knows(f"kind.{kind}") else "kind.custom")


def _activity(points: int, explanation: Mapping[str, Any], in_words: Words) -> str:
    name = kind_name(explanation["kind"], in_words)
    if points < 0:
        return in_words.say("entry.activity_reversed", kind=name)
    if not explanation.get("rate"):
        return in_words.say("entry.activity", kind=name, points=in_words.points(points))
    rate, currency = explanation["rate"], explanation["currency"]
    return in_words.say(
        "entry.activity_rate",
        kind=name,
        money=in_words.money(explanation["amount"], currency),
        rate=in_words.points(rate["points"]),
        per=in_words.money(rate["per"], currency),
        points=in_words.points(points),
    )
