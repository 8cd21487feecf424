"""A member's own rhythm, when it calls for a win-back, and what is done period after period. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from app.rules.calendar import begins
from app.rules.document.activities import WinBack
from app.rules.expiry import local_date
from app.rules.money import exact

ORDERS_OF_A_RHYTHM = 3
_TICK = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)

Run = tuple[int, int]  # the first and the last of periods in a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When a member ordered, by when the orders that count were placed, and when they last visited."""

    first_order_at: datetime | None = None
    last_order_at: datetime | None = None
    orders: int = 0
    last_visit_at: datetime | None = None

    @property
    def gap(self) -> Fraction | None:
        """Return the mean gap between orders; None under three orders. Units: microseconds."""
        if self.orders < ORDERS_OF_A_RHYTHM or self.first_order_at is None or self.last_order_at is None:
            return None
        return Fraction((self.last_order_at - self.first_order_at) // _TICK, self.orders - 1)

    @property
    def gap_days(self) -> int | None:
        """Return the whole days of the mean gap: what the index goes by."""
        return None if self.gap is None else int(self.gap / (_ONE_DAY // _TICK))


def rhythm_of(placed: Sequence[datetime]) -> Rhythm:
    """Return the rhythm of orders, given in the order they were placed."""
    if not placed:
        return Rhythm()
    return Rhythm(first_order_at=placed[0], last_order_at=placed[-1], orders=len(placed))


def away_on(rule: WinBack, rhythm: Rhythm, zone: ZoneInfo) -> date | None:
    """Return the local day on which a member counts as away: the first on which every set condition holds."""
    if rule.only_after_orders is not None and rhythm.orders != rule.only_after_orders:
        return None
    days: list[date | None] = []
    if rule.days_without_order is not None:
        days.append(_days_after(rhythm.last_order_at, rule.days_without_order, zone))
    if rule.days_without_visit is not None:
        days.append(_days_after(rhythm.last_visit_at, rule.days_without_visit, zone))
    if rule.rhythm is not None:
        days.append(_out_of_rhythm(exact(rule.rhythm), rhythm, zone))
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _days_after(moment: datetime | None, days: int, zone: ZoneInfo) -> date | None:
    return None if moment is None else local_date(moment, zone) + days * _ONE_DAY


def _out_of_rhythm(ratio: Fraction, rhythm: Rhythm, zone: ZoneInfo) -> date | None:
    """Return the first day that begins when so many of the member's own gaps have passed since the last order."""
    gap, last = rhythm.gap, rhythm.last_order_at
    if gap is None or last is None:
        return None
    due = last + -int(-(ratio * gap) // 1) * _TICK
    day = local_date(due, zone)
    return day if begins(day, zone) >= due else day + _ONE_DAY


def runs_of(periods: Iterable[int], known: Iterable[Run] = ()) -> set[Run]:
    """Return the runs of two periods or more; `known` are runs found before, which new periods may join."""
    runs: list[Run] = []
    for first, last in sorted([*known, *((period, period) for period in periods)]):
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
        else:
            runs.append((first, last))
    return {run for run in runs if run[1] > run[0]}
