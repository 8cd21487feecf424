"""Tables and nothing else."""

from app.models.activities import activities
from app.models.base import metadata
from app.models.commands import clock, idempotency
from app.models.inbox import inbox
from app.models.ledger import ACCOUNTS, allocations, balances, entries, holds, lots
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
    "clock",
    "entries",
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
    "shop_origins",
    "shops",
    "tier_changes",
]
