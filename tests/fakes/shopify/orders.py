"""What happens to orders at Shopify: bought, paid, sent, refunded, edited, cancelled; and what each of it tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from connectors.neutral.reading import ARM
from tests.fakes.shopify import documents
from tests.fakes.shopify.automatic import automatic_for
from tests.fakes.shopify.hooks import Hooks
from tests.fakes.shopify.state import Node, Shop, bag, legacy

ZERO = Decimal("0.00")
CENT = Decimal("0.01")


class Refused(Exception):
    """The checkout does not take the code."""


def value(money: Node) -> Decimal:
    return Decimal(money["shopMoney"]["amount"])


@dataclass
class Orders:
    shop: Shop
    hooks: Hooks

    def place(
        self,
        bought: Sequence[tuple[Node, int]],
        *,
        customer: Node | None = None,
        email: str | None = None,
        codes: Sequence[str] = (),
        shipping: str = "4.90",
        status: str = "PAID",
        test: bool = False,
    ) -> Node:
        """Buy variants. Raises: Refused."""
        used = [self._usable(code, bought, customer) for code in codes]
        lines = [self._line(variant, count) for variant, count in bought]
        sent = self._shipping_line(shipping) if Decimal(shipping) else None
        beside = all((discount["given"].get("combinesWith") or {}).get("orderDiscounts") for _, discount in used)
        standing = automatic_for(self.shop, customer) if beside else []  # a code that does not combine comes alone
        applied: list[tuple[str | None, Node]] = [*((None, one) for one in standing), *used]
        applications = [self._apply(at, code, discount, lines, sent) for at, (code, discount) in enumerate(applied)]
        now = self.shop.stamp()
        node_id = self.shop.gid("Order")
        order: Node = {
            "id": node_id,
            "legacyResourceId": str(legacy(node_id)),
            "name": f"#{1000 + len(self.shop.orders) + 1}",
            "email": email or (customer or {}).get("email"),
            "customer": customer,
            "test": test,
            "createdAt": now,
            "processedAt": now,
            "updatedAt": now,
            "cancelledAt": None,
            "closedAt": None,
            "currencyCode": self.shop.currency,
            "presentmentCurrencyCode": self.shop.currency,
            "taxesIncluded": True,
            "displayFinancialStatus": status,
            "displayFulfillmentStatus": "UNFULFILLED",
            "discountCodes": [code for code, _ in used],
            "discountApplications": applications,
            "lineItems": lines,
            "shippingLines": [sent] if sent else [],
            "fulfillments": [],
            "refunds": [],
            "shippingAddress": {"countryCodeV2": "FR", "city": "Lille"},
            "billingAddress": None,
            "customAttributes": [{"key": "gift_note", "value": "For Ada"}, {"key": ARM, "value": "spring:points"}],
            "originalTotalDutiesSet": None,
            "originalTotalAdditionalFeesSet": None,
        }
        self._total(order)
        order["totalPriceSet"] = order["currentTotalPriceSet"]
        order["totalOutstandingSet"] = bag(self.shop, ZERO if status == "PAID" else value(order["totalPriceSet"]))
        self.shop.orders[node_id] = order
        for code, discount in used:
            _row(discount, code)["uses"].append(self.shop.now())
        self._tell(order, "orders/create", *(["orders/paid"] if status == "PAID" else []), "orders/updated")
        return order

    def _usable(self, code: str, bought: Sequence[tuple[Node, int]], customer: Node | None) -> tuple[str, Node]:
        node = self.shop.discounts.get(self.shop.codes.get(code.upper(), ""))
        if node is None:
            raise Refused("Enter a valid discount code")
        discount, given = node["codeDiscount"], node["codeDiscount"]["given"]
        if discount["status"] != "ACTIVE" or (discount["endsAt"] and discount["endsAt"] <= self.shop.stamp()):
            raise Refused("This code has expired")
        if discount["usageLimit"] and len(_row(discount, code)["uses"]) >= discount["usageLimit"]:
            raise Refused("This code has reached its usage limit")
        if discount["appliesOncePerCustomer"] and self._has_used(discount, customer):
            raise Refused("This code was used by you before")
        allowed = ((given.get("context") or {}).get("customers") or {}).get("add")
        gets = given.get("customerGets")
        if gets and not any(
            _entitled(gets["items"], {"product": variant["product"], "variant": variant}) for variant, _ in bought
        ):
            raise Refused("This code is for other products")
        if allowed and (customer is None or customer["id"] not in allowed):
            raise Refused("This code is not available to you")
        least = ((given.get("minimumRequirement") or {}).get("subtotal") or {}).get("greaterThanOrEqualToSubtotal")
        total = sum((Decimal(variant["price"]) * count for variant, count in bought), ZERO)
        if least is not None and total < Decimal(str(least)):
            raise Refused("The minimum purchase is not met")
        return code, discount

    def _has_used(self, discount: Node, customer: Node | None) -> bool:
        """Tell whether a customer has used a discount, by whichever of its codes."""
        codes = {one["code"].upper() for one in discount["codes"]}
        theirs = [order for order in self.shop.orders.values() if customer and order["customer"] is customer]
        return any(code.upper() in codes for order in theirs for code in order["discountCodes"])

    def _line(self, variant: Node, count: int) -> Node:
        return {
            "id": self.shop.gid("LineItem"),
            "title": variant["product"]["title"],
            "product": variant["product"],
            "variant": variant,
            "vendor": variant["product"]["vendor"],
            "quantity": count,
            "currentQuantity": count,
            "originalUnitPriceSet": bag(self.shop, variant["price"]),
            "isGiftCard": variant["product"].get("isGiftCard", False),
            "discountAllocations": [],
            "taxLines": [],
        }

    def _shipping_line(self, price: str) -> Node:
        return {
            "id": self.shop.gid("ShippingLine"),
            "title": "Parcel",
            "originalPriceSet": bag(self.shop, price),
            "discountedPriceSet": bag(self.shop, price),
            "isRemoved": False,
            "discountAllocations": [],
            "taxLines": [],
        }

    def _apply(self, at: int, code: str | None, discount: Node, lines: Sequence[Node], sent: Node | None) -> Node:
        free_shipping = discount["__typename"].endswith("FreeShipping")
        named = {"code": code} if code else {"title": discount["title"]}
        application = {
            "__typename": "DiscountCodeApplication" if code else "AutomaticDiscountApplication",
            **named,
            "index": at,
            "allocationMethod": "ACROSS",
            "targetSelection": "ALL",
            "targetType": "SHIPPING_LINE" if free_shipping else "LINE_ITEM",
        }
        if free_shipping:
            if sent is not None:
                _allocate(self.shop, sent, application, value(sent["discountedPriceSet"]))
                sent["discountedPriceSet"] = bag(self.shop, ZERO)
            return application
        for line, taken in zip(lines, self._shares(discount["given"], lines), strict=True):
            if taken:
                _allocate(self.shop, line, application, taken)
        return application

    def _shares(self, given: Node, lines: Sequence[Node]) -> list[Decimal]:
        """Return what each line gets: to the cent, the rest on the first, never more than the line."""
        gets = given["customerGets"]
        nets = [_net(line) if _entitled(gets["items"], line) else ZERO for line in lines]
        whole = sum(nets, ZERO)
        kind = gets["value"]
        if kind.get("percentage") is not None:
            part = Decimal(str(kind["percentage"]))
            return [(net * part).quantize(CENT) for net in nets]
        if kind.get("discountOnQuantity") is not None:
            units = int(kind["discountOnQuantity"]["quantity"])
            return [
                Decimal(line["originalUnitPriceSet"]["shopMoney"]["amount"]) * min(units, line["quantity"])
                if net
                else ZERO
                for line, net in zip(lines, nets, strict=True)
            ]
        amount = min(Decimal(str(kind["discountAmount"]["amount"])), whole)
        shares = [(amount * net / whole).quantize(CENT, ROUND_DOWN) if whole else ZERO for net in nets]
        first = next((place for place, net in enumerate(nets) if net), 0)
        shares[first] += amount - sum(shares, ZERO)
        return shares

    def _total(self, order: Node) -> None:
        kept = sum((_net(line) * line["currentQuantity"] / line["quantity"] for line in order["lineItems"]), ZERO)
        sent = sum((value(line["discountedPriceSet"]) for line in order["shippingLines"]), ZERO)
        order["currentTotalPriceSet"] = bag(self.shop, (kept + sent).quantize(CENT))

    def _tell(self, order: Node, *topics: str, **more: Node) -> None:
        told: dict[str, Node] = dict.fromkeys(topics, documents.order(self.shop, order))
        self.hooks.fire(told | {name.replace("__", "/"): document for name, document in more.items()})

    def _touch(self, order: Node, *topics: str, **more: Node) -> Node:
        order["updatedAt"] = self.shop.stamp()
        self._tell(order, *topics, "orders/updated", **more)
        return order

    def pay(self, order: Node) -> Node:
        order |= {"displayFinancialStatus": "PAID", "totalOutstandingSet": bag(self.shop, ZERO)}
        return self._touch(order, "orders/paid")

    def fulfil(self, order: Node) -> Node:
        now = self.shop.stamp()
        lines = [
            {"id": self.shop.gid("FulfillmentLineItem"), "lineItem": line, "quantity": line["currentQuantity"]}
            for line in order["lineItems"]
        ]
        made = {
            "id": self.shop.gid("Fulfillment"),
            "status": "SUCCESS",
            "displayStatus": "FULFILLED",
            "createdAt": now,
            "updatedAt": now,
            "fulfillmentLineItems": lines,
        }
        order["fulfillments"].append(made)
        order["displayFulfillmentStatus"] = "FULFILLED"
        return self._touch(order, "orders/fulfilled", fulfillments__create=documents.fulfilment(self.shop, order, made))

    def deliver(self, order: Node) -> Node:
        for each in order["fulfillments"]:
            each |= {"displayStatus": "DELIVERED", "updatedAt": self.shop.stamp(), "deliveredAt": self.shop.stamp()}
        last = documents.fulfilment(self.shop, order, order["fulfillments"][-1])
        return self._touch(order, fulfillments__update=last)

    def refund(
        self, order: Node, units: Mapping[str, int] | None = None, money: str = "0", shipping: str = "0"
    ) -> Node:
        """Give back units of lines, money without items (a negative discrepancy), and shipping."""
        lines = {line["id"]: line for line in order["lineItems"]}
        backs = [self._back(lines[line_id], count) for line_id, count in (units or {}).items()]
        made = {
            "id": self.shop.gid("Refund"),
            "createdAt": self.shop.stamp(),
            "updatedAt": self.shop.stamp(),
            "refundLineItems": backs,
            "orderAdjustments": [self._adjustment(money)] if Decimal(money) else [],
            "refundShippingLines": [self._shipping_back(order, shipping)] if Decimal(shipping) else [],
        }
        order["refunds"].append(made)
        self._total(order)
        left = any(line["currentQuantity"] for line in order["lineItems"])
        order["displayFinancialStatus"] = "PARTIALLY_REFUNDED" if left else "REFUNDED"
        return self._touch(order, refunds__create=documents.refund(self.shop, order, made))

    def _back(self, line: Node, count: int) -> Node:
        subtotal = (_net(line) * count / line["quantity"]).quantize(CENT)
        line["currentQuantity"] -= count
        return {
            "id": self.shop.gid("RefundLineItem"),
            "lineItem": line,
            "quantity": count,
            "subtotalSet": bag(self.shop, subtotal),
            "totalTaxSet": bag(self.shop, ZERO),
        }

    def _adjustment(self, money: str) -> Node:
        return {
            "id": self.shop.gid("OrderAdjustment"),
            "reason": "REFUND_DISCREPANCY",
            "amountSet": bag(self.shop, -Decimal(money)),
            "taxAmountSet": bag(self.shop, ZERO),
        }

    def _shipping_back(self, order: Node, shipping: str) -> Node:
        return {
            "id": self.shop.gid("RefundShippingLine"),
            "shippingLine": order["shippingLines"][0],
            "subtotalAmountSet": bag(self.shop, shipping),
            "taxAmountSet": bag(self.shop, ZERO),
        }

    def cancel(self, order: Node) -> Node:
        order["cancelledAt"] = self.shop.stamp()
        return self._touch(order, "orders/cancelled")

    def remove_units(self, order: Node, line: Node, count: int) -> Node:
        """Edit the order: units leave without a refund of theirs."""
        line["currentQuantity"] -= count
        self._total(order)
        edit = {"order_edit": {"order_id": legacy(order["id"])}}
        return self._touch(order, orders__edited=edit)

    def delete(self, order: Node) -> None:
        del self.shop.orders[order["id"]]
        self.hooks.fire({"orders/delete": documents.gone(order)})


def _net(line: Node) -> Decimal:
    gross = Decimal(line["originalUnitPriceSet"]["shopMoney"]["amount"]) * line["quantity"]
    taken = [value(one["allocatedAmountSet"]) for one in line["discountAllocations"]]
    return gross - sum(taken, ZERO)


def _entitled(items: Node, line: Node) -> bool:
    if items.get("all"):
        return True
    products = (items.get("products") or {}).get("productsToAdd") or ()
    variants = (items.get("products") or {}).get("productVariantsToAdd") or ()
    collections = (items.get("collections") or {}).get("add") or ()
    mine = {one["id"] for one in line["product"].get("collections", ())}
    wanted = line["product"]["id"] in products or line["variant"]["id"] in variants
    return wanted or bool(mine & set(collections))


def _allocate(shop: Shop, line: Node, application: Node, taken: Decimal) -> None:
    line["discountAllocations"].append({"allocatedAmountSet": bag(shop, taken), "discountApplication": application})


def _row(discount: Node, code: str) -> Node:
    """Return a code of a discount: limits are its own."""
    return next(one for one in discount["codes"] if one["code"].upper() == code.upper())
