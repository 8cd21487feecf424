"""How much of an order's money is left, line by line, and how much of that earns.

Everything is exact: proportions are fractions, and nothing is rounded here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from app.rules.document import Basis
from app.rules.money import ONE, ZERO, difference, exact, total
from app.rules.order import Order, OrderCharge, OrderRefund

ABOVE_ORDER = "refund_above_order"  # more money went back than there was
OVER_REFUNDED = "over_refunded"  # more units went back than were ordered
UNKNOWN_LINE = "unknown_refund_line"  # a refund names a line that the order lacks


@dataclass(slots=True)
class Left:
    """What is left of an order's lines, in their order; money as displayed."""

    nets: list[Fraction]  # after all discounts, before anything was taken back
    values: list[Fraction]  # what is kept of them, before `spread`
    units: list[int]
    tax_share: Fraction = ONE  # what order-wide discounts leave of an item line's tax
    spread: Fraction = ONE  # what money refunded without an item leaves of every line
    everything_back: bool = False
    flags: list[str] = field(default_factory=list)

    def flag(self, name: str) -> None:
        if name not in self.flags:
            self.flags.append(name)


def left_of(order: Order) -> Left:
    """Return what is left of each line after discounts, removed units and refunds. Source: semantics 2."""
    told = [difference(line.gross, line.discount) for line in order.lines]
    nets, tax_share = (_discounted(order, told), _tax_share(order)) if order.order_discount else (told, ONE)
    left = Left(nets, nets, [line.quantity - line.removed for line in order.lines], tax_share)
    if order.all_refunded or _whole_total_back(order, left):
        left.values, left.everything_back = [ZERO] * len(nets), True
        return left
    _take_removed(order, left)
    if order.refunds:
        _take_lines(order, left)
        _take_totals(order, left)
        _stop_at_zero(left, told)
        _take_money(order, left)
        _check_shipping(order, left)
    return left


def _discounted(order: Order, nets: list[Fraction]) -> list[Fraction]:
    """Spread the discount that belongs to no line over the items, in proportion to their net."""
    whole = _of_items(order, nets)
    share = _kept_share(exact(order.order_discount), whole)
    return [net * share if line.kind == "item" else net for line, net in zip(order.lines, nets, strict=True)]


def _tax_share(order: Order) -> Fraction:
    whole = _of_items(order, [exact(line.tax) for line in order.lines])
    return _kept_share(exact(order.order_discount_tax), whole)


def _of_items(order: Order, amounts: list[Fraction]) -> Fraction:
    return total(amount for line, amount in zip(order.lines, amounts, strict=True) if line.kind == "item")


def _kept_share(taken: Fraction, whole: Fraction) -> Fraction:
    """Return which share of the whole stays when so much of it goes."""
    if taken <= 0:
        return ONE
    return ONE - taken / whole if taken < whole else ZERO


def _only_total(refund: OrderRefund) -> bool:
    return refund.total is not None and not (refund.lines or refund.money or refund.shipping)


def _told(refund: OrderRefund) -> Fraction:
    """Return how much went back, as far as the refund tells."""
    if refund.total is not None:
        return exact(refund.total)
    of_lines = total(exact(line.amount) for line in refund.lines if line.amount is not None)
    return of_lines + exact(refund.money) + exact(refund.shipping)


def _whole_total_back(order: Order, left: Left) -> bool:
    """Tell whether refunds, at least one known by its total only, reach the order's total."""
    if order.total is None or not any(_only_total(refund) for refund in order.refunds):
        return False
    told, whole = total(map(_told, order.refunds)), exact(order.total)
    if told > whole:
        left.flag(ABOVE_ORDER)
    return told > 0 and told >= whole


def _take_removed(order: Order, left: Left) -> None:
    """Take out the units that an edit removed: they carry no amount, so each takes its share of the net."""
    for place, line in enumerate(order.lines):
        if line.removed > 0:
            _take(left, place, left.nets[place] * _units_share(line.removed, line.quantity))


def _units_share(units: int, ordered: int) -> Fraction:
    return Fraction(min(max(units, 0), ordered), ordered) if ordered > 0 else ZERO


def _take(left: Left, place: int, amount: Fraction) -> None:
    if left.values is left.nets:
        left.values = list(left.nets)
    left.values[place] -= amount


def _take_lines(order: Order, left: Left) -> None:
    """Take back what refunds say of single lines; where they name no amount, by units."""
    places = {line.id: place for place, line in enumerate(order.lines)}
    for refund in order.refunds:
        for back in refund.lines:
            place = places.get(back.line_id)
            if place is None:
                left.flag(UNKNOWN_LINE)
                continue
            share = _units_share(back.quantity, order.lines[place].quantity)
            amount = left.nets[place] * share if back.amount is None else max(ZERO, exact(back.amount))
            _take(left, place, amount)
            left.units[place] -= back.quantity
            if left.units[place] < 0:
                left.flag(OVER_REFUNDED)


