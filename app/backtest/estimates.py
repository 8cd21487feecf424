"""What cannot be known but only estimated: how many of a draft's points will never be used, and what the rest costs.

Every estimate shows what it was made from, and says `unknown` where the shop's history is too thin.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

from app.backtest.path import Points
from app.backtest.tally import Sales, Used
from app.rules.document import Expiry
from app.rules.money import ZERO
from app.rules.worth import PointWorth

LEAST_ORDERS = 100
LEAST_MEMBERS = 30
NEVER = timedelta(days=365)  # where points never lapse, those older than this count as left lying
_MONTH = timedelta(days=365) / 12
_SPANS = {"end_of_month": 1, "end_of_quarter": 3, "end_of_year": 12}  # months


def life_of(expiry: Expiry) -> timedelta:
    """Return about how long points live; where they live for ever, how old they must be to say they are not used."""
    if expiry.kind == "never":
        return NEVER
    if expiry.kind in _SPANS:
        return _MONTH * _SPANS[expiry.kind] * ((expiry.after or 0) + 1)
    return timedelta(days=expiry.days) if expiry.days is not None else _MONTH * (expiry.months or 0)


@dataclass(frozen=True, slots=True)
class Breakage:
    """The share of points that will never be used, by what the shop's shoppers did with theirs."""

    used: Used
    days: int

    @property
    def share(self) -> Fraction | None:
        """Return the share of old points that expired or still lie there; None: unknown."""
        used = self.used
        if used.old_orders < LEAST_ORDERS or used.old_members < LEAST_MEMBERS:
            return None
        return Fraction(used.old_unused, used.old_posted)

    @property
    def used_share(self) -> Fraction:
        """Return the share of all points ever posted that was used so far."""
        return Fraction(self.used.used, self.used.posted) if self.used.posted else ZERO

    @property
    def used_of_lapsed(self) -> Fraction:
        """Return the share of lapsed points that is taken as used before: by old points, else by all."""
        return self.used_share if self.share is None else 1 - self.share


class Standing(NamedTuple):
    """Where a programme's order points stand at the end."""

    issued: int
    pending: int
    used: int
    expired: int
    open: int  # pending included


def standing_of(points: Points, breakage: Breakage) -> Standing:
    """Return where a draft's points would stand: lapsed ones were used or expired, living ones are used or open.

    Points that are pending cannot have been used.
    """
    living = points.issued - points.lapsed - points.pending
    used_of_lapsed = round(points.lapsed * breakage.used_of_lapsed)
    used_of_living = round(living * breakage.used_share)
    return Standing(
        issued=points.issued,
        pending=points.pending,
        used=used_of_lapsed + used_of_living,
        expired=points.lapsed - used_of_lapsed,
        open=points.pending + living - used_of_living,
    )


class Costs(NamedTuple):
    """What rewards cost, in the programme's currency; None: unknown."""

    so_far: Fraction | None
    expected: Fraction | None  # once everything that will be used has been
    if_all_used: Fraction | None
    profit: Fraction | None  # margin of the goods whose cost is known, less their share of the rewards


def costs_of(standing: Standing, worth: PointWorth, breakage: Breakage, sales: Sales) -> Costs:
    """Return the cost of rewards, and what is left of the margin after it."""
    each, share = worth.cost, breakage.share
    if each is None and standing.issued:
        return Costs(None, None, None, None)
    each = each or ZERO
    expected = None if share is None else standing.issued * (1 - share) * each
    so_far = standing.used * each
    borne = (so_far if expected is None else expected) * sales.covered_share
    profit = sales.margin.amount - borne if sales.covered.micros else None
    return Costs(so_far, expected, standing.issued * each, profit)
