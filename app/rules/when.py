"""When a rule runs: dates, and weekdays and hours in the shop's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.rules.document import When

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Window:
    """Starts are inclusive, ends exclusive."""

    start: datetime | None = None
    end: datetime | None = None
    weekdays: frozenset[int] = frozenset()
    hours: tuple[int, int] | None = None  # minutes of the day

    @classmethod
    def of(cls, when: When) -> Window:
        hours = None if when.hours is None else (minutes(when.hours[0]), minutes(when.hours[1]))
        return cls(when.from_, when.to, frozenset(WEEKDAYS.index(day) for day in when.weekdays or ()), hours)

    def runs_at(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Tell whether dates, weekdays and hours allow the moment."""
        if self.start is not None and moment < self.start:
            return False
        if self.end is not None and moment >= self.end:
            return False
        return (not self.weekdays and self.hours is None) or self._in_week(moment.astimezone(zone))

    def _in_week(self, local: datetime) -> bool:
        first, last = self.hours or (0, 0)  # from midnight to midnight
        minute = local.hour * 60 + local.minute
        if first < last:
            began, inside = local, first <= minute < last
        else:  # over midnight: the small hours belong to the evening before
            began = local if minute >= first else local - timedelta(days=1)
            inside = minute >= first or minute < last
        return inside and (not self.weekdays or began.weekday() in self.weekdays)


def minutes(clock_time: str) -> int:
    return int(clock_time[:2]) * 60 + int(clock_time[3:])
