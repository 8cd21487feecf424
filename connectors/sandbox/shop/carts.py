"""A cart: what is in it, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.sandbox.shop import coupons
from connectors.sandbox.shop.catalogue import Product, Variant, product_of
from connectors.sandbox.shop.coupons import Coupon, Goods
from connectors.sandbox.shop.goods import GOODS
from connectors.sandbox.shop.money import spread, tax_within

SHIPPING_CENTS = 490
FREE_SHIPPING_FROM_CENTS = 7500
MOST_UNITS = 20  # of one variant

PERCENT_CODES = {"KALIMERA": 10}
AMOUNT_CODES = {"FERRY5": 500}


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    product: Product
    variant: Variant
    quantity: int
    discount_cents: int = 0

    @property
    def gross_cents(self) -> int:
        return self.variant.cents * self.quantity

    @property
    def net_cents(self) -> int:
        return self.gross_cents - self.discount_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    lines: tuple[CartLine, ...]
    code: str = ""
    code_works: bool = False
    note: str = ""  # what the cart lacks for its code
    free_shipping: bool = False

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def gross_cents(self) -> int:
        return sum(line.gross_cents for line in self.lines)

    @property
    def discount_cents(self) -> int:
        return sum(line.discount_cents for line in self.lines)

    @property
    def shipping_cents(self) -> int:
        return 0 if self.free_shipping else self._parcel_cents

    @property
    def shipping_off_cents(self) -> int:
        """What the code takes off the shipping."""
        return self._parcel_cents if self.free_shipping else 0

    @property
    def _parcel_cents(self) -> int:
        """Parcels cost the same until they are free; a gift card needs no parcel."""
        parcel = sum(line.net_cents for line in self.lines if not line.product.gift_card)
        return SHIPPING_CENTS if 0 < parcel < FREE_SHIPPING_FROM_CENTS else 0

    @property
    def total_cents(self) -> int:
        return self.gross_cents - self.discount_cents + self.shipping_cents

    @property
    def tax_cents(self) -> int:
        taxed = [line.net_cents for line in self.lines if not line.product.gift_card]
        return sum(map(tax_within, taxed)) + tax_within(self.shipping_cents)


def price_cart(items: Mapping[str, int], code: str = "", coupon: Coupon | None = None) -> Cart:
    """Price what the session holds: variant → units. What is no longer sold falls out.

    `coupon` is what the code is good for, where it is one of the points programme.
    """
    found = [(product_of(GOODS, variant), quantity) for variant, quantity in items.items()]
    lines = [
        CartLine(product=sold[0], variant=sold[1], quantity=min(quantity, MOST_UNITS))
        for sold, quantity in found
        if sold and quantity > 0
    ]
    coupon = coupon if coupon is not None and coupon.code == code else None
    goods = [_goods(line) for line in lines]
    note = coupons.why_not(coupon, goods) if coupon and lines else ""
    cuts = (coupons.cuts(coupon, goods) if not note else [0] * len(lines)) if coupon else _discounts(lines, code)
    shipping = coupon is not None and coupon.kind == "free_shipping" and not note
    cut = tuple(
        CartLine(product=line.product, variant=line.variant, quantity=line.quantity, discount_cents=cents)
        for line, cents in zip(lines, cuts, strict=True)
    )
    works = any(cuts) or shipping
    return Cart(lines=cut, code=code, code_works=works, note=note, free_shipping=shipping)


def _goods(line: CartLine) -> Goods:
    return Goods(
        product_id=line.product.id,
        collection=line.product.collection,
        unit_cents=line.variant.cents,
        gross_cents=line.gross_cents,
        gift_card=line.product.gift_card,
    )


def _discounts(lines: list[CartLine], code: str) -> list[int]:
    """Return what the code takes off each line. Gift cards are never cheaper."""
    weights = [0 if line.product.gift_card else line.gross_cents for line in lines]
    if code in PERCENT_CODES:
        return [weight * PERCENT_CODES[code] // 100 for weight in weights]
    return spread(min(AMOUNT_CODES.get(code, 0), sum(weights)), weights)
