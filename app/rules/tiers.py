"""Which tier a member is in by the measure: the path through the ladder, walked anew from what is known now.

Everyone begins in the entry tier. A threshold that is reached opens its tier at once. Without a window nothing but a
refund takes it away; with one, a tier is kept for a term, at whose end the measure of the window just ended decides.
Because the path is walked from the orders as they stand now, a refund takes a tier back as if the order had never been.
Source: semantics 6.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from app.rules.document import Tier, TierMeasure
from app.rules.expiry import end_of_day, local_date, months_later
from app.rules.money import ZERO, exact, total

_TICK = timedelta(microseconds=1)

By = Literal["spend", "points", "orders"]


class Event(NamedTuple):
    """Something that counts in the measure: so much, from this moment on."""

    at: datetime
    value: Fraction


class Rung(NamedTuple):
    """A tier that the measure can reach."""

    key: str
    enter: Fraction
    keep: Fraction


@dataclass(frozen=True, slots=True)
class Ladder:
    """A programme's tier rules, made exact. Two programmes with equal ladders put everyone into the same tiers."""

    keys: tuple[str, ...]  # of all tiers, from the entry tier upwards
    rungs: tuple[Rung, ...]
    by: By
    window: Literal["lifetime", "calendar_year", "rolling_12_months"]
    one_step: bool
    grace_days: int

    @classmethod
    def of(cls, tiers: Sequence[Tier], measure: TierMeasure) -> Ladder:
        return cls(
            tuple(tier.key for tier in tiers),
            tuple(_rung(tier) for tier in tiers if tier.enter is not None),
            measure.by,
            measure.window,
            measure.downgrade == "one_step",
            measure.grace_days,
        )

    @property
    def lasting(self) -> bool:
        """Tell whether a tier, once reached, is kept for life."""
        return self.window == "lifetime"

    def height(self, key: str | None) -> int:
        """Return how high a tier stands; −1 for one that is not on the ladder."""
        return self.keys.index(key) if key in self.keys else -1

    def reached(self, measured: Fraction) -> int:
        """Return the highest rung whose entry the measure reaches."""
        return max(0, bisect_right(self.rungs, measured, key=lambda rung: rung.enter) - 1)


def _rung(tier: Tier) -> Rung:
    enter = ZERO if tier.enter is None else exact(tier.enter)
    return Rung(tier.key, enter, enter if tier.keep is None else exact(tier.keep))


class Step(NamedTuple):
    """One change on the path: from this moment on, this rung, until then at least."""

    at: datetime
    rung: int
    keeps_until: datetime | None
    why: str


@dataclass(slots=True)
class Walk:
    """A member on the ladder. `ends` is the first moment after the term, `leaves` the one after its grace."""

    ladder: Ladder
    measure: Measure
    zone: ZoneInfo
    rung: int = 0
    ends: datetime | None = None
    leaves: datetime | None = None
    steps: list[Step] = field(default_factory=list)

    def until(self, as_of: datetime) -> Walk:
        """Walk on to a moment, what happens at it included."""
        for at in self.measure.moments:
            if at > as_of:
                break
            self._terms(at)
            self._rise(at)
        self._terms(as_of)
        return self

    def _rise(self, at: datetime) -> None:
        reached = self.ladder.reached(self.measure.at(at))
        if reached > self.rung or (reached == self.rung and self.leaves is not None):
            self._enter(reached, at, "reached")

    def _enter(self, rung: int, at: datetime, why: str) -> None:
        self.rung, self.leaves = rung, None
        self.ends = self.measure.term_from(at) if rung else None
        self.steps.append(Step(at, rung, self.ends, why))

    def _terms(self, now: datetime) -> None:
        """Let every term and grace end that is over."""
        while self.ends is not None and (self.leaves or self.ends) <= now:
            if self.leaves is None and self._kept(self.ends):
                continue
            self._leave(self.ends, self.leaves or self.ends)

    def _kept(self, ended: datetime) -> bool:
        """Decide at a term's end; true where the tier goes on, by a new term or by grace."""
        if self.measure.before(ended) >= self.ladder.rungs[self.rung].keep:
            self.ends = self.measure.term_after(ended)
            self.steps.append(Step(ended, self.rung, self.ends, "kept"))
            return True
        grace = self.ladder.grace_days
        if grace:
            self.leaves = end_of_day(_last_day(ended, self.zone) + timedelta(days=grace), self.zone)
            self.steps.append(Step(ended, self.rung, self.leaves, "grace"))
        return bool(grace)

    def _leave(self, ended: datetime, at: datetime) -> None:
        """Fall by one rung, or to what the measure of the ended term still holds; grace may have earned more."""
        held = self.measure.before(ended)
        rung = self.rung - 1
        while rung and not self.ladder.one_step and self.ladder.rungs[rung].keep > held:
            rung -= 1
        reached = self.ladder.reached(self.measure.at(at))
        if reached > rung:
            self._enter(reached, at, "left")
            return
        self.rung, self.leaves = rung, None
        self.ends = self.measure.term_after(ended, at) if rung else None
        self.steps.append(Step(at, rung, self.ends, "left"))


