"""Where a member stands on the draft's ladder, order by order.

An order leads up from its earn moment on, and as it stands now: what was refunded later never led anywhere.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from app.rules.memberships import Bought, terms
from app.rules.money import ZERO
from app.rules.standing import Life, Recorded, standing
from app.rules.tiers import Event, Ladder


@dataclass(slots=True)
class Climb:
    """One member's way. The moments that are asked for must not go back."""

    ladder: Ladder
    zone: ZoneInfo
    by_hand: Sequence[Recorded] = ()  # oldest first
    events: list[Event] = field(default_factory=list)  # that count by now, in the order of time
    measured: Fraction = ZERO  # their sum
    opened: list[tuple[datetime, Bought]] = field(default_factory=list)
    waiting: list[tuple[datetime, Event]] = field(default_factory=list)  # by the moment from which on they count

    def note(self, at: datetime, value: Fraction, counts_from: datetime) -> None:
        """Note something that counts in the measure, from a moment on."""
        if value:
            heappush(self.waiting, (counts_from, Event(at, value)))

    def open(self, at: datetime, memberships: Sequence[Bought]) -> None:
        self.opened += [(at, each) for each in memberships]

    def tier_at(self, moment: datetime) -> str | None:
        """Return the tier at a moment; None where there are no tiers."""
        if not self.ladder.keys:
            return None
        while self.waiting and self.waiting[0][0] <= moment:
            event = heappop(self.waiting)[1]
            self.measured += event.value
            insort(self.events, event)
        if self.ladder.lasting and not (self.by_hand or self.opened):
            return self.ladder.rungs[self.ladder.reached(self.measured)].key
        known = [each for each in self.by_hand if each.at <= moment and self.ladder.height(each.tier) >= 0]
        opened = terms(self.opened, self.zone) if self.opened else ()
        life = Life(self.events, opened, known[-1] if known else None)
        return standing(self.ladder, life, moment, self.zone).tier
