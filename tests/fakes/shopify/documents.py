"""What a webhook says of a node: the REST shape, ids as numbers, money as text with both currencies.

https://shopify.dev/docs/api/webhooks (2026-10: no `checkout_id`; the embedded customer has neither tags nor totals).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.fakes.shopify.state import Node, Shop, legacy

_SHIPMENT = {"DELIVERED": "delivered", "IN_TRANSIT": "in_transit", "CONFIRMED": "confirmed"}


def both(bag: Node) -> Node:
    return {
        "shop_money": _money(bag["shopMoney"]),
        "presentment_money": _money(bag["presentmentMoney"]),
    }


def _money(money: Node) -> Node:
    return {"amount": money["amount"], "currency_code": money["currencyCode"]}


def plain(bag: Node) -> str:
    return str(bag["shopMoney"]["amount"])


def local(shop: Shop, stamp: str | None) -> str | None:
    """Webhooks tell times with the shop's offset."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return None if stamp is None else datetime.fromisoformat(stamp).astimezone(ZoneInfo(shop.timezone)).isoformat()


def order(shop: Shop, node: Node) -> Node:
    email = node["email"]
    return {
        "id": legacy(node["id"]),
        "admin_graphql_api_id": node["id"],
        "name": node["name"],
        "test": node["test"],
        "email": email,
        "contact_email": email,
        "created_at": local(shop, node["createdAt"]),
        "updated_at": local(shop, node["updatedAt"]),
        "processed_at": local(shop, node["processedAt"]),
        "cancelled_at": local(shop, node["cancelledAt"]),
        "closed_at": local(shop, node["closedAt"]),
        "currency": node["currencyCode"],
        "presentment_currency": node["presentmentCurrencyCode"],
        "taxes_included": node["taxesIncluded"],
        "financial_status": node["displayFinancialStatus"].lower(),
        "fulfillment_status": {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}.get(
            node["displayFulfillmentStatus"]
        ),
        "total_price": plain(node["totalPriceSet"]),
        "total_price_set": both(node["totalPriceSet"]),
        "current_total_price": plain(node["currentTotalPriceSet"]),
        "current_total_price_set": both(node["currentTotalPriceSet"]),
        "total_outstanding": plain(node["totalOutstandingSet"]),
        "original_total_duties_set": None,
        "original_total_additional_fees_set": None,
        "discount_codes": [_code(shop, node, code) for code in node["discountCodes"]],
        "discount_applications": [_application(one) for one in node["discountApplications"]],
        "line_items": [_line(one) for one in node["lineItems"]],
        "shipping_lines": [_shipping(one) for one in node["shippingLines"]],
        "fulfillments": [fulfilment(shop, node, one) for one in node["fulfillments"]],
        "refunds": [refund(shop, node, one) for one in node["refunds"]],
        "customer": _embedded(shop, node["customer"]),
        "shipping_address": _address(node["shippingAddress"]),
        "billing_address": _address(node["billingAddress"]),
        "note_attributes": [{"name": one["key"], "value": one["value"]} for one in node["customAttributes"]],
        "payment_gateway_names": ["bogus"],
        "browser_ip": "203.0.113.9",
        "returns": [],
        "line_item_groups": [],
    }


def _address(address: Node | None) -> Node | None:
    return None if address is None else {"country_code": address["countryCodeV2"], "city": address.get("city")}


def _code(shop: Shop, node: Node, code: str) -> Node:
    taken = [
        Decimal(one["allocatedAmountSet"]["shopMoney"]["amount"])
        for line in [*node["lineItems"], *node["shippingLines"]]
        for one in line["discountAllocations"]
        if one["discountApplication"].get("code", "").upper() == code.upper()
    ]
    return {"code": code, "amount": str(sum(taken, Decimal("0.00"))), "type": "fixed_amount"}


def _application(application: Node) -> Node:
    by_code = "code" in application
    return {
        "type": "discount_code" if by_code else "automatic",
        **({"code": application["code"]} if by_code else {"title": application["title"]}),
        "target_type": application["targetType"].lower(),
        "target_selection": application["targetSelection"].lower(),
        "allocation_method": application["allocationMethod"].lower(),
        "value_type": "fixed_amount",
    }


def _allocations(line: Node) -> list[Node]:
    return [
        {
            "amount": plain(one["allocatedAmountSet"]),
            "amount_set": both(one["allocatedAmountSet"]),
            "discount_application_index": one["discountApplication"]["index"],
        }
        for one in line["discountAllocations"]
    ]


def _taxes(line: Node) -> list[Node]:
    return [
        {"title": one["title"], "price": plain(one["priceSet"]), "price_set": both(one["priceSet"])}
        for one in line["taxLines"]
    ]


