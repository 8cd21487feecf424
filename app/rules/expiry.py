"""Date arithmetic in the shop's zone. A day ends when the next one begins, also where a clock change removes midnight.

Ends are exclusive instants in UTC: the first moment of the local day after.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.rules.document import Expiry

_ONE_DAY = timedelta(days=1)
_ONE_SECOND = timedelta(seconds=1)
_TICK = timedelta(microseconds=1)


_SPANS = {"end_of_month": 1, "end_of_quarter": 3, "end_of_year": 12}  # months


def expires_at(policy: Expiry, available_from: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when points lapse that can be spent from a moment on; None: never.

    With `inactivity` the moment is that of the last order or redemption. Source: semantics 5.
    """
    day = local_date(available_from, zone)
    if policy.kind == "never":
        return None
    if policy.kind in _SPANS:
        return end_of_day(_end_of_span(day, _SPANS[policy.kind], policy.after or 0), zone)
    if policy.months is not None:
        return end_of_day(months_later(day, policy.months), zone)
    return end_of_day(day + (policy.days or 0) * _ONE_DAY, zone)


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last: 31 January + 1 month is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _end_of_span(day: date, span: int, after: int) -> date:
    """Return the last day of a calendar month, quarter or year, `after` of them later."""
    left = span - (day.month - 1) % span  # months of the span, this one included
    return months_later(day.replace(day=1), left + after * span) - _ONE_DAY


def pending_until(earned_at: datetime, days: int, zone: ZoneInfo) -> datetime | None:
    """Return when points of a pending period of N days become available; None: at once.

    N days end at local midnight after day N. Source: semantics 2.
    """
    return end_of_day(local_date(earned_at, zone) + days * _ONE_DAY, zone) if days > 0 else None


def grace_until(returned_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return until when points that come back to a lapsed lot live on: the local end of the day, N days later."""
    return end_of_day(local_date(returned_at, zone) + days * _ONE_DAY, zone)


def end_of_local_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant after the local day that the moment lies in."""
    return end_of_day(local_date(moment, zone), zone)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day that it is in a zone."""
    return moment.astimezone(zone).date()


@lru_cache(maxsize=8192)
def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant from which on the local date is later than `day`.

    Around a clock change midnight has two readings. Where it comes twice, the later one ends the day, unless the next
    day had begun before; where it is skipped, the change lies at the later reading or between the two.
    """
    midnight = datetime.combine(day + _ONE_DAY, time(), zone)
    early, late = sorted(midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if local_date(late - _TICK, zone) <= day:
        return late
    seconds = range((late - early) // _ONE_SECOND)
    return early + _ONE_SECOND * bisect_left(
        seconds, True, key=lambda passed: local_date(early + passed * _ONE_SECOND, zone) > day
    )
