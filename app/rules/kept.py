"""What is kept of an order in the currency that earns, with the product rules' say on each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from app.rules.bands import ExactBand
from app.rules.basis import Left, charge_bases, left_of, line_bases
from app.rules.compiled import Rates
from app.rules.money import ZERO, total
from app.rules.order import FrozenFacts, Order
from app.rules.product_rules import NO_RULES, ExactRate, LinePlan
from app.rules.programme import Programme


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What product rules match on, and the margin band, as frozen with the order."""

    tags: Sequence[str] = ()
    collections: Sequence[str] = ()
    vendor: str | None = None
    band: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What an order froze at its first settlement. A line without facts here brings its own."""

    tier: str | None = None
    segments: Sequence[str] = ()
    lines: Mapping[str, FrozenFacts] = field(default_factory=dict)  # the platform's line id → facts
    tags: Sequence[str] = ()  # the member's, as far as the version names them
    unmet: str | None = None  # the condition of eligibility that the member did not meet
    places: Mapping[str, bool] = field(default_factory=dict)  # limited campaign → whether the order has a place


class Kept(NamedTuple):
    """Kept basis by line, in the order's sequence, and by kind of charge; before any part-paid share.

    `lines` are before `left.spread`: a share that all lines have in common is kept apart, because with large orders of
    odd quantities each line's own fraction would grow to thousands of digits.
    """

    left: Left
    plans: Sequence[LinePlan]
    lines: Sequence[Fraction]
    charges: Mapping[str, Fraction]
    basis: Fraction


def earning_money(order: Order, rates: Rates) -> tuple[Order, ExactRate | None]:
    """Return the order in the first currency that has a rate, the shopper's before the shop's, and the rate."""
    rate = rates.get(order.currency)
    shop = order.in_shop_money
    if rate is None and shop is not None and shop.currency in rates:
        return shop, rates[shop.currency]
    return order, rate


def kept_of(money: Order, programme: Programme, context: Context) -> Kept:
    """Return what is kept of the order under the programme's switches and product rules."""
    left, basis = left_of(money), programme.earning.basis
    plans = _plans(money, programme, context)
    lines = line_bases(money, left, basis)
    lines = [ZERO if plan.excluded else value for plan, value in zip(plans, lines, strict=True)]
    charges = charge_bases(money, left, basis)
    return Kept(left, plans, lines, charges, total([total(lines) * left.spread, *charges.values()]))


def _plans(money: Order, programme: Programme, context: Context) -> list[LinePlan]:
    index, facts = programme.compiled.rules, context.lines
    if index.empty:
        return [NO_RULES] * len(money.lines)
    return [
        index.plan(line, facts.get(line.id, line)) if line.kind != "tip" else NO_RULES  # a tip is no product
        for line in money.lines
    ]


def bands_of(money: Order, programme: Programme, context: Context) -> Mapping[str, ExactBand]:
    """Return the margin bands of the lines that are in one, by line id."""
    known = {band.key: band for band in programme.compiled.bands}
    if not known:
        return {}
    of_line = {line.id: context.lines[line.id].band for line in money.lines if line.id in context.lines}
    return {line_id: known[band] for line_id, band in of_line.items() if band in known}


def basis_in_programme_currency(
    order: Order, money: Order, kept: Kept, programme: Programme, context: Context
) -> Fraction | None:
    """Return the kept basis in the programme's currency; None where the order is told in other currencies only."""
    if money.currency == programme.currency:
        return kept.basis
    shop = order.in_shop_money
    if shop is None or shop.currency != programme.currency:
        return None
    return kept_of(shop, programme, context).basis
