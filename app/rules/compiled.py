"""A programme made ready for arithmetic, once: exact numbers, and product rules found by what they match.

Looking a line up costs as much as the line has tags and collections, however many rules there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from operator import attrgetter
from zoneinfo import ZoneInfo

from app.rules.bands import ExactBand
from app.rules.document import Campaign, Earning, Match, ProductRule, Rate, Segment, Tier, Who
from app.rules.money import exact
from app.rules.order import Facts, OrderLine

KINDS = ("variant", "product", "collection", "tag", "vendor")  # from the most specific to the least
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class ExactRate:
    value: Fraction  # points per whole currency unit
    points: str
    per: str
    rule: str | None = None  # the product rule it comes from
    market: str | None = None  # or the market

    @classmethod
    def of(cls, rate: Rate, rule: str | None = None, market: str | None = None) -> ExactRate:
        return cls(exact(rate.points) / exact(rate.per), f"{rate.points:f}", f"{rate.per:f}", rule, market)


@dataclass(frozen=True, slots=True)
class Rule:
    key: str
    rank: int
    exclude: bool
    rate: ExactRate | None
    multiplier: Fraction | None
    bonus: int


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What the product rules say of one line."""

    excluded: bool = False
    rate: ExactRate | None = None
    multiplier: Fraction | None = None
    multiplier_key: str = ""
    bonus: int = 0
    bonus_key: str = ""
    rules: tuple[str, ...] = ()  # keys of those that had a say


NO_RULES = LinePlan()
EVERYONE = Who()


def folded(code: str) -> str:
    """Return a discount code as it is compared: shoppers write it in any case."""
    return code.strip().casefold()


