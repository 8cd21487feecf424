"""A Shopify order: https://shopify.dev/docs/api/admin-rest/latest/resources/order

Webhook bodies have the same shape (a sample: https://shopify.dev/docs/api/webhooks, orders/*).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from connectors.contract import (
    ZERO,
    Charge,
    CustomerRef,
    Fulfilment,
    Line,
    OrderState,
    Refund,
    ShopSettings,
    highest_status,
)
from connectors.neutral.checks import check_order
from connectors.neutral.reading import (
    Doc,
    arm_told,
    each,
    exact_product,
    exact_sum,
    maybe,
    need,
    part,
    referral_told,
    to_country_told,
    to_flag,
    to_ident,
    to_text,
    to_time,
    to_units,
)
from connectors.shopify.discounts import discount_codes
from connectors.shopify.fulfilments import delivered_since, everything_since, read_fulfilment
from connectors.shopify.money import Purse, amount, items, need_amount, purses, to_amount, total
from connectors.shopify.refunds import read_refund

Paid = Literal["none", "part", "full"]

# financial_status → (word of the rank list in semantics §1.4, how much of the order counts as paid)
FINANCIAL: Mapping[str, tuple[str, Paid]] = {
    "pending": ("pending", "none"),
    "unpaid": ("pending", "none"),
    "authorized": ("authorized", "none"),
    "partially_paid": ("part-paid", "part"),
    "paid": ("paid", "full"),
    "partially_refunded": ("partially_refunded", "full"),
    "refunded": ("refunded", "full"),
    "voided": ("voided", "none"),
    "expired": ("expired", "none"),
}


@dataclass(frozen=True, slots=True)
class _Course:
    """What an order went through, the same in every currency."""

    updated_at: datetime
    status: str
    paid: Paid
    paid_amount: Decimal | None
    paid_of: Decimal | None
    fulfilled_at: datetime | None
    delivered_at: datetime | None
    fulfilments: tuple[Fulfilment, ...]


def read_order(doc: Doc, settings: ShopSettings) -> OrderState:
    """Read an order in the shopper's money, and in the shop's where that differs. Raises: BadField."""
    shopper, shop = purses(doc)
    course = _course(doc, settings)
    in_shop_money = _state(doc, shop, course, None) if shop else None
    state = _state(doc, shopper, course, in_shop_money)
    arm, code = (told(doc, "note_attributes", "name") for told in (arm_told, referral_told))
    return check_order(replace(state, arm=arm, referral_code=code))


def _state(doc: Doc, purse: Purse, course: _Course, in_shop_money: OrderState | None) -> OrderState:
    taxes_included = maybe(doc, "taxes_included", to_flag) or False
    refunds = each(doc, "refunds", lambda refund: read_refund(refund, purse, taxes_included))
    back = _units_back(refunds)
    return OrderState(
        id=need(doc, "id", to_ident),
        placed_at=maybe(doc, "processed_at", to_time) or need(doc, "created_at", to_time),
        updated_at=course.updated_at,
        status=course.status,
        currency=purse.currency or "",
        prices_include_tax=taxes_included,
        paid=course.paid,
        customer=_customer(doc),
        lines=each(doc, "line_items", lambda line: _line(line, purse, back)),
        charges=_charges(doc, purse),
        total=amount(doc, "total_price", purse),
        refunds=refunds,
        all_refunded=doc.get("financial_status") == "refunded" and not refunds,
        paid_amount=course.paid_amount,
        paid_of=course.paid_of,
        fulfilled_at=course.fulfilled_at,
        delivered_at=course.delivered_at,
        fulfilments=course.fulfilments,
        discount_codes=discount_codes(doc, purse),
        test=maybe(doc, "test", to_flag) or False,
        country=_country(doc, "shipping_address") or _country(doc, "billing_address"),
        in_shop_money=in_shop_money,
    )


def _units_back(refunds: tuple[Refund, ...]) -> Counter[str]:
    units: Counter[str] = Counter()
    for refund in refunds:
        for line in refund.lines:
            units[line.line_id] += line.quantity
    return units


def _course(doc: Doc, settings: ShopSettings) -> _Course:
    word, paid = _financial(doc, settings)
    paid_amount, paid_of = _share(doc) if paid == "part" else (None, None)
    updated_at = need(doc, "updated_at", to_time)
    fulfilments = each(doc, "fulfillments", read_fulfilment)
    fulfilled = maybe(doc, "fulfillment_status", to_text) == "fulfilled"
    delivered_at = delivered_since(fulfilments) if fulfilled else None
    words = [word]
    words += ["fulfilled"] if fulfilled else []
    words += ["completed"] if delivered_at else []
    words += ["cancelled"] if maybe(doc, "cancelled_at", to_time) else []
    return _Course(
        updated_at=updated_at,
        status=highest_status(words),
        paid=paid,
        paid_amount=paid_amount,
        paid_of=paid_of,
        fulfilled_at=everything_since(fulfilments, updated_at) if fulfilled else None,
        delivered_at=delivered_at,
        fulfilments=fulfilments,
    )


def _financial(doc: Doc, settings: ShopSettings) -> tuple[str, Paid]:
    """Return the rank word and how much is paid; an unknown status is paid if the shop says so, else pending."""
    told = maybe(doc, "financial_status", to_text) or "pending"
    if told in FINANCIAL:
        return FINANCIAL[told]
    return ("paid", "full") if told in settings.paid_statuses else ("pending", "none")


def _share(doc: Doc) -> tuple[Decimal, Decimal]:
    """Return paid and current total, in shop money: total_outstanding is told in no other. Never above 1 or below 0."""
    of = need(doc, "current_total_price", to_amount)
    outstanding = need(doc, "total_outstanding", to_amount)
    return min(max(exact_sum(of, -outstanding), ZERO), max(of, ZERO)), of


def _customer(doc: Doc) -> CustomerRef | None:
    """Return who bought: the customer, else the e-mail of the order, which nobody has verified."""
    known = part(doc, "customer", _known_customer)
    if known is not None and known.id is not None:
        return known
    email = maybe(doc, "email", to_text) or maybe(doc, "contact_email", to_text)
    return CustomerRef(email=email) if email else None


def _known_customer(doc: Doc) -> CustomerRef:
    return CustomerRef(
        id=maybe(doc, "id", to_ident),
        email=maybe(doc, "email", to_text) or None,
        email_verified=maybe(doc, "verified_email", to_flag) or False,
    )


def _country(doc: Doc, address: str) -> str | None:
    """Return the country of an address, and nothing else of it."""
    return part(doc, address, lambda told: maybe(told, "country_code", to_country_told))


def _line(doc: Doc, purse: Purse, back: Mapping[str, int]) -> Line:
    line_id, quantity = need(doc, "id", to_ident), need(doc, "quantity", to_units)
    return Line(
        id=line_id,
        quantity=quantity,
        gross=exact_product(need_amount(doc, "price", purse), quantity),
        discount=_discount(doc, purse),
        tax=total(doc, "tax_lines", "price", purse),
        kind=_kind(doc),
        removed=_removed(doc, quantity, back.get(line_id, 0)),
        product_id=maybe(doc, "product_id", to_ident),
        variant_id=maybe(doc, "variant_id", to_ident),
        vendor=maybe(doc, "vendor", to_text) or None,
    )


def _removed(doc: Doc, quantity: int, back: int) -> int:
    """Return units that an edit took out: gone, and not told by a refund of the same body."""
    current = maybe(doc, "current_quantity", to_units)
    return 0 if current is None else max(quantity - current - back, 0)


def _discount(doc: Doc, purse: Purse) -> Decimal:
    """Return everything allocated to the line. `total_discount` is the older field and lacks order-level discounts."""
    if doc.get("discount_allocations") is None:
        return amount(doc, "total_discount", purse) or ZERO
    return total(doc, "discount_allocations", "amount", purse)


def _kind(doc: Doc) -> Literal["item", "gift_card", "tip"]:
    """A tip is a line whose `tip` object is present; the fields in it are often null."""
    if doc.get("tip") is not None:
        return "tip"
    return "gift_card" if maybe(doc, "gift_card", to_flag) else "item"


def _charges(doc: Doc, purse: Purse) -> tuple[Charge, ...]:
    lines = [line for line in items(doc, "shipping_lines") if line.get("is_removed") is not True]
    charges = [
        Charge(kind="shipping", amount=_shipping(line, purse), tax=total(line, "tax_lines", "price", purse))
        for line in lines
    ]
    charges.append(Charge(kind="duty", amount=amount(doc, "original_total_duties", purse) or ZERO))
    charges.append(Charge(kind="fee", amount=amount(doc, "original_total_additional_fees", purse) or ZERO))
    return tuple(charge for charge in charges if charge.amount)


def _shipping(line: Doc, purse: Purse) -> Decimal:
    discounted = amount(line, "discounted_price", purse)
    return need_amount(line, "price", purse) if discounted is None else discounted
