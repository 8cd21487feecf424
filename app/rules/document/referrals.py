"""A member brings a friend."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.rules.fields import Days, Exact, Key, Part, Points


class ReferralChecks(Part):
    """Which signs hold a referral for review. All are on by default; a shared network alone never blocks a family."""

    same_identity: bool = True
    same_fingerprint: bool = Field(True, description="Address, device or payment told as the same opaque text.")
    similar_email: bool = Field(True, description="Equal once dots and +tags are left out.")
    disposable_email: bool = True
    not_first_order: bool = True
    rings: bool = True
    per_network: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        10, description="More referrals of one member from one network than this within 7 days are held."
    )


class Referrals(Part):
    referrer_points: Points = 0
    referrer_reward: Key | None = None
    friend_points: Points = 0
    friend_reward: Key | None = Field(None, description="For the friend's first order.")
    window_days: Annotated[Days, Field(ge=1)] = Field(30, description="From the link to the friend's first order.")
    min_basis: Exact | None = Field(None, description="Least kept basis of that order, in the programme's currency.")
    pending_days: Days = Field(14, description="How long the friend's order must survive.")
    max_per_month: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    checks: ReferralChecks = ReferralChecks()