def _take_totals(order: Order, left: Left) -> None:
    """Take refunds known only by their total from every item alike: total ÷ items with tax."""
    totals = total(_told(refund) for refund in order.refunds if _only_total(refund))
    if totals <= 0:
        return
    items = _of_items(order, left.nets)
    if not order.prices_include_tax:
        items += _of_items(order, [exact(line.tax) for line in order.lines]) * left.tax_share
    share = ONE - _kept_share(totals, items)
    for place, line in enumerate(order.lines):
        if line.kind == "item":
            _take(left, place, left.nets[place] * share)


def _stop_at_zero(left: Left, told: list[Fraction]) -> None:
    for place, value in enumerate(left.values):
        if value < 0:
            if value + told[place] < left.nets[place]:  # beyond the line's own money, not just its fee share
                left.flag(ABOVE_ORDER)
            _take(left, place, value)


def _take_money(order: Order, left: Left) -> None:
    """Spread money given back without an item over all kept lines, in proportion to what is kept of them."""
    money = total(max(ZERO, exact(refund.money)) for refund in order.refunds if refund.money)
    if money <= 0:
        return
    kept = total(left.values)
    if money > kept:
        left.flag(ABOVE_ORDER)
    left.spread = _kept_share(money, kept)
    if not left.spread:  # nothing of any line is kept: such an order counts for no tier and no milestone
        left.values = [ZERO] * len(left.values)


def _check_shipping(order: Order, left: Left) -> None:
    back = total(exact(refund.shipping) for refund in order.refunds if refund.shipping)
    if back and back > _charged(order, "shipping"):
        left.flag(ABOVE_ORDER)


def _charged(order: Order, kind: str) -> Fraction:
    return total(exact(charge.amount) for charge in order.charges if charge.kind == kind)


def taxes_left(order: Order, left: Left) -> list[Fraction]:
    """Return each line's tax in proportion to what is kept of the line, before `spread`."""
    taxes = []
    for line, net, value in zip(order.lines, left.nets, left.values, strict=True):
        tax = exact(line.tax) if net else ZERO
        if tax:
            tax *= (left.tax_share if line.kind == "item" else ONE) * (value / net)
        taxes.append(tax)
    return taxes


def tax_sign(order: Order, basis: Basis) -> int:
    """Return 1 where tax must be added to the displayed price, −1 where it must be taken off, else 0."""
    if basis.tax == "included" and not order.prices_include_tax:
        return 1
    return -1 if basis.tax == "excluded" and order.prices_include_tax else 0


def line_bases(order: Order, left: Left, basis: Basis) -> list[Fraction]:
    """Return what is kept of each line, before `spread`, under the programme's switches; lines outside have 0."""
    values, sign = left.values, tax_sign(order, basis)
    if sign:
        values = [max(ZERO, value + sign * tax) for value, tax in zip(values, taxes_left(order, left), strict=True)]
    inside = {"item": True, "gift_card": basis.gift_cards, "tip": basis.tips}
    return [value if inside.get(line.kind) else ZERO for line, value in zip(order.lines, values, strict=True)]


def charge_bases(order: Order, left: Left, basis: Basis) -> dict[str, Fraction]:
    """Return what is kept of the charges that the programme lets earn, by kind."""
    switches = {"shipping": basis.shipping, "tip": basis.tips, "duty": basis.duties, "fee": basis.fees}
    found: dict[str, Fraction] = {}
    if left.everything_back or not any(switches.values()):
        return found
    sign = tax_sign(order, basis)
    for charge in order.charges:
        if switches.get(charge.kind):
            found[charge.kind] = found.get(charge.kind, ZERO) + _charge_basis(charge, sign)
    if "shipping" in found:
        back = total(max(ZERO, exact(refund.shipping)) for refund in order.refunds)
        found["shipping"] *= _kept_share(back, _charged(order, "shipping"))
    return found


def _charge_basis(charge: OrderCharge, sign: int) -> Fraction:
    return max(ZERO, exact(charge.amount) + sign * exact(charge.tax))


def paid_share(order: Order, money: Order, left: Left) -> Fraction:
    """Return which share of the order is paid, at most 1. `money` is the order in the currency that earns."""
    if order.paid != "part":
        return ONE if order.paid == "full" else ZERO
    if money.paid_amount is None and money is not order:
        money, left = order, left_of(order)
    paid = ZERO if money.paid_amount is None else max(ZERO, exact(money.paid_amount))
    of = _owed(money, left) if money.paid_of is None else exact(money.paid_of)
    return paid / of if paid < of else ONE


def _owed(order: Order, left: Left) -> Fraction:
    """Return kept lines with their tax, shipping and tip."""
    tax = ZERO if order.prices_include_tax else total(taxes_left(order, left))
    return (total(left.values) + tax) * left.spread + _charged(order, "shipping") + _charged(order, "tip")
