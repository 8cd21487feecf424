"""Date arithmetic in the shop's zone. A day ends when the next one begins, also where a clock change removes midnight.

Ends are exclusive instants in UTC: the first moment of the local day after.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ONE_DAY = timedelta(days=1)
_ONE_SECOND = timedelta(seconds=1)
_TICK = timedelta(microseconds=1)


def pending_until(earned_at: datetime, days: int, zone: ZoneInfo) -> datetime | None:
    """Return when points of a pending period of N days become available; None: at once.

    N days end at local midnight after day N. Source: semantics 2.
    """
    return _end_of_day(_local_date(earned_at, zone) + days * _ONE_DAY, zone) if days > 0 else None


def grace_until(returned_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return until when points that come back to a lapsed lot live on: the local end of the day, N days later."""
    return _end_of_day(_local_date(returned_at, zone) + days * _ONE_DAY, zone)


def end_of_local_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant after the local day that the moment lies in."""
    return _end_of_day(_local_date(moment, zone), zone)


def _local_date(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant from which on the local date is later than `day`.

    Around a clock change midnight has two readings. Where it comes twice, the later one ends the day, unless the next
    day had begun before; where it is skipped, the change lies at the later reading or between the two.
    """
    midnight = datetime.combine(day + _ONE_DAY, time(), zone)
    early, late = sorted(midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if _local_date(late - _TICK, zone) <= day:
        return late
    seconds = range((late - early) // _ONE_SECOND)
    return early + _ONE_SECOND * bisect_left(
        seconds, True, key=lambda passed: _local_date(early + passed * _ONE_SECOND, zone) > day
    )
