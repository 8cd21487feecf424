"""What GraphQL tells of an order, put into the shape of a webhook's body: one translation reads both.

https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Order
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.neutral.reading import ARM, REFERRAL

Node = Mapping[str, Any]

_SENT = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}


def number(gid: str) -> int:
    """Return what a webhook calls the id."""
    return int(gid.rpartition("/")[2])


def bag(told: Node | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {"shop_money": _money(told["shopMoney"]), "presentment_money": _money(told["presentmentMoney"])}


def _money(told: Node) -> dict[str, str]:
    return {"amount": told["amount"], "currency_code": told["currencyCode"]}


def _plain(told: Node) -> str:
    return str(told["shopMoney"]["amount"])


def order(
    node: Node, lines: Sequence[Node], refunds: Sequence[dict[str, Any]], parcels: Sequence[Node]
) -> dict[str, Any]:
    """Return the body of an order; no street and no name is in it, and nothing that shoppers wrote."""
    return {
        "id": number(node["id"]),
        "test": node["test"],
        "email": node["email"],
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "processed_at": node["processedAt"],
        "cancelled_at": node["cancelledAt"],
        "currency": node["currencyCode"],
        "presentment_currency": node["presentmentCurrencyCode"],
        "taxes_included": node["taxesIncluded"],
        "financial_status": (node["displayFinancialStatus"] or "PENDING").lower(),
        "fulfillment_status": _SENT.get(node["displayFulfillmentStatus"]),
        "total_price_set": bag(node["totalPriceSet"]),
        "current_total_price": _plain(node["currentTotalPriceSet"]),
        "total_outstanding": _plain(node["totalOutstandingSet"]),
        "original_total_duties_set": bag(node["originalTotalDutiesSet"]),
        "original_total_additional_fees_set": bag(node["originalTotalAdditionalFeesSet"]),
        "discount_codes": [{"code": code} for code in node["discountCodes"]],
        "discount_applications": _applications(node["discountApplications"]["nodes"]),
        "line_items": [_line(one, _tip_of(node, lines)) for one in lines],
        "shipping_lines": [_shipping(one) for one in node["shippingLines"]["nodes"]],
        "fulfillments": [_parcel(one) for one in parcels],
        "refunds": list(refunds),
        "customer": _customer(node["customer"]),
        "shipping_address": _address(node["shippingAddress"]),
        "billing_address": _address(node["billingAddress"]),
        "note_attributes": [_note(one) for one in node["customAttributes"] if one["key"] in (ARM, REFERRAL)],
    }


def _note(node: Node) -> dict[str, Any]:
    return {"name": node["key"], "value": node["value"]}


def _applications(nodes: Sequence[Node]) -> list[dict[str, Any]]:
    """Return the applications by their index: allocations name them by it."""
    codes = {one["index"]: one.get("code") for one in nodes}
    return [{"code": codes.get(index)} for index in range(max(codes, default=-1) + 1)]


def _tip_of(node: Node, lines: Sequence[Node]) -> str | None:
    """Return the line that is the tip: GraphQL tells the tips' sum, and which lines have no product."""
    tips = Decimal(_plain(node["totalTipReceivedSet"]))
    for one in lines:
        gross = Decimal(_plain(one["originalUnitPriceSet"])) * one["quantity"]
        if tips and one["product"] is None and not one["isGiftCard"] and not one["taxable"] and gross == tips:
            return str(one["id"])
    return None


def _line(node: Node, tip: str | None) -> dict[str, Any]:
    return {
        "id": number(node["id"]),
        "product_id": number(node["product"]["id"]) if node["product"] else None,
        "variant_id": number(node["variant"]["id"]) if node["variant"] else None,
        "vendor": node["vendor"],
        "quantity": node["quantity"],
        "current_quantity": node["currentQuantity"],
        "price_set": bag(node["originalUnitPriceSet"]),
        "gift_card": node["isGiftCard"],
        "discount_allocations": _allocations(node),
        "tax_lines": [{"price_set": bag(one["priceSet"])} for one in node["taxLines"]],
        **({"tip": {}} if node["id"] == tip else {}),
    }


def _allocations(node: Node) -> list[dict[str, Any]]:
    return [
        {
            "amount_set": bag(one["allocatedAmountSet"]),
            "discount_application_index": one["discountApplication"]["index"],
        }
        for one in node["discountAllocations"]
    ]


def _shipping(node: Node) -> dict[str, Any]:
    return {
        "id": number(node["id"]) if node["id"] else None,
        "price_set": bag(node["originalPriceSet"]),
        "discounted_price_set": bag(node["discountedPriceSet"]),
        "is_removed": node["isRemoved"],
        "discount_allocations": _allocations(node),
        "tax_lines": [{"price_set": bag(one["priceSet"])} for one in node["taxLines"]],
    }


def _parcel(node: Node) -> dict[str, Any]:
    return {
        "id": number(node["id"]),
        "status": node["status"].lower(),
        "shipment_status": "delivered" if node["displayStatus"] == "DELIVERED" else None,
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "line_items": [
            {"id": number(one["lineItem"]["id"]), "quantity": one["quantity"] or 0}
            for one in node["fulfillmentLineItems"]["nodes"]
        ],
    }


def refund(node: Node, backs: Sequence[Node]) -> dict[str, Any]:
    return {
        "id": number(node["id"]),
        "created_at": node["createdAt"],
        "refund_line_items": [
            {
                "line_item_id": number(one["lineItem"]["id"]),
                "quantity": one["quantity"],
                "subtotal_set": bag(one["subtotalSet"]),
                "total_tax_set": bag(one["totalTaxSet"]),
            }
            for one in backs
        ],
        "order_adjustments": [
            {
                "reason": (one["reason"] or "").replace("_", " ").lower(),
                "amount_set": bag(one["amountSet"]),
                "tax_amount_set": bag(one["taxAmountSet"]),
            }
            for one in node["orderAdjustments"]["nodes"]
        ],
        "refund_shipping_lines": [
            {"id": number(one["id"]), "subtotal_amount_set": bag(one["subtotalAmountSet"])}
            for one in node["refundShippingLines"]["nodes"]
        ],
    }


def product(node: Node, variants: Sequence[Node], collections: Sequence[Node]) -> dict[str, Any]:
    return {
        "id": number(node["id"]),
        "updated_at": node["updatedAt"],
        "vendor": node["vendor"],
        "tags": list(node["tags"]),
        "variants": [
            {"id": number(one["id"]), "price": one["price"], "cost": _cost(one["inventoryItem"])} for one in variants
        ],
        "collections": [{"id": number(one["id"]), "handle": one["handle"]} for one in collections],
    }


def _cost(item: Node | None) -> str | None:
    return item["unitCost"]["amount"] if item and item["unitCost"] else None


def _customer(node: Node | None) -> dict[str, Any] | None:
    if node is None:
        return None
    address = node["defaultEmailAddress"]
    return {
        "id": number(node["id"]),
        "email": address["emailAddress"] if address else None,
        "verified_email": node["verifiedEmail"],
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
    }


def _address(node: Node | None) -> dict[str, Any] | None:
    return None if node is None else {"country_code": node["countryCodeV2"]}
