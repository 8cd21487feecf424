"""Orders of somebody who has been erased: settled on as before, under a name that leads to nobody.

The member stays the order's, whatever its platform tells later: a refund still takes points back, and the
customer told with it is not noted again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.intake.told import Told
from app.orders.order import Order
from connectors.contract import CustomerRef, OrderTold

_NOBODY = "erased:"


def faceless(order: Order) -> None:
    """Take the customer out of an order; its member stays."""
    if order.member_id is None:
        return
    order.customer = (f"{_NOBODY}{order.member_id}", None)
    if order.held.full is not None:
        order.held.full = replace(order.held.full, customer=_nobody(order))


def _nobody(order: Order) -> CustomerRef:
    return CustomerRef(id=order.customer[0] if order.customer else None)


def without_face(told: Told, orders: Mapping[str, Order]) -> Told:
    """Return a fact with the customer taken out, where its order is of somebody erased."""
    if not isinstance(told.fact, OrderTold):
        return told
    order = orders[told.fact.state.id]
    if order.customer is None or not (order.customer[0] or "").startswith(_NOBODY):
        return told
    state = replace(told.fact.state, customer=_nobody(order))
    return Told(fact=replace(told.fact, state=state), sha256=told.sha256)
