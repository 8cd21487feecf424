"""A second reader of the earn table, written from its description: what PHP and Liquid do, in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEAREST = 10**9  # of a whole cart, in minor units: up to there no sum passes 2^63
KINDS = ("variant", "product", "collection", "tag", "vendor")


@dataclass(frozen=True)
class Sold:
    """One unit of a product on a page. Units: minor, of the currency."""

    currency: str
    minor: int
    facts: Mapping[str, tuple[str, ...]]  # kind → names
    gift_card: bool = False


@dataclass(frozen=True)
class Share:
    """What a line of a cart, or one unit of a product, is worth before the rounding."""

    above: int
    below: int
    bonus: int


def drawn(table: Mapping[str, Any], sold: Sold, now_s: float, tier: str = "") -> int | None:
    """Return the points a page draws; None: it draws nothing."""
    return drawn_cart(table, [sold], now_s, tier)


def drawn_cart(
    table: Mapping[str, Any], lines: Sequence[Sold], now_s: float, tier: str = "", codes: Sequence[str] = ()
) -> int | None:
    """Return the points a page draws for a cart, each line with what is left of its price after all discounts."""
    key = "" if tier == table["entry"] else tier
    if table["ask"] or codes or (table["until"] is not None and now_s >= table["until"]):
        return None
    if sum(line.minor for line in lines) > DEAREST or key not in table["factors"]:
        return None
    if any(line.currency not in table["rates"] for line in lines):
        return None
    shares = [share for line in lines if (share := _share(table, line, key)) is not None]
    if len({share.below for share in shares}) > 1:
        return None
    if not shares:
        return 0
    whole = _rounded(sum(share.above for share in shares), shares[0].below, table["rounding"])
    whole += table["bonus"] + sum(share.bonus for share in shares)
    return whole if table["cap"] is None else min(whole, table["cap"])


def _share(table: Mapping[str, Any], sold: Sold, key: str) -> Share | None:
    """Return what a line brings; None: nothing."""
    fitting = [rule for rule in table["rules"] if _fits(rule, sold)]
    outside = sold.gift_card and not table["gift_cards"]
    if outside or sold.minor <= 0 or any(rule.get("exclude") for rule in fitting):
        return None
    own = (rule["rates"][sold.currency] for rule in fitting if sold.currency in rule.get("rates", {}))
    points, per = next(own, table["rates"][sold.currency])
    above, below = table["factors"][key][_first(fitting, "m")]
    return Share(sold.minor * points * above, per * below, _first(fitting, "bonus"))


def _fits(rule: Mapping[str, Any], sold: Sold) -> bool:
    return all(rule[kind] in sold.facts.get(kind, ()) for kind in KINDS if kind in rule)


def _first(rules: list[Mapping[str, Any]], name: str) -> int:
    return next((int(rule[name]) for rule in rules if name in rule), 0)


def _rounded(above: int, below: int, how: str) -> int:
    if how == "ceil":
        return -(-above // below)
    return above // below if how == "floor" else (2 * above + below) // (2 * below)


def said(table: Mapping[str, Any], points: int, language: str, category: str) -> str:
    """Return the sentence a page draws of a product."""
    text = table["text"][language]
    return str(text["earn"][category]).replace("{n}", f"{points:,}".replace(",", text["group"]))


def said_of_cart(table: Mapping[str, Any], points: int, language: str, category: str) -> str:
    """Return the sentence a page draws of a cart."""
    text = table["text"][language]
    number = f"{points:,}".replace(",", text["group"])
    return str(text["cart"]).replace("{points}", text["points"][category].replace("{n}", number))
