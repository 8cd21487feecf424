"""Multipliers: which are in force, and how several of them join into one factor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.rules.compiled import Compiled, ExactCampaign
from app.rules.document import Stacking
from app.rules.money import ONE, ZERO, total

InForce = Sequence[tuple[str, str, Decimal | Fraction | int | str]]  # (kind, key, multiplier)


class Multiplier(NamedTuple):
    kind: str  # tier, campaign, product, segment
    key: str
    value: Fraction


def campaigns_in_force(
    rules: Compiled, placed_at: datetime, zone: ZoneInfo, kept_basis: Fraction | None
) -> list[ExactCampaign]:
    """Return the campaigns whose time and least basis hold.

    `kept_basis` is in the programme's currency; None, when it is not known there, meets no least basis.
    """
    return [
        each
        for each in rules.campaigns
        if each.runs_at(placed_at, zone)
        and (each.min_basis is None or (kept_basis is not None and kept_basis >= each.min_basis))
    ]


def order_multipliers(
    rules: Compiled, tier: str | None, campaigns: Iterable[ExactCampaign], in_force: InForce | None
) -> tuple[Multiplier, ...]:
    """Return the multipliers that hold for every line of the order."""
    of_tier = None if tier is None else rules.tiers.get(tier)
    return (
        *(() if tier is None or of_tier is None else (Multiplier("tier", tier, of_tier),)),
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
