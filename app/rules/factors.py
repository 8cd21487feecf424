"""Campaigns and multipliers: which are in force, and how several multipliers join into one factor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.rules.compiled import Compiled, ExactCampaign
from app.rules.document import Stacking
from app.rules.money import ONE, ZERO, total
from app.rules.people import MemberFacts, fits

InForce = Sequence[tuple[str, str, Decimal | Fraction | int | str]]  # (kind, key, multiplier)


class Multiplier(NamedTuple):
    kind: str  # tier, segment, campaign, product, margin
    key: str
    value: Fraction


class Occasion(NamedTuple):
    """What campaigns ask of an order. `places`: limited campaign → whether the order has one; absent: not decided."""

    placed_at: datetime
    zone: ZoneInfo
    kept_basis: Fraction | None  # in the programme's currency; None: not known there
    member: MemberFacts
    segments: Sequence[str]
    market: str | None
    codes: Iterable[str]  # as `folded` writes them
    places: Mapping[str, bool]


def campaigns_in_force(rules: Compiled, occasion: Occasion) -> list[ExactCampaign]:
    """Return the campaigns that count, the higher priority first; one that shares with no other counts alone.

    A limited campaign whose place is not decided yet counts: whoever settles asks for the place then.
    """
    holding = [each for each in rules.campaigns if _holds(each, occasion)]
    if holding and not holding[0].stackable:
        return holding[:1]
    return [each for each in holding if each.stackable]


def _holds(each: ExactCampaign, occasion: Occasion) -> bool:
    basis = occasion.kept_basis  # where it is not known in the programme's currency it meets no least basis
    return (
        each.runs_at(occasion.placed_at, occasion.zone)
        and (each.min_basis is None or (basis is not None and basis >= each.min_basis))
        and (each.coupon is None or each.coupon in occasion.codes)
        and (each.who is None or fits(each.who, occasion.member, occasion.segments, occasion.market))
        and (not each.limited or occasion.places.get(each.key, True))
    )


def order_multipliers(
    rules: Compiled,
    tier: str | None,
    segments: Iterable[str],
    campaigns: Iterable[ExactCampaign],
    in_force: InForce | None,
) -> tuple[Multiplier, ...]:
    """Return the multipliers that hold for every line of the order."""
    of_tier = None if tier is None else rules.tiers.get(tier)
    return (
        *(() if tier is None or of_tier is None else (Multiplier("tier", tier, of_tier),)),
        *(Multiplier("segment", key, rules.segments[key]) for key in segments if key in rules.segments),
        *(Multiplier("campaign", each.key, each.multiplier) for each in campaigns if each.multiplier is not None),
        *(Multiplier(kind, key, Fraction(value)) for kind, key, value in in_force or ()),
    )


def factor_of(stacking: Stacking, multipliers: Sequence[Multiplier]) -> Fraction:
    """Join multipliers into one factor, never below 0; without any it is 1."""
    if not multipliers:
        return ONE
    values = [each.value for each in multipliers]
    if stacking == "best":
        return max(*values, ZERO)
    if stacking == "add":
        return max(ZERO, total([Fraction(1 - len(values)), *values]))
    factor = ONE
    for value in values:
        factor *= value
    return max(ZERO, factor)
