"""Periods of the shop's calendar: local days, weeks from Monday, months, years, and a lifetime."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.rules.document.shared import Span
from app.rules.expiry import end_of_local_day

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
END = datetime(9999, 12, 31, tzinfo=UTC)
_ONE_DAY = timedelta(days=1)


def period_of(span: Span, moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of the period a moment lies in, and the first after it."""
    if span == "lifetime":
        return BEGINNING, END
    first, after = _days(span, moment.astimezone(zone).date())
    return _begin(first, zone), _begin(after, zone)


def _begin(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day, also where a clock change removes its midnight."""
    return end_of_local_day(datetime.combine(day - _ONE_DAY, time(12), zone), zone)


def _days(span: Span, day: date) -> tuple[date, date]:
    """Return the first day of a period, and the first day after it."""
    if span == "day":
        return day, day + _ONE_DAY
    if span == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    if span == "month":
        return day.replace(day=1), date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date(day.year, 1, 1), date(day.year + 1, 1, 1)


def period_name(span: Span, moment: datetime, zone: ZoneInfo) -> str:
    """Return the name of the period a moment lies in: "2026-03-01", "2026-W09", "2026-03", "2026", "lifetime"."""
    day = moment.astimezone(zone).date()
    if span == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    names = {"day": day.isoformat(), "month": f"{day:%Y-%m}", "year": f"{day:%Y}", "lifetime": "lifetime"}
    return names[span]
