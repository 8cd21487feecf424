"""The REST v3 documents of WooCommerce 10.5, as its captured deliveries have them."""

from __future__ import annotations

from typing import Any

from tests.fakes.woocommerce.state import Doc, State

ADDRESS = (
    "first_name",
    "last_name",
    "company",
    "address_1",
    "address_2",
    "city",
    "state",
    "postcode",
    "country",
    "phone",
)


def links(shop: State, collection: str, number: int) -> Doc:
    base = f"{shop.url}/wp-json/wc/v3/{collection}"
    return {"self": [{"href": f"{base}/{number}"}], "collection": [{"href": base}]}


def _number(value: float) -> float | int:
    """PHP writes 22, not 22.0."""
    return int(value) if value == int(value) else value


def address(**given: Any) -> Doc:
    return {**dict.fromkeys(ADDRESS, ""), **given}


def order(shop: State, **given: Any) -> Doc:
    """Return an order without lines."""
    number = next(shop.ids)
    doc: Doc = {
        "id": number,
        "parent_id": 0,
        "status": "pending",
        "currency": shop.currency,
        "version": shop.version,
        "prices_include_tax": shop.prices_include_tax,
        "date_created": None,
        "date_modified": None,
        "discount_total": "0.00",
        "discount_tax": "0.00",
        "shipping_total": "0.00",
        "shipping_tax": "0.00",
        "cart_tax": "0.00",
        "total": "0.00",
        "total_tax": "0.00",
        "customer_id": 0,
        "order_key": f"wc_order_{number:013d}",
        "billing": {**address(), "email": ""},
        "shipping": address(),
        "payment_method": "cod",
        "payment_method_title": "Cash on delivery",
        "transaction_id": "",
        "customer_ip_address": "203.0.113.9",
        "customer_user_agent": "Mozilla/5.0",
        "created_via": "checkout",
        "customer_note": "",
        "date_completed": None,
        "date_completed_gmt": None,
        "date_paid": None,
        "date_paid_gmt": None,
        "cart_hash": "",
        "number": str(number),
        "meta_data": [],
        "line_items": [],
        "tax_lines": [],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        "payment_url": f"{shop.url}/checkout/order-pay/{number}/?pay_for_order=true",
        "is_editable": False,
        "needs_payment": False,
        "needs_processing": True,
        "currency_symbol": "€",
        "_links": links(shop, "orders", number),
    }
    return shop.stamp(doc | given, "date_created", "date_modified")


def line(shop: State, product: Doc, quantity: int, total: str, subtotal: str) -> Doc:
    return {
        "id": next(shop.ids),
        "name": product["name"],
        "product_id": product["parent_id"] or product["id"],
        "variation_id": product["id"] if product["parent_id"] else 0,
        "quantity": quantity,
        "tax_class": "",
        "subtotal": subtotal,
        "subtotal_tax": "0.00",
        "total": total,
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [],
        "sku": product["sku"],
        "global_unique_id": "",
        "price": _number(float(total) / quantity),
        "image": {"id": "", "src": ""},
        "parent_name": None,
    }


def shipping_line(shop: State, total: str) -> Doc:
    return {
        "id": next(shop.ids),
        "method_title": "Flat rate",
        "method_id": "flat_rate",
        "instance_id": "",
        "total": total,
        "total_tax": "0.00",
        "taxes": [],
        "tax_status": "taxable",
        "meta_data": [],
    }


def coupon_line(shop: State, coupon: Doc, discount: str) -> Doc:
    return {
        "id": next(shop.ids),
        "code": coupon["code"],
        "discount": discount,
        "discount_tax": "0",
        "meta_data": [],
        "discount_type": coupon["discount_type"],
        "nominal_amount": _number(float(coupon["amount"])),
        "free_shipping": coupon["free_shipping"],
    }


def refund(shop: State, order_id: int, amount: str, reason: str, lines: list[Doc]) -> Doc:
    doc: Doc = {
        "id": next(shop.ids),
        "parent_id": order_id,
        "amount": amount,
        "reason": reason,
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [],
        "line_items": lines,
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
    }
    return shop.stamp(doc, "date_created")


def refund_line(shop: State, of: Doc, quantity: int, amount: str) -> Doc:
    negative = f"-{amount}"
    back = {"id": next(shop.ids), "quantity": -quantity, "subtotal": negative, "total": negative}
    named = [{"id": next(shop.ids), "key": "_refunded_item_id", "value": str(of["id"])}]
    return of | back | {"meta_data": named}


def customer(shop: State, email: str, **given: Any) -> Doc:
    number = next(shop.ids)
    doc: Doc = {
        "id": number,
        "email": email,
        "first_name": "",
        "last_name": "",
        "role": "customer",
        "username": email.partition("@")[0],
        "billing": {**address(), "email": email},
        "shipping": address(),
        "is_paying_customer": False,
        "avatar_url": "",
        "meta_data": [],
        "_links": links(shop, "customers", number),
    }
    return shop.stamp(doc | given, "date_created", "date_modified")


def product(shop: State, name: str, price: str, **given: Any) -> Doc:
    """Return a simple product; `categories` and `tags` are slugs here."""
    number = next(shop.ids)
    terms = {
        kind: [{"id": next(shop.ids), "name": slug.title(), "slug": slug} for slug in given.pop(kind, ())]
        for kind in ("categories", "tags", "brands")
    }
    doc: Doc = {
        "id": number,
        "name": name,
        "slug": name.lower().replace(" ", "-"),
        "permalink": f"{shop.url}/product/{number}/",
        "type": "simple",
        "status": "publish",
        "sku": f"SKU-{number}",
        "price": price,
        "regular_price": price,
        "sale_price": "",
        "on_sale": False,
        "tax_class": "",
        "parent_id": 0,
        **terms,
        "images": [],
        "attributes": [],
        "variations": [],
        "meta_data": [],
        "stock_status": "instock",
        "_links": links(shop, "products", number),
    }
    return shop.stamp(doc | given, "date_created", "date_modified")


def coupon(shop: State, code: str, **given: Any) -> Doc:
    number = next(shop.ids)
    doc: Doc = {
        "id": number,
        "code": code.lower(),
        "amount": "0.00",
        "status": "publish",
        "discount_type": "fixed_cart",
        "description": "",
        "date_expires": None,
        "date_expires_gmt": None,
        "usage_count": 0,
        "individual_use": False,
        "product_ids": [],
        "excluded_product_ids": [],
        "usage_limit": None,
        "usage_limit_per_user": None,
        "limit_usage_to_x_items": None,
        "free_shipping": False,
        "product_categories": [],
        "excluded_product_categories": [],
        "exclude_sale_items": False,
        "minimum_amount": "0.00",
        "maximum_amount": "0.00",
        "email_restrictions": [],
        "used_by": [],
        "meta_data": [],
        "_links": links(shop, "coupons", number),
    }
    return shop.stamp(doc | given, "date_created", "date_modified")


def webhook(shop: State, **given: Any) -> Doc:
    number = next(shop.ids)
    topic = given["topic"]
    resource, _, event = topic.partition(".")
    doc: Doc = {
        "id": number,
        "name": given.get("name", ""),
        "status": "active",
        "topic": topic,
        "resource": resource,
        "event": event,
        "hooks": [event] if resource == "action" else [],
        "delivery_url": "",
        "secret": "",
        "failure_count": 0,  # not told by REST
        "user": "boss",
        "_links": links(shop, "webhooks", number),
    }
    return shop.stamp(doc | given, "date_created", "date_modified")