class Measure:
    """What counts, and how much of it lies in the window at a moment. Events must be in the order of time."""

    def __init__(self, ladder: Ladder, events: Sequence[Event], zone: ZoneInfo) -> None:
        self.window = ladder.window
        self.zone = zone
        self.moments = [event.at for event in events]
        self._sums = [ZERO, *accumulate(event.value for event in events)]

    def _between(self, first: int, last: int) -> Fraction:
        return self._sums[max(first, last)] - self._sums[first]

    def at(self, moment: datetime) -> Fraction:
        """Return the measure at a moment: over life, the moment's year so far, or the 12 months up to it."""
        last = bisect_right(self.moments, moment)
        if self.window == "lifetime":
            return self._sums[last]
        if self.window == "calendar_year":
            return self._between(bisect_left(self.moments, _year_begins(moment, self.zone)), last)
        return self._between(bisect_right(self.moments, months_before(moment, 12, self.zone)), last)

    def before(self, ended: datetime) -> Fraction:
        """Return the measure of the window that ends with a term."""
        first = bisect_left(self.moments, self.window_before(ended))
        return self._between(first, bisect_left(self.moments, ended))

    def window_before(self, ended: datetime) -> datetime:
        """Return the first moment of the window that ends with a term."""
        return end_of_day(months_later(_last_day(ended, self.zone), -12), self.zone)

    def term_from(self, at: datetime) -> datetime | None:
        """Return the end of the term that begins with entering a tier; None: there is none."""
        if self.window == "lifetime":
            return None
        day = local_date(at, self.zone)
        last = date(day.year + 1, 12, 31) if self.window == "calendar_year" else months_later(day, 12)
        return end_of_day(last, self.zone)

    def term_after(self, ended: datetime, past: datetime | None = None) -> datetime:
        """Return the end of the term that follows one; with `past`, of the first that is longer than that."""
        last = months_later(_last_day(ended, self.zone), 12)
        while past is not None and end_of_day(last, self.zone) <= past:
            last = months_later(last, 12)
        return end_of_day(last, self.zone)


def measured(
    ladder: Ladder, events: Sequence[Event], as_of: datetime, zone: ZoneInfo
) -> tuple[str, datetime | None, str]:
    """Return the tier that the measure gives at a moment, until when it is kept at least (None: for life), and why."""
    if ladder.lasting:  # no need to walk: the sum alone decides
        reached = ladder.reached(total(event.value for event in events if event.at <= as_of))
        return ladder.rungs[reached].key, None, "reached" if reached else ""
    walked = walk(ladder, events, as_of, zone)
    why = walked.steps[-1].why if walked.steps else ""
    return ladder.rungs[walked.rung].key, walked.leaves or walked.ends, why


def walk(ladder: Ladder, events: Sequence[Event], as_of: datetime, zone: ZoneInfo) -> Walk:
    """Return where a member stands by the measure at a moment, and how they came there.

    `events`: what counts, in the order of time.
    """
    return Walk(ladder, Measure(ladder, events, zone), zone).until(as_of)


def months_before(moment: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Return the moment with the same local time so many months before."""
    local = moment.astimezone(zone)
    day = months_later(local.date(), -months)
    return datetime.combine(day, local.timetz().replace(tzinfo=None), zone).astimezone(UTC)


def _last_day(ended: datetime, zone: ZoneInfo) -> date:
    """Return the last local day before an exclusive end."""
    return local_date(ended - _TICK, zone)


def _year_begins(moment: datetime, zone: ZoneInfo) -> datetime:
    return end_of_day(date(local_date(moment, zone).year - 1, 12, 31), zone)
