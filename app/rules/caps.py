"""The most a member earns in one period of the shop's calendar, and what of it is left. Source: semantics 2, "Caps"."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.rules.document import MemberCap
from app.rules.periods import period_of


class Cap(NamedTuple):
    """A cap for one period, as an order freezes it. `begins` is in it, `ends` is not."""

    points: int
    begins: datetime
    ends: datetime

    def holds(self, moment: datetime) -> bool:
        return self.begins <= moment < self.ends


def cap_at(cap: MemberCap, moment: datetime, zone: ZoneInfo) -> Cap:
    """Return a programme's cap for the period that a moment lies in."""
    return Cap(cap.points, *period_of(cap.period, moment, zone))
