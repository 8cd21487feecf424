"""What a scheduled rule has to do on a local day: a daily rule that day's members, a periodic one the period before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.programmes import Version, effective
from app.rules.calendar import Cycle, begins, ended_before, first_day, name_of
from app.rules.document import ActivityRule
from app.rules.document.activities import WinBack
from app.rules.expiry import local_date
from app.rules.usual import SCHEDULED

_TICK = timedelta(microseconds=1)
_AFTER_EACH_ORDER = WinBack(days_without_order=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One rule on one local day of a shop. `at` is the moment of its awards: the day's first instant."""

    rule: ActivityRule
    version: Version
    zone: ZoneInfo
    day: date
    at: datetime
    ended: int | None = None  # of a periodic rule: the number of the period that ended just then

    @property
    def cycle(self) -> Cycle:
        return cycle_of(self.rule) or "day"

    @property
    def period(self) -> str:
        """Return the name of the period the awards are for: of a yearly rule its year."""
        return str(self.day.year) if self.ended is None else name_of(self.cycle, self.ended)

    @property
    def period_days(self) -> tuple[date, date]:
        """Return the first day of the period that ended, and the first after it."""
        return first_day(self.cycle, self.ended or 0), self.day

    @property
    def away(self) -> WinBack:
        """Return what makes a member due; a booster without conditions is given the day after each order."""
        return self.rule.win_back or _AFTER_EACH_ORDER


def cycle_of(rule: ActivityRule) -> Cycle | None:
    """Return the period that a rule runs at the end of; None: it runs daily."""
    part = {"streak": rule.streak, "leaderboard_prize": rule.contest, "surprise": rule.surprise}.get(rule.kind)
    return None if part is None else part.period


def first_days(versions: Iterable[Version], zone: ZoneInfo) -> dict[str, date]:
    """Return for each scheduled rule the first local day it may have something to do: never before it was in effect."""
    days: dict[str, date] = {}
    for version in versions:
        for rule in version.programme.activities:
            if rule.kind in SCHEDULED:
                day = local_date(version.effective_from, zone)
                days[rule.key] = min(day, days.get(rule.key, day))
    return days


def job_of(versions: Sequence[Version], key: str, day: date, zone: ZoneInfo) -> Job | None:
    """Return what a rule has to do on a day; None: nothing.

    A period belongs to the version in effect at its last instant, a day to the one in effect when it begins.
    """
    at = begins(day, zone)
    version, rule = _rule_at(versions, key, at - _TICK)
    if version is not None and rule is not None and (cycle := cycle_of(rule)) is not None:
        ended = ended_before(cycle, day)
        if ended is not None:
            return Job(rule=rule, version=version, zone=zone, day=day, at=at, ended=ended)
    version, rule = _rule_at(versions, key, at)
    if version is None or rule is None or cycle_of(rule) is not None:
        return None
    return Job(rule=rule, version=version, zone=zone, day=day, at=at)


def _rule_at(versions: Sequence[Version], key: str, moment: datetime) -> tuple[Version | None, ActivityRule | None]:
    version = effective(list(versions), moment)
    rules = version.programme.activities if version is not None and version.programme.phase.earns else ()
    found = (rule for rule in rules if rule.key == key and rule.kind in SCHEDULED)
    return version, next(found, None)


def place_of(versions: Sequence[Version], key: str) -> int:
    """Return where a rule stands in the newest document that has it: of one day's rules the first goes first."""
    for version in reversed(versions):
        for place, rule in enumerate(version.programme.activities):
            if rule.key == key:
                return place
    return -1
