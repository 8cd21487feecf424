"""The parts of a programme document. Defaults are the promise of the interface; a key is never accepted and ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from app.rules.fields import (
    ClockTime,
    CurrencyCode,
    Days,
    EachOnce,
    Exact,
    Key,
    List,
    NoneIfEmpty,
    Part,
    PlatformText,
    Points,
    PositiveExact,
    Time,
    Weekday,
)

EarnOn = Literal["paid", "fulfilled", "completed", "delivered"]
Rounding = Literal["floor", "half_up", "ceil"]
Stacking = Literal["add", "multiply", "best"]


class Rate(Part):
    """So many points per so much money."""

    points: Exact = Field(description="Points given, as an exact decimal.")
    per: PositiveExact = Field(description="For this much money, in whole currency units.")


class Basis(Part):
    """Which money earns. Discounted goods always do."""

    tax: Literal["displayed", "excluded", "included"] = Field(
        "displayed", description="displayed: the price as the shopper saw it; else always without or with tax."
    )
    shipping: bool = Field(False, description="Shipping earns too.")
    tips: bool = Field(False, description="Tips earn too.")
    duties: bool = Field(False, description="Duties earn too.")
    gift_cards: bool = Field(False, description="Bought gift cards earn too.")
    fees: bool = Field(False, description="Positive fees earn too.")


class Match(Part):
    """Which products a rule is for: at most one of these; none means every product."""

    variant: PlatformText | None = None
    product: PlatformText | None = None
    collection: PlatformText | None = None
    tag: PlatformText | None = None
    vendor: PlatformText | None = None

    @model_serializer(mode="wrap")
    def _only_what_is_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write(self).items() if value is not None}


class ProductRule(Part):
    """What is different for some products. Rate, multiplier and bonus are each taken from the most specific rule."""

    key: Key
    match: Match = Match()
    rate: Rate | None = Field(None, description="In the programme's currency; other currencies keep theirs.")
    multiplier: Exact | None = None
    exclude: bool = Field(False, description="These products earn nothing.")
    bonus: Points = Field(0, description="Fixed points, once per line; 0 is no bonus.")
    priority: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)] = Field(
        0, description="Of two equally specific rules the higher wins, then the earlier key."
    )


class MemberCap(Part):
    """The most a member earns with orders in one period of the shop's calendar."""

    period: Literal["day", "week", "month", "year"]
    points: Points


class Caps(Part):
    order: Points | None = Field(None, description="The most one order earns, bonuses included.")
    member: Annotated[MemberCap | None, NoneIfEmpty] = None


class Earning(Part):
    """How orders earn."""

    rate: Rate
    rates: Mapping[CurrencyCode, Rate] = Field({}, max_length=200, description="Rates of other currencies.")
    rounding: Rounding = Field("floor", description="Applied once, to the whole order.")
    stacking: Stacking = Field("add", description="How several multipliers join: add is 1 + Σ(m − 1).")
    earn_on: EarnOn = "paid"
    delivered_after_days: Days = Field(
        7, description="With earn_on delivered: where the platform tells no delivery, so long after completion."
    )
    pending_days: Days = Field(0, description="Days after the earn moment until points can be spent.")
    basis: Basis = Basis()
    products: Annotated[tuple[ProductRule, ...], List] = Field((), max_length=10_000)
    caps: Caps = Caps()


class Campaign(Part):
    """Something extra for a time, tested on the moment the order was placed."""

    key: Key
    multiplier: Exact | None = None
    bonus: Points = Field(0, description="Fixed points, once per order.")
    from_: Time | None = Field(None, alias="from", description="First moment.")
    to: Time | None = Field(None, description="First moment after the end.")
    weekdays: Annotated[Annotated[tuple[Weekday, ...], EachOnce, List] | None, NoneIfEmpty] = Field(
        None, description="In the shop's zone. A night that began on such a day belongs to it."
    )
    hours: Annotated[Annotated[tuple[ClockTime, ClockTime], List] | None, NoneIfEmpty] = Field(
        None, description="In the shop's zone; the end is exclusive and may lie on the next day."
    )
    min_basis: Exact | None = Field(None, description="Least kept basis of the order, in the programme's currency.")


class Tier(Part):
    key: Key
    enter: Exact = Field(description='Threshold in the tier measure; "0" for the entry tier.')
    multiplier: Exact | None = None


class TierMeasure(Part):
    by: Literal["spend", "points", "orders"] = "spend"
    window: Literal["lifetime", "calendar_year", "rolling_12_months"] = "lifetime"


class Expiry(Part):
    """When points lapse. Kinds other than never are not available yet, so their settings are not judged here."""

    model_config = ConfigDict(extra="allow")

    kind: Key = "never"


class Money(Part):
    amount: PositiveExact
    currency: CurrencyCode


class Reward(Part):
    """What points can be spent on."""

    key: Key
    kind: Literal["amount_off"]
    points: Annotated[Points, Field(ge=1)]
    amount: Money
