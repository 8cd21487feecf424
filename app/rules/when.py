"""When a rule runs: dates, and weekdays and hours in the shop's zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.rules.calendar import begins
from app.rules.document import When

_ONE_DAY = timedelta(days=1)
_ROUND = 9  # days after which hours and weekdays have all come once
_STEP = timedelta(minutes=15)  # clocks are set at such moments
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

    def changes_at(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when `runs_at` may next tell something else; None: not any more."""
        if self.end is not None and moment >= self.end:
            return None
        if self.start is not None and moment < self.start:
            return self.start
        now, edges = self.runs_at(moment, zone), sorted(self._edges(moment, zone))
        turn = next((edge for edge in edges if edge > moment and self.runs_at(edge, zone) != now), None)
        return min((each for each in (self.end, turn) if each is not None), default=None)

    def _edges(self, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield the moments of the next days at which hours or weekdays may begin or end."""
        if not self.weekdays and self.hours is None:
            return
        today = moment.astimezone(zone).date()
        for day in (today + number * _ONE_DAY for number in range(_ROUND)):
            first, last = begins(day, zone), begins(day + _ONE_DAY, zone)
            yield first
            for edge in self.hours or ():
                local = datetime.combine(day, time(*divmod(edge, 60)), zone)
                yield from (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
            if zone.utcoffset(first.astimezone(zone)) != zone.utcoffset(last.astimezone(zone)):
                yield from (first + number * _STEP for number in range((last - first) // _STEP))

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
