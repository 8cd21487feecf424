"""What tiers give with every order stands at the shop's platform: made after publishing, and looked after daily.

Where a platform knows a tier by its members' addresses, what changes among them follows within a minute.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from sqlalchemy import Connection, and_, or_, select, update

from app import programmes, shops
from app.db import reading, retrying
from app.ledger import telling
from app.models import connections as table
from app.models import members, programme_versions
from app.models import shops as shops_table
from app.platforms import connections, tokens
from app.platforms.reading import LIVING
from app.programmes import Version
from app.rules.document import Tier
from app.services import Services
from app.shops import Shop
from app.tiers import ranks
from app.tiers.perks import code_at, stands, tag_of
from connectors import CONNECTORS
from connectors.contract import PlatformDown, PlatformRefused, Unauthorized
from connectors.contract.perks import Perk, PerkKeeper

log = structlog.get_logger()

EVERY = timedelta(hours=24)
TOGETHER = timedelta(minutes=1)  # members who change within this are told at once
LEASE, LATER = timedelta(minutes=10), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Lease:
    token: str
    until: datetime  # real time


@dataclass(frozen=True, slots=True)
class _Wanted:
    version: Version | None
    perks: tuple[Perk, ...]
    dropped: tuple[str, ...]
    cannot: str | None
    next_at: datetime  # real time
    was_awaited: bool  # the version was published for a day to come

    @property
    def digest(self) -> str:
        told = [[one.id, one.title, one.tag, str(one.percent), one.free_shipping, one.emails] for one in self.perks]
        return hashlib.sha256(json.dumps([told, self.dropped]).encode()).hexdigest()


def run_due(services: Services, limit: int = 20) -> int:
    """Look after the perks of the shops whose time has come; return at how many platforms something was done."""
    real = services.clock.real()
    late = or_(table.c.perks_due_at.is_(None), table.c.perks_due_at <= real)
    with reading(services.engine) as connection:
        wanted = select(table.c.shop_id).join(shops_table, LIVING).where(late)
        due = connection.execute(wanted.order_by(table.c.perks_due_at.nulls_first()).limit(limit)).scalars().all()
        found = [shops.get(connection, shop_id) for shop_id in due]
    return sum(_turn(services, shop) for shop in found)


def soon(connection: Connection, shop: Shop, at: datetime) -> None:
    """Look after a shop's perks at a moment, if no sooner; `at`: real time."""
    keeper = CONNECTORS[shop.platform].perks
    if keeper is not None and keeper.by_email:
        mine = and_(table.c.shop_id == shop.id, table.c.perks_due_at > at)
        connection.execute(update(table).where(mine).values(perks_due_at=at))


def again(connection: Connection, shop: Shop) -> None:
    """Look after a shop's perks at once: the merchant has mended what was in the way."""
    mine = table.c.shop_id == shop.id
    connection.execute(update(table).where(mine).values(perks_due_at=None, perks_kept=None))


def why_not(connection: Connection, shop_id: str) -> str | None:
    """Return why a shop's perks could not be made; None: nothing is in the way."""
    return connection.execute(select(table.c.perks_reason).where(table.c.shop_id == shop_id)).scalar()


def drop(services: Services, shop: Shop) -> str | None:
    """Take a shop's perks back; return what is left for the merchant to do there by hand."""
    keeper = CONNECTORS[shop.platform].perks
    with reading(services.engine) as connection:
        codes = [code_at(shop, key) for key in _ever(programmes.versions(connection, shop.id))]
    if keeper is None or not codes:
        return None
    try:
        keeper.keep(services.caller, shop.ref, tokens.live(services, shop), [], codes)
    except (PlatformDown, PlatformRefused) as error:
        return f"the discounts of tiers could not be removed ({error}): delete them in the shop"
    return None


def _turn(services: Services, shop: Shop) -> int:
    keeper, real = CONNECTORS[shop.platform].perks, services.clock.real()
    lease = _Lease(secrets.token_hex(16), real + LEASE)
    if keeper is None or not retrying(services.engine, lambda connection: _take(connection, shop.id, lease, real)):
        return 0
    with reading(services.engine) as connection:
        row = connection.execute(select(table).where(table.c.shop_id == shop.id)).mappings().one()
        wanted = _wanted(connection, services, shop, keeper, row["scopes"])
    fresh = row["perks_kept_at"] is not None and row["perks_kept_at"] > real - EVERY
    idle = not wanted.perks and not wanted.dropped  # nothing was ever made there
    if idle or wanted.cannot:
        _note(services, shop, lease, wanted, {"perks_reason": wanted.cannot if wanted.perks else None})
        return 0
    if fresh and row["perks_kept"] == wanted.digest:
        _note(services, shop, lease, wanted, {})
        return 0
    done = {"perks_reason": None, "perks_kept": wanted.digest, "perks_kept_at": real}
    try:
        keeper.keep(services.caller, shop.ref, tokens.live(services, shop), wanted.perks, wanted.dropped)
    except Unauthorized as error:
        reason = str(error)
        retrying(services.engine, lambda connection: connections.lock_out(connection, shop.id, reason))
        _note(services, shop, lease, wanted, {"perks_kept": None})
    except PlatformDown as error:
        log.warning("perks_not_kept", shop=shop.id, reason=str(error))
        _note(services, shop, lease, wanted, {"perks_kept": None}, real + LATER)
    except PlatformRefused as error:
        log.warning("perks_refused", shop=shop.id, reason=str(error))
        _note(services, shop, lease, wanted, {**done, "perks_reason": str(error)})  # tomorrow again, or by the button
    else:
        _note(services, shop, lease, wanted, done)
    return 1


