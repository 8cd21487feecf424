"""An order: its shape, its sums, and how it is kept."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from connectors.sandbox.shop.carts import Cart
from connectors.sandbox.shop.money import tax_within

FIRST_NUMBER = 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys. A guest has no id."""

    name: str
    email: str
    id: str | None = None
    email_verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    id: str
    product_id: str
    variant_id: str
    title: str
    variant: str
    quantity: int
    unit_cents: int
    discount_cents: int
    gift_card: bool
    tags: tuple[str, ...]
    collection: str
    vendor: str

    @property
    def net_cents(self) -> int:
        return self.unit_cents * self.quantity - self.discount_cents

    @property
    def tax_cents(self) -> int:
        return 0 if self.gift_card else tax_within(self.net_cents)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    line_id: str
    quantity: int
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    id: str
    at: datetime
    lines: tuple[RefundLine, ...] = ()
    shipping_cents: int = 0
    cents: int = 0  # money without items

    @property
    def total_cents(self) -> int:
        return sum(line.cents for line in self.lines) + self.shipping_cents + self.cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    number: int
    placed_at: datetime
    updated_at: datetime
    buyer: Buyer
    lines: tuple[OrderLine, ...]
    shipping_cents: int
    code: str = ""
    shipping_off_cents: int = 0  # what the code took off the shipping
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    refunds: tuple[Refund, ...] = ()

    @property
    def total_cents(self) -> int:
        return sum(line.net_cents for line in self.lines) + self.shipping_cents

    @property
    def discount_cents(self) -> int:
        return sum(line.discount_cents for line in self.lines)

    @property
    def refunded_cents(self) -> int:
        """Money given back: never more than was paid, whatever the single refunds say."""
        return min(self.total_cents, sum(refund.total_cents for refund in self.refunds))

    @property
    def refunded(self) -> bool:
        return bool(self.refunds) and self.refunded_cents == self.total_cents

    def refunded_units(self, line_id: str) -> int:
        return sum(part.quantity for refund in self.refunds for part in refund.lines if part.line_id == line_id)

    def refunded_of_line(self, line_id: str) -> int:
        return sum(part.cents for refund in self.refunds for part in refund.lines if part.line_id == line_id)


_ORDER = TypeAdapter(Order)


def newer_than(moment: datetime) -> datetime:
    """Return now, or the next microsecond where the clock has not moved on."""
    return max(datetime.now(UTC), moment + timedelta(microseconds=1))


def place_order(db: sqlite3.Connection, cart: Cart, buyer: Buyer, *, paid: bool) -> Order:
    """Make an order of the cart."""
    now = datetime.now(UTC)
    (number,) = db.execute("SELECT coalesce(max(number) + 1, ?) FROM orders", (FIRST_NUMBER,)).fetchone()
    order = Order(
        number=number,
        placed_at=now,
        updated_at=now,
        buyer=buyer,
        lines=_lines(number, cart),
        shipping_cents=cart.shipping_cents,
        code=cart.code if cart.code_works else "",
        shipping_off_cents=cart.shipping_off_cents,
        paid_at=now if paid else None,
    )
    db.execute("INSERT INTO orders VALUES (?, ?, ?)", (number, buyer.id, _ORDER.dump_json(order).decode()))
    return order


def _lines(number: int, cart: Cart) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(
            id=f"{number}-{index}",
            product_id=line.product.id,
            variant_id=line.variant.id,
            title=line.product.title,
            variant=line.variant.name,
            quantity=line.quantity,
            unit_cents=line.variant.cents,
            discount_cents=line.discount_cents,
            gift_card=line.product.gift_card,
            tags=line.product.tags,
            collection=line.product.collection,
            vendor=line.product.vendor,
        )
        for index, line in enumerate(cart.lines, start=1)
    )


def keep_order(db: sqlite3.Connection, order: Order) -> Order:
    """Write a changed order down under a strictly newer time."""
    kept = replace(order, updated_at=newer_than(order.updated_at))
    db.execute("UPDATE orders SET body = ? WHERE number = ?", (_ORDER.dump_json(kept).decode(), kept.number))
    return kept


def order_by_number(db: sqlite3.Connection, number: int) -> Order | None:
    row = db.execute("SELECT body FROM orders WHERE number = ?", (number,)).fetchone()
    return _ORDER.validate_json(row["body"]) if row else None


def code_is_taken(db: sqlite3.Connection, code: str) -> bool:
    """Tell whether an order has this code already: Tessera hears of it only a moment later."""
    taken = (
        "SELECT 1 FROM orders WHERE json_extract(body, '$.code') = ? AND json_extract(body, '$.cancelled_at') IS NULL"
    )
    return db.execute(taken, (code,)).fetchone() is not None


def newest_orders(db: sqlite3.Connection, limit: int = 50) -> list[Order]:
    rows = db.execute("SELECT body FROM orders ORDER BY number DESC LIMIT ?", (limit,))
    return [_ORDER.validate_json(row["body"]) for row in rows]


def orders_of(db: sqlite3.Connection, customer_id: str) -> list[Order]:
    rows = db.execute("SELECT body FROM orders WHERE customer_id = ? ORDER BY number DESC", (customer_id,))
    return [_ORDER.validate_json(row["body"]) for row in rows]
