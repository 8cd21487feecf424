"""Builders of WooCommerce deliveries, in the shape of REST v3 and of recorded webhooks, with people and ids made up."""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]


def line(line_id: int = 301, **fields: Any) -> Doc:
    return {
        "id": line_id,
        "name": "Stone Mug",
        "product_id": 71,
        "variation_id": 0,
        "quantity": 2,
        "tax_class": "",
        "subtotal": "20.00",
        "subtotal_tax": "0.00",
        "total": "20.00",
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [],
        "sku": "MUG-S",
        "price": 10,
        "image": {"id": "", "src": ""},
        "parent_name": None,
        **fields,
    }


def hat(**fields: Any) -> Doc:
    felt = {"name": "Felt Hat", "product_id": 72, "quantity": 1, "subtotal": "15.00", "total": "15.00", "price": 15}
    return line(302, **felt | fields)


def shipping_line(**fields: Any) -> Doc:
    return {
        "id": 303,
        "method_title": "Parcel",
        "method_id": "flat_rate",
        "total": "4.90",
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [],
        **fields,
    }


def fee_line(**fields: Any) -> Doc:
    return {"id": 304, "name": "Fee", "total": "-5.00", "total_tax": "0.00", "taxes": [], "meta_data": [], **fields}


def coupon_line(**fields: Any) -> Doc:
    return {"id": 305, "code": "welcome-9f", "discount": "6", "discount_tax": "0", "meta_data": [], **fields}


def order(**fields: Any) -> Doc:
    """Two mugs and a hat, 35.00, and 4.90 shipping; processing, so it earns."""
    return {
        "id": 640,
        "parent_id": 0,
        "status": "processing",
        "currency": "EUR",
        "version": "10.5.0",
        "prices_include_tax": False,
        "date_created": "2026-06-02T14:00:00",
        "date_modified": "2026-06-02T14:00:09",
        "discount_total": "0.00",
        "discount_tax": "0.00",
        "shipping_total": "4.90",
        "shipping_tax": "0.00",
        "cart_tax": "0.00",
        "total": "39.90",
        "total_tax": "0.00",
        "customer_id": 12,
        "order_key": "wc_order_synthetic",
        "billing": {"first_name": "Grace", "last_name": "H", "email": "Grace@Example.org", "phone": "+33 1 0"},
        "shipping": {"first_name": "", "last_name": ""},
        "payment_method": "bacs",
        "created_via": "checkout",
        "date_completed": None,
        "date_paid": "2026-06-02T14:00:09",
        "meta_data": [],
        "line_items": [line(), hat()],
        "tax_lines": [],
        "shipping_lines": [shipping_line()],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        "needs_payment": False,
        "date_created_gmt": "2026-06-02T12:00:00",
        "date_modified_gmt": "2026-06-02T12:00:09",
        "date_completed_gmt": None,
        "date_paid_gmt": "2026-06-02T12:00:09",
        "currency_symbol": "€",
        "_links": {"self": [{"href": "https://mugs.example/wp-json/wc/v3/orders/640"}]},
        **fields,
    }


def short_refund(**fields: Any) -> Doc:
    """As it stands in an order: a total and nothing else."""
    return {"id": 641, "reason": "one mug broken", "total": "-10.00", **fields}


def refund_line(line_id: int = 301, **fields: Any) -> Doc:
    names = [{"id": 5, "key": "_refunded_item_id", "value": str(line_id)}]
    back = {"quantity": -1, "subtotal": "-10.00", "total": "-10.00", "meta_data": names}
    return line(901, **back | fields)


def full_refund(**fields: Any) -> Doc:
    """As GET /orders/640/refunds tells it."""
    return {
        "id": 641,
        "parent_id": 640,
        "date_created": "2026-06-03T10:00:00",
        "date_created_gmt": "2026-06-03T08:00:00",
        "amount": "10.00",
        "reason": "one mug broken",
        "refunded_by": 1,
        "meta_data": [],
        "line_items": [refund_line()],
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
        **fields,
    }


def customer(**fields: Any) -> Doc:
    return {
        "id": 12,
        "date_created": "2026-06-01T09:00:00",
        "date_created_gmt": "2026-06-01T07:00:00",
        "date_modified": None,
        "date_modified_gmt": None,
        "email": "grace@example.org",
        "first_name": "Grace",
        "role": "customer",
        "billing": {"email": "grace@example.org", "phone": "+33 1 0"},
        "is_paying_customer": False,
        "meta_data": [],
        **fields,
    }


def product(**fields: Any) -> Doc:
    return {
        "id": 71,
        "name": "Stone Mug",
        "slug": "stone-mug",
        "date_created_gmt": "2026-01-01T07:00:00",
        "date_modified_gmt": "2026-05-01T07:00:00",
        "type": "simple",
        "status": "publish",
        "price": "10.00",
        "regular_price": "10.00",
        "sale_price": "",
        "tags": [{"id": 3, "name": "Hand &amp; Made", "slug": "hand-made"}],
        "categories": [{"id": 4, "name": "Table", "slug": "table"}],
        "variations": [],
        "meta_data": [],
        **fields,
    }


def lost_right(**fields: Any) -> Doc:
    """What WooCommerce signs and sends once the webhook's user may no longer read orders."""
    return {
        "code": "woocommerce_rest_cannot_view",
        "message": "Sorry, you cannot view this resource.",
        "data": {"status": 401},
        **fields,
    }


def review(**fields: Any) -> Doc:
    """As `GET wc/v3/products/reviews/<id>` gives it."""
    return {
        "id": 22,
        "date_created": "2026-06-03T11:05:00",
        "date_created_gmt": "2026-06-03T09:05:00",
        "product_id": 31,
        "product_name": "Lamp",
        "status": "approved",
        "reviewer": "Ada",
        "reviewer_email": "ada@example.com",
        "review": "<p>Warm light, and it came quickly.</p>",
        "rating": 5,
        "verified": True,
        **fields,
    }


SAMPLES: dict[str, Doc] = {
    "review.created": review(),
    "review.updated": review(rating=4),
    "order.created": order(),
    "order.updated": order(
        refunds=[full_refund(), short_refund(id=642)],
        fee_lines=[fee_line()],
        coupon_lines=[coupon_line()],
        meta_data=[{"id": 1, "key": "_tessera_delivered_at", "value": "2026-06-05T10:00:00Z"}],
        total="34.90",
    ),
    "order.restored": order(status="completed", date_completed_gmt="2026-06-04T08:00:00"),
    "order.deleted": {"id": 640},
    "action.woocommerce_delete_order": {"action": "woocommerce_delete_order", "arg": 640},
    "customer.created": customer(),
    "customer.updated": customer(date_modified_gmt="2026-06-02T07:00:00"),
    "customer.deleted": {"id": 12},
    "product.created": product(),
    "product.updated": product(type="variable", price="", variations=[81, 82]),
    "product.restored": product(),
}
