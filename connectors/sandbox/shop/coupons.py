"""Codes of the points programme: what one is good for, as Tessera tells it, and what it takes off a cart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from connectors.sandbox.shop.goods import GOODS
from connectors.sandbox.shop.money import decimal_text, spread

PREFIX = "TES-"  # a code that looks like this is asked for at Tessera; the shop's own codes are not


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """A usable code of the programme."""

    code: str
    kind: str
    cents: int = 0
    percent: str = ""
    most_cents: int | None = None
    product: str = ""
    least_basket_cents: int = 0
    products: Sequence[str] = ()
    collections: Sequence[str] = ()

    def kept(self) -> dict[str, Any]:
        """Return it as the session keeps it."""
        return asdict(self)

    def suits(self, product_id: str, collection: str) -> bool:
        """Tell whether the code is for this product."""
        if not self.products and not self.collections:
            return True
        return product_id in self.products or collection in self.collections


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One line of a cart, as far as a code cares."""

    product_id: str
    collection: str
    unit_cents: int
    gross_cents: int
    gift_card: bool


def coupon_of(told: Mapping[str, Any]) -> Coupon | None:
    """Read what Tessera tells of a code; None where an order may not use it now."""
    if not told.get("usable"):
        return None
    value = told["value"]
    return Coupon(
        code=told["code"],
        kind=told["kind"],
        cents=_cents(value.get("amount")),
        percent=value.get("percent", ""),
        most_cents=_cents(value["max_amount"]) if "max_amount" in value else None,
        product=value.get("product", ""),
        least_basket_cents=_cents(value.get("min_basket")),
        products=tuple(value.get("products", ())),
        collections=tuple(value.get("collections", ())),
    )


def _cents(money: Mapping[str, str] | None) -> int:
    return int(Decimal(money["amount"]) * 100) if money else 0


def why_not(coupon: Coupon, lines: Sequence[Goods]) -> str:
    """Say what the cart lacks for a code; nothing where it works."""
    worth = sum(line.gross_cents for line in lines if not line.gift_card)
    if worth < coupon.least_basket_cents:
        return f"This code is for carts from {decimal_text(coupon.least_basket_cents)}."
    if coupon.kind == "free_product" and coupon.product not in {line.product_id for line in lines}:
        title = next((product.title for product in GOODS if product.id == coupon.product), coupon.product)
        return f"Put a {title} into the cart; the code makes it free."
    if coupon.kind != "free_shipping" and not any(cuts(coupon, lines)):
        return "This code is for other goods."
    return ""


def cuts(coupon: Coupon, lines: Sequence[Goods]) -> list[int]:
    """Return the cents a code takes off each line; together exactly what it is worth. Gift cards are never cheaper."""
    if coupon.kind == "free_product":
        return _one_free(coupon, lines)
    suitable = [not line.gift_card and coupon.suits(line.product_id, line.collection) for line in lines]
    weights = [line.gross_cents if suits else 0 for line, suits in zip(lines, suitable, strict=True)]
    whole = sum(weights)
    wanted = int(whole * Decimal(coupon.percent) / 100) if coupon.kind == "percent_off" else coupon.cents
    if coupon.most_cents is not None:
        wanted = min(wanted, coupon.most_cents)
    return spread(0 if coupon.kind == "free_shipping" else min(wanted, whole), weights)


def _one_free(coupon: Coupon, lines: Sequence[Goods]) -> list[int]:
    first = next((place for place, line in enumerate(lines) if line.product_id == coupon.product), None)
    return [line.unit_cents if place == first else 0 for place, line in enumerate(lines)]


def title(offer: Mapping[str, Any], symbol: str) -> str:
    """Return what a reward is called: by its name, else by what it does."""
    if offer.get("name"):
        return str(offer["name"])
    value = offer["value"]
    amount = f"{symbol}{value['amount']['amount'].removesuffix('.00')}" if "amount" in value else ""
    product = next((product.title for product in GOODS if product.id == value.get("product")), "")
    named = {
        "amount_off": f"{amount} off",
        "percent_off": f"{value.get('percent')} % off",
        "free_shipping": "Free shipping",
        "free_product": f"A free {product}",
        "pay_with_points": "Pay with points",
        "gift_card": f"Gift card {amount}",
        "store_credit": f"{amount} of credit",
    }
    kind = str(offer["kind"])
    return named.get(kind, kind.replace("_", " ").capitalize())
