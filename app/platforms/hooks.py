"""Webhooks are looked after: those that are missing or off are made again, and what they missed is read."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select

from app import shops
from app.db import reading, retrying
from app.models import connections as table
from app.platforms import connections, installing, tokens
from app.platforms import reading as orders
from app.services import Services
from app.shops import Shop
from connectors.contract import PlatformDown, PlatformRefused, Unauthorized

log = structlog.get_logger()

EVERY = timedelta(hours=1)


def run_due(services: Services, limit: int = 20) -> int:
    """Look after the webhooks of the shops whose hour has come; return how many webhooks were mended."""
    real = services.clock.real()
    late = or_(table.c.hooks_checked_at.is_(None), table.c.hooks_checked_at <= real - EVERY)
    with reading(services.engine) as connection:
        due = select(table.c.shop_id).where(late).order_by(table.c.hooks_checked_at.nulls_first()).limit(limit)
        found = [shops.get(connection, shop_id) for shop_id in connection.execute(due).scalars().all()]
    mended = 0
    for shop in found:
        if not _take(services, shop, real):
            continue
        if shop.state == "active":
            mended += mend(services, shop)
        elif shop.state == "uninstalled":
            doubt(services, shop)
    return mended


def doubt(services: Services, shop: Shop) -> None:
    """Look whether a shop that is said to have removed us has really: that may have been told late."""
    try:
        installing.installer_of(shop.platform).prove(services.caller, shop.ref, tokens.live(services, shop))
    except PlatformDown as error:
        log.warning("removal_not_checked", shop=shop.id, reason=str(error))
        return
    except PlatformRefused:
        retrying(services.engine, lambda connection: connections.forget(connection, shop.id))
        return
    retrying(services.engine, lambda connection: shops.mark(connection, shop.id, "active", None))
    orders.soon(services, [shop.id])
    log.info("removal_was_old_news", shop=shop.id)


def _take(services: Services, shop: Shop, real: datetime) -> bool:
    when = table.c.hooks_checked_at
    return retrying(
        services.engine, lambda connection: connections.take_turn(connection, shop.id, when, real - EVERY, real)
    )


def mend(services: Services, shop: Shop) -> int:
    """Mend a shop's webhooks; return how many were missing or off. What they missed is read at once."""
    try:
        credentials = tokens.live(services, shop)
        url, secret = installing.hook_of(services, shop)
        broken = installing.installer_of(shop.platform).mend(services.caller, shop.ref, credentials, url, secret)
        installing.pair(services, shop, credentials)
    except Unauthorized as error:
        reason = str(error)
        retrying(services.engine, lambda connection: connections.lock_out(connection, shop.id, reason))
        return 0
    except (PlatformDown, PlatformRefused) as error:
        log.warning("webhooks_not_checked", shop=shop.id, reason=str(error))
        return 0
    if broken:
        log.warning("webhooks_mended", shop=shop.id, count=broken)
        orders.soon(services, [shop.id])
    return broken
