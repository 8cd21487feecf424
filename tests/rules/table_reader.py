"""A second reader of the earn table, written from its description: what PHP and Liquid do, in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = ("variant", "product", "collection", "tag", "vendor")


@dataclass(frozen=True)
class Sold:
    """One unit of a product on a page. Units: minor, of the currency."""

    currency: str
    minor: int
    facts: Mapping[str, tuple[str, ...]]  # kind → names
    gift_card: bool = False


def drawn(table: Mapping[str, Any], sold: Sold, now_s: float, tier: str = "") -> int | None:
    """Return the points a page draws; None: it draws nothing."""
    key = "" if tier == table["entry"] else tier
    if table["ask"] or (table["until"] is not None and now_s >= table["until"]):
        return None
    if sold.currency not in table["rates"] or key not in table["factors"]:
        return None
    fitting = [rule for rule in table["rules"] if _fits(rule, sold)]
    outside = sold.gift_card and not table["gift_cards"]
    if outside or sold.minor <= 0 or any(rule.get("exclude") for rule in fitting):
        return 0
    own = (rule["rates"][sold.currency] for rule in fitting if sold.currency in rule.get("rates", {}))
    points, per = next(own, table["rates"][sold.currency])
    above, below = table["factors"][key][_first(fitting, "m")]
    whole = _rounded(sold.minor * points * above, per * below, table["rounding"])
    whole += table["bonus"] + _first(fitting, "bonus")
    return whole if table["cap"] is None else min(whole, table["cap"])


def _fits(rule: Mapping[str, Any], sold: Sold) -> bool:
    return all(rule[kind] in sold.facts.get(kind, ()) for kind in KINDS if kind in rule)


def _first(rules: list[Mapping[str, Any]], name: str) -> int:
    return next((int(rule[name]) for rule in rules if name in rule), 0)


def _rounded(above: int, below: int, how: str) -> int:
    if how == "ceil":
        return -(-above // below)
    return above // below if how == "floor" else (2 * above + below) // (2 * below)


def said(table: Mapping[str, Any], points: int, language: str, category: str) -> str:
    """Return the sentence a page draws."""
    text = table["text"][language]
    return str(text["earn"][category]).replace("{n}", f"{points:,}".replace(",", text["group"]))
