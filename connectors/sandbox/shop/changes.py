"""What the back office can do to an order. Each takes the order as it is and returns it as it then is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from connectors.sandbox.shop.money import decimal_text
from connectors.sandbox.shop.orders import Order, OrderLine, Refund, RefundLine, newer_than


class NotPossible(Exception):
    """The order is not in a state for this; the message is for the person at the desk."""


def pay(order: Order) -> Order:
    if order.paid_at or order.cancelled_at:
        raise NotPossible("Only an open, unpaid order can be marked paid.")
    return replace(order, paid_at=newer_than(order.updated_at))


def fulfil(order: Order) -> Order:
    if not order.paid_at or order.fulfilled_at or order.cancelled_at:
        raise NotPossible("Only a paid order that is still here can be sent.")
    return replace(order, fulfilled_at=newer_than(order.updated_at))


def deliver(order: Order) -> Order:
    if not order.fulfilled_at or order.delivered_at or order.cancelled_at:
        raise NotPossible("Only an order that is on its way can arrive.")
    return replace(order, delivered_at=newer_than(order.updated_at))


def cancel(order: Order) -> Order:
    if order.cancelled_at:
        raise NotPossible("It is cancelled already.")
    return replace(order, cancelled_at=newer_than(order.updated_at))


def reopen(order: Order) -> Order:
    if not order.cancelled_at:
        raise NotPossible("It is not cancelled.")
    return replace(order, cancelled_at=None)


def refund_unit(order: Order, line_id: str) -> Order:
    """Give back one unit of a line; the last unit takes the odd cents."""
    _refundable(order)
    line = _line(order, line_id)
    gone = order.refunded_units(line_id)
    if gone >= line.quantity:
        raise NotPossible("All units of this line were given back.")
    cents = line.net_cents * (gone + 1) // line.quantity - order.refunded_of_line(line_id)
    part = RefundLine(line_id=line_id, quantity=1, cents=max(0, cents))
    return _with_refund(order, Refund(id=_next_id(order), at=newer_than(order.updated_at), lines=(part,)))


def refund_money(order: Order, cents: int) -> Order:
    """Give back money without goods, for a crack or a delay."""
    _refundable(order)
    left = order.total_cents - order.refunded_cents
    if not 0 < cents <= left:
        raise NotPossible(f"Between 0.01 and {decimal_text(left)} can be given back.")
    return _with_refund(order, Refund(id=_next_id(order), at=newer_than(order.updated_at), cents=cents))


def refund_all(order: Order) -> Order:
    """Give back every unit that is left, and the shipping."""
    _refundable(order)
    parts = tuple(
        RefundLine(line_id=line.id, quantity=units, cents=max(0, line.net_cents - order.refunded_of_line(line.id)))
        for line in order.lines
        if (units := line.quantity - order.refunded_units(line.id)) > 0
    )
    shipping = order.shipping_cents - sum(refund.shipping_cents for refund in order.refunds)
    refund = Refund(id=_next_id(order), at=newer_than(order.updated_at), lines=parts, shipping_cents=shipping)
    return _with_refund(order, refund)


def edit_quantity(order: Order, line_id: str, quantity: int) -> Order:
    """Change how much was ordered; the line's discount per unit stays."""
    line = _line(order, line_id)
    if order.cancelled_at or order.fulfilled_at:
        raise NotPossible("It has left, or is cancelled: there is nothing to edit.")
    if not order.refunded_units(line_id) <= quantity <= 99:
        raise NotPossible("Fewer than were given back, or more than 99, cannot be ordered.")
    discount = line.discount_cents * quantity // line.quantity if line.quantity else 0
    edited = replace(line, quantity=quantity, discount_cents=discount)
    return replace(order, lines=tuple(edited if one.id == line_id else one for one in order.lines))


PLAIN: Mapping[str, Callable[[Order], Order]] = {
    "pay": pay,
    "fulfil": fulfil,
    "deliver": deliver,
    "cancel": cancel,
    "reopen": reopen,
    "refund-all": refund_all,
}


def possible(order: Order) -> frozenset[str]:
    """Name the plain changes that the order is in a state for."""
    names = set()
    for name, change in PLAIN.items():
        try:
            change(order)
        except NotPossible:
            continue
        names.add(name)
    return frozenset(names)


def _refundable(order: Order) -> None:
    if not order.paid_at or order.cancelled_at or order.refunded:
        raise NotPossible("There is nothing left to give back.")


def _line(order: Order, line_id: str) -> OrderLine:
    for line in order.lines:
        if line.id == line_id:
            return line
    raise NotPossible("This order has no such line.")


def _with_refund(order: Order, refund: Refund) -> Order:
    return replace(order, refunds=(*order.refunds, refund))


def _next_id(order: Order) -> str:
    return f"{order.number}-r{len(order.refunds) + 1}"
