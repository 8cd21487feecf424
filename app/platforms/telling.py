"""What themes may show of a member without asking us: balance, tier, rewards and what they open, kept at the platform.

Changes of some seconds are told together, several members in one call. A member who changes while it is told is told
once more. Only who has an account at the platform is told of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, and_, delete, or_, select, update

from app import programmes, shops
from app.db import reading, retrying
from app.members import views
from app.models import connections as connected
from app.models import identities
from app.models import shops as shops_table
from app.models import untold_members as table
from app.platforms import connections, perks, tokens
from app.platforms.reading import LIVING
from app.rewards import views as rewards
from app.services import Services
from app.shops import Shop
from app.tiers.perks import granted, opened, tag_of
from connectors import CONNECTORS
from connectors.contract import PlatformDown, PlatformRefused, Unauthorized
from connectors.contract.telling import CustomerFacts

log = structlog.get_logger()

PIECE = 25  # members in one call: the most that every platform takes
A_TURN = 20  # pieces of one shop, before others have theirs
LATER = timedelta(minutes=2)
FRESH = timedelta(days=1)  # so long after its begin a version takes the tags of those before from its members


def run_due(services: Services, limit: int = 20) -> int:
    """Tell platforms of members who changed; return how many were told."""
    real = services.clock.real()
    with reading(services.engine) as connection:
        due = select(table.c.shop_id).join(connected, connected.c.shop_id == table.c.shop_id)
        wanted = due.join(shops_table, LIVING).where(table.c.due_at <= real).distinct().limit(limit)
        found = [shops.get(connection, shop_id) for shop_id in connection.execute(wanted).scalars().all()]
    return sum(_turn(services, shop) for shop in found)


def _turn(services: Services, shop: Shop) -> int:
    told = 0
    for _ in range(A_TURN):
        with reading(services.engine) as connection:
            mine = and_(table.c.shop_id == shop.id, table.c.due_at <= services.clock.real())
            rows = connection.execute(select(table).where(mine).order_by(table.c.due_at).limit(PIECE)).all()
            facts = _facts(connection, services, shop, rows)
        if not rows or not _tell(services, shop, rows, facts):
            return told
        told += len(facts)
    return told


def _tell(services: Services, shop: Shop, rows: Sequence[Row[Any]], facts: Sequence[CustomerFacts]) -> bool:
    """Tell one piece; return whether the shop can be called on."""
    teller = CONNECTORS[shop.platform].teller
    try:
        if facts and teller is not None:
            teller.tell(services.caller, shop.ref, tokens.live(services, shop), facts)
    except Unauthorized as error:
        reason = str(error)
        retrying(services.engine, lambda connection: connections.lock_out(connection, shop.id, reason))
        return False
    except (PlatformDown, PlatformRefused) as error:
        log.warning("members_not_told", shop=shop.id, reason=str(error))
        retrying(services.engine, lambda connection: _put_off(connection, services, rows))
        return False
    retrying(services.engine, lambda connection: _done(connection, services, shop, rows))
    return True


def _this(row: Row[Any]) -> Any:
    return and_(table.c.shop_id == row.shop_id, table.c.member_id == row.member_id, table.c.marks == row.marks)


def _done(connection: Connection, services: Services, shop: Shop, rows: Sequence[Row[Any]]) -> None:
    """Forget what was told; who was marked meanwhile stays. Their tiers may be others now."""
    connection.execute(delete(table).where(or_(*map(_this, rows))))
    perks.soon(connection, shop, services.clock.real() + perks.TOGETHER)


def _put_off(connection: Connection, services: Services, rows: Sequence[Row[Any]]) -> None:
    later = services.clock.real() + LATER
    connection.execute(update(table).where(or_(*map(_this, rows))).values(due_at=later))


def _facts(connection: Connection, services: Services, shop: Shop, rows: Sequence[Row[Any]]) -> list[CustomerFacts]:
    """Return what there is to tell of members who have an account at the platform."""
    ids = [row.member_id for row in rows]
    mine = and_(identities.c.shop_id == shop.id, identities.c.member_id.in_(ids), identities.c.kind == "customer")
    known = connection.execute(
        select(identities.c.member_id, identities.c.value).where(mine, identities.c.closed_at.is_(None))
    ).all()
    now = services.clock.now(connection)
    told = {each["id"]: each for each in views.views(connection, services.vault, shop, ids, now)}
    entitled = rewards.entitled(connection, shop.id, ids, now)
    version = programmes.current_or_none(connection, shop.id, now)
    tags = {tier.key: tag_of(tier) for tier in version.programme.tiers} if version else {}
    ever = programmes.versions(connection, shop.id) if version and now - version.effective_from < FRESH else ()
    old = [tag_of(tier) for known in ever for tier in known.programme.tiers]  # told off once; then they are the shop's
    all_tags = frozenset(filter(None, (*tags.values(), *old)))
    return [
        _fact(
            member | {"entitlements": entitled[row.member_id], "access": _access(member, version)},
            row.value,
            tags,
            all_tags,
        )
        for row in known
        if (member := told.get(row.member_id))
    ]


def _access(member: dict[str, Any], version: programmes.Version | None) -> dict[str, Any] | None:
    """Return what the member's tier opens, with those below; None: no tier."""
    return opened(granted(version.programme, member["tier"]["key"])) if version and member["tier"] else None


def _fact(
    member: dict[str, Any], customer_id: str, tags: dict[str, str | None], all_tags: frozenset[str]
) -> CustomerFacts:
    tier, points = member["tier"], member["points"]
    tag = tags.get(tier["key"]) if tier else None
    return CustomerFacts(
        customer_id=customer_id,
        document={
            "points": points["available"],
            "pending": points["pending"],
            "tier": {name: tier[name] for name in ("key", "name", "perks", "perk_code")} if tier else None,
            "next_reward": member["next_reward"],
            "access": member["access"],
            "entitlements": member["entitlements"],
        },
        tags=frozenset({tag} if tag else ()),
        not_tags=frozenset(one for one in all_tags if tag is None or one.casefold() != tag.casefold()),
    )
