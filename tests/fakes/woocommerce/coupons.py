"""Coupons with their real rules: lower-cased codes, uses that come back on cancellation but not on refund."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from fnmatch import fnmatch

from tests.fakes.woocommerce import shapes
from tests.fakes.woocommerce.state import Doc, State

USES = ("pending", "on-hold", "processing", "completed", "refunded")  # a refunded order keeps its use
ZERO = Decimal(0)


class Refused(Exception):
    """The cart does not take the code; the text is the shop's."""


@dataclass
class Coupons:
    shop: State

    def by_code(self, code: str) -> list[Doc]:
        """Return the coupons of a code, newest first: no unique index forbids two (parallel creates)."""
        found = [one for one in self.shop.coupons.values() if one["code"] == code.lower()]
        return sorted(found, key=lambda one: -one["id"])

    def add(self, given: Doc) -> Doc:
        made = shapes.coupon(self.shop, given["code"], **{key: value for key, value in given.items() if key != "code"})
        self.shop.coupons[made["id"]] = made
        return made

    def check(self, code: str, bought: Sequence[tuple[Doc, int]], email: str) -> Doc:
        """Return the coupon if this cart may use it. Raises: Refused."""
        live = [one for one in self.by_code(code) if one["status"] == "publish"]
        if not live:
            raise Refused(f'Coupon "{code.lower()}" does not exist!')
        coupon = live[0]
        if coupon["date_expires_gmt"] and self._moment(coupon["date_expires_gmt"]) <= self.shop.now():
            raise Refused("This coupon has expired.")
        if coupon["usage_limit"] and coupon["usage_count"] >= coupon["usage_limit"]:
            raise Refused("Coupon usage limit has been reached.")
        restricted = coupon["email_restrictions"]
        if restricted and not any(fnmatch(email.lower(), one.lower()) for one in restricted):
            raise Refused("Please enter a valid email at checkout to use this coupon code.")
        total = sum((Decimal(product["price"]) * count for product, count in bought), ZERO)
        if total < Decimal(coupon["minimum_amount"] or 0):
            raise Refused(f"The minimum spend for this coupon is {coupon['minimum_amount']}.")
        if Decimal(coupon["maximum_amount"] or 0) and total > Decimal(coupon["maximum_amount"]):
            raise Refused(f"The maximum spend for this coupon is {coupon['maximum_amount']}.")
        if not self._fitting(coupon, [product for product, _ in bought]):
            raise Refused("Sorry, this coupon is not applicable to selected products.")
        return coupon

    def _moment(self, text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    def _fitting(self, coupon: Doc, products: Sequence[Doc]) -> list[int]:
        """Return the places of the products that the coupon is for."""
        wanted, categories = coupon["product_ids"], coupon["product_categories"]
        return [
            place
            for place, product in enumerate(products)
            if not (wanted or categories)
            or product["id"] in wanted
            or product["parent_id"] in wanted
            or {one["id"] for one in product["categories"]} & set(categories)
        ]

    def share(self, coupon: Doc, bought: Sequence[tuple[Doc, int]], left: Mapping[int, Decimal]) -> dict[int, Decimal]:
        """Return what the coupon takes off each place; a fixed amount is shared out to the cent, and capped.

        A fixed amount off the cart comes off everything in it, even where only some products made it fit.
        """
        places = self._fitting(coupon, [product for product, _ in bought])
        if coupon["discount_type"] != "fixed_cart":
            return self._by_item(coupon, bought, left, places)
        places = list(left)
        whole = sum(left.values(), ZERO)
        amount = min(Decimal(coupon["amount"]), whole)
        if not whole:
            return {}
        taken = {place: (amount * left[place] / whole).quantize(Decimal("0.01"), ROUND_DOWN) for place in places}
        taken[places[0]] += amount - sum(taken.values(), ZERO)
        return taken

    def _by_item(
        self, coupon: Doc, bought: Sequence[tuple[Doc, int]], left: Mapping[int, Decimal], places: Sequence[int]
    ) -> dict[int, Decimal]:
        """A percentage, or an amount off each item; `limit_usage_to_x_items` counts items, not lines."""
        room = coupon["limit_usage_to_x_items"]
        taken = {}
        for place in places:
            count = bought[place][1]
            items = count if room is None else min(count, room)
            room = None if room is None else room - items
            price = left[place] / count
            off = price * Decimal(coupon["amount"]) / 100
            if coupon["discount_type"] == "fixed_product":
                off = min(price, Decimal(coupon["amount"]))
            taken[place] = (off * items).quantize(Decimal("0.01"))
        return taken

    def follow(self, order: Doc, before: str, after: str) -> None:
        """An order takes its uses when it is placed, gives them back when cancelled, and takes them again."""
        change = (after in USES) - (before in USES)
        for line in order["coupon_lines"] if change else ():
            for coupon in self.by_code(line["code"])[:1]:
                coupon["usage_count"] = max(0, coupon["usage_count"] + change)
                who = str(order["customer_id"]) if order["customer_id"] else order["billing"]["email"]
                coupon["used_by"] = [*coupon["used_by"], who] if change > 0 else coupon["used_by"][:-1]
