"""Which tier a member is in, all things taken together: what was set by hand, the measure, membership, a merge.

Source: semantics 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from app.rules.memberships import Term
from app.rules.tiers import Event, Ladder, measured, walk

Source = Literal["measure", "membership", "manual", "merge", "programme"]


_WHY = {
    "": "nothing reached",
    "reached": "the threshold is reached",
    "kept": "kept for another term",
    "grace": "not kept; the days of grace have begun",
    "left": "not kept",
}


class Recorded(NamedTuple):
    """The last change in a member's history."""

    at: datetime
    tier: str
    keeps_until: datetime | None
    source: str

    def holds(self, as_of: datetime) -> bool:
        return self.keeps_until is None or self.keeps_until > as_of


class Standing(NamedTuple):
    """A tier, until when it is kept at least (None: no date ends it), and when time alone may change this."""

    tier: str
    keeps_until: datetime | None
    source: Source
    review_at: datetime | None = None
    why: str = ""


class Life(NamedTuple):
    """What of a member's life decides: purchases and activities in the measure, membership terms, the last change."""

    events: Sequence[Event]
    terms: Sequence[Term]
    last: Recorded | None
    lowered: bool = False  # something has just become less: a tier kept by a merge alone ends


def standing(ladder: Ladder, life: Life, as_of: datetime, zone: ZoneInfo) -> Standing:
    """Return where a member stands at a moment. The ladder must not be empty.

    What was set by hand stands alone. Else the higher of measure and membership; after a merge, the tier that either
    of the two had stays until its own date. Of equal tiers the longer one counts.
    """
    last = life.last if life.last is not None and ladder.height(life.last.tier) >= 0 else None
    if last is not None and last.source == "manual" and last.holds(as_of):
        return Standing(last.tier, last.keeps_until, "manual", last.keeps_until, "set by hand")
    key, until, why = measured(ladder, life.events, as_of, zone)
    best = Standing(key, until, "measure", why=_WHY[why])
    ends = [best.keeps_until]
    for term in life.terms:
        ends += [term.begins, term.ends]
        if term.begins <= as_of < term.ends:
            best = _better(ladder, best, Standing(term.tier, term.ends, "membership", why="a membership"))
    if last is not None and last.source == "merge" and not life.lowered and last.holds(as_of):
        best = _better(ladder, best, Standing(last.tier, last.keeps_until, "merge", why="of a joined account"))
        ends.append(last.keeps_until)
    return best._replace(review_at=min((end for end in ends if end is not None and end > as_of), default=None))


def _better(ladder: Ladder, one: Standing, other: Standing) -> Standing:
    if one.tier != other.tier:
        return max(one, other, key=lambda each: ladder.height(each.tier))
    if one.keeps_until is None or (other.keeps_until is not None and other.keeps_until <= one.keeps_until):
        return one
    return other


def passed(ladder: Ladder, life: Life, as_of: datetime, zone: ZoneInfo) -> set[str]:
    """Return every tier that measure and membership have ever opened, as things are known now."""
    steps = walk(ladder, life.events, as_of, zone).steps
    return {ladder.rungs[step.rung].key for step in steps} | _begun(life.terms, as_of)


def _begun(terms: Iterable[Term], as_of: datetime) -> set[str]:
    return {term.tier for term in terms if term.begins <= as_of}
