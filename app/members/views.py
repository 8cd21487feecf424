"""A member as read from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from app import programmes
from app.errors import Conflict, NotFound
from app.members import names
from app.models import balances, identities, members
from app.orders import previews
from app.points import expiring, readouts
from app.points.readouts import Points
from app.rewards import shelf
from app.shops import Shop
from app.tiers import ranks
from app.tiers.ranks import Tier
from app.tiers.views import tier_document
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


def living(row: Row[Any]) -> Row[Any]:
    """Return a member of whom things may be noted. Raises: Conflict, of somebody who has been erased."""
    if row.erased_at is not None:
        raise Conflict("this member has been erased")
    return row


def carrying(connection: Connection, shop_id: str, ref: str) -> list[str]:
    """Return every member that carries an e-mail, verified or not, oldest first."""
    mine = and_(
        identities.c.shop_id == shop_id,
        identities.c.value == ref,
        identities.c.kind != "customer",
        identities.c.closed_at.is_(None),
    )
    statement = (
        select(members.c.id)
        .join(identities, and_(identities.c.shop_id == members.c.shop_id, identities.c.member_id == members.c.id))
        .where(mine)
        .group_by(members.c.id, members.c.enrolled_at)
        .order_by(members.c.enrolled_at, members.c.id)
    )
    return [row.id for row in connection.execute(statement)]


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
        points = readouts.points_of(connection, shop.id, {row.id: row.claimed}, now)
    else:
        points = {row.id: readouts.points_at(connection, shop.id, row.id, row.claimed, at)}
    tier_of = None if at is None else {row.id: ranks.at(connection, shop, row.id, row.enrolled_at, at)}
    return _documents(connection, vault, shop, [row], points, now, at=at, tier_of=tier_of)[0]


def views(
    connection: Connection, vault: Vault, shop: Shop, member_ids: Sequence[str], now: datetime
) -> list[dict[str, Any]]:
    """Return the read-outs of many members, in the order given; a fixed number of queries."""
    mine = and_(members.c.shop_id == shop.id, members.c.id.in_(list(member_ids)))
    known = {row.id: row for row in connection.execute(select(members).where(mine))}
    rows = [known[member_id] for member_id in member_ids if member_id in known]
    points = readouts.points_of(connection, shop.id, {row.id: row.claimed for row in rows}, now)
    return _documents(connection, vault, shop, rows, points, now)


def _documents(
    connection: Connection,
    vault: Vault,
    shop: Shop,
    rows: Sequence[Row[Any]],
    points: Mapping[str, Points],
    now: datetime,
    *,
    at: datetime | None = None,
    tier_of: Mapping[str, Tier | None] | None = None,
) -> list[dict[str, Any]]:
    """Put members into documents. Tier and next reward are null without a published programme."""
    try:
        version = programmes.current(connection, shop.id, now)
    except NotFound:
        version = None
    enrolled = {row.id: row.enrolled_at for row in rows}
    if tier_of is None:
        tier_of = ranks.of_all(connection, shop, enrolled, now)
    known_by = _identities(connection, shop.id, list(enrolled))
    on_it = shelf.load(connection, shop, version, rows, now) if version and version.programme.rewards else None
    warnings = expiring.warnings_of(connection, shop.id, list(enrolled), at)
    called = names.shown(connection, vault, shop.id, list(enrolled))
    return [
        {
            **_person(vault, shop.id, row, known_by.get(row.id, [])),
            "leaderboard_name": called.get(row.id),
            "tier": tier_document(tier_of.get(row.id), version, shop) if version else None,
            "points": points_document(points[row.id]),
            "warnings": [_warning(each) for each in warnings.get(row.id, [])],
            "next_reward": previews.next_reward(on_it, row.id, points[row.id].available) if on_it else None,
        }
        for row in rows
    ]


def _person(vault: Vault, shop_id: str, row: Row[Any], known_by: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": row.id,
        "email": vault.open(shop_id, row.email).decode() if row.email else None,
        "identities": known_by,
        "claimed": row.claimed,
        "enrolled_at": time_text(row.enrolled_at),
        "birthday": row.birthday.isoformat() if row.birthday else None,
        "tags": row.tags,
        "country": row.country,
        "customer_groups": row.customer_groups,
    }


def _warning(told: Mapping[str, Any]) -> dict[str, Any]:
    return {**told, "expires_at": time_text(told["expires_at"]), "recorded_at": time_text(told["recorded_at"])}


def _identities(connection: Connection, shop_id: str, member_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Tell what identifies members; e-mails are kept as hashes, so only their kind is told."""
    of_these = and_(identities.c.shop_id == shop_id, identities.c.member_id.in_(member_ids))
    statement = select(identities).where(of_these, identities.c.closed_at.is_(None))
    told: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(statement.order_by(identities.c.kind, identities.c.value)):
        if row.kind == "customer":
            identity = {"kind": "platform_id", "value": row.value, "verified": True}
        else:
            identity = {"kind": "email", "value": None, "verified": row.kind == "email"}
        told.setdefault(row.member_id, []).append(identity)
    return told
