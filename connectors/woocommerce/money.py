"""WooCommerce tells a price without its tax and the tax beside it, whatever the shop displays.

https://developer.woocommerce.com/docs/apis/rest-api/v3/orders (all money is text)
"""

from __future__ import annotations

from decimal import Decimal

from connectors.contract import ZERO
from connectors.neutral.reading import BadField, Doc, exact_sum, need, to_money


def signed(doc: Doc, key: str) -> Decimal:
    """Return an amount of either sign; empty text is how WooCommerce says nothing. Raises: BadField."""
    return ZERO if doc.get(key) in (None, "") else need(doc, key, to_money)


def amount(doc: Doc, key: str) -> Decimal:
    """Return an amount of 0 or more. Raises: BadField."""
    value = signed(doc, key)
    if value < 0:
        raise BadField(key, "must not be negative")
    return value


def displayed(doc: Doc, key: str, tax_key: str, *, with_tax: bool) -> Decimal:
    """Return a price as the shopper saw it: with its tax iff the shop's prices include tax. Raises: BadField."""
    return exact_sum(amount(doc, key), amount(doc, tax_key)) if with_tax else amount(doc, key)


def displayed_signed(doc: Doc, key: str, tax_key: str, *, with_tax: bool) -> Decimal:
    """As `displayed`, of either sign: fees and refunds. Raises: BadField."""
    return exact_sum(signed(doc, key), signed(doc, tax_key)) if with_tax else signed(doc, key)
