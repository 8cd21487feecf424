"""Tiers, how they are measured, and membership that is bought."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.rules.document.shared import Texts
from app.rules.fields import Days, Exact, Key, List, Name, Part, PlatformText, Points


class Perks(Part):
    """What a tier gives beside its multiplier."""

    entry_points: Points = Field(
        0, description="Given once: when the tier is first entered from below; the first tier's, on joining."
    )
    entry_reward: Key | None = Field(None, description="A reward given once, free of points, at the same time.")
    birthday_points: Points = Field(0, description="On top of the birthday rule's.")
    discount_percent: Exact | None = Field(None, description="A standing discount.")
    free_shipping: bool = False
    early_access_days: Days = 0
    customer_tag: Name | None = Field(
        None, description="A tag that the customer carries at the shop's platform as long as the tier lasts."
    )
    products: Texts = Field((), description="Products only this tier and those above may buy.")
    content: Texts = Field((), description="Content only this tier and those above may see.")


class Tier(Part):
    key: Key
    name: Name | None = Field(None, description="What shoppers read; the key by default.")
    enter: Exact | None = Field(
        description='Threshold in the tier measure; "0" for the entry tier. null: only by a membership or by hand.'
    )
    keep: Exact | None = Field(
        None, description="With a window: threshold to stay at the end of a term; `enter` by default."
    )
    multiplier: Exact | None = None
    hidden: bool = Field(False, description="Not shown to members below it.")
    perks: Perks = Perks()


class TierMeasure(Part):
    """What is counted, over which time, and what happens when a tier is not kept.

    With a window a tier that is entered is kept for a term: until the end of the following year, or for 12 months.
    """

    by: Literal["spend", "points", "orders"] = Field(
        "spend", description="spend: kept money in the programme's currency; points: those earned, not adjustments."
    )
    window: Literal["lifetime", "calendar_year", "rolling_12_months"] = "lifetime"
    downgrade: Literal["one_step", "to_measure"] = Field(
        "to_measure", description="With a window: where a tier that was not kept leads."
    )
    grace_days: Days = Field(
        0, description="With a window: days after a term's end until a tier that was not kept is left."
    )


class Membership(Part):
    """A product that opens a tier for a term; a refund ends it. Exactly one of months and days."""

    key: Key
    product: PlatformText = Field(description="Product or variant id; each further one, as a renewal, adds a term.")
    tier: Key
    months: Annotated[int, Field(ge=1, le=1200)] | None = Field(None, description="To the local end of that day.")
    days: Annotated[Days, Field(ge=1)] | None = Field(None, description="To the local end of the last day.")


Tiers = Annotated[tuple[Tier, ...], List]
Memberships = Annotated[tuple[Membership, ...], List]
