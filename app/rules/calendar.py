"""Days and periods of the shop's calendar, and what falls due on one: pure arithmetic on local dates.

A day begins at its first instant, also where a clock change removes midnight. Periods are numbered so that the next
one has the next number.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from app.rules.expiry import end_of_day

Cycle = Literal["day", "week", "month", "quarter", "year"]

_ONE_DAY = timedelta(days=1)
_NAMES: dict[Cycle, str] = {
    "day": r"(\d{4})-(\d\d)-(\d\d)",
    "week": r"(\d{4})-W(\d\d)",
    "month": r"(\d{4})-(\d\d)",
    "quarter": r"(\d{4})-Q([1-4])",
    "year": r"(\d{4})",
}
_MONTHS: dict[Cycle, int] = {"month": 1, "quarter": 3, "year": 12}


def begins(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day."""
    return end_of_day(day - _ONE_DAY, zone)


def number_of(cycle: Cycle, day: date) -> int:
    """Return the number of the period a day lies in; weeks begin on Monday."""
    if cycle == "day":
        return day.toordinal()
    if cycle == "week":
        return (day.toordinal() - 1) // 7  # 0001-01-01 was a Monday
    return (day.year * 12 + day.month - 1) // _MONTHS[cycle]


def first_day(cycle: Cycle, number: int) -> date:
    """Return the first day of a period by its number."""
    if cycle == "day":
        return date.fromordinal(number)
    if cycle == "week":
        return date.fromordinal(number * 7 + 1)
    year, month = divmod(number * _MONTHS[cycle], 12)
    return date(year, month + 1, 1)


def name_of(cycle: Cycle, number: int) -> str:
    """Return a period's name: "2026-03-01", "2026-W09", "2026-03", "2026-Q1", "2026"."""
    first = first_day(cycle, number)
    if cycle == "day":
        return first.isoformat()
    if cycle == "week":
        year, week, _ = first.isocalendar()
        return f"{year:04}-W{week:02}"
    parts = {"month": f"-{first.month:02}", "quarter": f"-Q{first.month // 3 + 1}", "year": ""}
    return f"{first.year:04}{parts[cycle]}"


def number_named(cycle: Cycle, name: str) -> int | None:
    """Return the number of the period with a name; None: there is none."""
    if not re.fullmatch(_NAMES[cycle], name, re.ASCII):
        return None
    try:
        if cycle == "week":
            some_day = date.fromisocalendar(int(name[:4]), int(name[6:]), 1)
        elif cycle == "quarter":
            some_day = date(int(name[:4]), int(name[6]) * 3, 1)
        else:
            some_day = date.fromisoformat((name + "-01-01")[:10])
    except ValueError:
        return None
    # nothing has a beginning in the first year there is
    return number_of(cycle, some_day) if some_day.year > 1 else None


def ended_before(cycle: Cycle, day: date) -> int | None:
    """Return the number of the period whose end is the beginning of a day; None: none ends there."""
    number = number_of(cycle, day)
    return number - 1 if first_day(cycle, number) == day else None


def celebrated(day: date) -> list[int]:
    """Return the days of the year, as month × 100 + day, that are celebrated on a day.

    29 February is celebrated on the 28th in years without one. Source: semantics 3.
    """
    own = day.month * 100 + day.day
    return [228, 229] if own == 228 and not _leap(day.year) else [own]


def same_days(day: date, year: int) -> list[date]:
    """Return the days of an earlier year whose anniversary a day is."""
    days = [divmod(each, 100) for each in celebrated(day)]
    return [date(year, month, number) for month, number in days if (month, number) != (2, 29) or _leap(year)]


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
