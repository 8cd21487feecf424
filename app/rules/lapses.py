"""When points of one award lapse, where a rule says otherwise than the programme. Source: semantics 5."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.rules.document import Expiry
from app.rules.expiry import end_of_local_day

_MONTHS = {"end_of_month": 1, "end_of_quarter": 3, "end_of_year": 12}


def lapse_of(expiry: Expiry, available_from: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when points that are available from a moment lapse: local end of day. None: never, or not by date."""
    day = available_from.astimezone(zone).date()
    if expiry.kind == "days":
        last = day + timedelta(days=expiry.days or 0)
    elif expiry.kind == "months":
        last = _months_on(day, expiry.months or 0)
    elif expiry.kind in _MONTHS:
        last = _end_of_period(day, _MONTHS[expiry.kind], expiry.after or 0)
    else:
        return None
    return end_of_local_day(datetime.combine(last, time(12), zone), zone)


def _months_on(day: date, months: int) -> date:
    """Add months; 31 January + 1 month is the last of February."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _end_of_period(day: date, months: int, after: int) -> date:
    first = date(day.year, day.month - (day.month - 1) % months, 1)
    return _months_on(first, months * (after + 1)) - timedelta(days=1)
