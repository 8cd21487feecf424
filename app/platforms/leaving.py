"""A merchant disconnects a shop: what we made there is taken back, and our key is forgotten. Points and books stay."""

from __future__ import annotations

from sqlalchemy import Connection

from app import shops
from app.db import reading, retrying
from app.platforms import connections, installing, perks
from app.services import Services
from app.shops import Shop
from connectors.contract import PlatformDown, PlatformRefused


def leave(services: Services, shop: Shop) -> str | None:
    """Disconnect a shop; return what is left for the merchant to do there by hand.

    Once: a shop that is not connected has nothing left.
    """
    with reading(services.engine) as connection:
        connected = connections.find(connection, services.vault, shop.id)
    if connected is None:
        return None
    installer, left = installing.installer_of(shop.platform), [perks.drop(services, shop)]
    url, _ = installing.hook_of(services, shop)
    try:
        installer.leave(services.caller, shop.ref, connected.credentials, url)
    except (PlatformDown, PlatformRefused) as error:
        left.append(f"the webhooks could not be removed ({error}): delete those that lead to {url}")

    def work(connection: Connection) -> None:
        connections.forget(connection, shop.id)
        shops.mark(connection, shop.id, "uninstalled", "the merchant disconnected it")

    retrying(services.engine, work)
    return "; ".join(filter(None, left)) or None
