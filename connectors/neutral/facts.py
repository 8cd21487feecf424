"""The custom shop's JSON (events.py) as neutral facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal

from connectors.contract import (
    ZERO,
    ActivityTold,
    Charge,
    CustomerDeleted,
    CustomerRef,
    CustomerTold,
    DiscountCode,
    Fact,
    Ignored,
    Line,
    OrderState,
    OrderTold,
    ProductTold,
    Refund,
    RefundLine,
    ShopSettings,
    Variant,
    highest_status,
)
from connectors.neutral import events
from connectors.neutral.checks import check_order
from connectors.neutral.reading import BadField, exact_product, exact_sum

# financial_status → (word of the rank list in semantics §1.4, how much of the order counts as paid)
FINANCIAL: Mapping[str, tuple[str, Literal["none", "part", "full"]]] = {
    "pending": ("pending", "none"),
    "authorized": ("authorized", "none"),
    "partially_paid": ("part-paid", "part"),
    "paid": ("paid", "full"),
    "refunded": ("refunded", "full"),
    "voided": ("voided", "none"),
}


def translate(topic: str, document: object, settings: ShopSettings) -> tuple[Fact, ...]:
    """Put one event into neutral facts. Raises: Ignored, BadFact."""
    if topic not in TOPICS:
        raise Ignored(f"the topic {topic[:80]!r} is not one of {', '.join(sorted(TOPICS))}")
    return (TOPICS[topic](document),)


def _order(document: object) -> Fact:
    return OrderTold(state=check_order(_state(events.read_as(events.Order, document))))


def _state(order: events.Order) -> OrderState:
    financial, paid = FINANCIAL[order.financial_status]
    return OrderState(
        id=order.id,
        placed_at=order.placed_at,
        updated_at=order.updated_at,
        status=_status(order, financial),
        currency=order.currency,
        prices_include_tax=order.prices_include_tax,
        paid=paid,
        paid_amount=(order.paid_amount or ZERO) if paid == "part" else None,
        customer=_customer_ref(order.customer),
        lines=tuple(_line(line) for line in order.lines),
        charges=_charges(order),
        refunds=tuple(_refund(refund) for refund in order.refunds),
        all_refunded=order.financial_status == "refunded" and not order.refunds,
        paid_at=order.paid_at,
        fulfilled_at=order.fulfilled_at,
        delivered_at=order.delivered_at,
        discount_codes=tuple(_code(code) for code in order.discount_codes),
        test=order.test,
        referral_code=order.referral_code[:64] if order.referral_code else None,
        country=order.country,
        arm=order.experiment_arm,
    )


def _status(order: events.Order, financial: str) -> str:
    """Return the highest that applies. A delivered order ranks above a fulfilled one told in the same second."""
    words = [financial]
    words += ["fulfilled"] if order.fulfilled_at else []
    words += ["completed"] if order.delivered_at else []
    words += ["cancelled"] if order.cancelled_at else []
    return highest_status(words)


def _customer_ref(customer: events.OrderCustomer | None) -> CustomerRef | None:
    if customer is None or not (customer.id or customer.email):
        return None
    return CustomerRef(id=customer.id, email=customer.email or None, email_verified=customer.email_verified)


def _line(line: events.OrderLine) -> Line:
    return Line(
        id=line.id,
        quantity=line.quantity,
        gross=exact_product(line.unit_price, line.quantity),
        discount=line.discount,
        tax=line.tax,
        kind="gift_card" if line.gift_card else "item",
        product_id=line.product_id,
        variant_id=line.variant_id,
        tags=line.tags,
        collections=line.collections,
        vendor=line.vendor,
    )


def _charges(order: events.Order) -> tuple[Charge, ...]:
    shipping = (Charge(kind="shipping", amount=order.shipping),) if order.shipping else ()
    return (*shipping, Charge(kind="tip", amount=order.tip)) if order.tip else shipping


def _refund(refund: events.OrderRefund) -> Refund:
    return Refund(
        id=refund.id,
        at=refund.at,
        lines=tuple(RefundLine(line_id=x.line_id, quantity=x.quantity, amount=x.amount) for x in refund.lines),
        # beside lines the amount is their total in whatever way the shop counts it: the lines have said it
        money=ZERO if refund.lines else refund.amount or ZERO,
        shipping=refund.shipping,
    )


def _code(code: events.OrderDiscountCode) -> DiscountCode:
    amounts: dict[str, Decimal] = {}
    for line in code.lines:
        amounts[line.line_id] = exact_sum(amounts.get(line.line_id, ZERO), line.amount)
    return DiscountCode(code=code.code, lines=amounts, shipping=code.shipping)


def _customer(document: object) -> Fact:
    customer = events.read_as(events.Customer, document)
    if customer.deleted:
        return CustomerDeleted(id=customer.id)
    return CustomerTold(
        id=customer.id,
        updated_at=customer.updated_at,
        email=customer.email or None,
        email_verified=customer.email_verified,
        birthday=customer.birthday,
        tags=customer.tags,
        country=customer.country,
        customer_groups=customer.customer_groups,
        accepts_marketing=customer.accepts_marketing,
    )


def _product(document: object) -> Fact:
    product = events.read_as(events.Product, document)
    return ProductTold(
        id=product.id,
        updated_at=product.updated_at,
        variants=tuple(Variant(id=v.id, price=v.price, cost=v.cost) for v in product.variants),
        tags=product.tags,
        collections=product.collections,
        vendor=product.vendor,
        deleted=product.deleted,
    )


def _activity(document: object) -> Fact:
    activity = events.read_as(events.Activity, document)
    customer, evidence = activity.customer, activity.evidence or events.Evidence()
    if customer.id is None and not (customer.email or "").strip():
        raise BadField("customer", "must name an id or an email")
    return ActivityTold(
        id=activity.id,
        customer=CustomerRef(id=customer.id, email=customer.email or None),
        kind=activity.kind,
        at=activity.at,
        subject=activity.subject,
        amount=evidence.amount,
        currency=evidence.currency,
        evidence=evidence.model_dump(exclude_none=True, exclude={"amount", "currency"}),
    )


TOPICS: Mapping[str, Callable[[object], Fact]] = {
    "order": _order,
    "customer": _customer,
    "product": _product,
    "activity": _activity,
}
