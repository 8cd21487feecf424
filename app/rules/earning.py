"""The one function behind preview, award, refund, back-test and replay: what is this order worth, as it stands now?

A pure function of the order, the programme version, the order's frozen context, the multipliers in force and the cap
room left. Whatever happened before, the ledger posts the difference to its answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.rules.bands import ExactBand
from app.rules.basis import paid_share, tax_sign
from app.rules.basket import Basket, BasketLine, BoughtBasket, bought
from app.rules.compiled import ExactCampaign, folded
from app.rules.document import Earning, Rounding
from app.rules.earned import Bonus, Earned, EarnedLine, How
from app.rules.eligibility import unmet_by_country
from app.rules.factors import InForce, Multiplier, Occasion, campaigns_in_force, factor_of, order_multipliers
from app.rules.kept import Context, Kept, ProductFacts, bands_of, basis_in_programme_currency, earning_money, kept_of
from app.rules.moment import Moment, moment_of
from app.rules.money import MAX_POINTS, ONE, ZERO, total
from app.rules.order import FrozenFacts, Order
from app.rules.people import MemberFacts
from app.rules.product_rules import NO_RULES, ExactRate, LinePlan
from app.rules.programme import Programme

__all__ = ["Basket", "BasketLine", "Bonus", "Context", "Earned", "EarnedLine", "ProductFacts", "earn", "preview"]

UTC = ZoneInfo("UTC")
NO_RATE = ExactRate(ZERO, "0", "1")
NOT_ELIGIBLE = Moment(why_not="not_eligible")


def earn(  # noqa: PLR0913  pure: whatever may change the answer is an argument
    order: Order,
    programme: Programme,
    context: Context,
    *,
    room: int | None = None,
    in_force: InForce | None = None,
    zone: ZoneInfo = UTC,
    now: datetime | None = None,
    version: int | None = None,
    allow_test: bool = False,
) -> Earned:
    """Return what the order is worth now.

    `room`: points left under the member's cap; None: no such cap. `in_force`: further multipliers, (kind, key, value).
    `zone`: the shop's. `now` matters only to "N days after completed"; None: not yet. `version` is for the explanation.
    Raises: BadNumber for an amount that is not finite. Source: semantics 2.
    """
    market, rates = programme.compiled.market(order.country)
    money, rate = earning_money(order, rates)
    kept = kept_of(money, programme, context)
    spend = basis_in_programme_currency(order, money, kept, programme, context)
    unmet = context.unmet or unmet_by_country(programme.eligibility, order.country)
    moment = NOT_ELIGIBLE if unmet else moment_of(order, programme.earning, now, allow_test=allow_test)
    occasion = Occasion(
        placed_at=order.placed_at,
        zone=zone,
        kept_basis=spend,
        member=MemberFacts(tier=context.tier, tags=context.tags),
        segments=context.segments,
        market=market,
        codes=[folded(used.code) for used in order.discount_codes],
        places=context.places,
    )
    campaigns = campaigns_in_force(programme.compiled, occasion)
    multipliers = order_multipliers(programme.compiled, context.tier, context.segments, campaigns, in_force)
    case = _Case(
        money=money,
        rate=rate or NO_RATE,
        kept=kept,
        moment=moment,
        share=paid_share(order, money, kept.left) if rate and moment.at and programme.phase.earns else ZERO,
        campaigns=campaigns,
        multipliers=multipliers,
        factor=factor_of(programme.earning.stacking, multipliers),
        bands=bands_of(money, programme, context),
        programme=programme,
        context=context,
        unmet=unmet,
    )
    return _answer(case, spend, room, version, about=money is not order)


_Factors = dict[tuple[str, str], tuple[Fraction, tuple[Multiplier, ...]]]  # by product rule and margin band


class _Case(NamedTuple):
    """An order with everything decided that its points follow from."""

    money: Order
    rate: ExactRate
    kept: Kept
    moment: Moment
    share: Fraction  # paid share; 0 while nothing is earned
    campaigns: Sequence[ExactCampaign]
    multipliers: tuple[Multiplier, ...]
    factor: Fraction  # the multipliers joined
    bands: Mapping[str, ExactBand]  # by line id
    programme: Programme
    context: Context
    unmet: str | None  # the condition of eligibility that is not met

    @property
    def why_not(self) -> str:
        if not self.programme.phase.earns:
            return self.programme.phase.kind
        if self.rate is NO_RATE and not self.unmet:
            return "no_rate"
        return self.moment.why_not


def _answer(case: _Case, spend: Fraction | None, room: int | None, version: int | None, *, about: bool) -> Earned:
    earning = case.programme.earning
    lines, charges = _lines(case), _charges(case)
    points = _points(lines, charges)
    rounded = _rounded(points, earning.rounding)
    bonuses = _bonuses(case, lines, charges)
    own, flags = _capped(rounded + sum(each.points for each in bonuses), case, earning)
    return Earned(
        target=own if room is None else min(own, max(0, room)),
        own_points=own,
        lines=lines,
        charges=charges,
        bonuses=bonuses,
        flags=flags,
        earned_at=case.moment.at,
        look_again_at=case.moment.look_again_at,
        about=about or case.rate is NO_RATE or bool(tax_sign(case.money, earning.basis)),
        kept_basis=spend if case.moment.at else ZERO,
        how=_how(case, points, rounded, room, version),
    )


def _lines(case: _Case) -> tuple[EarnedLine, ...]:
    spread = case.kept.left.spread
    share = case.share if spread is ONE else case.share * spread
    parts = case.kept.lines if case.moment.only_units is None else _sent(case, case.moment.only_units)
    rows = zip(case.money.lines, parts, case.kept.plans, strict=True)
    if not case.bands and all(plan is NO_RULES for plan in case.kept.plans):
        return tuple([EarnedLine(line.id, part, share, case.factor, case.rate, (), ()) for line, part, _ in rows])
    own_rates = case.money.currency == case.programme.currency  # a rule's rate is in the programme's currency
    factors: _Factors = {}
    found = []
    for line, part, plan in rows:
        rate = plan.rate if own_rates and plan.rate is not None else case.rate
        factor, own = _factor(case, factors, plan, case.bands.get(line.id))
        found.append(EarnedLine(line.id, part, share, factor, rate, own, plan.rules))
    return tuple(found)


def _sent(case: _Case, sent: Mapping[str, int]) -> list[Fraction]:
    """Return each line's kept basis as far as its units are sent: only they earn so far."""
    return [
        basis * Fraction(units, kept) if (units := max(0, sent.get(line.id, 0))) < kept else basis
        for line, basis, kept in zip(case.money.lines, case.kept.lines, case.kept.left.units, strict=True)
    ]


