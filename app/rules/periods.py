"""Periods of the shop's calendar: local days, weeks from Monday, months, years, and a lifetime."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.rules.calendar import begins, first_day, name_of, number_of
from app.rules.document.shared import Span
from app.rules.expiry import local_date

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
END = datetime(9999, 12, 31, tzinfo=UTC)


def period_of(span: Span, moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of the period a moment lies in, and the first after it."""
    if span == "lifetime":
        return BEGINNING, END
    number = number_of(span, local_date(moment, zone))
    return begins(first_day(span, number), zone), begins(first_day(span, number + 1), zone)


def period_name(span: Span, moment: datetime, zone: ZoneInfo) -> str:
    """Return the name of the period a moment lies in: "2026-03-01", "2026-W09", "2026-03", "2026", "lifetime"."""
    return span if span == "lifetime" else name_of(span, number_of(span, local_date(moment, zone)))
