"""What is scarce of a reward: its stock, its budget, what each member may have of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select

from app.db import insert_new
from app.models import limited_rewards, redemptions
from app.rules.document import Reward
from app.rules.document.shared import Span
from app.rules.periods import period_of
from app.shops import Shop


def lock(connection: Connection, shop_id: str, reward: str) -> None:
    """Let nobody else take of a scarce reward until this transaction ends. Balances are locked before."""
    insert_new(connection, limited_rewards, {"shop_id": shop_id, "reward": reward})
    mine = and_(limited_rewards.c.shop_id == shop_id, limited_rewards.c.reward == reward)
    connection.execute(select(limited_rewards.c.reward).where(mine).with_for_update())


def gone(connection: Connection, shop_id: str, rewards: Iterable[Reward]) -> dict[str, int]:
    """Return how many of each reward with a stock were taken and not voided, gifts too."""
    limited = [reward.key for reward in rewards if reward.stock is not None]
    return {key: count for (key,), count in _counts(connection, shop_id, limited, [redemptions.c.reward], func.count())}


def spent(connection: Connection, shop: Shop, rewards: Iterable[Reward], now: datetime) -> dict[str, int]:
    """Return the points spent on each reward with a budget in the budget's period."""
    by_span: dict[Span, list[str]] = {}
    for reward in rewards:
        if reward.budget is not None:
            by_span.setdefault(reward.budget.period, []).append(reward.key)
    found: dict[str, int] = {}
    for span, keys in by_span.items():
        since = [] if span == "lifetime" else [redemptions.c.held_at >= period_of(span, now, shop.zone)[0]]
        points = func.sum(redemptions.c.points)
        found |= {k: int(p) for (k,), p in _counts(connection, shop.id, keys, [redemptions.c.reward], points, *since)}
    return found


def had(
    connection: Connection, shop_id: str, rewards: Iterable[Reward], member_ids: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Return how many each member took of each reward that limits this; gifts do not count."""
    limited = [reward.key for reward in rewards if reward.per_member is not None]
    group = [redemptions.c.member_id, redemptions.c.reward]
    own = and_(redemptions.c.member_id.in_(list(member_ids)), redemptions.c.given.is_(False))
    counted = _counts(connection, shop_id, limited if member_ids else [], group, func.count(), own)
    return {(member, reward): count for (member, reward), count in counted}


def _counts(
    connection: Connection, shop_id: str, keys: Sequence[str], group: Sequence[Any], what: Any, *where: Any
) -> list[tuple[tuple[Any, ...], int]]:
    if not keys:
        return []
    mine = and_(redemptions.c.shop_id == shop_id, redemptions.c.reward.in_(keys), redemptions.c.state != "voided")
    rows = connection.execute(select(*group, what).where(mine, *where).group_by(*group))
    return [(tuple(row[:-1]), row[-1]) for row in rows]
