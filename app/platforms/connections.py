"""How a shop's platform is called. Credentials are sealed to the shop and replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Column, Connection, and_, delete, insert, or_, select, update

from app import shops
from app.ledger import telling
from app.models import connections
from app.outbox import rows as outbox
from app.shops import Shop
from app.vault import Vault
from connectors import CONNECTORS
from connectors.contract import ScopesTold, ShopUninstalled
from connectors.contract.installing import About, Credentials, Held

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Connected:
    """A shop's connection, opened."""

    credentials: Credentials
    access_until: datetime | None
    refresh_until: datetime | None
    scopes: tuple[str, ...]
    about: Mapping[str, Any]
    connected_at: datetime

    def __repr__(self) -> str:
        return "Connected(…)"  # credentials stand in no log


def keep(connection: Connection, vault: Vault, shop: Shop, held: Held, about: About, now: datetime) -> None:
    """Connect a shop, or connect it anew: then its changes are read from where they were read up to."""
    shop_id, takes_facts = shop.id, _takes_facts(shop.platform, held.scopes)
    mine = connections.c.shop_id == shop_id
    read_until = connection.execute(select(connections.c.read_until).where(mine)).scalar()
    forget(connection, shop_id)
    connection.execute(
        insert(connections).values(
            shop_id=shop_id,
            credentials=vault.seal(shop_id, json.dumps(dict(held.credentials)).encode()),
            access_until=held.access_until,
            refresh_until=held.refresh_until,
            scopes=list(held.scopes),
            about={"version": about.version, **about.facts},
            read_until=read_until,
            takes_facts=takes_facts,
            connected_at=now,
            updated_at=now,
        )
    )
    outbox.wake(connection, shop_id)
    telling.mark_all(connection, shop_id)


def _takes_facts(platform: str, scopes: Collection[str]) -> bool:
    teller = CONNECTORS[platform].teller
    return teller is not None and teller.may(scopes)


def find(connection: Connection, vault: Vault, shop_id: str) -> Connected | None:
    """Return a shop's connection; None: it is not connected."""
    row = connection.execute(select(connections).where(connections.c.shop_id == shop_id)).mappings().first()
    if row is None:
        return None
    return Connected(
        credentials=json.loads(vault.open(shop_id, row["credentials"])),
        access_until=row["access_until"],
        refresh_until=row["refresh_until"],
        scopes=tuple(row["scopes"]),
        about=row["about"],
        connected_at=row["connected_at"],
    )


def scopes(connection: Connection, shop: Shop) -> Collection[str] | None:
    """Return what a shop's platform lets us do; None: it cannot be called."""
    mine = select(connections.c.scopes).where(connections.c.shop_id == shop.id)
    granted = connection.execute(mine).scalar()
    return granted if shop.state == "active" else None


def take_turn(connection: Connection, shop_id: str, when: Column[datetime], before: datetime, now: datetime) -> bool:
    """Take a shop's turn at something whose last time stands in a column; two workers never get the same one."""
    mine = and_(connections.c.shop_id == shop_id, or_(when.is_(None), when <= before))
    return connection.execute(update(connections).where(mine).values({when: now})).rowcount == 1


def lock_out(connection: Connection, shop_id: str, reason: str) -> None:
    """Note that a shop no longer accepts our key: say so, instead of awarding on what nobody can check."""
    shops.mark(connection, shop_id, "locked_out", reason)
    log.warning("locked_out", shop=shop_id, reason=reason)


def follow(connection: Connection, shop_id: str, fact: ShopUninstalled | ScopesTold) -> None:
    """Follow what the platform says of the app in a shop.

    A removal may be told late, after the merchant has installed again: so it is looked after at once, and the
    credentials are forgotten when they turn out to be dead (`hooks`).
    """
    mine = connections.c.shop_id == shop_id
    if isinstance(fact, ScopesTold):
        platform = shops.get(connection, shop_id).platform
        changed = {"scopes": list(fact.scopes), "takes_facts": _takes_facts(platform, fact.scopes)}
        connection.execute(update(connections).where(mine).values(changed))
        telling.mark_all(connection, shop_id)
        return
    shops.mark(connection, shop_id, "uninstalled", "the merchant removed the app")
    connection.execute(update(connections).where(mine).values(hooks_checked_at=None))


def forget(connection: Connection, shop_id: str) -> None:
    """Throw a shop's credentials away."""
    connection.execute(delete(connections).where(connections.c.shop_id == shop_id))