def _factor(
    case: _Case, known: _Factors, plan: LinePlan, band: ExactBand | None
) -> tuple[Fraction, tuple[Multiplier, ...]]:
    """Return a line's factor, and the multipliers it has for itself; lines alike share one."""
    name = (plan.multiplier_key, "" if band is None else band.key)
    if name not in known:
        own = tuple(_own_multipliers(plan, band))
        joined = factor_of(case.programme.earning.stacking, (*case.multipliers, *own)) if own else case.factor
        known[name] = (joined, own)
    return known[name]


def _own_multipliers(plan: LinePlan, band: ExactBand | None) -> Iterator[Multiplier]:
    if plan.multiplier is not None:
        yield Multiplier("product", plan.multiplier_key, plan.multiplier)
    if band is not None:
        yield Multiplier("margin", band.key, band.multiplier)


def _charges(case: _Case) -> tuple[EarnedLine, ...]:
    """Charges that earn do so at the programme's rate, and once everything is sent: they have no units."""
    if not case.kept.charges or case.moment.only_units is not None:
        return ()
    return tuple(
        EarnedLine(kind, basis, case.share, case.factor, case.rate, (), ()) for kind, basis in case.kept.charges.items()
    )


def _points(*groups: Sequence[EarnedLine]) -> Fraction:
    """Return Σ basis × rate × factor. Lines alike are added up first: it is quicker and keeps fractions short."""
    return total(group[0].share * _points_of_parts(group) for group in groups if group)


