"""Shopify tells every amount twice: in the shop's money and in the shopper's.

https://shopify.dev/docs/api/admin-rest/latest/resources/order (`*_set`: shop_money, presentment_money)

Amounts are strings in most places and JSON numbers in some (`refund_line_items[].subtotal`, and `*_set.*.amount` in
Shopify's own examples); a number counts as its shortest decimal text, which is what Shopify wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from connectors.contract import ZERO
from connectors.neutral.reading import EXACT, BadField, Doc, exact_sum, maybe, need, to_currency, to_money, to_object

_LIMIT = 10**15
_SMALLEST = Decimal("1e-30")


@dataclass(frozen=True, slots=True)
class Purse:
    """Whose money an object is read in."""

    side: Literal["shop_money", "presentment_money"]
    currency: str | None  # None: not known (a refund told alone), so it is not compared
    plain: bool  # fields without `_set` are in this money too


def to_amount(value: object) -> Decimal:
    """A decimal string, or a JSON number by its shortest text."""
    if isinstance(value, str):
        return to_money(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LIMIT:  # nan is not below
        raise ValueError("must be an amount")
    return to_decimal(value)


def to_decimal(number: float) -> Decimal:
    """The shortest decimal text of a JSON number. Raises: ValueError."""
    exact = Decimal(repr(number))
    if exact != exact.quantize(_SMALLEST, context=EXACT):
        raise ValueError("must be an amount of at most 30 decimals")
    return exact


def purses(order: Doc) -> tuple[Purse, Purse | None]:
    """Return the shopper's money, and the shop's where it differs. Raises: BadField."""
    shop = need(order, "currency", to_currency)
    presentment = maybe(order, "presentment_currency", to_currency) or shop
    if presentment == shop:
        return Purse("presentment_money", shop, plain=True), None
    return Purse("presentment_money", presentment, plain=False), Purse("shop_money", shop, plain=True)


def signed(doc: Doc, name: str, purse: Purse) -> Decimal | None:
    """Return an amount of either sign, or None where it is not told. Raises: BadField."""
    bag = maybe(doc, f"{name}_set", to_object)
    if bag is not None:
        money = maybe(bag, purse.side, to_object)
        if money is None:
            raise BadField(f"{name}_set.{purse.side}", "is missing")
        return _from_bag(money, f"{name}_set.{purse.side}", purse)
    if doc.get(name) is None:
        return None
    if not purse.plain:
        raise BadField(f"{name}_set", "is missing, and the order has two currencies")
    return need(doc, name, to_amount)


def _from_bag(money: Doc, path: str, purse: Purse) -> Decimal:
    try:
        if purse.currency is not None and money.get("currency_code", purse.currency) != purse.currency:
            raise BadField("currency_code", f"must be {purse.currency}, as the order says")
        return need(money, "amount", to_amount)
    except BadField as bad:
        raise bad.inside(path) from None


def amount(doc: Doc, name: str, purse: Purse) -> Decimal | None:
    """Return an amount of 0 or more, or None where it is not told. Raises: BadField."""
    value = signed(doc, name, purse)
    if value is not None and value < 0:
        raise BadField(name, "must not be negative")
    return value


def need_amount(doc: Doc, name: str, purse: Purse) -> Decimal:
    """Return an amount of 0 or more. Raises: BadField."""
    value = amount(doc, name, purse)
    if value is None:
        raise BadField(name, "is missing")
    return value


def items(doc: Doc, key: str) -> Iterator[Doc]:
    """Yield the objects of a list whose parts need no path of their own in an error. Raises: BadField."""
    listed = doc.get(key) or []
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise BadField(key, "must be a list of objects")
    yield from listed


def total(doc: Doc, key: str, name: str, purse: Purse) -> Decimal:
    """Return the sum of an amount over a list. Raises: BadField."""
    return exact_sum(*(amount(item, name, purse) or ZERO for item in items(doc, key)))
