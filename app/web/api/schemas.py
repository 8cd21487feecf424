"""What requests bring: one model for each body and each query."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.members.tokens import TTL_S
from app.rules.fields import Country, CurrencyCode, Exact, PlatformText
from app.web.api.fields import (
    ROWS,
    CardNumber,
    Cursor,
    Day,
    Email,
    Given,
    Limit,
    Moment,
    PointsChange,
    Reason,
    SoughtEmail,
    Text,
)

Language = Annotated[str, Field(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
Tags = Annotated[list[Text], Field(max_length=250)]


class NewMember(Given):
    """At least one of `email` and `platform_id`."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["email"]}, {"required": ["platform_id"]}]})

    email: Email | None = None
    platform_id: Text | None = Field(None, description="The customer's id at the shop platform, as text.")
    email_verified: bool = Field(
        False, description="You vouch that the e-mail is theirs. Without it the e-mail alone makes an unclaimed member."
    )
    birthday: Day | None = None
    tags: Tags | None = None
    country: Country | None = Field(None, description="Where they live: ISO 3166-1 alpha-2.")
    customer_groups: Tags | None = Field(None, description="Roles or groups at the shop platform.")

    @model_validator(mode="after")
    def _somebody(self) -> NewMember:
        if self.email is None and self.platform_id is None:
            raise PydanticCustomError("missing", "Name at least one of email and platform_id.")
        if self.email_verified and self.email is None:
            raise PydanticCustomError("missing", "email_verified needs an email.")
        return self


class NewAdjustment(Given):
    points: PointsChange = Field(description="Above 0: given. Below 0: taken, never more than is available.")
    reason: Reason = Field(description="Only its SHA-256 is kept with the entry.")


class TokenWish(Given):
    ttl_s: int = Field(TTL_S, ge=1, le=TTL_S, description="How many seconds the token lives.")


class Publication(Given):
    effective_from: Moment | None = Field(
        None, description="Default: now. Only the first version may begin in the past."
    )


class Nothing(Given):
    """No fields: send `{}` or no body."""


class PreviewLine(Given):
    quantity: int = Field(ge=0, le=1_000_000)
    unit_price: Exact = Field(description="As displayed to the shopper.")
    discount: Exact | None = Field(None, description="Of the whole line.")
    product_id: PlatformText | None = None
    variant_id: PlatformText | None = None
    tags: list[PlatformText] = Field([], max_length=250)
    collections: list[PlatformText] = Field([], max_length=250)
    vendor: PlatformText | None = None
    gift_card: bool = False


class PreviewBasket(Given):
    currency: CurrencyCode
    lines: list[PreviewLine] = Field(max_length=500)
    member_id: Text | None = Field(None, description="Preview for this member; default: for a newcomer.")
    country: Country | None = Field(None, description="Where it would go; default: not known.")
    discount_codes: list[PlatformText] = Field([], max_length=50, description="Codes the shopper has entered.")
    order_discount: Exact | None = Field(None, description="What is taken off the whole and belongs to no line.")
    language: Language | None = Field(
        None, description="Of the sentence: en (default), ro, ru, sk, fr, fi, de, es, it, nl or pl."
    )


class Page(Given):
    cursor: Cursor | None = Field(None, description="The `next` of the page before.")
    limit: Limit = Field(ROWS, description="Rows a page.")


class ToldQuery(Page):
    language: Language | None = Field(
        None, description="Of the sentences: en (default), ro, ru, sk, fr, fi, de, es, it, nl or pl."
    )


class MembersQuery(Page):
    email: SoughtEmail | None = Field(None, description="Every member that carries this e-mail, verified or not.")
    platform_id: Text | None = Field(None, description="The member of this customer id.")
    card: CardNumber | None = Field(
        None, description="Whose card has this number, as a till reads it or a hand types it."
    )
    tier: Text | None = Field(None, description="Only members in this tier, as last reviewed.")

    @model_validator(mode="after")
    def _one_filter(self) -> MembersQuery:
        if sum(asked is not None for asked in (self.email, self.platform_id, self.card, self.tier)) > 1:
            raise PydanticCustomError("too_many", "Ask by one of email, platform_id, card and tier.")
        return self


class MemberQuery(Given):
    at: Moment | None = Field(None, description="Show the points as of this moment.")


class OrdersQuery(ToldQuery):
    platform_id: Text | None = Field(None, description="The order's id at the platform.")
    member_id: Text | None = Field(None, description="Only this member's orders.")


class DeliveriesQuery(Page):
    state: Literal["new", "done", "ignored", "failed"] | None = None
