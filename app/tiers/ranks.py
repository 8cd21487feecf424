"""A member's tier: who is in which, since when, and moving one by hand. History is append-only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, select

from app import journal, programmes
from app.errors import FieldError, Invalid
from app.models import members, standings, tier_changes
from app.orders.purchases import Purchases
from app.programmes import Version
from app.rules.projection import Projection, project
from app.rules.standing import standing
from app.settling import Settling
from app.shops import Shop
from app.tiers.book import TierBook
from app.tiers.states import recorded


class Tier(NamedTuple):
    """Where a member stands. `projection` tells what is missing to the next tier, and to keep this one."""

    key: str
    since: datetime
    keeps_until: datetime | None
    source: str
    projection: Projection | None = None


def of(connection: Connection, shop: Shop, member_id: str, enrolled_at: datetime, now: datetime) -> Tier | None:
    """Return a member's tier now. None without a published programme or without tiers."""
    return of_all(connection, shop, {member_id: enrolled_at}, now).get(member_id)


def of_all(connection: Connection, shop: Shop, enrolled_at: Mapping[str, datetime], now: datetime) -> dict[str, Tier]:
    """Return the tiers of many members at once, by id, as of now whether or not a tick has come by.

    A fixed number of queries.
    """
    versions = programmes.versions(connection, shop.id)
    if not versions or not enrolled_at:
        return {}
    book = _book(connection, shop, versions)
    book.purchases.load(enrolled_at)
    book.load(enrolled_at)
    found = {member_id: _tier(book, member_id, at, now) for member_id, at in enrolled_at.items()}
    return {member_id: tier for member_id, tier in found.items() if tier is not None}


def _book(connection: Connection, shop: Shop, versions: list[Version]) -> TierBook:
    return TierBook(connection, shop.id, shop.zone, versions, Purchases(connection, shop.id))


def _tier(book: TierBook, member_id: str, enrolled_at: datetime, now: datetime) -> Tier | None:
    book.bring_up(member_id, now)
    version = programmes.effective(book.versions, now) or book.versions[-1]
    ladder, state = version.programme.ladder, book.state(member_id)
    if not ladder.keys:
        return None
    key, until = recorded(state, ladder)
    life = book.life(member_id, ladder, now)
    source = standing(ladder, life, now, book.zone).source
    told = None if source == "manual" else project(version.programme, key, source, life, now, book.zone)
    return Tier(key, state.since or enrolled_at, until, source, told)


def at(connection: Connection, shop: Shop, member_id: str, enrolled_at: datetime, moment: datetime) -> Tier | None:
    """Return the tier a member had at a moment, as its history says."""
    versions = programmes.versions(connection, shop.id)
    found = Tier("", enrolled_at, None, "measure")
    for row in reversed(history(connection, shop.id, member_id, None, None)):
        if row["at"] <= moment:
            since = found.since if row["tier"] == found.key else row["at"]
            found = Tier(row["tier"], since, row["keeps_until"], row["source"])
    version = programmes.effective(versions, moment)
    if not found.key and version is not None and version.programme.tiers:
        found = found._replace(key=version.programme.tiers[0].key)
    return found if found.key else None


def history(
    connection: Connection, shop_id: str, member_id: str, before: int | None, limit: int | None
) -> list[RowMapping]:
    """Return a member's tier changes, newest first; `before` is the number of the last one already seen."""
    mine = and_(tier_changes.c.shop_id == shop_id, tier_changes.c.member_id == member_id)
    if before is not None:
        mine = and_(mine, tier_changes.c.n < before)
    statement = select(tier_changes).where(mine).order_by(tier_changes.c.n.desc()).limit(limit)
    return list(connection.execute(statement).mappings())


def paths(connection: Connection, shop_id: str, member_ids: Iterable[str]) -> dict[str, list[tuple[datetime, str]]]:
    """Return the tier changes of many members at once: (moment, tier) by member, oldest first."""
    found: dict[str, list[tuple[datetime, str]]] = {}
    mine = and_(tier_changes.c.shop_id == shop_id, tier_changes.c.member_id.in_(list(member_ids)))
    for row in connection.execute(select(tier_changes).where(mine).order_by(tier_changes.c.n)):
        found.setdefault(row.member_id, []).append((row.at, row.tier))
    return found


def set_by_hand(
    connection: Connection,
    shop: Shop,
    member_id: str,
    key: str,
    *,
    reason: str,
    keeps_until: datetime | None,
    now: datetime,
) -> None:
    """Put a member into a tier; it stays until set again or its date. Raises: Invalid."""
    known = [tier.key for tier in programmes.current(connection, shop.id, now).programme.tiers]
    if key not in known:
        message = f"the programme's tiers are {', '.join(known) or 'none'}"
        raise Invalid(message, (FieldError("key", "unknown", message),))
    if keeps_until is not None and keeps_until <= now:
        message = "Write a time to come, or leave it out."
        raise Invalid(message, (FieldError("keeps_until", "in_the_past", message),))
    settling = Settling(connection, shop, now)
    put(settling, member_id, key, keeps_until, reason)
    until = keeps_until.isoformat() if keeps_until else None
    body = {"member": member_id, "tier": key, "keeps_until": until}
    journal.write(connection, shop.id, [journal.Row("tier", member_id, now, body)])


def put(settling: Settling, member_id: str, key: str, keeps_until: datetime | None, reason: str) -> None:
    """Write down a tier set by hand, with what it brings; replay comes through here too."""
    settling.load([], member_ids=[member_id])
    settling.desk.tiers.set_by_hand(member_id, key, keeps_until, reason=reason, now=settling.desk.now)
    settling.flush()


def is_in(connection: Connection, shop_id: str, key: str, now: datetime) -> ColumnElement[bool]:
    """Select the members in a tier, as last reviewed; who never changed is in the entry tier."""
    here = and_(standings.c.shop_id == shop_id, standings.c.member_id == members.c.id)
    known = programmes.versions(connection, shop_id)
    version = programmes.effective(known, now) or (known[-1] if known else None)
    if version is not None and version.programme.tiers and version.programme.tiers[0].key == key:
        return ~exists().where(here, standings.c.changes > 0, standings.c.tier != key)
    return exists().where(here, standings.c.changes > 0, standings.c.tier == key)
