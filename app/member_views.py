"""A member as read from outside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from app import previews, programmes, readouts, tiers
from app.errors import NotFound
from app.models import balances, identities, members
from app.readouts import Points
from app.shops import Shop
from app.vault import Vault


def time_text(moment: datetime | None) -> str | None:
    """Write a moment as RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def member_row(connection: Connection, shop_id: str, member_id: str) -> Row[Any]:
    """Return a member, merges followed to the survivor. Raises: NotFound."""
    wanted: str | None = member_id
    row: Row[Any] | None = None
    while wanted is not None:
        mine = and_(members.c.shop_id == shop_id, members.c.id == wanted)
        row = connection.execute(select(members).where(mine)).first()
        if row is None:
            break
        wanted = row.merged_into
    if row is None:
        raise NotFound("there is no such member")
    return row


def held_row(connection: Connection, shop_id: str, member_id: str) -> Row[Any]:
    """Return a member like `member_row`, its balance locked: no merge can move it away meanwhile."""
    row = member_row(connection, shop_id, member_id)
    while True:
        mine = and_(balances.c.shop_id == shop_id, balances.c.member_id == row.id)
        connection.execute(select(balances.c.member_id).where(mine).with_for_update())
        again = member_row(connection, shop_id, row.id)
        if again.id == row.id:
            return again
        row = again


def points_document(points: Points) -> dict[str, Any]:
    return {
        "available": points.available,
        "pending": points.pending,
        "held": points.held,
        "deficit": points.deficit,
        "unclaimed": points.unclaimed,
        "lifetime_earned": points.lifetime_earned,
        "expiring": [{"points": amount, "at": time_text(at)} for amount, at in points.expiring],
    }


def view(
    connection: Connection, vault: Vault, shop: Shop, member_id: str, now: datetime, at: datetime | None = None
) -> dict[str, Any]:
    """Return a member's read-out, with points as of now or of `at`. Raises: NotFound."""
    row = member_row(connection, shop.id, member_id)
    if at is None:
        points = readouts.points_now(connection, shop.id, row.id, row.claimed, now)
    else:
        points = readouts.points_at(connection, shop.id, row.id, row.claimed, at)
    tier, reward = _standing(connection, shop, row, points, now)
    return {
        "id": row.id,
        "email": vault.open(shop.id, row.email).decode() if row.email else None,
        "identities": list(_identities(connection, shop.id, row.id)),
        "claimed": row.claimed,
        "enrolled_at": time_text(row.enrolled_at),
        "birthday": row.birthday.isoformat() if row.birthday else None,
        "tags": row.tags,
        "tier": tier,
        "points": points_document(points),
        "next_reward": reward,
    }


def _standing(connection: Connection, shop: Shop, row: Row[Any], points: Points, now: datetime) -> tuple[Any, Any]:
    """Return tier and next reward; both are null without a published programme."""
    try:
        version = programmes.current(connection, shop.id, now)
    except NotFound:
        return None, None
    tier = tiers.of(connection, shop.id, row.id, row.enrolled_at, version)
    shown = tier and {
        "key": tier.key,
        "since": time_text(tier.since),
        "keeps_until": time_text(tier.keeps_until),
        "points_to_next": None,
    }
    return shown, previews.next_reward(version, points.available)


def _identities(connection: Connection, shop_id: str, member_id: str) -> Iterable[dict[str, Any]]:
    """Tell what identifies a member; e-mails are kept as hashes, so only their kind is told."""
    mine = and_(identities.c.shop_id == shop_id, identities.c.member_id == member_id, identities.c.closed_at.is_(None))
    for row in connection.execute(select(identities).where(mine).order_by(identities.c.kind, identities.c.value)):
        if row.kind == "customer":
            yield {"kind": "platform_id", "value": row.value, "verified": True}
        else:
            yield {"kind": "email", "value": None, "verified": row.kind == "email"}
