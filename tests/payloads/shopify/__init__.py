"""Builders of Shopify webhooks, in the shape of API 2026-10 samples, with people, ids and prices made up.

Money is told twice: `bag("10.00")` for a shop with one currency, `bag("10.00", "11.80")` for a shopper who paid in USD.
"""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]

SHOP = "lantern-hill.myshopify.com"
LAMP, SHADE = 7_310_000_000_000_000_001, 7_310_000_000_000_000_002  # beyond 2^53, as real ones are


def bag(shop: str, presentment: str | None = None, currency: str = "EUR") -> Doc:
    theirs = shop if presentment is None else presentment
    their_currency = currency if presentment is None else "USD"
    return {
        "shop_money": {"amount": shop, "currency_code": currency},
        "presentment_money": {"amount": theirs, "currency_code": their_currency},
    }


def line(line_id: int = LAMP, price: str = "19.99", **fields: Any) -> Doc:
    return {
        "id": line_id,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line_id}",
        "current_quantity": 2,
        "fulfillable_quantity": 2,
        "fulfillment_status": None,
        "gift_card": False,
        "grams": 300,
        "name": "Brass Lamp",
        "price": price,
        "price_set": bag(price),
        "product_exists": True,
        "product_id": 8_400_000_000_000_000_077,
        "properties": [],
        "quantity": 2,
        "requires_shipping": True,
        "sku": "LAMP",
        "taxable": True,
        "title": "Brass Lamp",
        "total_discount": "0.00",
        "total_discount_set": bag("0.00"),
        "variant_id": 4_500_000_000_000_000_088,
        "variant_title": None,
        "vendor": "Lumen",
        "tax_lines": [],
        "duties": [],
        "discount_allocations": [],
        **fields,
    }


def allocation(amount: str, index: int = 0) -> Doc:
    return {"amount": amount, "amount_set": bag(amount), "discount_application_index": index}


def tax_line(amount: str) -> Doc:
    return {"title": "VAT", "price": amount, "rate": 0.2, "price_set": bag(amount), "channel_liable": False}


def shipping_line(price: str = "4.90", **fields: Any) -> Doc:
    return {
        "id": 555_000_000_000_000_001,
        "code": "Standard",
        "discounted_price": price,
        "discounted_price_set": bag(price),
        "is_removed": False,
        "price": price,
        "price_set": bag(price),
        "source": "shopify",
        "title": "Standard",
        "tax_lines": [],
        "discount_allocations": [],
        **fields,
    }


def customer(**fields: Any) -> Doc:
    return {
        "id": 6_200_000_000_000_000_011,
        "created_at": "2026-01-05T08:00:00+01:00",
        "updated_at": "2026-07-01T09:59:00+02:00",
        "first_name": "Grace",
        "last_name": "H",
        "state": "enabled",
        "note": None,
        "verified_email": True,
        "tax_exempt": False,
        "email": "grace@example.org",
        "phone": None,
        "currency": "EUR",
        "admin_graphql_api_id": "gid://shopify/Customer/6200000000000000011",
        **fields,
    }


def order(**fields: Any) -> Doc:
    """Two lamps at 19.99, paid, 4.90 shipping: the first case of semantics §2."""
    return {
        "id": 5_900_000_000_000_000_123,
        "admin_graphql_api_id": "gid://shopify/Order/5900000000000000123",
        "browser_ip": None,
        "cancel_reason": None,
        "cancelled_at": None,
        "closed_at": None,
        "confirmed": True,
        "contact_email": "grace@example.org",
        "created_at": "2026-07-01T10:00:00+02:00",
        "currency": "EUR",
        "current_total_duties_set": None,
        "current_total_price": "44.88",
        "current_total_price_set": bag("44.88"),
        "discount_codes": [],
        "email": "grace@example.org",
        "financial_status": "paid",
        "fulfillment_status": None,
        "name": "#2001",
        "order_status_url": "https://lamps.example/1/orders/synthetic/authenticate?key=k",
        "original_total_additional_fees_set": None,
        "original_total_duties_set": None,
        "presentment_currency": "EUR",
        "processed_at": "2026-07-01T10:00:00+02:00",
        "tags": "",
        "taxes_included": False,
        "test": False,
        "total_discounts": "0.00",
        "total_outstanding": "0.00",
        "total_price": "44.88",
        "total_price_set": bag("44.88"),
        "total_tip_received": "0.00",
        "updated_at": "2026-07-01T10:00:04+02:00",
        "customer": customer(),
        "discount_applications": [],
        "fulfillments": [],
        "line_items": [line()],
        "payment_terms": None,
        "refunds": [],
        "shipping_lines": [shipping_line()],
        "returns": [],
        "line_item_groups": [],
        **fields,
    }


