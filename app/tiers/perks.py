"""What a tier gives with every order, as platforms know it: by a tag of the customer, or by a code."""

from __future__ import annotations

import hmac
from typing import Any

from app.rules.document import Tier
from app.rules.programme import Programme
from app.rules.rewards import code_of
from app.shops import Shop
from connectors import CONNECTORS


def stands(tier: Tier) -> bool:
    """Tell whether members of a tier get something with every order."""
    return bool(tier.perks.discount_percent) or tier.perks.free_shipping


def tag_of(tier: Tier) -> str | None:
    """Return the tag that customers of a tier carry; its perks need one."""
    return tier.perks.customer_tag or (f"tessera-{tier.key}" if stands(tier) else None)


def code_at(shop: Shop, tier: str) -> str:
    """Return the code of a tier's perks, always the same."""
    secret: str = shop.row["code_secret"]
    return f"{tier.upper()}-{code_of(hmac.digest(secret.encode(), f'perk:{tier}'.encode(), 'sha256'))[4:13]}"


def perk_code(shop: Shop, tier: Tier) -> str | None:
    """Return the code that members of a tier type in for their perks; None: they need none."""
    keeper = CONNECTORS[shop.platform].perks
    return code_at(shop, tier.key) if keeper is not None and keeper.by_email and stands(tier) else None


def granted(programme: Programme, tier: str | None) -> tuple[Tier, ...]:
    """Return the tiers whose perks members of a tier have: their own and those below."""
    return programme.tiers[: programme.ladder.height(tier) + 1]


def opened(tiers: tuple[Tier, ...]) -> dict[str, Any]:
    """Return what the perks of tiers open together."""
    return {
        "tiers": [each.key for each in tiers],
        "products": sorted({name for each in tiers for name in each.perks.products}),
        "content": sorted({name for each in tiers for name in each.perks.content}),
        "early_access_days": max((each.perks.early_access_days for each in tiers), default=0),
    }
