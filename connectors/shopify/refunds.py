"""A Shopify refund.

https://shopify.dev/docs/api/admin-rest/latest/resources/refund

Signs, from the documentation, its samples and recorded deliveries (API 2026-07): an order adjustment is NEGATIVE where
the shopper got that money and positive where the calculated refund was not paid out in full; `amount` is without tax
and `tax_amount` is added to it. `refund_line_items[].subtotal` is as displayed (with tax iff `taxes_included`).

Since 2024-10 a refunded shipping charge is in `refund_shipping_lines`; webhooks still repeat it as an adjustment of
kind `shipping_refund`, and `kind` itself is to go, so the reason stands in for it.
"""

from __future__ import annotations

from decimal import Decimal

from connectors.contract import ZERO, Refund, RefundLine, RefundTold
from connectors.neutral.reading import (
    Doc,
    each,
    exact_sum,
    maybe,
    need,
    to_ident,
    to_text,
    to_time,
    to_units,
)
from connectors.shopify.money import Purse, amount, items, signed

# "Pending refund discrepancy" is bookkeeping, not money: it is always negative, and the positive "Refund discrepancy"
# that it undoes stands beside it or in an earlier refund whose items already left. Counted, it would take the same
# points twice; the positive one is ignored like every positive one.
_NO_MONEY = {"pending refund discrepancy", "pending_refund_discrepancy"}
_SHIPPING = {"shipping refund", "shipping_refund"}


def refund_told(doc: Doc) -> RefundTold:
    """Read a refunds/create body: it names its order, but neither the order's currencies nor its tax setting."""
    order_id = need(doc, "order_id", to_ident)
    two = _has_two_currencies(doc)
    shopper = Purse("presentment_money", None, plain=not two)
    return RefundTold(
        order_id=order_id,
        refund=read_refund(doc, shopper, taxes_included=None),
        in_shop_money=read_refund(doc, Purse("shop_money", None, plain=True), taxes_included=None) if two else None,
    )


def read_refund(doc: Doc, purse: Purse, taxes_included: bool | None) -> Refund:
    """Read one refund. `taxes_included` None: not known, so tax is told apart. Raises: BadField."""
    money, tax = _money(doc, purse)
    return Refund(
        id=need(doc, "id", to_ident),
        at=maybe(doc, "created_at", to_time),
        lines=each(doc, "refund_line_items", lambda line: _line(line, purse)),
        money=exact_sum(money, tax) if taxes_included else money,
        money_tax=tax if taxes_included is None else ZERO,
        shipping=_shipping(doc, purse),
    )


def _line(doc: Doc, purse: Purse) -> RefundLine:
    return RefundLine(
        line_id=need(doc, "line_item_id", to_ident),
        quantity=need(doc, "quantity", to_units),
        amount=amount(doc, "subtotal", purse),
    )


def _adjustments(doc: Doc) -> list[tuple[str, Doc]]:
    """Return (what it is, adjustment) for each order adjustment."""
    named = []
    for adjustment in items(doc, "order_adjustments"):
        kind, reason = maybe(adjustment, "kind", to_text), (maybe(adjustment, "reason", to_text) or "").lower()
        if kind == "shipping_refund" or (kind is None and reason in _SHIPPING):
            named.append(("shipping", adjustment))
        elif kind in (None, "refund_discrepancy") and reason not in _NO_MONEY:
            named.append(("money", adjustment))
    return named


def _money(doc: Doc, purse: Purse) -> tuple[Decimal, Decimal]:
    """Return money given back without an item, and its tax: negative discrepancies only, each on its own."""
    money, tax = ZERO, ZERO
    for what, adjustment in _adjustments(doc):
        value = signed(adjustment, "amount", purse) or ZERO
        if what == "money" and value < 0:
            money = exact_sum(money, -value)
            tax = exact_sum(tax, max(ZERO, -(signed(adjustment, "tax_amount", purse) or ZERO)))
    return money, tax


def _shipping(doc: Doc, purse: Purse) -> Decimal:
    lines = [amount(line, "subtotal_amount", purse) or ZERO for line in items(doc, "refund_shipping_lines")]
    if lines:
        return exact_sum(*lines)
    told = [signed(adjustment, "amount", purse) or ZERO for what, adjustment in _adjustments(doc) if what == "shipping"]
    return exact_sum(*(max(ZERO, -value) for value in told))


_BAGS = (
    ("refund_line_items", "subtotal_set"),
    ("order_adjustments", "amount_set"),
    ("refund_shipping_lines", "subtotal_amount_set"),
)


def _has_two_currencies(doc: Doc) -> bool:
    for key, name in _BAGS:
        for item in items(doc, key):
            bag = item.get(name)
            sides = (bag.get("shop_money"), bag.get("presentment_money")) if isinstance(bag, dict) else ()
            codes = [side.get("currency_code") for side in sides if isinstance(side, dict)]
            if len(codes) == 2 and codes[0] != codes[1]:
                return True
    return False
