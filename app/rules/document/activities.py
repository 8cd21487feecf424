"""Earning by anything but an order: one rule for each, one mechanism for all."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.rules.document.expiry import Expiry
from app.rules.document.shared import Budget, Rate, Span, When, Who
from app.rules.fields import (
    ActivityKind,
    Days,
    Exact,
    Key,
    List,
    NoneIfEmpty,
    Part,
    PlatformText,
    Points,
    PositiveExact,
)

Times = Annotated[int, Field(ge=1, le=1_000_000)]


class ActivityCap(Part):
    """How often, or how much, a member may earn by one rule in a period of the shop's calendar."""

    period: Span
    times: Times | None = None
    points: Points | None = None
    per_subject: bool = Field(False, description="Counted for each subject by itself: one review for each product.")


class Milestone(Part):
    """order_count_milestone, spend_milestone: at one count, or at every such count."""

    at: PositiveExact | None = Field(None, description='The 4th order: "4"; the moment 500 are spent: "500".')
    every: PositiveExact | None = Field(None, description="The 10th, the 20th …")


class ProductSet(Part):
    """product_set: all of these, or so many of them, bought in one order or over time."""

    products: Annotated[tuple[PlatformText, ...], Field(min_length=1, max_length=1_000), List]
    at_least: Times | None = Field(None, description="null: all of them.")
    in_one_order: bool = True


class WinBack(Part):
    """win_back: due when a member has been away; at least one of the three."""

    days_without_order: Annotated[Days, Field(ge=1)] | None = None
    rhythm: PositiveExact | None = Field(
        None, description="Days since the last order ÷ the member's own mean gap between orders; needs 3 orders."
    )
    days_without_visit: Annotated[Days, Field(ge=1)] | None = None
    only_after_orders: Times | None = Field(
        None, description="Only members with exactly so many orders: 2 pushes to the 3rd."
    )


class Booster(Part):
    """next_purchase_booster: a personal multiplier for the next order, within so many days."""

    multiplier: Exact
    valid_days: Annotated[Days, Field(ge=1)]


class Streak(Part):
    """streak: something done in so many periods without a gap."""

    of: Literal["visit", "order"] = "visit"
    period: Literal["day", "week", "month"] = "day"
    length: Annotated[int, Field(ge=2, le=1_000)]


class Contest(Part):
    """leaderboard_prize: prizes for the first places of each period."""

    by: Literal["spend", "points", "orders", "referrals", "tier"] = "spend"
    period: Literal["week", "month", "quarter", "year"] = "month"
    prizes: Annotated[tuple[Points, ...], Field(min_length=1, max_length=1_000), List] = Field(
        description="Points for the 1st, the 2nd … Members who tie share the better place."
    )


class Surprise(Part):
    """surprise: so many members a period, drawn by a seed that anyone can draw again."""

    period: Literal["day", "week", "month"] = "month"
    members: Times
    seed: Key
    active_within_days: Annotated[Days, Field(ge=1)] = Field(365, description="Only members with an order since.")


class ActivityRule(Part):
    """What one kind of activity earns. The first rule of the list that fits an activity counts."""

    key: Key
    kind: ActivityKind
    points: Points = 0
    rate: Annotated[Rate | None, NoneIfEmpty] = Field(
        None, description="Points for money told in the evidence or reached by the order."
    )
    subject: PlatformText | None = Field(None, description="Only this subject: a profile field, a network, a product.")
    who: Who = Who()
    when: When = When()
    caps: Annotated[tuple[ActivityCap, ...], List] = Field(
        (), max_length=20, description="Empty: the usual ones of the kind; see the docs."
    )
    budget: Annotated[Budget | None, NoneIfEmpty] = None
    pending_days: Days = 0
    expiry: Annotated[Expiry | None, NoneIfEmpty] = Field(None, description="null: the programme's.")
    approval: Literal["automatic", "review"] = "automatic"
    min_account_age_days: Days = 0
    verified_buyer: bool = Field(False, description="Only who has bought: the subject, where it is a product.")
    self_reported: bool = Field(False, description="A shopper's browser may tell it. Never presented as verified.")
    min_amount: PositiveExact | None = Field(None, description="min_spend: an order of at least this kept basis.")
    reward: Key | None = Field(None, description="Also give this reward, free of points.")
    milestone: Annotated[Milestone | None, NoneIfEmpty] = None
    product_set: Annotated[ProductSet | None, NoneIfEmpty] = None
    win_back: Annotated[WinBack | None, NoneIfEmpty] = None
    booster: Annotated[Booster | None, NoneIfEmpty] = None
    streak: Annotated[Streak | None, NoneIfEmpty] = None
    contest: Annotated[Contest | None, NoneIfEmpty] = None
    surprise: Annotated[Surprise | None, NoneIfEmpty] = None
