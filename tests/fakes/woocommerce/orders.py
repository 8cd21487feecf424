"""What happens to orders: checkout, payment, refunds, deletion. Each fires the webhooks that the real shop fires."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.fakes.woocommerce import shapes
from tests.fakes.woocommerce.coupons import Coupons
from tests.fakes.woocommerce.hooks import Hooks
from tests.fakes.woocommerce.state import Doc, State

CENT = Decimal("0.01")
PAID = ("processing", "completed")


def money(value: Decimal) -> str:
    return str(value.quantize(CENT, ROUND_HALF_UP))


@dataclass
class Orders:
    shop: State
    hooks: Hooks
    coupons: Coupons

    def read(self, order_id: int) -> Doc | None:
        """Return an order as REST tells it: of each refund the total alone."""
        order = self.shop.orders.get(order_id)
        if order is None:
            return None
        short = [
            {"id": one["id"], "reason": one["reason"], "total": f"-{one['amount']}"}
            for one in self.shop.refunds.get(order_id, [])
        ]
        return copy.deepcopy(order) | {"refunds": short}

    def checkout(
        self,
        bought: Sequence[tuple[Doc, int]],
        *,
        email: str,
        customer_id: int = 0,
        codes: Sequence[str] = (),
        shipping: str = "4.90",
        status: str = "processing",
        **given: Any,
    ) -> Doc:
        """Buy as the block checkout does: a draft is told first, `order.updated` before `order.created`.

        Raises: coupons.Refused for a code that may not be used.
        """
        used = [self.coupons.check(code, bought, email) for code in codes]
        order = shapes.order(self.shop, customer_id=customer_id, status="checkout-draft", **given)
        order["billing"]["email"] = email
        self._fill(order, bought, used, shipping)
        self.shop.orders[order["id"]] = order
        self.hooks.fire("order.updated", order["id"])
        self.set_status(order["id"], status)
        self.hooks.fire("order.created", order["id"])
        return order

    def create(self, bought: Sequence[tuple[Doc, int]], **given: Any) -> Doc:
        """Make an order in the admin or by REST: `order.created` and `order.updated` with one body."""
        order = shapes.order(self.shop, **given)
        self._fill(order, bought, [], given.get("shipping_total", "0.00"))
        self.shop.orders[order["id"]] = order
        self.hooks.fire("order.created", order["id"])
        self.set_status(order["id"], order["status"])
        return order

    def _fill(self, order: Doc, bought: Sequence[tuple[Doc, int]], used: Sequence[Doc], shipping: str) -> None:
        gross = {index: Decimal(product["price"]) * count for index, (product, count) in enumerate(bought)}
        left = dict(gross)
        for coupon in used:
            taken = self.coupons.share(coupon, bought, left)
            left = {index: left[index] - taken.get(index, Decimal(0)) for index in left}
            order["coupon_lines"].append(shapes.coupon_line(self.shop, coupon, money(sum(taken.values(), Decimal(0)))))
        order["line_items"] = [
            shapes.line(self.shop, product, count, money(left[index]), money(gross[index]))
            for index, (product, count) in enumerate(bought)
        ]
        free = any(coupon["free_shipping"] for coupon in used) and self.shop.free_shipping_by_coupon
        sent = Decimal(0) if free else Decimal(shipping)
        order["shipping_lines"] = [shapes.shipping_line(self.shop, money(sent))] if sent else []
        order["shipping_total"] = money(sent)
        order["discount_total"] = money(sum(gross.values(), Decimal(0)) - sum(left.values(), Decimal(0)))
        order["total"] = money(sum(left.values(), sent))

    def set_status(self, order_id: int, status: str) -> Doc:
        """Change the status. Coupons follow it, `date_paid` stays; `refunded` makes a refund of what is left."""
        order = self.shop.orders[order_id]
        before, order["status"] = order["status"], status
        self.shop.stamp(order, "date_modified")
        if status in PAID and not order["date_paid"]:
            self.shop.stamp(order, "date_paid")
        if status == "completed":
            self.shop.stamp(order, "date_completed")
        self.coupons.follow(order, before, status)
        left = Decimal(order["total"]) - self.refunded(order_id)
        if status == "refunded" and left > 0:
            self._add_refund(order_id, money(left), "Order fully refunded.", [])
        self.hooks.fire("order.updated", order_id)
        return order

    def refunded(self, order_id: int) -> Decimal:
        return sum((Decimal(one["amount"]) for one in self.shop.refunds.get(order_id, [])), Decimal(0))

    def refund(self, order_id: int, lines: Sequence[tuple[int, int, str]] = (), amount: str = "", why: str = "") -> Doc:
        """Give money back: lines as (line id, units, money), or an amount alone. The status stays until all is back."""
        order = self.shop.orders[order_id]
        items = {line["id"]: line for line in order["line_items"]}
        backs = [shapes.refund_line(self.shop, items[line], units, money_back) for line, units, money_back in lines]
        total = amount or money(sum((Decimal(back) for _, _, back in lines), Decimal(0)))
        made = self._add_refund(order_id, total, why, backs)
        if self.refunded(order_id) >= Decimal(order["total"]):
            order["status"] = "refunded"
        self.shop.stamp(order, "date_modified")
        self.hooks.fire("order.updated", order_id)
        return made

    def _add_refund(self, order_id: int, amount: str, why: str, lines: list[Doc]) -> Doc:
        made = shapes.refund(self.shop, order_id, amount, why, lines)
        self.shop.refunds.setdefault(order_id, []).append(made)
        return made

    def delete_refund(self, order_id: int, refund_id: int) -> None:
        """Silent: no webhook tells it, and the order's date stays (woocommerce#26532)."""
        self.shop.refunds[order_id] = [one for one in self.shop.refunds[order_id] if one["id"] != refund_id]

    def trash(self, order_id: int) -> None:
        self.shop.orders[order_id]["before_trash"] = self.shop.orders[order_id]["status"]
        self.shop.orders[order_id]["status"] = "trash"
        self.shop.stamp(self.shop.orders[order_id], "date_modified")
        self.hooks.fire("order.deleted", order_id)

    def restore(self, order_id: int) -> None:
        order = self.shop.orders[order_id]
        order["status"] = order.pop("before_trash")
        self.shop.stamp(order, "date_modified")
        self.hooks.fire("order.restored", order_id)

    def delete_for_good(self, order_id: int) -> None:
        """Told by no order topic, only by the hook `woocommerce_delete_order`."""
        del self.shop.orders[order_id]
        self.shop.refunds.pop(order_id, None)
        self.hooks.fire("action.woocommerce_delete_order", order_id)
