"""A merchant connects a shop by herself. An attempt lasts a quarter of an hour, and its token is used once.

    begin ──▶ waiting ──key proved──▶ granted ──the browser is back──▶ done
                 │                        │
                 └─▶ refused              └─another browser is back─▶ void

Who began an attempt could send its address to somebody else: the owner of a shop would agree, and the beginner come
back as if it had been him. The owner's browser then comes back too, without what the beginner's browser holds; that
makes the attempt void. So nobody is let in before `SETTLED` has passed since the key was proved.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, RowMapping, and_, delete, select, update

from app import shops
from app.db import reading, retrying
from app.errors import Forbidden, Invalid, NotFound, Unavailable
from app.models import installs
from app.models import shops as shops_table
from app.platforms import connections
from app.services import Services
from app.shops import NewShop, Shop
from connectors import CONNECTORS
from connectors.contract import BadFact, PlatformDown, PlatformRefused
from connectors.contract.companion import Pairing
from connectors.contract.installing import About, Credentials, Held, Installer, Returned, Visit

log = structlog.get_logger()

LASTS = timedelta(minutes=15)
SETTLED = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt stands."""

    state: str
    ref: str
    reason: str | None
    shop_id: str | None


def installer_of(platform: str) -> Installer:
    """Return how shops of a platform are connected. Raises: NotFound: by the command line only."""
    connector = CONNECTORS.get(platform)
    if connector is None or connector.installer is None:
        raise NotFound("shops of this platform are connected by the command line")
    return connector.installer


def granted(services: Services, platform: str, unverified_body: bytes) -> None:
    """Take a key that the platform's server brings: prove it at the shop that the attempt is for.

    Once: a second key under the same token is refused. Raises: Invalid, Forbidden, Unavailable.
    """
    installer = installer_of(platform)
    try:
        token, credentials = installer.granted(unverified_body)
    except BadFact as error:
        raise Invalid(str(error)) from None
    attempt = retrying(services.engine, lambda connection: _take(connection, services, platform, token))
    connect(services, platform, attempt["ref"], Held(credentials), attempt["id"])


def connect(services: Services, platform: str, ref: str, held: Held, attempt_id: str | None) -> Shop:
    """Prove credentials and connect the shop that they open. Raises: Forbidden, Unavailable, Invalid."""
    installer, reason = installer_of(platform), ""
    try:
        credentials, about = installer.prove(services.caller, ref, held.credentials)
    except PlatformRefused as error:
        reason = f"the key does not open {ref}: {error}"
        raise Forbidden(reason) from None
    except PlatformDown as error:
        reason = f"{ref} does not answer: {error}"
        raise Unavailable(reason) from None
    finally:
        if reason and attempt_id:
            _end(services, attempt_id, "refused", reason)
    proved = Held(credentials, held.access_until, held.refresh_until, held.scopes)
    return retrying(
        services.engine, lambda connection: _connected(connection, services, platform, ref, proved, about, attempt_id)
    )


def _take(connection: Connection, services: Services, platform: str, token: str) -> RowMapping:
    """Use an attempt's token up. Raises: Forbidden: unknown, used or too late, all alike."""
    mine = and_(
        installs.c.id == hashed(token),
        installs.c.platform == platform,
        installs.c.state == "waiting",
        installs.c.expires_at > services.clock.real(),
    )
    row = connection.execute(select(installs).where(mine).with_for_update()).mappings().first()
    if row is None:
        raise Forbidden("this attempt to connect a shop is unknown, over or used")
    connection.execute(update(installs).where(installs.c.id == row["id"]).values(state="proving"))
    return row


def _connected(
    connection: Connection,
    services: Services,
    platform: str,
    ref: str,
    held: Held,
    about: About,
    attempt_id: str | None,
) -> Shop:
    real = services.clock.real()
    shop = shops.find(connection, platform, ref)
    if shop is None:
        made = NewShop(platform, ref, about.currency, about.timezone, about.origins)
        shop = shops.get(connection, shops.create(connection, services.vault, made, real).shop_id)
    shops.mark(connection, shop.id, "active", None)
    connections.keep(connection, services.vault, shop, held, about, real)
    if attempt_id:
        done = {"state": "granted", "shop_id": shop.id, "granted_at": real}
        connection.execute(update(installs).where(installs.c.id == attempt_id).values(done))
    return shop


def back(services: Services, platform: str, visit: Visit, browser: str) -> Attempt:
    """Take a browser that is back; `state` says how far it is: waiting, proving, granted, done, refused or void.

    Raises: NotFound (an attempt that is unknown or over), BadSignature.
    """
    installer = installer_of(platform)
    returned = installer.returned(visit, services.config.connectors, services.clock.real())
    attempt = _find(services, platform, returned.token)
    if returned.ref and returned.ref != attempt["ref"]:
        raise Forbidden("this answer is of another shop")
    if attempt["browser"] != hashed(browser):
        _void(services, attempt)
        return _standing(services, attempt["id"])
    if not returned.agreed:
        _end(services, attempt["id"], "refused", "you did not agree", only="waiting")
    elif returned.code and attempt["state"] == "waiting":
        _exchange(services, platform, installer, returned)
    elif attempt["state"] == "granted" and services.clock.real() - attempt["granted_at"] >= SETTLED:
        _finish(services, installer, attempt)
    return _standing(services, attempt["id"])