def _line(line: Node) -> Node:
    product, variant = line["product"], line["variant"]
    return {
        "id": legacy(line["id"]),
        "admin_graphql_api_id": line["id"],
        "name": line["title"],
        "product_id": legacy(product["id"]) if product else None,
        "variant_id": legacy(variant["id"]) if variant else None,
        "vendor": line["vendor"],
        "quantity": line["quantity"],
        "current_quantity": line["currentQuantity"],
        "price": plain(line["originalUnitPriceSet"]),
        "price_set": both(line["originalUnitPriceSet"]),
        "total_discount": "0.00",
        "gift_card": line["isGiftCard"],
        "discount_allocations": _allocations(line),
        "tax_lines": _taxes(line),
    }


def _shipping(line: Node) -> Node:
    return {
        "id": legacy(line["id"]),
        "title": line["title"],
        "price": plain(line["originalPriceSet"]),
        "price_set": both(line["originalPriceSet"]),
        "discounted_price": plain(line["discountedPriceSet"]),
        "discounted_price_set": both(line["discountedPriceSet"]),
        "is_removed": line["isRemoved"],
        "discount_allocations": _allocations(line),
        "tax_lines": _taxes(line),
    }


def fulfilment(shop: Shop, node: Node, one: Node) -> Node:
    return {
        "id": legacy(one["id"]),
        "order_id": legacy(node["id"]),
        "status": one["status"].lower(),
        "shipment_status": _SHIPMENT.get(one["displayStatus"]),
        "created_at": local(shop, one["createdAt"]),
        "updated_at": local(shop, one["updatedAt"]),
        "line_items": [
            {"id": legacy(line["lineItem"]["id"]), "quantity": line["quantity"]} for line in one["fulfillmentLineItems"]
        ],
    }


def refund(shop: Shop, node: Node, one: Node) -> Node:
    adjustments = [_adjustment(row) for row in one["orderAdjustments"]]
    adjustments += [
        {
            "id": legacy(row["id"]),
            "kind": "shipping_refund",
            "reason": "Shipping refund",
            "amount": f"-{plain(row['subtotalAmountSet'])}",
            "tax_amount": f"-{plain(row['taxAmountSet'])}",
        }
        for row in one["refundShippingLines"]
    ]
    return {
        "id": legacy(one["id"]),
        "order_id": legacy(node["id"]),
        "created_at": local(shop, one["createdAt"]),
        "processed_at": local(shop, one["createdAt"]),
        "refund_line_items": [_back(row) for row in one["refundLineItems"]],
        "refund_shipping_lines": [
            {"id": legacy(row["id"]), "subtotal_amount_set": both(row["subtotalAmountSet"])}
            for row in one["refundShippingLines"]
        ],
        "order_adjustments": adjustments,
        "transactions": [],
    }


def _back(row: Node) -> Node:
    return {
        "id": legacy(row["id"]),
        "line_item_id": legacy(row["lineItem"]["id"]),
        "quantity": row["quantity"],
        "subtotal": float(plain(row["subtotalSet"])),
        "subtotal_set": both(row["subtotalSet"]),
        "total_tax": float(plain(row["totalTaxSet"])),
    }


def _adjustment(row: Node) -> Node:
    return {
        "id": legacy(row["id"]),
        "kind": "refund_discrepancy",
        "reason": row["reason"].replace("_", " ").capitalize(),
        "amount": plain(row["amountSet"]),
        "amount_set": both(row["amountSet"]),
        "tax_amount": plain(row["taxAmountSet"]),
        "tax_amount_set": both(row["taxAmountSet"]),
    }


def _embedded(shop: Shop, node: Node | None) -> Node | None:
    if node is None:
        return None
    return {
        "id": legacy(node["id"]),
        "email": node["email"],
        "verified_email": node["verifiedEmail"],
        "created_at": local(shop, node["createdAt"]),
        "updated_at": local(shop, node["updatedAt"]),
    }


def customer(shop: Shop, node: Node) -> Node:
    return {
        **(_embedded(shop, node) or {}),
        "first_name": node["firstName"],
        "phone": None,
        "state": node["state"].lower(),
        "default_address": None,
    }


def product(shop: Shop, node: Node) -> Node:
    return {
        "id": legacy(node["id"]),
        "title": node["title"],
        "vendor": node["vendor"],
        "tags": ", ".join(node["tags"]),
        "status": node["status"].lower(),
        "created_at": local(shop, node["createdAt"]),
        "updated_at": local(shop, node["updatedAt"]),
        "variants": [
            {"id": legacy(one["id"]), "price": one["price"], "title": one["title"]} for one in node["variants"]
        ],
    }


def gone(node: Node) -> Node:
    return {"id": legacy(node["id"])}


def any_of(kind: str) -> Any:
    return {"order": order, "customer": customer, "product": product}[kind]
