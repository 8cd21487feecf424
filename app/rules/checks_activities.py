"""Checks of `activities[]`: what each kind needs, what it cannot use, and keys of other parts that must be there.

They read the document as it was sent, so that one wrong value never hides another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.rules.raw import Problem, no_time, number, rows, time
from app.rules.usual import BY_ORDERS, NEVER_FROM_A_BROWSER

Fault = tuple[str, str, str]  # field, code, what to write instead

# The setting a kind is about: it needs it, and no other kind has it, but for those below.
_SETTING_OF = {
    "order_count_milestone": "milestone",
    "spend_milestone": "milestone",
    "product_set": "product_set",
    "win_back": "win_back",
    "next_purchase_booster": "booster",
    "streak": "streak",
    "leaderboard_prize": "contest",
    "surprise": "surprise",
}
_ELSEWHERE = {"booster": None, "win_back": ("next_purchase_booster",)}  # other kinds that may have it; None: all
_MONEY = BY_ORDERS | {"receipt", "in_store_scan", "manual"}  # kinds that may know of money; so may the shop's own


def activity_checks(document: object) -> Iterator[Problem]:
    """Yield what is wrong between values that may each be right."""
    seen: set[str] = set()
    for place, rule in rows(document, "activities"):
        key = rule.get("key")
        if isinstance(key, str) and key in seen:
            yield Problem(f"{place}.key", "duplicate_key", "Give every entry of the list a key of its own.")
        seen |= {key} if isinstance(key, str) else set()
        for check in _CHECKS:
            yield from (Problem(f"{place}.{field}", code, advice) for field, code, advice in check(rule, document))


Rule = Mapping[str, Any]


def _settings(rule: Rule, document: object) -> Iterator[Fault]:
    kind = rule.get("kind")
    needed = _SETTING_OF.get(kind) if isinstance(kind, str) else None
    if needed is not None and not rule.get(needed):
        yield needed, "missing", f"Say what the {kind} is about."
    for name in sorted(set(_SETTING_OF.values()) - {needed}):
        others = _ELSEWHERE.get(name, ())
        if rule.get(name) and others is not None and kind not in others:
            kinds = " or ".join(each for each, setting in _SETTING_OF.items() if setting == name)
            yield name, "not_for_this_kind", f"Remove this key: it is for {kinds}."


def _money(rule: Rule, document: object) -> Iterator[Fault]:
    kind = rule.get("kind")
    if not isinstance(kind, str):
        return
    if rule.get("min_amount") is not None and kind not in ("min_spend", "receipt"):
        yield "min_amount", "not_for_this_kind", "Remove this key: it is for min_spend or receipt."
    if rule.get("rate") and kind not in _MONEY and not kind.startswith("custom:"):
        yield "rate", "not_for_this_kind", f"Write points: no money is told of a {kind}."
    if rule.get("rate") and rule.get("self_reported") is True:
        yield "rate", "not_for_a_browser", "Write points: a browser could tell any amount."


def _something(rule: Rule, document: object) -> Iterator[Fault]:
    if not any(rule.get(name) for name in ("points", "rate", "reward", "booster", "contest")):
        yield "points", "nothing_to_earn", "Write points above 0, a rate, a reward or a booster."


def _browser(rule: Rule, document: object) -> Iterator[Fault]:
    kind = rule.get("kind")
    if rule.get("self_reported") is True and isinstance(kind, str) and kind in NEVER_FROM_A_BROWSER:
        yield "self_reported", "not_for_a_browser", "Remove this key: a browser is not believed about this."


def _milestone(rule: Rule, document: object) -> Iterator[Fault]:
    milestone = rule.get("milestone")
    if not isinstance(milestone, dict) or not milestone:
        return
    if milestone.get("at") is None and milestone.get("every") is None:
        yield "milestone.at", "missing", "Write at, every, or both."
    for name in ("at", "every"):
        wanted = number(milestone.get(name))
        if wanted is None:
            continue
        if rule.get("kind") == "order_count_milestone" and wanted != int(wanted):
            yield f"milestone.{name}", "not_whole", 'Write a whole number of orders, such as "4".'
        if rule.get("kind") == "spend_milestone" and name == "every" and 0 < wanted < 1:
            yield "milestone.every", "out_of_range", 'Write at least "1".'


def _product_set(rule: Rule, document: object) -> Iterator[Fault]:
    wanted = rule.get("product_set")
    if not isinstance(wanted, dict) or not isinstance(wanted.get("products"), list):
        return
    products = wanted["products"]
    names = [each for each in products if isinstance(each, str)]
    if len(set(names)) < len(names):
        yield "product_set.products", "repeated", "Name each of them once."
    at_least = wanted.get("at_least")
    if isinstance(at_least, int) and at_least > len(products):
        yield "product_set.at_least", "out_of_range", f"Write at most {len(products)}: the set has no more."


def _caps(rule: Rule, document: object) -> Iterator[Fault]:
    caps = rule.get("caps")
    for place, cap in enumerate(caps if isinstance(caps, list) else ()):
        if isinstance(cap, dict) and cap.get("times") is None and cap.get("points") is None:
            yield f"caps.{place}.times", "missing", "Write times, points, or both."
    budget, points = rule.get("budget"), rule.get("points")
    most = budget.get("points") if isinstance(budget, dict) else None
    if isinstance(most, int) and isinstance(points, int) and points > most:
        yield "budget.points", "out_of_range", "Write at least the points of one award."


def _when(rule: Rule, document: object) -> Iterator[Fault]:
    when = rule.get("when")
    if not isinstance(when, dict):
        return
    first, end = time(when.get("from")), time(when.get("to"))
    if first is not None and end is not None and first >= end:
        yield "when.to", "empty_period", "Write a time after from; to is exclusive."
    if no_time(when.get("hours")):
        yield "when.hours", "empty_period", "Write an end that differs from the start."


def _expiry(rule: Rule, document: object) -> Iterator[Fault]:
    expiry = rule.get("expiry")
    if isinstance(expiry, dict) and expiry.get("kind") == "inactivity":
        yield "expiry.kind", "not_for_one_rule", "Write another kind: inactivity is about all points of a member."


def _references(rule: Rule, document: object) -> Iterator[Fault]:
    reward = rule.get("reward")
    known = {row.get("key") for _, row in rows(document, "rewards") if isinstance(row.get("key"), str)}
    if isinstance(reward, str) and reward not in known:
        yield "reward", "unknown_key_named", "Write the key of one of the programme's rewards."


_CHECKS: tuple[Callable[[Rule, object], Iterator[Fault]], ...] = (
    _settings,
    _money,
    _something,
    _browser,
    _milestone,
    _product_set,
    _caps,
    _when,
    _expiry,
    _references,
)
