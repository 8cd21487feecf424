"""A member's past under another programme: order by order, as the engine would have settled them.

Pure. What is kept of a member while their orders go by does not grow with them, but for the tier's measure.
Source: semantics 8, `backtest`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.rules.earned import Earned
from app.rules.earning import earn
from app.rules.expiry import pending_until
from app.rules.kept import Context
from app.rules.order import Order
from app.rules.programme import Programme


@dataclass(frozen=True, slots=True)
class Draft:
    """The programme to try, and as of when everything is seen."""

    programme: Programme
    zone: ZoneInfo
    as_of: datetime
    allow_test: bool = False

    @property
    def entry(self) -> str | None:
        tiers = self.programme.tiers
        return tiers[0].key if tiers else None


class Points(NamedTuple):
    """Order points of one member, or of all, where they stand as of the end. Nothing is spent here."""

    issued: int = 0
    pending: int = 0  # of those issued
    lapsed: int = 0  # of those issued: what was not spent before has expired

    def plus(self, other: Points) -> Points:
        return Points(self.issued + other.issued, self.pending + other.pending, self.lapsed + other.lapsed)


@dataclass(slots=True)
class Path:
    """One member under the draft. Orders must come by (placed_at, id)."""

    draft: Draft
    by_hand: Sequence[tuple[datetime, str]] = ()  # tiers set by the merchant, oldest first
    points: Points = field(default_factory=Points)

    def settle(self, order: Order, frozen: Context, keeps_tier: bool, counts: bool = True) -> Earned:
        """Return what an order earns; an order that does not `count` only leads to later ones' tiers.

        `keeps_tier`: the tier it froze holds, because the draft's tiers are those it was settled by.
        """
        draft = self.draft
        tier = frozen.tier if keeps_tier else self.tier_at(order.placed_at)
        context = Context(tier, frozen.segments, frozen.lines)
        earned = earn(order, draft.programme, context, zone=draft.zone, now=draft.as_of, allow_test=draft.allow_test)
        if counts and earned.target and earned.earned_at is not None:
            self._credit(earned.target, earned.earned_at)
        return earned

    def tier_at(self, moment: datetime) -> str | None:
        """Return the tier the member has at a moment."""
        known = {tier.key for tier in self.draft.programme.tiers}
        set_by_hand = [tier for at, tier in self.by_hand if at <= moment and tier in known]
        return set_by_hand[-1] if set_by_hand else self.draft.entry

    def _credit(self, points: int, earned_at: datetime) -> None:
        days = self.draft.programme.earning.pending_days
        available_from = pending_until(earned_at, days, self.draft.zone) or earned_at
        pending = points if available_from > self.draft.as_of else 0
        self.points = self.points.plus(Points(points, pending))


Part = Callable[[Programme], object]


def _exclusions(programme: Programme) -> list[object]:
    return [rule.match for rule in programme.earning.products if rule.exclude]


# what the tiers follow from, by what they are measured in
_TIER_PARTS: Mapping[str, Sequence[Part]] = {
    "spend": (_exclusions, lambda it: it.currency, lambda it: it.earning.basis),
    "orders": (_exclusions, lambda it: it.earning.basis),
    "points": (lambda it: it.earning, lambda it: it.campaigns, lambda it: it.tiers, lambda it: it.segments),
}


def same_tiers(one: Programme, other: Programme) -> bool:
    """Tell whether both programmes would always have put every member into the same tier."""
    parts: tuple[Part, ...] = (
        lambda it: [(tier.key, tier.enter, tier.keep) for tier in it.tiers],
        lambda it: it.tier_measure,
        lambda it: it.memberships,
        lambda it: it.earning.earn_on,
        lambda it: it.earning.delivered_after_days,
        *_TIER_PARTS[one.tier_measure.by],
    )
    return all(part(one) == part(other) for part in parts)
