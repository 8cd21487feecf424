"""Tables and nothing else."""

from app.models.activities import activities, activity_budgets, activity_digests, review_apps
from app.models.base import metadata
from app.models.campaigns import campaign_counts
from app.models.commands import clock, idempotency
from app.models.connections import connections, installs
from app.models.effects import effects
from app.models.experiments import exposures
from app.models.imports import imports
from app.models.inbox import inbox
from app.models.ledger import ACCOUNTS, allocations, balances, entries, expiry_warnings, holds, lots, redatings
from app.models.members import identities, identity_locks, members, tier_changes, verifications
from app.models.orders import facts, orders, products
from app.models.privacy import privacy_requests
from app.models.programmes import programme_drafts, programme_versions
from app.models.redemptions import average_orders, code_uses, limited_rewards, redemptions, voucher_codes
from app.models.referrals import fingerprints, referral_codes, referrals
from app.models.schedules import boosters, placings, rhythms, schedule_runs, streaks
from app.models.shoppers import member_cards, member_choices, member_names, push_subscriptions
from app.models.shops import api_keys, shop_origins, shops
from app.models.telling import untold_members
from app.models.tiers import standings, tier_sweeps

__all__ = [
    "ACCOUNTS",
    "activities",
    "activity_budgets",
    "activity_digests",
    "allocations",
    "api_keys",
    "average_orders",
    "balances",
    "boosters",
    "campaign_counts",
    "clock",
    "code_uses",
    "connections",
    "effects",
    "entries",
    "expiry_warnings",
    "exposures",
    "facts",
    "fingerprints",
    "holds",
    "idempotency",
    "identities",
    "identity_locks",
    "imports",
    "inbox",
    "installs",
    "limited_rewards",
    "lots",
    "member_cards",
    "member_choices",
    "member_names",
    "members",
    "metadata",
    "orders",
    "placings",
    "privacy_requests",
    "products",
    "programme_drafts",
    "programme_versions",
    "push_subscriptions",
    "redatings",
    "redemptions",
    "referral_codes",
    "referrals",
    "review_apps",
    "rhythms",
    "schedule_runs",
    "shop_origins",
    "shops",
    "standings",
    "streaks",
    "tier_changes",
    "tier_sweeps",
    "untold_members",
    "verifications",
    "voucher_codes",
]
