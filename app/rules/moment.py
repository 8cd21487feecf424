"""When an order earns: whether its earn moment is reached, since when, and for which units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from app.rules.document import Earning
from app.rules.order import Order, OrderFulfilment

ENDED = frozenset(("cancelled", "voided", "expired", "deleted"))
DONE = frozenset(("fulfilled", "completed"))
REOPENED = frozenset(("pending", "on-hold", "processing"))  # back at work; platforms keep the old completion date


class Moment(NamedTuple):
    """`at` is None until the moment is reached; then `why_not` says what is missing."""

    at: datetime | None = None
    why_not: str = ""
    look_again_at: datetime | None = None
    only_units: Mapping[str, int] | None = None  # line id → units that earn so far; None: all


def moment_of(order: Order, earning: Earning, now: datetime | None, *, allow_test: bool) -> Moment:
    """Return the order's earn moment. Source: the table in semantics 2."""
    why_not = _never(order, allow_test=allow_test)
    return Moment(why_not=why_not) if why_not else _MOMENTS[earning.earn_on](order, earning, now)


def _never(order: Order, *, allow_test: bool) -> str:
    if order.status in ENDED:
        return order.status
    if order.test and not allow_test:
        return "test"
    return "" if order.paid in ("part", "full") else "unpaid"


def _paid(order: Order, earning: Earning, now: datetime | None) -> Moment:
    return Moment(order.paid_at or order.placed_at)


def _fulfilled(order: Order, earning: Earning, now: datetime | None) -> Moment:
    whole = completed_moment(order, earning, now)
    counting = _counting(order)
    if whole.at or not counting:
        return whole
    units: Counter[str] = Counter()
    for each in counting:
        units.update(each.units)
    return Moment(_last_sent(counting), only_units=units)


def completed_moment(order: Order, earning: Earning, now: datetime | None = None) -> Moment:
    """Return when everything was sent."""
    completed_at = _completed_at(order)
    if not (order.fulfilled_at or completed_at or order.status in DONE):
        return Moment(why_not=f"not {earning.earn_on}")
    counting = _counting(order)
    told = completed_at or order.fulfilled_at or order.paid_at or order.placed_at
    return Moment(_last_sent(counting) if counting else told)


def delivered_moment(order: Order, earning: Earning, now: datetime | None) -> Moment:
    """Return when everything had arrived; where the platform tells no delivery, days after completion."""
    counting = _counting(order)
    if counting:
        arrived = all(each.delivered for each in counting)
        return Moment(max(each.updated_at for each in counting)) if arrived else Moment(why_not="not delivered")
    if order.delivered_at:
        return Moment(order.delivered_at)
    completed_at = _completed_at(order)
    if not completed_at:
        return Moment(why_not="not delivered")
    due = completed_at + timedelta(days=earning.delivered_after_days)
    if not earning.delivered_after_days or (now is not None and now >= due):
        return Moment(due)
    return Moment(why_not="not delivered", look_again_at=due)


def _completed_at(order: Order) -> datetime | None:
    return None if order.status in REOPENED else order.completed_at


def _counting(order: Order) -> Sequence[OrderFulfilment]:
    return [each for each in order.fulfilments if each.counts]


def _last_sent(fulfilments: Sequence[OrderFulfilment]) -> datetime:
    return max(each.created_at for each in fulfilments)


_MOMENTS: Mapping[str, Callable[[Order, Earning, datetime | None], Moment]] = {
    "paid": _paid,
    "fulfilled": _fulfilled,
    "completed": completed_moment,
    "delivered": delivered_moment,
}
