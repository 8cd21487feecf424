"""When points of an order can be spent: days after the earn moment, or after an event of the order."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.rules.document import Earning
from app.rules.expiry import pending_until
from app.rules.moment import Moment, completed_moment, delivered_moment
from app.rules.order import Order


class Release(NamedTuple):
    """`at` is None where points can be spent as soon as they are posted."""

    at: datetime | None = None
    known: bool = True  # False: the event has not been seen
    look_again_at: datetime | None = None


def release_of(order: Order, earning: Earning, earned_at: datetime, *, zone: ZoneInfo, now: datetime) -> Release:
    """Return when an order's points can be spent. Source: semantics 2, "Pending period"."""
    if earning.pending_until == "days":
        return Release(pending_until(earned_at, earning.pending_days, zone))
    event = _event(order, earning, now)
    if event.at is None:
        return Release(known=False, look_again_at=event.look_again_at)
    days = earning.pending_days + (earning.return_days if earning.pending_until == "return_window" else 0)
    return Release(pending_until(event.at, days, zone) or min(event.at, now))  # at once, whatever the clocks say


def _event(order: Order, earning: Earning, now: datetime) -> Moment:
    return (
        completed_moment(order, earning)
        if earning.pending_until == "fulfilled"
        else delivered_moment(order, earning, now)
    )
