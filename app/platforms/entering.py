"""A merchant comes in through the platform's own admin, which vouches for her with every page."""

from __future__ import annotations

from app import shops
from app.db import reading
from app.errors import Unauthorized, Unavailable
from app.platforms import connections, installing
from app.services import Services
from app.shops import Shop
from connectors import CONNECTORS
from connectors.contract import BadSignature, PlatformDown, PlatformRefused


def enter(services: Services, token: str) -> Shop:
    """Return the shop of a session that a platform vouches for; connect it where it is not yet, or no longer.

    Once: a shop that is connected stays as it is. Raises: Unauthorized, Unavailable.
    """
    platform, ref = _whose(services, token)
    with reading(services.engine) as connection:
        shop = shops.find(connection, platform, ref)
        connected = shop and connections.find(connection, services.vault, shop.id)
    if shop is not None and connected and shop.state == "active":
        return shop
    installer, settings, real = installing.installer_of(platform), services.config.connectors, services.clock.real()
    try:
        held = installer.enter(services.caller, ref, token, settings, real)
    except PlatformRefused as error:
        raise Unauthorized(str(error)) from None
    except PlatformDown as error:
        raise Unavailable(f"the platform does not answer: {error}") from None
    return installing.connect(services, platform, ref, held, None)


def _whose(services: Services, token: str) -> tuple[str, str]:
    for name, connector in CONNECTORS.items():
        if connector.installer is not None:
            try:
                return name, connector.installer.session(token, services.config.connectors, services.clock.real())
            except BadSignature:
                continue
    raise Unauthorized("this session is not valid, or over: open the page again")