def _points_of_parts(lines: Sequence[EarnedLine]) -> Fraction:
    alike: dict[tuple[int, int], list[EarnedLine]] = {}
    for line in lines:
        alike.setdefault((id(line.exact_rate), id(line.factor)), []).append(line)
    return total(total([line.part for line in group]) * (group[0].rate * group[0].factor) for group in alike.values())


def _bonuses(case: _Case, lines: Sequence[EarnedLine], charges: Sequence[EarnedLine]) -> tuple[Bonus, ...]:
    """Return the fixed bonuses that stand: a line's while it earns, a campaign's while anything does."""
    found = [
        Bonus("product", plan.bonus_key, plan.bonus, line.id)
        for line, plan in zip(lines, case.kept.plans, strict=True)
        if plan.bonus and line.part and line.share
    ]
    of_order = [Bonus("campaign", each.key, each.bonus) for each in case.campaigns if each.bonus]
    if of_order and any(line.part and line.share for line in (*lines, *charges)):
        found += of_order
    return tuple(found)


def _rounded(points: Fraction, rounding: Rounding) -> int:
    above, below = points.numerator, points.denominator
    if rounding == "floor":
        return above // below
    return -(-above // below) if rounding == "ceil" else (2 * above + below) // (2 * below)


def _capped(points: int, case: _Case, earning: Earning) -> tuple[int, tuple[str, ...]]:
    flags = list(case.kept.left.flags)
    if case.rate is NO_RATE:
        flags.append("no_rate")
    if points > MAX_POINTS:
        flags.append("above_64_bit")
    cap = MAX_POINTS if earning.caps.order is None else earning.caps.order
    return min(points, cap), tuple(flags)


def _places(case: _Case) -> Mapping[str, bool | None]:
    """Return the limited campaigns that had a say, and whether the order has a place; None: not decided yet."""
    limited = [each.key for each in case.campaigns if each.limited]
    return {**dict.fromkeys(limited), **case.context.places}


def _how(case: _Case, points: Fraction, rounded: int, room: int | None, version: int | None) -> How:
    return How(
        version=version,
        currency=case.money.currency,
        rate=case.rate,
        earning=case.programme.earning,
        why_not=case.why_not,
        unmet=case.unmet,
        places=_places(case),
        paid_share=ONE if case.why_not else case.share,
        multipliers=case.multipliers,
        points_exact=points,
        rounded=min(rounded, MAX_POINTS),
        room=room,
    )


def preview(
    basket: Basket,
    programme: Programme,
    context: Context,
    *,
    now: datetime,
    room: int | None = None,
    in_force: InForce | None = None,
    zone: ZoneInfo = UTC,
    version: int | None = None,
) -> Earned:
    """Return what the basket would earn if it were bought, paid and handed over now. Line ids are "1", "2" …"""
    order = bought(basket, now)
    lines = replace(context, lines=_facts(order))  # a basket's lines bring their own facts
    earned = earn(order, programme, lines, room=room, in_force=in_force, zone=zone, now=now, version=version)
    if basket.prices_include_tax is None and programme.earning.basis.tax != "displayed":
        return earned._replace(about=True)
    if basket.country is None and asks_for_country(programme):
        return earned._replace(about=True)
    return earned


def _facts(order: BoughtBasket) -> Mapping[str, FrozenFacts]:
    return {line.id: line for line in order.lines}


def asks_for_country(programme: Programme) -> bool:
    """Tell whether points depend on where an order goes."""
    eligibility = programme.eligibility
    return bool(programme.earning.markets or eligibility.countries or eligibility.exclude_countries)
