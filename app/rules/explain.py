"""One plain sentence from an explanation, in the shopper's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.rules.words import Words, words

ENGLISH = words("en")


def sentence(explanation: Mapping[str, Any], in_words: Words = ENGLISH) -> str:
    """Return an order's explanation in a sentence: "€39.98 × 10 points per €1.00 = 399 points, rounded down"."""
    if "rounded" not in explanation:
        return in_words.say("order.nothing", why=in_words.say("why.no_programme"))
    if why_not := explanation.get("nothing_because"):
        return in_words.say("order.nothing", why=_why_not(str(why_not), in_words))
    return ", ".join(_clauses(explanation, in_words))


def missing(explanation: Mapping[str, Any], in_words: Words = ENGLISH) -> str:
    """Say what an order lacks before it earns; nothing where it earns, or never will."""
    why_not = str(explanation.get("nothing_because") or "")
    return _why_not(why_not, in_words) if why_not == "unpaid" or why_not.startswith("not ") else ""


def _why_not(why: str, in_words: Words) -> str:
    """Say why nothing is earned; "not fulfilled" and the like are named after what is missing."""
    key = f"why.{why.removeprefix('not ')}"
    return in_words.say(key if in_words.knows(key) else "why.other")


def _clauses(told: Mapping[str, Any], in_words: Words) -> Iterator[str]:
    bonus = sum(each["points"] for each in told["bonuses"])
    whole, left = told["rounded"] + bonus, _factors(told, in_words)
    if bonus:
        left = in_words.say("order.bonus", left=left, bonus=in_words.number(bonus))
    yield in_words.say("order.sum", left=left, points=in_words.points(whole))
    if told["points_exact"] != str(told["rounded"]):
        yield in_words.say(f"order.{told['rounding']}")
    if "paid_share" in told:
        yield in_words.say("order.paid_share", share=in_words.number(told["paid_share"]))
    yield from _caps(told, whole, in_words)


def _caps(told: Mapping[str, Any], whole: int, in_words: Words) -> Iterator[str]:
    cap, room = told["caps"]["order"], told["caps"]["room"]
    if cap is not None and whole > cap:
        yield in_words.say("order.capped", points=in_words.points(cap))
    if room is not None and min(whole, whole if cap is None else cap) > room:
        yield in_words.say("order.room", points=in_words.points(max(0, room)))


def _factors(told: Mapping[str, Any], in_words: Words) -> str:
    lines = [line for line in (*told["lines"], *told.get("charges", ())) if line["basis"] != "0"]
    currency = told["currency"]
    money = in_words.money(told["basis"], currency)
    factors = {line["factor"] for line in lines}
    if any("rule" in line["rate"] for line in lines) or len(factors) > 1:
        return in_words.say("order.products", money=money)
    rate = told["rate"]
    per = in_words.money(rate["per"], currency)
    left = in_words.say("order.plain", money=money, points=in_words.points(rate["points"]), per=per)
    factor = factors.pop() if factors else "1"
    return left if factor == "1" else in_words.say("order.times", left=left, factor=in_words.number(factor))
