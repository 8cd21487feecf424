"""The parts of a programme document. Defaults are the promise of the interface; a key is never accepted and ignored."""

from app.rules.document.activities import ActivityCap, ActivityRule
from app.rules.document.campaigns import Campaign
from app.rules.document.display import Announcement, Display, Launcher, Question
from app.rules.document.earning import (
    Basis,
    Caps,
    Earning,
    EarnOn,
    MarginBand,
    Market,
    Match,
    MemberCap,
    ProductRule,
    Rounding,
    Stacking,
)
from app.rules.document.experiments import Experiment
from app.rules.document.expiry import Expiry
from app.rules.document.people import Eligibility, Phase, PointsName, PointsNames, Segment
from app.rules.document.referrals import ReferralChecks, Referrals
from app.rules.document.rewards import Reward
from app.rules.document.shared import Budget, Money, Rate, When, Who
from app.rules.document.tiers import Membership, Perks, Tier, TierMeasure

__all__ = [
    "ActivityCap",
    "ActivityRule",
    "Announcement",
    "Basis",
    "Budget",
    "Campaign",
    "Caps",
    "Display",
    "EarnOn",
    "Earning",
    "Eligibility",
    "Experiment",
    "Expiry",
    "Launcher",
    "MarginBand",
    "Market",
    "Match",
    "MemberCap",
    "Membership",
    "Money",
    "Perks",
    "Phase",
    "PointsName",
    "PointsNames",
    "ProductRule",
    "Question",
    "Rate",
    "ReferralChecks",
    "Referrals",
    "Reward",
    "Rounding",
    "Segment",
    "Stacking",
    "Tier",
    "TierMeasure",
    "When",
    "Who",
]
