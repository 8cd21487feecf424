"""What points can be spent on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.rules.document.shared import Budget, Money, Rate, Texts, When, Who
from app.rules.fields import Days, Exact, Key, Name, NoneIfEmpty, Part, PlatformText, Points, PositiveExact

RewardKind = Literal[
    "amount_off",
    "percent_off",
    "free_shipping",
    "free_product",
    "gift_card",
    "store_credit",
    "pay_with_points",
    "partner_voucher",
    "exclusive_product",
    "early_access",
    "exclusive_content",
    "contest_entry",
    "donation",
]


class Reward(Part):
    """What points can be spent on. Which of amount, percent, product and rate is needed follows from the kind."""

    key: Key
    kind: RewardKind
    name: Name | None = Field(None, description="What shoppers read; made from the kind by default.")
    points: Points = Field(0, description="What it costs; 0 only for pay_with_points and rewards given by rules.")
    amount: Annotated[Money | None, NoneIfEmpty] = None
    percent: PositiveExact | None = Field(None, description="percent_off.")
    max_amount: Annotated[Money | None, NoneIfEmpty] = Field(None, description="percent_off: the most it takes off.")
    rate: Annotated[Rate | None, NoneIfEmpty] = Field(
        None, description="pay_with_points: so many points are worth so much money of the programme's currency."
    )
    min_points: Points = Field(0, description="pay_with_points: the least at once.")
    max_points: Points | None = Field(None, description="pay_with_points: the most at once.")
    product: PlatformText | None = Field(None, description="free_product, exclusive_product, early_access: its id.")
    content: PlatformText | None = Field(None, description="exclusive_content: its id or address.")
    min_basket: Annotated[Money | None, NoneIfEmpty] = None
    min_above_average_percent: Exact | None = Field(
        None, description="The least basket is the shop's average order value plus so many percent."
    )
    products: Texts = Field((), description="Only for these products.")
    collections: Texts = ()
    who: Who = Who()
    when: When = When()
    stock: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = Field(None, description="How many there are at all.")
    budget: Annotated[Budget | None, NoneIfEmpty] = None
    per_member: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    valid_days: Annotated[Days, Field(ge=1)] = Field(90, description="How long a code lives; then it is voided.")
    combines: bool = Field(False, description="Whether the code combines with other discounts.")
    personal: bool | None = Field(
        None, description="Whether only the member can use the code. null: as the shop's platform does it best."
    )
    cost: Annotated[Money | None, NoneIfEmpty] = Field(None, description="What it costs the shop, for the reports.")
