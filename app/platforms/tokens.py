"""Credentials that end are renewed early, by one at a time, and replaced as a whole.

No transaction is open during the call: who renews takes a lease of half a minute, all others wait for what it brings.
A worker that dies in the middle loses nothing: when its lease is over the next one asks again with the same refresh
token, which stays good until what replaced it is used.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from app import shops
from app.db import reading, retrying
from app.models import connections as table
from app.platforms import connections, installing
from app.platforms.connections import Connected
from app.services import Services
from app.shops import Shop
from connectors.contract import PlatformDown, Unauthorized
from connectors.contract.installing import Held, LiveCredentials

log = structlog.get_logger()

EARLY = timedelta(minutes=5)
LEASE = timedelta(seconds=30)
POLL_S, PATIENCE = 0.2, 200  # forty seconds: a lease, and somewhat more
IDLE = timedelta(days=7)  # a shop that nobody calls is renewed so often


def credentials(services: Services, shop: Shop, refused: str | None = None) -> Mapping[str, str]:
    """Return credentials that hold for a while. `refused`: an access token that the platform no longer accepts.

    Raises: Unauthorized: the merchant has to connect again; PlatformDown.
    """
    for _ in range(PATIENCE):
        connected = _connected(services, shop)
        if _holds(services, connected, refused):
            return connected.credentials
        lease = _lease(services, shop.id)
        if lease is not None:
            return _renewed(services, shop, refused, lease)
        services.caller.sleep(POLL_S)
    raise PlatformDown("somebody else renews the token of this shop, and does not finish")


class Live(LiveCredentials):
    """A shop's credentials as they are when they are looked at."""

    def __init__(self, services: Services, shop: Shop) -> None:
        self._services, self._shop = services, shop

    def __getitem__(self, name: str) -> str:
        return credentials(self._services, self._shop)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(credentials(self._services, self._shop))

    def __len__(self) -> int:
        return len(credentials(self._services, self._shop))

    def renew(self, refused: str) -> None:
        credentials(self._services, self._shop, refused)


def live(services: Services, shop: Shop) -> Live:
    """Return a shop's credentials, renewed as they are used. Raises: Unauthorized: it is not connected."""
    _connected(services, shop)
    return Live(services, shop)


def _connected(services: Services, shop: Shop) -> Connected:
    with reading(services.engine) as connection:
        connected = connections.find(connection, services.vault, shop.id)
    if connected is None:
        raise Unauthorized("the shop is not connected")
    return connected


def _holds(services: Services, connected: Connected, refused: str | None) -> bool:
    ends = connected.access_until
    if ends is None:
        return True
    return services.clock.real() < ends - EARLY and connected.credentials.get("access_token") != refused


def _lease(services: Services, shop_id: str) -> str | None:
    """Take the right to renew; None: somebody else has it."""
    real, mine = services.clock.real(), secrets.token_hex(16)
    free = and_(table.c.shop_id == shop_id, or_(table.c.renewing_until.is_(None), table.c.renewing_until <= real))
    taken = update(table).where(free).values(renewing=mine, renewing_until=real + LEASE)
    changed = retrying(services.engine, lambda connection: connection.execute(taken).rowcount)
    return mine if changed == 1 else None


def _renewed(services: Services, shop: Shop, refused: str | None, lease: str) -> Mapping[str, str]:
    """Renew, unless somebody has done so before the lease was ours: that pair may be in use, and ours then is dead."""
    connected = _connected(services, shop)
    if _holds(services, connected, refused):
        retrying(services.engine, lambda connection: _release(connection, shop.id, lease))
        return connected.credentials
    installer, settings = installing.installer_of(shop.platform), services.config.connectors
    try:
        held = installer.renew(services.caller, shop.ref, connected.credentials, settings, services.clock.real())
    except Unauthorized as error:
        reason = str(error)
        retrying(services.engine, lambda connection: _lost(connection, shop, lease, reason))
        raise
    except PlatformDown:
        retrying(services.engine, lambda connection: _release(connection, shop.id, lease))
        raise
    retrying(services.engine, lambda connection: _replace(connection, services, shop.id, held, lease))
    return held.credentials


def _mine(shop_id: str, lease: str) -> ColumnElement[bool]:
    return and_(table.c.shop_id == shop_id, table.c.renewing == lease)


def _release(connection: Connection, shop_id: str, lease: str) -> bool:
    """Give the lease back; tell whether it was still ours."""
    free = {"renewing": None, "renewing_until": None}
    return connection.execute(update(table).where(_mine(shop_id, lease)).values(free)).rowcount == 1


def _lost(connection: Connection, shop: Shop, lease: str, reason: str) -> None:
    """Note that a shop no longer lets us in; not where somebody has renewed meanwhile: then ours alone has ended."""
    if _release(connection, shop.id, lease):
        connections.lock_out(connection, shop.id, reason)


def _replace(connection: Connection, services: Services, shop_id: str, held: Held, lease: str) -> None:
    """Put the new pair in the place of the old one; whose lease is over has been overtaken, and puts nothing."""
    values = {
        "credentials": services.vault.seal(shop_id, json.dumps(dict(held.credentials)).encode()),
        "access_until": held.access_until,
        "refresh_until": held.refresh_until,
        "scopes": list(held.scopes),
        "renewing": None,
        "renewing_until": None,
        "updated_at": services.clock.real(),
    }
    connection.execute(update(table).where(_mine(shop_id, lease)).values(values))


def keep_alive(services: Services, now: datetime, batch: int = 20) -> int:
    """Renew what nobody has used for a week: a refresh token ends after 90 days. Returns how many were renewed."""
    with reading(services.engine) as connection:
        due = and_(table.c.refresh_until.is_not(None), table.c.updated_at < now - IDLE, table.c.refresh_until > now)
        ids = list(connection.execute(select(table.c.shop_id).where(due).limit(batch)).scalars())
        found = [shops.get(connection, shop_id) for shop_id in ids]
    renewed = 0
    for shop in found:
        try:
            credentials(services, shop, refused=_connected(services, shop).credentials.get("access_token"))
            renewed += 1
        except Unauthorized as error:
            log.warning("token_not_renewed", shop=shop.id, reason=str(error))
        except PlatformDown as error:  # it is not this shop's alone; the next tick goes on
            log.warning("token_not_renewed", shop=shop.id, reason=str(error))
            break
    return renewed
