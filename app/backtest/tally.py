"""What a back-test adds up while orders go by: whole numbers, and the few members it is about most."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from app.backtest.past import Past
from app.backtest.path import Points
from app.rules.earned import Earned
from app.rules.money import ZERO
from app.rules.sales import Sale

MICRO = 1_000_000  # money is added up in millionths: exact sums of a million odd fractions grow without end
MOST_AFFECTED = 10


@dataclass(slots=True)
class Money:
    """A sum of money in millionths."""

    micros: int = 0

    def add(self, amount: Fraction) -> None:
        self.micros += round(amount * MICRO)

    @property
    def amount(self) -> Fraction:
        return Fraction(self.micros, MICRO)


class Affected(NamedTuple):
    """A member and what the draft would have changed for them."""

    member_id: str
    draft: int
    actual: int

    @property
    def difference(self) -> int:
        return self.draft - self.actual


@dataclass(slots=True)
class Extremes:
    """The members with the greatest difference, in one direction."""

    sign: int
    found: list[tuple[int, str, Affected]] = field(default_factory=list)

    def offer(self, one: Affected) -> None:
        size = one.difference * self.sign
        if size > 0:
            keep = heapq.heappushpop if len(self.found) == MOST_AFFECTED else heapq.heappush
            keep(self.found, (size, one.member_id, one))

    def listed(self) -> list[Affected]:
        return [one for _, _, one in sorted(self.found, key=lambda each: (-each[0], each[1]))]


@dataclass(slots=True)
class Used:
    """How shoppers used the points of orders that were posted: of all, and of those old enough to tell."""

    posted: int = 0
    used: int = 0
    old_orders: int = 0
    old_members: int = 0
    old_posted: int = 0
    old_unused: int = 0

    def order(self, past: Past, old: bool) -> None:
        unused = min(past.posted, past.remaining + past.expired)
        self.posted += past.posted
        self.used += past.posted - unused
        if old:
            self.old_orders += 1
            self.old_posted += past.posted
            self.old_unused += unused


@dataclass(slots=True)
class Sales:
    """What was sold in all. The same under any programme."""

    orders: int = 0
    not_told: int = 0  # orders in other currencies only
    revenue: Money = field(default_factory=Money)
    covered: Money = field(default_factory=Money)
    margin: Money = field(default_factory=Money)

    def add(self, sale: Sale | None) -> None:
        if sale is None:
            self.not_told += 1
        elif sale.revenue:
            self.orders += 1
            self.revenue.add(sale.revenue)
            self.covered.add(sale.covered)
            self.margin.add(sale.margin)

    @property
    def covered_share(self) -> Fraction:
        return Fraction(self.covered.micros, self.revenue.micros) if self.revenue.micros else ZERO

    @property
    def average(self) -> Fraction | None:
        return self.revenue.amount / self.orders if self.orders else None


@dataclass(slots=True)
class Tally:
    """Everything a back-test counts."""

    old_before: datetime
    orders: int = 0
    members: int = 0
    seen: int = 0  # members with an order at any time before the end
    earning: int = 0
    nothing_because: Counter[str] = field(default_factory=Counter)
    draft: Points = field(default_factory=Points)
    issued: int = 0  # what was really posted for the same orders
    pending: int = 0
    expired: int = 0
    open: int = 0
    draft_tiers: Counter[str] = field(default_factory=Counter)
    used: Used = field(default_factory=Used)
    sales: Sales = field(default_factory=Sales)
    gain: Extremes = field(default_factory=lambda: Extremes(1))
    lose: Extremes = field(default_factory=lambda: Extremes(-1))

    def order(self, past: Past, earned: Earned) -> None:
        self.orders += 1
        self.issued += past.posted
        self.pending += past.pending
        self.expired += past.expired
        self.open += past.remaining
        self.used.order(past, past.posted > 0 and past.state.placed_at < self.old_before)
        reason = nothing_because(earned)
        if reason is None:
            self.earning += 1
        else:
            self.nothing_because[reason] += 1

    def member(self, affected: Affected, points: Points, old: bool) -> None:
        """Count a member with an order in the time asked for."""
        self.members += 1
        self.used.old_members += old
        self.draft = self.draft.plus(points)
        self.gain.offer(affected)
        self.lose.offer(affected)

    def tier(self, tier: str | None) -> None:
        """Count everybody with an order at all."""
        self.seen += 1
        if tier is not None:
            self.draft_tiers[tier] += 1


def nothing_because(earned: Earned) -> str | None:
    """Return why an order earns nothing; None: it earns."""
    if earned.target:
        return None
    if earned.how.why_not:
        return earned.how.why_not.replace(" ", "_")
    if earned.own_points:
        return "member_cap"
    if not any(line.part for line in (*earned.lines, *earned.charges)):
        return "nothing_kept"
    return "rounded_to_0" if earned.how.points_exact else "rate_0"
