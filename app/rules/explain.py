"""One plain sentence from an explanation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rules.money import decimals_of

_WHY_NOT = {
    "unpaid": "the order is not paid",
    "test": "it is a test order",
    "no_rate": "the programme has no rate for its currency",
}
_NOT_ELIGIBLE = {
    "enrol": "the customer had not joined the programme",
    "min_age": "the programme is for customers above an age, and theirs is below it or not known",
    "any_tag": "the programme is for customers with a certain tag",
    "exclude_tags": "the programme leaves out customers with one of their tags",
    "customer_groups": "the programme is for certain groups of customers",
    "exclude_customer_groups": "the programme leaves out the customer's group",
    "countries": "the programme is for orders to other countries",
    "exclude_countries": "the programme leaves out orders to this country",
}
_ROUNDED = {"floor": "rounded down", "ceil": "rounded up", "half_up": "rounded"}


def sentence(explanation: Mapping[str, Any]) -> str:
    """Return the explanation in a sentence: "39.98 EUR × 10 points per 1 EUR = 399 points, rounded down"."""
    if condition := explanation.get("condition"):
        return f"No points: {_NOT_ELIGIBLE[condition]}"
    if why_not := explanation.get("nothing_because"):
        return f"No points: {_WHY_NOT.get(why_not, f'the order is {why_not}')}"
    return ", ".join(_clauses(explanation))


def _clauses(explanation: Mapping[str, Any]) -> list[str]:
    bonus = sum(each["points"] for each in explanation["bonuses"])
    whole = explanation["rounded"] + bonus
    told = [f"{_factors(explanation)}{f' + {bonus} bonus' if bonus else ''} = {_points(whole)}"]
    if explanation["points_exact"] != str(explanation["rounded"]):
        told.append(_ROUNDED[explanation["rounding"]])
    if "paid_share" in explanation:
        told.append(f"for the paid share of {explanation['paid_share']}")
    if explanation["points"] < whole:
        told.append(f"capped at {explanation['points']}")
    return told


def _factors(explanation: Mapping[str, Any]) -> str:
    lines = [line for line in (*explanation["lines"], *explanation.get("charges", ())) if line["basis"] != "0"]
    money = f"{_amount(explanation['basis'], explanation['currency'])} {explanation['currency']}"
    factors = {line["factor"] for line in lines}
    if any("rule" in line["rate"] for line in lines) or len(factors) > 1:
        return f"{money} at the rates and multipliers of its products"
    rate = f"{_points(explanation['rate']['points'])} per {explanation['rate']['per']} {explanation['currency']}"
    factor = factors.pop() if factors else "1"
    return f"{money} × {rate}" if factor == "1" else f"{money} × {rate} × {factor}"


def _amount(text: str, currency: str) -> str:
    """Write an amount with its currency's decimals at least; an endless fraction as it is."""
    if "/" in text:
        return text
    whole, _, part = text.partition(".")
    part = part.ljust(decimals_of(currency), "0")
    return f"{whole}.{part}" if part else whole


def _points(number: object) -> str:
    return f"{number} point" if str(number) == "1" else f"{number} points"
