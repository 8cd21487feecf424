"""A basket that is not an order yet, in the shape of the order it would become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.rules.money import times
from app.rules.order import OrderCharge, OrderFulfilment, OrderRefund

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLine:
    """One line; `discount` is the whole line's."""

    quantity: int
    unit_price: Decimal
    discount: Decimal = NOTHING
    product_id: str | None = None
    variant_id: str | None = None
    tags: Sequence[str] = ()
    collections: Sequence[str] = ()
    vendor: str | None = None
    gift_card: bool = False
    band: str | None = None  # margin band, from the catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """`prices_include_tax` is None where nobody knows; it matters only to programmes that correct for tax.

    `country` is where it would go; None where nobody knows. `order_discount` belongs to no line.
    """

    currency: str
    lines: Sequence[BasketLine]
    prices_include_tax: bool | None = None
    country: str | None = None
    discount_codes: Sequence[str] = ()
    order_discount: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class BasketCode:
    code: str


@dataclass(slots=True, kw_only=True)  # not frozen: that would cost as much as the rest of it
class BoughtLine:
    id: str
    quantity: int
    gross: Decimal
    discount: Decimal
    kind: str
    product_id: str | None
    variant_id: str | None
    tags: Sequence[str]
    collections: Sequence[str]
    vendor: str | None
    band: str | None
    tax: Decimal = NOTHING
    removed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BoughtBasket:
    """The order a basket becomes when it is bought, paid and handed over at once."""

    placed_at: datetime
    currency: str
    prices_include_tax: bool
    lines: Sequence[BoughtLine]
    paid_at: datetime
    fulfilled_at: datetime
    completed_at: datetime
    delivered_at: datetime
    status: str = "completed"
    paid: str = "full"
    charges: Sequence[OrderCharge] = ()
    order_discount: Decimal = NOTHING
    order_discount_tax: Decimal = NOTHING
    total: Decimal | None = None
    refunds: Sequence[OrderRefund] = ()
    all_refunded: bool = False
    paid_amount: Decimal | None = None
    paid_of: Decimal | None = None
    fulfilments: Sequence[OrderFulfilment] = ()
    discount_codes: Sequence[BasketCode] = ()
    country: str | None = None
    test: bool = False
    in_shop_money: None = None


def bought(basket: Basket, now: datetime) -> BoughtBasket:
    """Return the order this basket would become now. Line ids are "1", "2" …"""
    return BoughtBasket(
        placed_at=now,
        currency=basket.currency,
        prices_include_tax=bool(basket.prices_include_tax),
        lines=[_line(str(number), line) for number, line in enumerate(basket.lines, 1)],
        paid_at=now,
        fulfilled_at=now,
        completed_at=now,
        delivered_at=now,
        discount_codes=[BasketCode(code) for code in basket.discount_codes],
        country=basket.country,
        order_discount=basket.order_discount,
    )


def _line(line_id: str, line: BasketLine) -> BoughtLine:
    return BoughtLine(
        id=line_id,
        quantity=line.quantity,
        gross=times(line.unit_price, line.quantity),
        discount=line.discount,
        kind="gift_card" if line.gift_card else "item",
        product_id=line.product_id,
        variant_id=line.variant_id,
        tags=line.tags,
        collections=line.collections,
        vendor=line.vendor,
        band=line.band,
    )
