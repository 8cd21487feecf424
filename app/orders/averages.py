"""What a shop's orders are worth on average: read once a programme day, so that listing rewards does not scan."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from sqlalchemy import Connection, and_, func, select

from app.db import insert_new
from app.models import average_orders, orders
from app.programmes import Version
from app.rules.money import total
from app.rules.rewards import Average
from app.shops import Shop

DAYS = 90


def needed(version: Version | None) -> bool:
    """Tell whether a reward of the programme asks for the average."""
    rewards = version.programme.rewards if version else ()
    return any(reward.min_above_average_percent is not None for reward in rewards)


def average(connection: Connection, shop: Shop, now: datetime, keep: bool = False) -> Average:
    """Return today's average; read anew where today's is not kept yet. `keep` it: only in a transaction that writes."""
    day = now.astimezone(shop.zone).date()
    known = kept(connection, shop.id, day)
    if known is not None:
        return known
    found = compute(connection, shop.id, now)
    if keep and found.orders:  # a day that begins without orders is looked at again
        row = {"shop_id": shop.id, "day": day, "orders": found.orders, "total": str(found.total)}
        insert_new(connection, average_orders, row)
    return found


def kept(connection: Connection, shop_id: str, day: date) -> Average | None:
    mine = and_(average_orders.c.shop_id == shop_id, average_orders.c.day == day)
    row = connection.execute(select(average_orders).where(mine)).first()
    return None if row is None else Average(row.orders, Fraction(row.total))


def compute(connection: Connection, shop_id: str, now: datetime) -> Average:
    """Read what counted orders of the last 90 days kept, in the programme's currency; exactly, one row per amount."""
    lately = and_(orders.c.placed_at > now - timedelta(days=DAYS), orders.c.placed_at <= now)
    mine = and_(orders.c.shop_id == shop_id, orders.c.counts, orders.c.spend.is_not(None), lately)
    rows = connection.execute(select(orders.c.spend, func.count()).where(mine).group_by(orders.c.spend)).all()
    return Average(sum(row[1] for row in rows), total(Fraction(row[0]) * row[1] for row in rows))
