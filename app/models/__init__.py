"""Tables and nothing else."""

from app.models.activities import activities
from app.models.base import metadata
from app.models.campaigns import campaign_counts
from app.models.commands import clock, idempotency
from app.models.inbox import inbox
from app.models.ledger import ACCOUNTS, allocations, balances, entries, expiry_warnings, holds, lots, redatings
from app.models.members import identities, identity_locks, members, tier_changes
from app.models.orders import facts, orders, products
from app.models.programmes import programme_drafts, programme_versions
from app.models.shops import api_keys, shop_origins, shops

__all__ = [
    "ACCOUNTS",
    "activities",
    "allocations",
    "api_keys",
    "balances",
    "campaign_counts",
    "clock",
    "entries",
    "expiry_warnings",
    "facts",
    "holds",
    "idempotency",
    "identities",
    "identity_locks",
    "inbox",
    "lots",
    "members",
    "metadata",
    "orders",
    "products",
    "programme_drafts",
    "programme_versions",
    "redatings",
    "shop_origins",
    "shops",
    "tier_changes",
]
