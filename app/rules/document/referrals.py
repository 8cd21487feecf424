"""A member brings a friend."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.rules.fields import Days, Exact, Key, Part, Points

_PAGE = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?", re.IGNORECASE)


def _a_page(value: str) -> str:
    if not _PAGE.fullmatch(value) or "#" in value:
        raise PydanticCustomError(
            "not_an_address", 'Write a page\'s address such as "https://shop.example/welcome", without a # part.'
        )
    return value


Page = Annotated[
    str,
    Field(max_length=500),
    AfterValidator(_a_page),
    WithJsonSchema({"type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]://", "maxLength": 500}),
]


class ReferralChecks(Part):
    """Which signs hold a referral for review. All are on by default; a shared network alone never blocks a family."""

    same_identity: bool = Field(True, description="The friend is, or becomes by a merge, the referrer.")
    same_fingerprint: bool = Field(True, description="Address, device or payment told as the same opaque text.")
    similar_email: bool = Field(True, description="Equal once dots and +tags are left out.")
    disposable_email: bool = Field(True, description="The friend's e-mail is at a throw-away domain.")
    not_first_order: bool = Field(True, description="The friend had bought before the link.")
    rings: bool = Field(True, description="The friend, or whom the friend brought, once brought the referrer.")
    per_network: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        10, description="More referrals of one member from one network than this within 7 days are held."
    )


class Referrals(Part):
    referrer_points: Points = 0
    referrer_reward: Key | None = Field(None, description="Given free of points when the referrer is awarded.")
    friend_points: Points = Field(0, description="Given at once; held back while the link is under review.")
    friend_reward: Key | None = Field(None, description="For the friend's first order.")
    landing_url: Page | None = Field(
        None, description="Where a member's link leads; null: the shop's first page. The code is added as ref=CODE."
    )
    window_days: Annotated[Days, Field(ge=1)] = Field(30, description="From the link to the friend's first order.")
    min_basis: Exact | None = Field(
        None, description="Least kept basis of that order when it has survived, in the programme's currency."
    )
    pending_days: Days = Field(14, description="How long the friend's order must survive.")
    max_per_month: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Awards of one referrer in a calendar month; what is beyond waits for review."
    )
    checks: ReferralChecks = ReferralChecks()
