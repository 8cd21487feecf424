"""A member's tier: who is in which, since when, and moving one by hand. History is append-only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select

from app import journal
from app.errors import FieldError, Invalid
from app.models import balances, tier_changes
from app.programmes import Version


@dataclass(frozen=True, slots=True)
class Tier:
    key: str
    since: datetime
    keeps_until: datetime | None


def of(connection: Connection, shop_id: str, member_id: str, enrolled_at: datetime, version: Version) -> Tier | None:
    """Return a member's tier now: the last one set, else the entry tier. None where there are no tiers."""
    return of_all(connection, shop_id, {member_id: enrolled_at}, version).get(member_id)


def of_all(
    connection: Connection, shop_id: str, enrolled_at: Mapping[str, datetime], version: Version
) -> dict[str, Tier]:
    """Return the tiers of many members at once, by id; nobody has one where there are no tiers."""
    tiers = version.programme.tiers
    found = {member: Tier(tiers[0].key, at, None) for member, at in enrolled_at.items()} if tiers else {}
    mine = and_(tier_changes.c.shop_id == shop_id, tier_changes.c.member_id.in_(list(enrolled_at)))
    for row in connection.execute(select(tier_changes).where(mine).order_by(tier_changes.c.n)):
        found[row.member_id] = Tier(row.tier, row.at, row.keeps_until)
    return found


def history(connection: Connection, shop_id: str, member_ids: Iterable[str]) -> dict[str, list[tuple[datetime, str]]]:
    """Return members' tier changes, oldest first."""
    known: dict[str, list[tuple[datetime, str]]] = {}
    mine = and_(tier_changes.c.shop_id == shop_id, tier_changes.c.member_id.in_(list(member_ids)))
    for row in connection.execute(select(tier_changes).where(mine).order_by(tier_changes.c.n)):
        known.setdefault(row.member_id, []).append((row.at, row.tier))
    return known


def set_by_hand(
    connection: Connection, shop_id: str, member_id: str, key: str, *, reason: str, version: Version, now: datetime
) -> None:
    """Put a member into a tier; it stays until set again. Raises: Invalid, for a tier the programme lacks."""
    known = [tier.key for tier in version.programme.tiers]
    if key not in known:
        message = f"the programme's tiers are {', '.join(known) or 'none'}"
        raise Invalid(message, (FieldError("key", "unknown", message),))
    lock = and_(balances.c.shop_id == shop_id, balances.c.member_id == member_id)
    connection.execute(select(balances.c.member_id).where(lock).with_for_update())
    write(connection, shop_id, member_id, key, now, reason)
    journal.write(connection, shop_id, [journal.Row("tier", member_id, now, {"member": member_id, "tier": key})])


def write(connection: Connection, shop_id: str, member_id: str, key: str, now: datetime, reason: str) -> None:
    mine = and_(tier_changes.c.shop_id == shop_id, tier_changes.c.member_id == member_id)
    last = connection.execute(select(tier_changes.c.n).where(mine).order_by(tier_changes.c.n.desc()).limit(1)).scalar()
    connection.execute(
        insert(tier_changes).values(
            shop_id=shop_id,
            member_id=member_id,
            n=(last or 0) + 1,
            tier=key,
            at=now,
            source="manual",
            reason=reason,
        )
    )
