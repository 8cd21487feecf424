"""The most a member earns in one period of the shop's calendar, and what of it is left. Source: semantics 2, "Caps"."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.rules.document import MemberCap
from app.rules.document.shared import Period
from app.rules.expiry import first_moment, local_date


class Cap(NamedTuple):
    """A cap for one period, as an order freezes it. `begins` is in it, `ends` is not."""

    points: int
    begins: datetime
    ends: datetime

    def holds(self, moment: datetime) -> bool:
        return self.begins <= moment < self.ends


def cap_at(cap: MemberCap, moment: datetime, zone: ZoneInfo) -> Cap:
    """Return a programme's cap for the period that a moment lies in."""
    return Cap(cap.points, *period_of(cap.period, moment, zone))


def period_of(period: Period, moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return begin and end of the local day, week (from Monday), month or year of a moment; the end is exclusive."""
    first = _first_day(period, local_date(moment, zone))
    return first_moment(first, zone), first_moment(_next(period, first), zone)


def _first_day(period: Period, day: date) -> date:
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if period == "year" else day


def _next(period: Period, first: date) -> date:
    long_enough = {"day": 1, "week": 7, "month": 31, "year": 366}[period]
    return _first_day(period, first + timedelta(days=long_enough))
