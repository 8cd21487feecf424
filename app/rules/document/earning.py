"""How orders earn: rates, what counts, product rules, margins, markets, caps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from app.rules.document.shared import Period, Rate
from app.rules.fields import (
    Country,
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
)

EarnOn = Literal["paid", "fulfilled", "completed", "delivered"]
Rounding = Literal["floor", "half_up", "ceil"]
Stacking = Literal["add", "multiply", "best"]


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


class MarginBand(Part):
    """A factor for products by what the shop keeps of their price: (price − cost) ÷ price, from the catalogue."""

    key: Key
    from_: Exact | None = Field(None, alias="from", description='Least margin, as a share: "0.4" is 40 %. Inclusive.')
    to: Exact | None = Field(None, description="Exclusive.")
    multiplier: Exact = Field(description="0 earns nothing. Products without a known cost are in no band.")


class Market(Part):
    """Rates for orders that go to some countries; the first market that names the country counts."""

    key: Key
    countries: Annotated[tuple[Country, ...], Field(min_length=1, max_length=250), EachOnce, List]
    rate: Rate | None = Field(None, description="In the programme's currency; null: the programme's rate.")
    rates: Mapping[CurrencyCode, Rate] = Field({}, max_length=200)


class MemberCap(Part):
    """The most a member earns with orders in one period of the shop's calendar."""

    period: Period
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
    pending_until: Literal["days", "fulfilled", "delivered", "return_window"] = Field(
        "days", description="What ends the pending period: pending_days alone, or an event of the order."
    )
    return_days: Days = Field(14, description="With return_window: days after the delivery.")
    markets: Annotated[tuple[Market, ...], List] = Field((), max_length=250)
    margins: Annotated[tuple[MarginBand, ...], List] = Field((), max_length=100)
    basis: Basis = Basis()
    products: Annotated[tuple[ProductRule, ...], List] = Field((), max_length=10_000)
    caps: Caps = Caps()