def _exchange(services: Services, platform: str, installer: Installer, returned: Returned) -> None:
    """Exchange what the browser brought for credentials: it is the same browser, so it may enter at once."""
    attempt = retrying(services.engine, lambda connection: _take(connection, services, platform, returned.token))
    settings, real = services.config.connectors, services.clock.real()
    try:
        held = installer.exchange(services.caller, attempt["ref"], returned.code, settings, real)
    except (PlatformRefused, PlatformDown) as error:
        _end(services, attempt["id"], "refused", str(error))
        return
    connect(services, platform, attempt["ref"], held, attempt["id"])
    _finish(services, installer, _row(services, attempt["id"]))


def _finish(services: Services, installer: Installer, attempt: RowMapping) -> None:
    """Make the shop tell us what happens. Where that fails the attempt is done all the same: hooks are looked after."""
    with reading(services.engine) as connection:
        shop = shops.get(connection, attempt["shop_id"])
    reason = equip(services, shop)
    _end(services, attempt["id"], "done", reason)


def equip(services: Services, shop: Shop) -> str | None:
    """Make a shop's webhooks; return why that failed, for the merchant."""
    with reading(services.engine) as connection:
        connected = connections.find(connection, services.vault, shop.id)
    if connected is None:
        return "the shop is not connected"
    url, secret = hook_of(services, shop)
    pair(services, shop, connected.credentials)
    try:
        installer_of(shop.platform).equip(services.caller, shop.ref, connected.credentials, url, secret)
    except (PlatformRefused, PlatformDown) as error:
        return f"its webhooks could not be made: {error}"
    return None


def pair(services: Services, shop: Shop, credentials: Credentials) -> None:
    """Tell our plugin in a shop whose it is, where there is one; it is told again with every look at the webhooks."""
    companion, (_, secret) = CONNECTORS[shop.platform].companion, hook_of(services, shop)
    if companion is None:
        return
    pairing = Pairing(services.config.app_url, shop.id, secret)
    try:
        companion.pair(services.caller, shop.ref, credentials, pairing)
    except (PlatformRefused, PlatformDown) as error:
        log.warning("plugin_not_paired", shop=shop.id, reason=str(error))


def hook_of(services: Services, shop: Shop) -> tuple[str, str]:
    """Return where a shop's platform delivers, and the secret that it signs with; none where the app's own signs."""
    secret = next(iter(shop.webhook_secrets(services.vault, services.clock.real())), "")
    return shops.webhook_url(services.config.app_url, shop.platform, shop.id), secret


def _find(services: Services, platform: str, token: str) -> RowMapping:
    with reading(services.engine) as connection:
        mine = and_(installs.c.id == hashed(token), installs.c.platform == platform)
        row = connection.execute(select(installs).where(mine)).mappings().first()
    if row is None or row["expires_at"] <= services.clock.real():
        raise NotFound("this attempt to connect a shop is unknown or over: begin again")
    return row


def _row(services: Services, attempt_id: str) -> RowMapping:
    with reading(services.engine) as connection:
        return connection.execute(select(installs).where(installs.c.id == attempt_id)).mappings().one()


def _standing(services: Services, attempt_id: str) -> Attempt:
    row = _row(services, attempt_id)
    return Attempt(row["state"], row["ref"], row["reason"], row["shop_id"])


def _end(services: Services, attempt_id: str, state: str, reason: str | None, only: str | None = None) -> None:
    mine = installs.c.id == attempt_id
    if only is not None:
        mine = and_(mine, installs.c.state == only)
    changed = update(installs).where(mine).values(state=state, reason=reason)
    retrying(services.engine, lambda connection: connection.execute(changed))


def _void(services: Services, attempt: RowMapping) -> None:
    """Somebody else's browser came back: let nobody in, and keep no key of a shop that this attempt has made."""

    def work(connection: Connection) -> None:
        row = connection.execute(select(installs).where(installs.c.id == attempt["id"]).with_for_update()).mappings()
        standing = row.one()
        reason = "it was begun in one browser and agreed to in another"
        changed = update(installs).where(installs.c.id == attempt["id"]).values(state="void", reason=reason)
        connection.execute(changed)
        if standing["shop_id"] and standing["state"] == "granted":
            made = select(shops_table.c.created_at).where(shops_table.c.id == standing["shop_id"])
            if connection.execute(made).scalar_one() >= standing["created_at"]:
                connections.forget(connection, standing["shop_id"])
                shops.mark(connection, standing["shop_id"], "disconnected", reason)

    retrying(services.engine, work)


def forget(connection: Connection, now: datetime) -> None:
    """Drop attempts that are over."""
    connection.execute(delete(installs).where(installs.c.expires_at < now))


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
