"""A WooCommerce refund, in the two shapes there are.

https://developer.woocommerce.com/docs/apis/rest-api/v3/orders (refunds): `{"id", "reason", "total": "-10.00"}`, the
total with tax and nothing else. https://developer.woocommerce.com/docs/apis/rest-api/v3/order-refunds: `amount`, and
lines of negative amounts that name the order's line in the meta `_refunded_item_id`; there may be no lines at all.
"""

from __future__ import annotations

from decimal import Decimal

from connectors.contract import ZERO, Refund, RefundLine
from connectors.neutral.reading import (
    MAX_UNITS,
    BadField,
    Doc,
    each,
    exact_sum,
    maybe,
    need,
    to_ident,
    to_utc_time,
)
from connectors.woocommerce.money import displayed_signed, signed


def read_refund(doc: Doc, prices_include_tax: bool) -> Refund:
    """Read a refund of either shape. Raises: BadField."""
    refund_id = need(doc, "id", to_ident)
    at = maybe(doc, "date_created_gmt", to_utc_time)
    if not any(doc.get(key) for key in ("line_items", "shipping_lines", "fee_lines")):
        return Refund(id=refund_id, at=at, total=_whole(doc))
    return Refund(
        id=refund_id,
        at=at,
        lines=each(doc, "line_items", lambda line: _line(line, prices_include_tax)),
        shipping=max(ZERO, -_sum(doc, "shipping_lines", with_tax=prices_include_tax)),
        money=_unnamed(doc),
    )


def _whole(doc: Doc) -> Decimal:
    """Return what was given back in all: told negative inside an order and positive by the refunds' own address."""
    key = "amount" if doc.get("amount") not in (None, "") else "total"
    if doc.get(key) in (None, ""):
        raise BadField(key, "is missing")
    return abs(signed(doc, key))


def _unnamed(doc: Doc) -> Decimal:
    """Return the part of the amount that no line of the refund names. Its tax is not told, so it counts whole."""
    named = [_sum(doc, key, with_tax=True) for key in ("line_items", "shipping_lines", "fee_lines")]
    return max(ZERO, exact_sum(_whole(doc), *named))


def _sum(doc: Doc, key: str, *, with_tax: bool) -> Decimal:
    return exact_sum(*each(doc, key, lambda line: displayed_signed(line, "total", "total_tax", with_tax=with_tax)))


def _line(doc: Doc, prices_include_tax: bool) -> RefundLine:
    amount = -displayed_signed(doc, "total", "total_tax", with_tax=prices_include_tax)
    if amount < 0:
        raise BadField("total", "must not be positive in a refund")
    named = [meta for meta in each(doc, "meta_data", dict) if meta.get("key") == "_refunded_item_id"]
    if not named:
        raise BadField("meta_data", "does not name the line of the order (_refunded_item_id)")
    return RefundLine(line_id=need(named[-1], "value", to_ident), quantity=_whole_units_back(doc), amount=amount)


def _whole_units_back(doc: Doc) -> int:
    """Return the units given back. Plugins sell half units; a part of a unit is not a unit given back."""
    return int(abs(need(doc, "quantity", to_quantity)))


def to_quantity(value: object) -> Decimal:
    """A quantity as told: whole in core, with decimals where a plugin sells by weight; negative in refunds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_UNITS:  # nan is neither
        raise ValueError("must be a quantity")
    return Decimal(repr(value))
