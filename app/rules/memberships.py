"""Membership that is bought: which lines of an order are one, and from when to when it opens a tier.

Source: semantics 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.rules.basis import left_of
from app.rules.document import Membership
from app.rules.expiry import end_of_day, local_date, months_later
from app.rules.order import Order


class Bought(NamedTuple):
    """What an order holds of a membership, by the version it was placed under."""

    key: str
    tier: str
    months: int
    days: int
    units: int


class Term(NamedTuple):
    """From this moment, until before that one, a tier is open."""

    tier: str
    begins: datetime
    ends: datetime


def bought(order: Order, memberships: Sequence[Membership]) -> tuple[Bought, ...]:
    """Return the memberships on the kept lines of an order that is paid in full; each unit is a term."""
    if not memberships or order.paid != "full":
        return ()
    left = left_of(order)
    if left.everything_back or not left.spread:
        return ()
    units: dict[str, int] = {}
    by_product = {each.product: each for each in memberships}
    for line, net, value, kept in zip(order.lines, left.nets, left.values, left.units, strict=True):
        found = by_product.get(line.variant_id or "") or by_product.get(line.product_id or "")
        if found is not None and kept > 0 and (value > 0 or not net):
            units[found.key] = units.get(found.key, 0) + kept
    return tuple(
        Bought(each.key, each.tier, each.months or 0, each.days or 0, units[each.key])
        for each in memberships
        if each.key in units
    )


def terms(purchases: Iterable[tuple[datetime, Bought]], zone: ZoneInfo) -> list[Term]:
    """Return when tiers are open. A purchase during a term of the same membership adds to it.

    `purchases`: in the order of time. The first day is the local day of the purchase; a term ends with its last.
    """
    chains: dict[tuple[str, str], list[_Chain]] = {}
    for at, what in purchases:
        known = chains.setdefault((what.key, what.tier), [])
        if not known or known[-1].ends(zone) <= at:
            known.append(_Chain(at, local_date(at, zone), 0, 0))
        known[-1] = known[-1].longer(what)
    return [Term(tier, each.begins, each.ends(zone)) for (_, tier), known in chains.items() for each in known]


class _Chain(NamedTuple):
    """Terms without a gap. Counted from the first day, so that a short month shortens no later one."""

    begins: datetime
    first_day: date
    months: int
    days: int

    def longer(self, by: Bought) -> _Chain:
        return self._replace(months=self.months + by.months * by.units, days=self.days + by.days * by.units)

    def ends(self, zone: ZoneInfo) -> datetime:
        months, days = min(self.months, _LONGEST), min(self.days, _LONGEST * 30)
        return end_of_day(months_later(self.first_day, months) + timedelta(days=days), zone)


_LONGEST = 12_000  # a thousand years: what is bought beyond that no calendar holds
