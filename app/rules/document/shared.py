"""What several parts of the document are made of: rates, money, who and when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.rules.fields import (
    ClockTime,
    Country,
    CurrencyCode,
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

Period = Literal["day", "week", "month", "year"]
Span = Literal["day", "week", "month", "year", "lifetime"]

Keys = Annotated[tuple[Key, ...], Field(max_length=200), List]
Countries = Annotated[tuple[Country, ...], Field(max_length=250), EachOnce, List]
Texts = Annotated[tuple[PlatformText, ...], Field(max_length=1_000), List]
Weekdays = Annotated[Annotated[tuple[Weekday, ...], EachOnce, List] | None, NoneIfEmpty]
Hours = Annotated[Annotated[tuple[ClockTime, ClockTime], List] | None, NoneIfEmpty]


class Rate(Part):
    """So many points per so much money."""

    points: Exact = Field(description="Points given, as an exact decimal.")
    per: PositiveExact = Field(description="For this much money, in whole currency units.")


class Money(Part):
    amount: PositiveExact
    currency: CurrencyCode


class Who(Part):
    """For whom: every list that is not empty must hold one thing that fits; nothing means everyone."""

    segments: Keys = ()
    tiers: Keys = ()
    markets: Keys = ()
    any_tag: Texts = Field((), description="Customer tags.")


class When(Part):
    """When: dates, and weekdays and hours in the shop's zone."""

    from_: Time | None = Field(None, alias="from", description="First moment.")
    to: Time | None = Field(None, description="First moment after the end.")
    weekdays: Weekdays = Field(None, description="A night that began on such a day belongs to it.")
    hours: Hours = Field(None, description="The end is exclusive and may lie on the next day.")


class Budget(Part):
    """The most a rule gives to all members together."""

    points: Annotated[Points, Field(ge=1)]
    period: Span = "lifetime"
