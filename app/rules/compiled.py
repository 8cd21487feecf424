"""A programme made ready for arithmetic, once: exact numbers, and rules found by what they match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from app.rules.bands import ExactBand
from app.rules.document import Campaign, Earning, Segment, Tier, Who
from app.rules.money import exact
from app.rules.product_rules import ExactRate, RuleIndex
from app.rules.when import WEEKDAYS, Window, minutes

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
            None if campaign.hours is None else (minutes(campaign.hours[0]), minutes(campaign.hours[1])),
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

    @property
    def window(self) -> Window:
        return Window(self.start, self.end, self.weekdays, self.hours)

    def runs_at(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Tell whether dates, weekdays and hours allow the moment; starts are inclusive, ends exclusive."""
        return self.window.runs_at(moment, zone)


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
