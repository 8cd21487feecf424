"""Rewards that were made at the shop's platform are ended there before their points return. Source: semantics 4."""

from __future__ import annotations

from sqlalchemy import Connection

from app.errors import HoldEnded
from app.outbox import rows as effects
from app.outbox.rows import Put
from app.rewards import rows
from app.rewards.redemptions import END, MAKE
from app.rewards.rows import Redemption
from app.rules.rewards import BY_ORDER
from app.shops import Shop


def take_back(connection: Connection, shop: Shop, one: Redemption, why: str) -> bool:
    """Have a code ended before its points return; False: the platform has surely not made it, so nothing is to end.

    Once: asked for again it stays as it is. The member is locked.
    Raises: HoldEnded: money that is on its way to the member is given, and cannot be ended like a code.
    """
    if one.ending is not None:
        return True
    if one.state == "held" and effects.withdraw(connection, shop.id, MAKE, one.id):
        return False
    if one.kind not in BY_ORDER:
        raise HoldEnded(one.id, "being made")
    one.ending = why
    begun = effects.last_try(connection, shop.id, MAKE, one.id)
    due_at = begun + effects.LATER if begun is not None else None  # what is still on its way comes first
    effects.put(connection, shop.id, [Put(kind=END, subject=one.id, due_at=due_at)])
    rows.write(connection, shop.id, [one])
    return True
