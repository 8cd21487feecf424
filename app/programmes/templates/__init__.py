"""Programme documents to start from: one for each kind of shop, in any currency, and the demo shop's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.rules.money import decimals_of

_HERE = Path(__file__).parent
_WRITTEN_IN = "EUR"
_SMALL_UNITS = Decimal(100)  # where a currency has no decimals, a price has about two digits more


@dataclass(frozen=True, slots=True)
class Template:
    key: str
    shop: str  # the kind of shop it is for
    idea: str


TEMPLATES = (
    Template("fashion", "Fashion", "Tiers over twelve months, points once the parcel is sent, less for the sale."),
    Template("beauty", "Beauty and care", "Reviews with photos, a routine of products, birthdays, friends."),
    Template("coffee", "Coffee, food and drink", "A gift at the 4th and every 10th order, a nudge to the third."),
    Template("electronics", "Electronics", "Points by margin, after the return window; points as money."),
    Template("home", "Home and furniture", "Points on delivery, more for own brands, a reward above the average."),
    Template("books", "Books, music and games", "Few points, rounded up; Sundays count twice; a donation."),
)


def read(name: str) -> str:
    """Return a template's JSON text, as it is written."""
    return (_HERE / f"{name}.json").read_text(encoding="utf-8")


def document(key: str, currency: str = _WRITTEN_IN) -> dict[str, Any]:
    """Return the programme of a template in a currency. Raises: KeyError, UnknownCurrency.

    Amounts are not exchanged but kept in round numbers; where a currency has no decimals they are a hundredfold.
    """
    if key not in {template.key for template in TEMPLATES}:
        raise KeyError(key)
    factor = Decimal(1) if decimals_of(currency) else _SMALL_UNITS
    found: dict[str, Any] = _in_currency(json.loads(read(key)), currency, factor)
    return found


_MONEY = ("enter", "keep", "min_basis", "min_amount", "per", "spent_at_least")


def _in_currency(part: Any, currency: str, factor: Decimal) -> Any:
    if isinstance(part, list):
        return [_in_currency(each, currency, factor) for each in part]
    if not isinstance(part, dict):
        return part
    changed = {key: _in_currency(value, currency, factor) for key, value in part.items()}
    changed |= {key: _times(part[key], factor) for key in _MONEY if isinstance(part.get(key), str)}
    if isinstance(part.get("amount"), str):
        changed["amount"] = _times(part["amount"], factor)
    return changed | ({"currency": currency} if "currency" in part else {})


def _times(amount: str, factor: Decimal) -> str:
    if factor == 1:
        return amount
    return f"{(Decimal(amount) * factor).normalize():f}"


def listed() -> list[Mapping[str, str]]:
    return [{"key": each.key, "shop": each.shop, "idea": each.idea} for each in TEMPLATES]
