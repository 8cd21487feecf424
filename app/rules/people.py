"""Who a member is to the rules: a few plain facts, and which segments, markets and rules they fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from app.rules.document import Market, Segment, Who
from app.rules.money import ZERO, exact


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFacts:
    """A member as rules may see them, as of a moment. Nothing here names a person."""

    tags: Sequence[str] = ()
    country: str | None = None
    customer_groups: Sequence[str] = ()
    tier: str | None = None
    joined_at: datetime | None = None
    orders: int = 0  # purchases that count
    spent: Fraction = ZERO  # kept basis in the programme's currency
    last_order_at: datetime | None = None


def segments_of(segments: Iterable[Segment], facts: MemberFacts, at: datetime) -> tuple[str, ...]:
    """Return the keys of the segments a member is in at a moment, in the document's order."""
    return tuple(segment.key for segment in segments if _in(segment, facts, at))


def _in(segment: Segment, facts: MemberFacts, at: datetime) -> bool:
    return (
        _any(segment.any_tag, facts.tags)
        and not set(segment.no_tag) & set(facts.tags)
        and _any(segment.countries, [facts.country])
        and _any(segment.customer_groups, facts.customer_groups)
        and _any(segment.tiers, [facts.tier])
        and _counts(segment, facts)
        and _dates(segment, facts, at)
    )


def _any(wanted: Sequence[str], has: Iterable[str | None]) -> bool:
    """Tell whether one of the wanted is there; nothing wanted is always there."""
    return not wanted or bool(set(wanted) & set(has))


def _counts(segment: Segment, facts: MemberFacts) -> bool:
    return (
        (segment.orders_at_least is None or facts.orders >= segment.orders_at_least)
        and (segment.orders_at_most is None or facts.orders <= segment.orders_at_most)
        and (segment.spent_at_least is None or facts.spent >= exact(segment.spent_at_least))
    )


def _dates(segment: Segment, facts: MemberFacts, at: datetime) -> bool:
    joined, since = facts.joined_at, facts.last_order_at or facts.joined_at
    return (
        (segment.inactive_days is None or (since is not None and at - since >= timedelta(days=segment.inactive_days)))
        and (segment.joined_from is None or (joined is not None and joined >= segment.joined_from))
        and (segment.joined_to is None or (joined is not None and joined < segment.joined_to))
    )


def market_of(markets: Iterable[Market], country: str | None) -> Market | None:
    """Return the first market that names the country."""
    return next((market for market in markets if country in market.countries), None)


def fits(who: Who, facts: MemberFacts, segments: Sequence[str], market: str | None) -> bool:
    """Tell whether a rule is for this member: one of each list that is not empty must fit."""
    return (
        _any(who.segments, segments)
        and _any(who.tiers, [facts.tier])
        and _any(who.markets, [market])
        and _any(who.any_tag, facts.tags)
    )
