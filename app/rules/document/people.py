"""Who is in the programme, in which segment, and what points are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from app.rules.document.shared import Countries, Keys, Texts
from app.rules.fields import CalendarDay, Days, Exact, Key, Name, Part, Time

Count = Annotated[int, Field(ge=0, le=2**31 - 1)]


class PointsName(Part):
    """What a point is called in one language, by its plural categories; `other` is always needed."""

    zero: Name | None = None
    one: Name | None = None
    two: Name | None = None
    few: Name | None = None
    many: Name | None = None
    other: Name


PointsNames = Mapping[Annotated[str, Field(pattern="^[a-z]{2,3}(-[A-Z]{2})?$")], PointsName]


class Eligibility(Part):
    """Who earns. Everyone is enrolled automatically unless `enrol` says otherwise."""

    enrol: Literal["everyone", "on_request"] = "everyone"
    min_age: Annotated[int, Field(ge=1, le=120)] | None = Field(None, description="Years; needs a known birthday.")
    countries: Countries = Field((), description="Only orders to these.")
    exclude_countries: Countries = ()
    any_tag: Texts = Field((), description="Only customers with one of these tags.")
    exclude_tags: Texts = ()
    customer_groups: Texts = Field((), description="Only customers in one of these groups, or roles.")
    exclude_customer_groups: Texts = ()


class Segment(Part):
    """A named group of members; every condition that is set must hold. Frozen with an order when it is first seen."""

    key: Key
    any_tag: Texts = ()
    no_tag: Texts = ()
    countries: Countries = ()
    customer_groups: Texts = ()
    tiers: Keys = ()
    orders_at_least: Count | None = None
    orders_at_most: Count | None = None
    spent_at_least: Exact | None = None
    inactive_days: Annotated[Days, Field(ge=1)] | None = Field(None, description="No order for so long.")
    joined_from: Time | None = None
    joined_to: Time | None = None
    multiplier: Exact | None = Field(None, description="For orders of members in it.")


class Phase(Part):
    """Whether the programme runs. Orders placed in a version that does not run earn nothing."""

    kind: Literal["running", "paused", "winding_down", "ended"] = "running"
    spend_until: CalendarDay | None = Field(
        None, description="winding_down: the last day to spend, in the shop's zone."
    )

    @property
    def earns(self) -> bool:
        return self.kind == "running"