@dataclass(frozen=True, slots=True)
class ExactCampaign:
    key: str
    multiplier: Fraction | None
    bonus: int
    start: datetime | None
    end: datetime | None
    weekdays: frozenset[int]
    hours: tuple[int, int] | None  # minutes of the day
    min_basis: Fraction | None
    who: Who | None  # None: everyone
    coupon: str | None  # as `folded` writes it
    max_orders: int | None
    max_per_member: int | None
    stackable: bool

    @classmethod
    def of(cls, campaign: Campaign) -> ExactCampaign:
        return cls(
            campaign.key,
            None if campaign.multiplier is None else exact(campaign.multiplier),
            campaign.bonus,
            campaign.from_,
            campaign.to,
            frozenset(WEEKDAYS.index(day) for day in campaign.weekdays or ()),
            None if campaign.hours is None else (_minutes(campaign.hours[0]), _minutes(campaign.hours[1])),
            None if campaign.min_basis is None else exact(campaign.min_basis),
            None if campaign.who == EVERYONE else campaign.who,
            None if campaign.coupon is None else folded(campaign.coupon),
            campaign.max_orders,
            campaign.max_orders_per_member,
            campaign.stackable,
        )

    @property
    def limited(self) -> bool:
        return self.max_orders is not None or self.max_per_member is not None

    def runs_at(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Tell whether dates, weekdays and hours allow the moment; starts are inclusive, ends exclusive."""
        if self.start is not None and moment < self.start:
            return False
        if self.end is not None and moment >= self.end:
            return False
        return (not self.weekdays and self.hours is None) or self._in_week(moment.astimezone(zone))

    def _in_week(self, local: datetime) -> bool:
        first, last = self.hours or (0, 24 * 60)
        minute = local.hour * 60 + local.minute
        if first < last:
            began, inside = local, first <= minute < last
        else:  # over midnight: the small hours belong to the evening before
            began = local if minute >= first else local - timedelta(days=1)
            inside = minute >= first or minute < last
        return inside and (not self.weekdays or began.weekday() in self.weekdays)


def _minutes(clock_time: str) -> int:
    return int(clock_time[:2]) * 60 + int(clock_time[3:])


Table = Mapping[str, Sequence[Rule]]


@dataclass(frozen=True, slots=True)
class RuleIndex:
    """Product rules by what they match: a table for each of KINDS, and those for every product."""

    tables: tuple[Table, ...]
    for_all: Sequence[Rule]

    @classmethod
    def of(cls, rules: Iterable[ProductRule]) -> RuleIndex:
        tables: tuple[dict[str, list[Rule]], ...] = tuple({} for _ in KINDS)
        for_all: list[Rule] = []
        ordered = sorted(rules, key=lambda rule: (_specificity(rule.match), -rule.priority, rule.key))
        for rank, rule in enumerate(ordered):
            place = _specificity(rule.match)
            named = place < len(KINDS)
            into = tables[place].setdefault(getattr(rule.match, KINDS[place]), []) if named else for_all
            into.append(_exact_rule(rule, rank))
        return cls(tables if ordered else (), for_all)

    @property
    def empty(self) -> bool:
        return not self.tables

    def plan(self, line: OrderLine, facts: Facts) -> LinePlan:
        """Return what the rules say of the line, with these facts about its product."""
        found = list(self.for_all)
        names = ((line.variant_id,), (line.product_id,), facts.collections, facts.tags, (facts.vendor,))
        for table, of_line in zip(self.tables, names, strict=False):  # no rules, no tables
            if table:
                for name in of_line:
                    found += table.get(name or "", ())
        return _decide(found) if found else NO_RULES


def _decide(found: list[Rule]) -> LinePlan:
    """Take rate, multiplier and bonus each from the best rule that has one; any exclusion excludes."""
    found.sort(key=attrgetter("rank"))
    excluding = tuple(dict.fromkeys(rule.key for rule in found if rule.exclude))
    rate = next((rule.rate for rule in found if rule.rate is not None), None)
    multiplying = next((rule for rule in found if rule.multiplier is not None), None)
    giving = next((rule for rule in found if rule.bonus), None)
    names = (rate and rate.rule, multiplying and multiplying.key, giving and giving.key)
    return LinePlan(
        excluded=bool(excluding),
        rate=rate,
        multiplier=multiplying.multiplier if multiplying else None,
        multiplier_key=multiplying.key if multiplying else "",
        bonus=giving.bonus if giving else 0,
        bonus_key=giving.key if giving else "",
        rules=excluding or tuple(dict.fromkeys(name for name in names if name)),
    )


def _specificity(match: Match) -> int:
    return next((place for place, kind in enumerate(KINDS) if getattr(match, kind) is not None), len(KINDS))


def _exact_rule(rule: ProductRule, rank: int) -> Rule:
    rate = None if rule.rate is None else ExactRate.of(rule.rate, rule.key)
    multiplier = None if rule.multiplier is None else exact(rule.multiplier)
    return Rule(rule.key, rank, rule.exclude, rate, multiplier, rule.bonus)


Rates = Mapping[str, ExactRate]  # by currency


@dataclass(frozen=True, slots=True)
class Compiled:
    currency: str
    rates: Rates  # the programme's own currency included
    markets: Mapping[str, tuple[str, Rates]]  # country → market, its rates
    rules: RuleIndex
    bands: Sequence[ExactBand]
    campaigns: Sequence[ExactCampaign]  # the higher priority first
    tiers: Mapping[str, Fraction | None]  # tier key → multiplier
    segments: Mapping[str, Fraction]  # those with a multiplier

    @classmethod
    def of(
        cls,
        currency: str,
        earning: Earning,
        campaigns: Iterable[Campaign],
        tiers: Iterable[Tier],
        segments: Iterable[Segment] = (),
    ) -> Compiled:
        rates = {code: ExactRate.of(rate) for code, rate in earning.rates.items()}
        rates[currency] = ExactRate.of(earning.rate)
        ordered = sorted(campaigns, key=lambda campaign: -campaign.priority)
        return cls(
            currency,
            rates,
            _markets(currency, earning, rates),
            RuleIndex.of(earning.products),
            tuple(map(ExactBand.of, earning.margins)),
            tuple(map(ExactCampaign.of, ordered)),
            {tier.key: None if tier.multiplier is None else exact(tier.multiplier) for tier in tiers},
            {segment.key: exact(segment.multiplier) for segment in segments if segment.multiplier is not None},
        )

    def market(self, country: str | None) -> tuple[str | None, Rates]:
        """Return the market an order to this country belongs to, and its rates; outside all, the programme's."""
        return self.markets.get(country or "", (None, self.rates))

    @property
    def limited(self) -> list[ExactCampaign]:
        """Return the campaigns that only so many orders share in."""
        return [campaign for campaign in self.campaigns if campaign.limited]

    @property
    def tags(self) -> frozenset[str]:
        """Return the customer tags that campaigns ask for."""
        return frozenset(tag for campaign in self.campaigns if campaign.who for tag in campaign.who.any_tag)


def _markets(currency: str, earning: Earning, rates: Rates) -> Mapping[str, tuple[str, Rates]]:
    """Return each country's market; the first that names a country has it."""
    found: dict[str, tuple[str, Rates]] = {}
    for market in earning.markets:
        own = {code: ExactRate.of(rate, market=market.key) for code, rate in market.rates.items()}
        if market.rate is not None:
            own[currency] = ExactRate.of(market.rate, market=market.key)
        for country in market.countries:
            found.setdefault(country, (market.key, {**rates, **own}))
    return found