def _take(connection: Connection, shop_id: str, lease: _Lease, real: datetime) -> bool:
    """Take a shop's turn; False: another worker has it. What two do at once would be there twice."""
    due = or_(table.c.perks_due_at.is_(None), table.c.perks_due_at <= real)
    free = or_(table.c.perks_leased_until.is_(None), table.c.perks_leased_until <= real)
    held = {"perks_lease": lease.token, "perks_leased_until": lease.until, "perks_due_at": lease.until}
    mine = and_(table.c.shop_id == shop_id, due, free)
    return connection.execute(update(table).where(mine).values(held)).rowcount == 1


def _note(
    services: Services,
    shop: Shop,
    lease: _Lease,
    wanted: _Wanted,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> None:
    """Note how it went, and give the turn back. What was asked for meanwhile keeps its own moment."""
    number, mine = wanted.version.number if wanted.version else None, table.c.shop_id == shop.id

    def work(connection: Connection) -> None:
        row = connection.execute(select(table).where(mine).with_for_update()).mappings().first()
        if row is None or row["perks_lease"] != lease.token:  # it took so long that another has gone on: look again
            connection.execute(update(table).where(mine).values(perks_kept=None, perks_due_at=None))
            return
        if wanted.was_awaited and row["perks_version"] != number:
            telling.mark_all(connection, shop.id)  # its day has come: tags and names are others from now on
        asked = row["perks_due_at"] != lease.until
        free = {"perks_lease": None, "perks_leased_until": None, "perks_version": number}
        due_at = row["perks_due_at"] if asked else at or wanted.next_at
        connection.execute(update(table).where(mine).values({**free, **values, "perks_due_at": due_at}))

    retrying(services.engine, work)


# --- what is wanted ---------------------------------------------------------------------------------------------------


def _wanted(
    connection: Connection, services: Services, shop: Shop, keeper: PerkKeeper, scopes: Sequence[str]
) -> _Wanted:
    now, real = services.clock.now(connection), services.clock.real()
    known = programmes.versions(connection, shop.id)
    version = programmes.effective(known, now)
    tiers = [tier for tier in version.programme.tiers if stands(tier)] if version and _runs(version) else []
    perks = tuple(_perk(connection, services, shop, keeper, version, tier) for tier in tiers if version)
    keys = {tier.key for tier in tiers}
    dropped = tuple(code_at(shop, key) for key in _ever(known) if key not in keys)
    later = [one.effective_from - now for one in known if one.effective_from > now]
    next_at, was_awaited = real + min([EVERY, *later]), version is not None and _was_awaited(connection, shop, version)
    return _Wanted(version, perks, dropped, keeper.cannot(scopes), next_at, was_awaited)


def _was_awaited(connection: Connection, shop: Shop, version: Version) -> bool:
    mine = and_(programme_versions.c.shop_id == shop.id, programme_versions.c.version == version.number)
    published_at = connection.execute(select(programme_versions.c.published_at).where(mine)).scalar_one()
    return bool(published_at < version.effective_from)


def _runs(version: Version) -> bool:
    return version.programme.phase.kind != "ended"


def _ever(known: Sequence[Version]) -> list[str]:
    """Return the tiers that have ever had perks."""
    tiers = [tier for version in known for tier in version.programme.tiers]
    return sorted({tier.key for tier in tiers if stands(tier)})


def _perk(
    connection: Connection, services: Services, shop: Shop, keeper: PerkKeeper, version: Version, tier: Tier
) -> Perk:
    percent, now = tier.perks.discount_percent, services.clock.now(connection)
    return Perk(
        id=f"{shop.id}:{tier.key}",
        title=f"{version.programme.name}: {_name(tier, version)}",
        code=code_at(shop, tier.key),
        tag=tag_of(tier) or "",
        percent=Decimal(percent) if percent else None,
        free_shipping=tier.perks.free_shipping,
        since=version.effective_from,
        emails=_emails(connection, services, shop.id, tier.key, now) if keeper.by_email else (),
    )


def _name(tier: Tier, version: Version) -> str:
    """Return what shoppers call a tier; the key beside it where others are called so too."""
    name = tier.name or tier.key
    alike = [each for each in version.programme.tiers if (each.name or each.key) == name]
    return f"{name} ({tier.key})" if len(alike) > 1 else name


def _emails(connection: Connection, services: Services, shop_id: str, tier: str, now: datetime) -> tuple[str, ...]:
    """Return the addresses of a tier's members."""
    living = and_(members.c.shop_id == shop_id, members.c.merged_into.is_(None), members.c.email.is_not(None))
    theirs = select(members.c.email).where(living, ranks.is_in(connection, shop_id, tier, now))
    found = connection.execute(theirs).scalars()
    return tuple(sorted({services.vault.open(shop_id, sealed).decode() for sealed in found}))
