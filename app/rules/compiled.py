"""A programme made ready for arithmetic, once: exact numbers, and product rules found by what they match.

Looking a line up costs as much as the line has tags and collections, however many rules there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from operator import attrgetter
from zoneinfo import ZoneInfo

from app.rules.document import Campaign, Earning, Match, ProductRule, Rate, Tier
from app.rules.money import exact
from app.rules.order import Facts, OrderLine
from app.rules.when import WEEKDAYS, Window, minutes

KINDS = ("variant", "product", "collection", "tag", "vendor")  # from the most specific to the least


@dataclass(frozen=True, slots=True)
class ExactRate:
    value: Fraction  # points per whole currency unit
    points: str
    per: str
    rule: str | None = None  # the product rule it comes from

    @classmethod
    def of(cls, rate: Rate, rule: str | None = None) -> ExactRate:
        return cls(exact(rate.points) / exact(rate.per), f"{rate.points:f}", f"{rate.per:f}", rule)


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

    @classmethod
    def of(cls, campaign: Campaign) -> ExactCampaign:
        return cls(
            campaign.key,
            None if campaign.multiplier is None else exact(campaign.multiplier),
            campaign.bonus,
            campaign.from_,
            campaign.to,
            frozenset(WEEKDAYS.index(day) for day in campaign.weekdays or ()),
            None if campaign.hours is None else (minutes(campaign.hours[0]), minutes(campaign.hours[1])),
            None if campaign.min_basis is None else exact(campaign.min_basis),
        )

    def runs_at(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Tell whether dates, weekdays and hours allow the moment; starts are inclusive, ends exclusive."""
        return Window(self.start, self.end, self.weekdays, self.hours).runs_at(moment, zone)


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


@dataclass(frozen=True, slots=True)
class Compiled:
    currency: str
    rates: Mapping[str, ExactRate]  # the programme's own currency included
    rules: RuleIndex
    campaigns: Sequence[ExactCampaign]
    tiers: Mapping[str, Fraction | None]  # tier key → multiplier

    @classmethod
    def of(cls, currency: str, earning: Earning, campaigns: Iterable[Campaign], tiers: Iterable[Tier]) -> Compiled:
        rates = {code: ExactRate.of(rate) for code, rate in earning.rates.items()}
        return cls(
            currency,
            rates | {currency: ExactRate.of(earning.rate)},
            RuleIndex.of(earning.products),
            tuple(map(ExactCampaign.of, campaigns)),
            {tier.key: None if tier.multiplier is None else exact(tier.multiplier) for tier in tiers},
        )