def refund_line(quantity: int = 1, subtotal: Any = 19.99, **fields: Any) -> Doc:
    """`subtotal` is a JSON number beside its `_set` of strings, as Shopify sends it."""
    return {
        "id": 9_100_000_000_000_000_001,
        "line_item_id": LAMP,
        "location_id": None,
        "quantity": quantity,
        "restock_type": "return",
        "subtotal": subtotal,
        "subtotal_set": bag(str(subtotal)),
        "total_tax": 0.0,
        "total_tax_set": bag("0.00"),
        **fields,
    }


def adjustment(amount: str, kind: str | None = "refund_discrepancy", **fields: Any) -> Doc:
    return {
        "id": 9_200_000_000_000_000_001,
        "order_id": 5_900_000_000_000_000_123,
        "refund_id": 9_000_000_000_000_000_001,
        "amount": amount,
        "amount_set": bag(amount),
        "tax_amount": "0.00",
        "tax_amount_set": bag("0.00"),
        "kind": kind,
        "reason": "Refund discrepancy",
        **fields,
    }


def refund(**fields: Any) -> Doc:
    """One of the two lamps comes back."""
    return {
        "id": 9_000_000_000_000_000_001,
        "order_id": 5_900_000_000_000_000_123,
        "created_at": "2026-07-03T12:00:00+02:00",
        "processed_at": "2026-07-03T12:00:00+02:00",
        "note": None,
        "restock": True,
        "order_adjustments": [],
        "refund_shipping_lines": [],
        "refund_line_items": [refund_line()],
        "transactions": [],
        "duties": [],
        **fields,
    }


def fulfilment(fulfilment_id: int = 8_000_000_000_000_000_001, **fields: Any) -> Doc:
    return {
        "id": fulfilment_id,
        "order_id": 5_900_000_000_000_000_123,
        "created_at": "2026-07-02T08:00:00+02:00",
        "updated_at": "2026-07-02T08:00:00+02:00",
        "status": "success",
        "shipment_status": None,
        "tracking_number": None,
        "line_items": [line(fulfillment_status="fulfilled")],
        **fields,
    }


def product(**fields: Any) -> Doc:
    return {
        "id": 8_400_000_000_000_000_077,
        "title": "Brass Lamp",
        "vendor": "Lumen",
        "product_type": "Lamp",
        "created_at": "2026-01-01T08:00:00+01:00",
        "updated_at": "2026-06-01T08:00:00+02:00",
        "tags": "light, brass, ",
        "status": "active",
        "variants": [{"id": 4_500_000_000_000_000_088, "price": "19.99", "sku": "LAMP"}],
        **fields,
    }


SAMPLES: dict[str, Doc] = {
    "orders/create": order(),
    "orders/paid": order(),
    "orders/updated": order(
        refunds=[refund(order_adjustments=[adjustment("-2.00")])],
        fulfillments=[fulfilment()],
        discount_codes=[{"code": "SPRING", "amount": "4.00", "type": "percentage"}],
        discount_applications=[{"type": "discount_code", "code": "SPRING"}],
        line_items=[line(current_quantity=1, discount_allocations=[allocation("4.00")], tax_lines=[tax_line("3.60")])],
        financial_status="partially_refunded",
    ),
    "orders/fulfilled": order(fulfillment_status="fulfilled", fulfillments=[fulfilment()]),
    "orders/partially_fulfilled": order(fulfillment_status="partial", fulfillments=[fulfilment()]),
    "orders/cancelled": order(cancelled_at="2026-07-01T11:00:00+02:00", financial_status="voided"),
    "orders/delete": {"id": 5_900_000_000_000_000_123},
    "refunds/create": refund(),
    "fulfillments/create": fulfilment(),
    "fulfillments/update": fulfilment(shipment_status="delivered"),
    "customers/create": customer(),
    "customers/update": customer(tags="press, gold"),
    "customers/enable": customer(),
    "customers/disable": customer(state="disabled"),
    "customers/delete": {"id": 6_200_000_000_000_000_011},
    "products/create": product(),
    "products/update": product(tags=["light"]),
    "app/uninstalled": {"id": 1, "name": "Lantern Hill", "domain": "lamps.example", "myshopify_domain": SHOP},
}
