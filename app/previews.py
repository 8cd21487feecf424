"""What a basket would earn: the promise, by the function that will award it.

Source: semantics 2, "Promise = award".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app import products, programmes, tiers
from app.errors import NotFound
from app.programmes import Version
from app.rules.earning import Basket, BasketLine, Context, Earned, ProductFacts, preview
from app.rules.factors import InForce
from app.shops import Shop


def earn_preview(
    connection: Connection,
    shop: Shop,
    basket: Basket,
    now: datetime,
    tier: str | None = None,
    in_force: InForce | None = None,
) -> tuple[Earned, Version]:
    """Return what a basket earns if bought now, by a member of `tier` or by a newcomer.

    `in_force`: the member's own multipliers.
    Raises: NotFound, while no programme is in effect: nothing would be awarded.
    """
    version = programmes.effective(programmes.versions(connection, shop.id), now)
    if version is None:
        raise NotFound("no programme is in effect yet")
    known = version.programme.tiers
    entry = known[0].key if known else None
    context = Context(tier or entry)
    completed = replace(basket, lines=_with_catalogue(connection, shop.id, basket.lines))
    earned = preview(
        completed, version.programme, context, now=now, in_force=in_force, zone=shop.zone, version=version.number
    )
    return earned, version


def _with_catalogue(connection: Connection, shop_id: str, lines: Sequence[BasketLine]) -> list[BasketLine]:
    """Complete lines by what the catalogue knows of their products, as settling does."""
    known = products.facts_of(connection, shop_id, {line.product_id for line in lines if line.product_id})
    return [_completed(line, known.get(line.product_id or "")) for line in lines]


def _completed(line: BasketLine, facts: ProductFacts | None) -> BasketLine:
    if facts is None:
        return line
    tags, collections = line.tags or facts.tags, line.collections or facts.collections
    return replace(line, tags=tags, collections=collections, vendor=line.vendor or facts.vendor)


def next_reward(version: Version, points: int) -> dict[str, Any] | None:
    """Return the cheapest reward that these points do not reach yet, and what is missing."""
    dearer = [reward for reward in version.programme.rewards if reward.points and reward.points > points]
    if not dearer:
        return None
    reward = min(dearer, key=lambda reward: (reward.points or 0, reward.key))
    return {"key": reward.key, "kind": reward.kind, "points": reward.points, "missing": (reward.points or 0) - points}


def tier_key(connection: Connection, shop: Shop, member_id: str, enrolled_at: datetime, version: Version) -> str | None:
    tier = tiers.of(connection, shop.id, member_id, enrolled_at, version)
    return tier.key if tier else None
