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
from app.rules.explain import ENGLISH
from app.rules.money import ZERO, text_of
from app.rules.programme import Programme
from app.rules.standing import Life
from app.rules.tiers import Ladder, Measure, walk
from app.rules.words import Words

_TICK = timedelta(microseconds=1)


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


def project(programme: Programme, key: str, source: str, life: Life, now: datetime, zone: ZoneInfo) -> Projection:
    """Return what is missing for a member who is in a tier not set by hand."""
    ladder = programme.ladder
    walked = walk(ladder, life.events, now, zone)
    measured = walked.measure.at(now)
    further = _next(programme.tiers, ladder, key, measured)
    keep = None
    if source == "measure" and walked.ends is not None and walked.rung:
        keep = _keep(ladder, walked.rung, walked.ends, walked.leaves, walked.measure, now)
    return Projection(ladder.by, measured, further, keep)


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


def sentence(told: Projection, programme: Programme, key: str, zone: ZoneInfo, in_words: Words = ENGLISH) -> str:
    """Say it: "240 points by 31 December 2026 to stay Gold until 31 December 2027; 900 points to Platinum"."""
    name = next((tier.name for tier in programme.tiers if tier.key == key), None) or key
    clauses = [_kept(told, told.to_keep, programme, name, zone, in_words)] if told.to_keep else []
    if told.next is not None:
        amount = _amount(told.by, told.next.missing, programme.currency, in_words)
        clauses.append(in_words.say("tier.next", amount=amount, tier=told.next.name))
    return "; ".join(clauses) or in_words.say("tier.here", tier=name)


def _kept(told: Projection, keep: Keep, programme: Programme, name: str, zone: ZoneInfo, in_words: Words) -> str:
    then = in_words.day(keep.keeps_until_then - _TICK, zone)  # ends are exclusive: name the last day
    if not keep.missing:
        return in_words.say("tier.kept", tier=name, then=then)
    amount = _amount(told.by, keep.missing, programme.currency, in_words)
    return in_words.say("tier.keep", amount=amount, tier=name, until=in_words.day(keep.until - _TICK, zone), then=then)


def _amount(by: str, missing: Fraction, currency: str, in_words: Words) -> str:
    if by == "spend":
        return in_words.money(text_of(missing), currency)
    count = -(-missing.numerator // missing.denominator)
    return in_words.points(count) if by == "points" else in_words.say("tier.orders", count=in_words.number(count))
