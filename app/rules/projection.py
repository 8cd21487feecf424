"""What is missing: to the next tier, and to keep the one a member is in; with dates, and in one plain sentence.

Source: semantics 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.rules.document import Tier
from app.rules.money import ZERO, text_of
from app.rules.programme import Programme
from app.rules.standing import Life
from app.rules.tiers import Ladder, Measure, walk


class Next(NamedTuple):
    """The next tier that is shown to the member, and how much of the measure is missing."""

    key: str
    name: str
    missing: Fraction

    @property
    def points(self) -> int:
        """Return what is missing, rounded up."""
        return -(-self.missing.numerator // self.missing.denominator)


class Keep(NamedTuple):
    """What keeps the tier: so much between `begins` and `until`; then it is kept until `keeps_until_then`."""

    missing: Fraction
    begins: datetime
    until: datetime
    keeps_until_then: datetime


class Projection(NamedTuple):
    by: str
    measured: Fraction
    next: Next | None
    to_keep: Keep | None
    sentence: str


def project(programme: Programme, key: str, source: str, life: Life, now: datetime, zone: ZoneInfo) -> Projection:
    """Return what is missing for a member who is in a tier not set by hand."""
    ladder = programme.ladder
    walked = walk(ladder, life.events, now, zone)
    measured = walked.measure.at(now)
    further = _next(programme.tiers, ladder, key, measured)
    keep = None
    if source == "measure" and walked.ends is not None and walked.rung:
        keep = _keep(ladder, walked.rung, walked.ends, walked.leaves, walked.measure, now)
    return Projection(ladder.by, measured, further, keep, _sentence(programme, key, further, keep, zone))


def _next(tiers: Sequence[Tier], ladder: Ladder, key: str, measured: Fraction) -> Next | None:
    """Return the next tier above; hidden ones, and those the measure cannot reach, are passed over."""
    enters = {rung.key: rung.enter for rung in ladder.rungs}
    for tier in tiers[ladder.height(key) + 1 :]:
        if tier.key in enters and not tier.hidden:
            return Next(tier.key, tier.name or tier.key, max(ZERO, enters[tier.key] - measured))
    return None


def _keep(
    ladder: Ladder, place: int, ends: datetime, leaves: datetime | None, measure: Measure, now: datetime
) -> Keep | None:
    rung = ladder.rungs[place]
    if leaves is None:
        begins = measure.window_before(ends)
        return Keep(max(ZERO, rung.keep - measure.before(ends)), begins, ends, measure.term_after(ends))
    then = measure.term_from(now)  # in grace: to enter again is what keeps it
    return Keep(max(ZERO, rung.enter - measure.at(now)), ends, leaves, then) if then else None


def _sentence(programme: Programme, key: str, further: Next | None, keep: Keep | None, zone: ZoneInfo) -> str:
    """Say it in English: "240 points by 31 December 2026 to stay Gold until 31 December 2027"."""
    names = {tier.key: tier.name or tier.key for tier in programme.tiers}
    told = []
    if keep is not None:
        then = _day(keep.keeps_until_then, zone)
        if keep.missing:
            missing = _amount(programme, keep.missing)
            told.append(f"{missing} by {_day(keep.until, zone)} to stay {names[key]} until {then}")
        else:
            told.append(f"{names[key]} is kept until {then}")
    if further is not None:
        told.append(f"{_amount(programme, further.missing)} to {further.name}")
    return "; ".join(told) or f"You are {names[key]}"


def _amount(programme: Programme, missing: Fraction) -> str:
    by = programme.tier_measure.by
    if by == "spend":
        return f"{programme.currency} {text_of(missing)}"
    count = -(-missing.numerator // missing.denominator)
    word = "point" if by == "points" else "order"
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _day(ended: datetime, zone: ZoneInfo) -> str:
    """Name the last day before an exclusive end."""
    day = (ended - timedelta(microseconds=1)).astimezone(zone).date()
    return f"{day.day} {day:%B %Y}"
