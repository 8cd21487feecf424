"""Where a merchant agrees: to connect a shop, or later to more than that. What comes of it: `installing`."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from app.db import retrying
from app.errors import FieldError, Invalid, NotFound, Unavailable
from app.models import installs
from app.platforms import installing
from app.services import Services
from app.shops import Shop
from connectors.contract import PlatformDown, PlatformRefused
from connectors.contract.installing import BadShop, Installer, Places, Visit


@dataclass(frozen=True, slots=True)
class Begun:
    leave_for: str
    browser: str  # what the browser has to bring back


def places(services: Services, platform: str) -> Places:
    app = services.config.app_url
    return Places(app, f"{app}/install/{platform}/granted", f"{app}/install/{platform}/back")


def begin(services: Services, platform: str, visit: Visit) -> Begun:
    """Remember an attempt and say where the merchant agrees.

    Raises: Invalid (no such shop), Unavailable (it does not answer), BadSignature.
    """
    installer = installing.installer_of(platform)
    return _begin(services, platform, _named(services, installer, visit, services.clock.real()))


def ask_right(services: Services, shop: Shop, granted: Collection[str], key: str) -> Begun:
    """Say where the merchant of a connected shop allows more. `granted`: what she has allowed. Raises: NotFound."""
    found = [right for right in installing.installer_of(shop.platform).rights if right.key == key]
    if not found:
        raise NotFound(f"there is no right {key}")
    return _begin(services, shop.platform, shop.ref, {*granted, *found[0].scopes})


def _begin(services: Services, platform: str, ref: str, besides: Collection[str] = ()) -> Begun:
    now = services.clock.real()
    token, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    row = {
        "id": installing.hashed(token),
        "platform": platform,
        "ref": ref,
        "browser": installing.hashed(browser),
        "state": "waiting",
        "created_at": now,
        "expires_at": now + installing.LASTS,
    }
    retrying(services.engine, lambda connection: connection.execute(insert(installs).values(row)))
    settings, back = services.config.connectors, places(services, platform)
    return Begun(installing.installer_of(platform).leave_for(ref, token, back, settings, besides), browser)


def _named(services: Services, installer: Installer, visit: Visit, now: datetime) -> str:
    try:
        ref = installer.shop_of(visit, services.config.connectors, now)
        if installer.asks_for_shop:
            services.probes.take(now)
            installer.look(services.caller, ref)
    except BadShop as error:
        raise _wrong(str(error)) from None
    except PlatformRefused as error:
        raise _wrong(f"There is no shop to connect at this address: {error}.") from None
    except PlatformDown as error:
        raise Unavailable(f"The shop does not answer. Is its address right? ({error})") from None
    return ref


def _wrong(message: str) -> Invalid:
    return Invalid(message, (FieldError("shop", "invalid", message),))
