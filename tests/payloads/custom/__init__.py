"""Builders of custom-shop events: every field has a default, and what a test names is what it is about."""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]


def line(number: int = 1, **fields: Any) -> Doc:
    return {
        "id": f"line-{number}",
        "product_id": f"lamp-{number}",
        "variant_id": f"lamp-{number}-brass",
        "quantity": 2,
        "unit_price": "19.99",
        "discount": "0.00",
        "tax": "0.00",
        "gift_card": False,
        "tags": [],
        "collections": [],
        "vendor": None,
        **fields,
    }


def order(**fields: Any) -> Doc:
    """Two lamps at 19.99, paid: the first case of semantics §2."""
    return {
        "id": "order-7001",
        "placed_at": "2026-05-04T09:30:00Z",
        "updated_at": "2026-05-04T09:30:07Z",
        "currency": "EUR",
        "prices_include_tax": False,
        "customer": {"id": "cust-31", "email": "grace@shop.example", "email_verified": True},
        "financial_status": "paid",
        "paid_amount": "39.98",
        "fulfilled_at": None,
        "delivered_at": None,
        "cancelled_at": None,
        "test": False,
        "lines": [line()],
        "shipping": "4.90",
        "tip": "0.00",
        "discount_codes": [],
        "refunds": [],
        **fields,
    }


def refund(number: int = 1, **fields: Any) -> Doc:
    """One of the two lamps comes back."""
    return {
        "id": f"refund-{number}",
        "at": "2026-05-06T12:00:00Z",
        "lines": [{"line_id": "line-1", "quantity": 1, "amount": "19.99"}],
        "shipping": "0.00",
        "amount": None,
        **fields,
    }


def customer(**fields: Any) -> Doc:
    return {
        "id": "cust-31",
        "updated_at": "2026-05-04T09:00:00Z",
        "email": "grace@shop.example",
        "email_verified": True,
        "birthday": "1984-02-29",
        "tags": ["press"],
        "deleted": False,
        **fields,
    }


def product(**fields: Any) -> Doc:
    return {
        "id": "lamp-1",
        "updated_at": "2026-05-01T08:00:00Z",
        "variants": [{"id": "lamp-1-brass", "price": "19.99", "cost": "7.50"}],
        "tags": ["light"],
        "collections": ["living"],
        "vendor": "Lumen",
        "deleted": False,
        **fields,
    }


def activity(**fields: Any) -> Doc:
    return {
        "id": "act-1",
        "customer": {"id": "cust-31"},
        "kind": "newsletter",
        "subject": None,
        "at": "2026-05-04T09:31:00Z",
        "evidence": {"form": "footer"},
        **fields,
    }


SAMPLES: dict[str, Doc] = {
    "order": order(refunds=[refund()], discount_codes=[{"code": "SPRING", "lines": [], "shipping": "0.00"}]),
    "customer": customer(),
    "activity": activity(),
    "product": product(),
}
