"""The answer to "what is this order worth?", with everything needed to explain it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from app.rules.document import Earning
from app.rules.factors import Multiplier
from app.rules.money import ONE, text_of, text_of_product, total
from app.rules.product_rules import ExactRate


class EarnedLine(NamedTuple):
    """What one line earns, before the one rounding. A charge that earns has its kind as id."""

    id: str
    part: Fraction  # the line's own money that earns
    share: Fraction  # how much of it is paid, and left by refunds that all lines bear
    factor: Fraction
    exact_rate: ExactRate
    multipliers: tuple[Multiplier, ...]  # the product rule's and the margin's; those of the whole order stand there
    rules: tuple[str, ...]  # keys of the product rules that had a say

    @property
    def basis(self) -> Fraction:
        return self.part if self.share is ONE else self.part * self.share

    @property
    def rate(self) -> Fraction:
        """Return points per whole currency unit."""
        return self.exact_rate.value

    @property
    def points_exact(self) -> Fraction:
        return self.basis * self.exact_rate.value * self.factor


class Bonus(NamedTuple):
    kind: str  # product, campaign
    key: str
    points: int
    line_id: str | None = None


class How(NamedTuple):
    """The order-wide facts behind the numbers."""

    version: int | None
    currency: str
    rate: ExactRate
    earning: Earning
    why_not: str  # why nothing is earned at all
    unmet: str | None  # the condition of eligibility that is not met
    places: Mapping[str, bool | None]  # limited campaign → whether the order has a place; None: not decided yet
    paid_share: Fraction
    multipliers: tuple[Multiplier, ...]
    points_exact: Fraction
    rounded: int
    room: int | None


class Earned(NamedTuple):
    """Points of one order.

    `target` is what the ledger should say; `own_points` is the same before `room`. `kept_basis` is in the programme's
    currency, before any part-paid share, and 0 until the earn moment is reached; None: not known in that currency.
    `about`: a preview and the award may differ.
    """

    target: int
    own_points: int
    lines: tuple[EarnedLine, ...]
    charges: tuple[EarnedLine, ...]
    bonuses: tuple[Bonus, ...]
    flags: tuple[str, ...]
    earned_at: datetime | None
    look_again_at: datetime | None
    about: bool
    kept_basis: Fraction | None
    how: How

    @property
    def basis(self) -> Fraction:
        """Return the money that earns, in the currency of `how`."""
        groups = (group for group in (self.lines, self.charges) if group)
        return total(total(line.part for line in group) * group[0].share for group in groups)

    @property
    def counts(self) -> bool:
        """Tell whether the earn moment is reached and something is kept."""
        return self.earned_at is not None and any(line.part for line in (*self.lines, *self.charges))

    @property
    def undecided(self) -> list[str]:
        """Return the limited campaigns that count if the order gets a place among the first."""
        return [] if self.how.why_not else [key for key, place in self.how.places.items() if place is None]

    @property
    def explanation(self) -> dict[str, Any]:
        """Return how the points came about: JSON, exact numbers as strings, nothing about the shopper."""
        how = self.how
        told: dict[str, Any] = {
            "version": how.version,
            "currency": how.currency,
            "basis": text_of(self.basis),
            "rate": _rate(how.rate),
            "earn_on": how.earning.earn_on,
            "stacking": how.earning.stacking,
            "multipliers": [_multiplier(each, how.version) for each in how.multipliers],
            "lines": _lines(self.lines, how.version),
            "points_exact": text_of(how.points_exact),
            "rounding": how.earning.rounding,
            "rounded": how.rounded,
            "bonuses": [_bonus(each, how.version) for each in self.bonuses],
            "caps": _caps(how),
            "points": self.target,
            "flags": list(self.flags),
        }
        return told | dict(self._sometimes())

    def _sometimes(self) -> Iterator[tuple[str, Any]]:
        if self.charges:
            yield "charges", _lines(self.charges, self.how.version)
        if self.how.why_not:
            yield "nothing_because", self.how.why_not
        if self.how.unmet:
            yield "condition", self.how.unmet
        if self.how.places:
            yield "places", dict(self.how.places)
        if self.how.paid_share != 1:
            yield "paid_share", text_of(self.how.paid_share)
        if self.about:
            yield "about", True


def _caps(how: How) -> dict[str, Any]:
    """Tell the caps, and the room that was left under the member's when the order was settled."""
    member = how.earning.caps.member
    told = {"order": how.earning.caps.order, "room": how.room}
    return told if member is None else told | {"member": {"period": member.period, "points": member.points}}


def _rate(rate: ExactRate) -> dict[str, str]:
    told = {"points": rate.points, "per": rate.per}
    if rate.rule is not None:
        return told | {"rule": rate.rule}
    return told if rate.market is None else told | {"market": rate.market}


def _multiplier(each: Multiplier, version: int | None) -> dict[str, Any]:
    return {"kind": each.kind, "rule": each.key, "version": version, "multiplier": text_of(each.value)}


def _bonus(each: Bonus, version: int | None) -> dict[str, Any]:
    told = {"kind": each.kind, "rule": each.key, "version": version, "points": each.points}
    return told if each.line_id is None else told | {"line": each.line_id}


_OWN = {"product": "multiplier", "margin": "margin"}  # what a line's own multipliers are called


def _lines(lines: Sequence[EarnedLine], version: int | None) -> list[dict[str, Any]]:
    """Tell each line; what lines have in common is written once."""
    alike: dict[tuple[int, int], tuple[Fraction, dict[str, str], str]] = {}
    told = []
    for line in lines:
        key = (id(line.exact_rate), id(line.factor))
        if key not in alike:
            alike[key] = (line.rate * line.factor, _rate(line.exact_rate), text_of(line.factor))
        worth, rate, factor = alike[key]
        basis = line.basis
        one = {
            "line": line.id,
            "basis": text_of(basis),
            "rate": rate,
            "factor": factor,
            "points_exact": text_of_product(basis, worth),
            "rules": list(line.rules),
        }
        told.append(one | {_OWN[each.kind]: _multiplier(each, version) for each in line.multipliers})
    return told
