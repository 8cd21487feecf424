"""A WooCommerce order: https://developer.woocommerce.com/docs/apis/rest-api/v3/orders

`line_items[].price` is after discount and a rounded number: never used. `date_*_gmt` are UTC without an offset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import ceil

from connectors.contract import (
    STATUS_RANK,
    Charge,
    CustomerRef,
    DiscountCode,
    Ignored,
    Line,
    OrderState,
    Refund,
    ShopSettings,
)
from connectors.neutral.checks import check_order
from connectors.neutral.reading import (
    BadField,
    Doc,
    arm_told,
    each,
    exact_sum,
    maybe,
    need,
    part,
    referral_told,
    to_country_told,
    to_currency,
    to_flag,
    to_ident,
    to_text,
    to_time,
    to_utc_time,
)
from connectors.woocommerce.money import amount, displayed, displayed_signed, signed
from connectors.woocommerce.refunds import read_refund, to_quantity

# Status → word of the rank list in semantics §1.4; every other one is looked up there under its own name.
STATUS: Mapping[str, str] = {"trash": "deleted"}

# The block checkout tells its unfinished orders, the admin its empty ones (woocommerce#37958, #66995).
NOT_YET_ORDERS = ("checkout-draft", "auto-draft")


def read_order(doc: Doc, settings: ShopSettings) -> OrderState:
    """Read an order. Raises: Ignored for one that is not placed yet, BadField."""
    told = need(doc, "status", to_text)
    if told in NOT_YET_ORDERS:
        raise Ignored(f"the status {told} is not an order yet")
    return check_order(_state(doc, told, settings))


def _state(doc: Doc, told: str, settings: ShopSettings) -> OrderState:
    with_tax = maybe(doc, "prices_include_tax", to_flag) or False
    paid = told in settings.paid_statuses
    completed_at = _completed_at(doc) if told == "completed" else None
    lines = each(doc, "line_items", lambda line: _line(line, with_tax))
    refunds = _of_lines_still_there(each(doc, "refunds", lambda refund: read_refund(refund, with_tax)), lines)
    fees = each(doc, "fee_lines", lambda fee: _fee(fee, with_tax))
    updated_at = need(doc, "date_modified_gmt", to_utc_time)
    return OrderState(
        id=need(doc, "id", to_ident),
        placed_at=maybe(doc, "date_created_gmt", to_utc_time) or updated_at,
        updated_at=updated_at,
        status=_status(told, paid),
        currency=need(doc, "currency", to_currency),
        prices_include_tax=with_tax,
        paid="full" if paid else "none",
        customer=_customer(doc),
        lines=lines,
        charges=(*_shipping(doc, with_tax), *(fee for fee in fees if fee.amount > 0)),
        order_discount=exact_sum(*(-fee.amount for fee in fees if fee.amount < 0)),
        order_discount_tax=exact_sum(*(-fee.tax for fee in fees if fee.amount < 0)),
        total=amount(doc, "total"),
        refunds=refunds,
        all_refunded=told == "refunded" and not refunds,
        paid_at=maybe(doc, "date_paid_gmt", to_utc_time) if paid else None,
        fulfilled_at=completed_at,
        completed_at=completed_at,
        delivered_at=_delivered_at(doc),
        discount_codes=each(doc, "coupon_lines", lambda coupon: _code(coupon, with_tax)),
        country=_country(doc, "shipping") or _country(doc, "billing"),
        arm=arm_told(doc, "meta_data", "key"),
        referral_code=referral_told(doc, "meta_data", "key"),
    )


def _of_lines_still_there(refunds: tuple[Refund, ...], lines: tuple[Line, ...]) -> tuple[Refund, ...]:
    """Drop what was given back for a line that an admin has since deleted: its price left the order with it."""
    ids = {line.id for line in lines}
    return tuple(
        replace(refund, lines=tuple(back for back in refund.lines if back.line_id in ids)) if refund.lines else refund
        for refund in refunds
    )


def _status(told: str, paid: bool) -> str:
    """Return the rank word. What the merchant's paid list names is at least paid; what nobody knows is pending."""
    word = STATUS.get(told, told if told in STATUS_RANK and told != "deleted" else "pending")
    return "paid" if paid and STATUS_RANK[word] < STATUS_RANK["paid"] else word


def _completed_at(doc: Doc) -> datetime:
    return maybe(doc, "date_completed_gmt", to_utc_time) or need(doc, "date_modified_gmt", to_utc_time)


def _delivered_at(doc: Doc) -> datetime | None:
    """Return what our plugin wrote: WooCommerce itself knows no delivery."""
    told = [meta.get("value") for meta in each(doc, "meta_data", dict) if meta.get("key") == "_tessera_delivered_at"]
    return maybe({"_tessera_delivered_at": told[-1] or None}, "_tessera_delivered_at", to_time) if told else None


def _customer(doc: Doc) -> CustomerRef | None:
    """Return who bought. Customer 0 is a guest; the e-mail is whatever the shopper typed."""
    customer_id = maybe(doc, "customer_id", to_ident)
    email = part(doc, "billing", lambda billing: maybe(billing, "email", to_text)) or None
    if customer_id in (None, "0") and email is None:
        return None
    return CustomerRef(id=None if customer_id == "0" else customer_id, email=email)


def _country(doc: Doc, address: str) -> str | None:
    """Return the country of an address, and nothing else of it; orders that need no shipping leave that one empty."""
    return part(doc, address, lambda told: maybe(told, "country", to_country_told))


def _line(doc: Doc, with_tax: bool) -> Line:
    net = displayed(doc, "total", "total_tax", with_tax=with_tax)
    before = displayed(doc, "subtotal", "subtotal_tax", with_tax=with_tax)
    gross = max(before, net)  # an admin may raise a line's total above its subtotal; that is no negative discount
    product_id, variation_id = maybe(doc, "product_id", to_ident), maybe(doc, "variation_id", to_ident)
    return Line(
        id=need(doc, "id", to_ident),
        quantity=_units(doc),
        gross=gross,
        discount=exact_sum(gross, -net),
        tax=amount(doc, "total_tax"),
        product_id=None if product_id == "0" else product_id,
        variant_id=None if variation_id == "0" else variation_id,
    )


def _units(doc: Doc) -> int:
    """Return the units ordered. Plugins sell half units, which count as begun ones; prices are told per line."""
    quantity = need(doc, "quantity", to_quantity)
    if quantity < 0:
        raise BadField("quantity", "must not be negative")
    return ceil(quantity)


def _shipping(doc: Doc, with_tax: bool) -> tuple[Charge, ...]:
    charges = each(doc, "shipping_lines", lambda line: _shipping_line(line, with_tax))
    return tuple(charge for charge in charges if charge.amount)


def _shipping_line(doc: Doc, with_tax: bool) -> Charge:
    told = displayed(doc, "total", "total_tax", with_tax=with_tax)
    return Charge(kind="shipping", amount=told, tax=amount(doc, "total_tax"))


def _fee(doc: Doc, with_tax: bool) -> Charge:
    """Read a fee of either sign; a negative one is how plugins give a discount."""
    told = displayed_signed(doc, "total", "total_tax", with_tax=with_tax)
    return Charge(kind="fee", amount=told, tax=signed(doc, "total_tax"))


def _code(doc: Doc, with_tax: bool) -> DiscountCode:
    taken = displayed(doc, "discount", "discount_tax", with_tax=with_tax)
    return DiscountCode(code=need(doc, "code", to_text), total=taken)
