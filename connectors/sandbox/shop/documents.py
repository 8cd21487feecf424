"""What the shop tells about itself: the JSON of a custom shop, at /api/v1/custom-events.schema.json of the app."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.shop.carts import Cart, CartLine
from connectors.sandbox.shop.catalogue import Product
from connectors.sandbox.shop.customers import Customer
from connectors.sandbox.shop.money import decimal_text
from connectors.sandbox.shop.orders import Order, OrderLine, Refund

Document = dict[str, Any]


def order_document(order: Order, currency: str) -> Document:
    """Tell an order's full state."""
    return {
        "id": str(order.number),
        "placed_at": _moment(order.placed_at),
        "updated_at": _moment(order.updated_at),
        "currency": currency,
        "prices_include_tax": True,
        "customer": {
            "id": order.buyer.id,
            "email": order.buyer.email or None,
            "email_verified": order.buyer.email_verified,
        },
        "financial_status": _financial(order),
        "paid_amount": decimal_text(order.total_cents if order.paid_at else 0),
        "paid_at": _moment(order.paid_at),
        "fulfilled_at": _moment(order.fulfilled_at),
        "delivered_at": _moment(order.delivered_at),
        "cancelled_at": _moment(order.cancelled_at),
        "lines": [_line(line) for line in order.lines],
        "shipping": decimal_text(order.shipping_cents),
        "discount_codes": _codes(order),
        "refunds": [_refund(refund) for refund in order.refunds],
    }


def customer_document(customer: Customer) -> Document:
    return {
        "id": customer.id,
        "updated_at": customer.updated_at,
        "email": customer.email,
        "email_verified": customer.verified,
    }


def product_document(product: Product, updated_at: datetime) -> Document:
    return {
        "id": product.id,
        "updated_at": _moment(updated_at),
        "variants": [{"id": variant.id, "price": decimal_text(variant.cents)} for variant in product.variants],
        "tags": list(product.tags),
        "collections": [product.collection],
        "vendor": product.vendor,
    }


def cart_document(cart: Cart, currency: str) -> Document:
    """Tell a cart to the cart widget, in the words of the order it will become."""
    codes = [cart.code] if cart.code and cart.code_works else []
    return {"currency": currency, "lines": [_cart_line(line) for line in cart.lines], "discount_codes": codes}


def _financial(order: Order) -> str:
    if order.refunded:
        return "refunded"
    return "paid" if order.paid_at else "pending"


def _line(line: OrderLine) -> Document:
    return {
        "id": line.id,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "quantity": line.quantity,
        "unit_price": decimal_text(line.unit_cents),
        "discount": decimal_text(line.discount_cents),
        "tax": decimal_text(line.tax_cents),
        "gift_card": line.gift_card,
        "tags": list(line.tags),
        "collections": [line.collection],
        "vendor": line.vendor,
    }


def _codes(order: Order) -> Sequence[Document]:
    cut = [line for line in order.lines if line.discount_cents]
    if not order.code:
        return []
    lines = [{"line_id": line.id, "amount": decimal_text(line.discount_cents)} for line in cut]
    return [{"code": order.code, "lines": lines, "shipping": decimal_text(order.shipping_off_cents)}]


def _refund(refund: Refund) -> Document:
    return {
        "id": refund.id,
        "at": _moment(refund.at),
        "lines": [
            {"line_id": part.line_id, "quantity": part.quantity, "amount": decimal_text(part.cents)}
            for part in refund.lines
        ],
        "shipping": decimal_text(refund.shipping_cents),
        "amount": decimal_text(refund.cents) if refund.cents else None,
    }


def _cart_line(line: CartLine) -> Document:
    return {
        "product_id": line.product.id,
        "variant_id": line.variant.id,
        "quantity": line.quantity,
        "unit_price": decimal_text(line.variant.cents),
        "discount": decimal_text(line.discount_cents),
        "gift_card": line.product.gift_card,
        "tags": list(line.product.tags),
        "collections": [line.product.collection],
        "vendor": line.product.vendor,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z") if moment else None
