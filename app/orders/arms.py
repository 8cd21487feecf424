"""The arm of an experiment whose shopper placed an order, and what the order sold. Neither moves a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app import counters
from app.experiments import trials
from app.rules.money import decimals_of, fixed, is_currency
from app.rules.sales import sale_of
from connectors.contract import OrderState

if TYPE_CHECKING:
    from app.desk import Desk
    from app.orders.order import Order


class Sold(NamedTuple):
    """Kept goods without tax, with their currency's decimals."""

    amount: str
    currency: str


def note(order: Order, state: OrderState, desk: Desk) -> None:
    """Freeze the first arm of an experiment of the shop that is told; what was sold follows the order's state."""
    if order.arm is None and state.arm is not None:
        if trials.is_known(desk.versions, state.arm):
            order.arm = state.arm
        elif not order.stored:
            counters.count("order_arms_ignored")
    order.sold = _sold(state) if order.arm is not None else None


def _sold(state: OrderState) -> Sold | None:
    """Return what is sold, in the shop's money where it is told, so that orders can be added up."""
    currency = (state.in_shop_money or state).currency
    sale = sale_of(state, currency, lambda _: None) if is_currency(currency) else None
    if sale is None or sale.revenue <= 0:
        return None
    return Sold(fixed(sale.revenue, decimals_of(currency)), currency)
