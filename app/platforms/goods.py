"""The catalogue is read at the platform: all of it when a shop is connected and every night, what has changed hourly.

Webhooks tell neither everything (some know no collections and no costs) nor every change (a product moves into a
collection by itself). Only what differs from what is known goes into the inbox: a night without changes writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, and_, or_, select, update

from app import catalogue, shops
from app.db import reading, retrying
from app.intake import readings
from app.models import connections as table
from app.models import shops as shops_table
from app.platforms import tokens
from app.platforms.reading import LIVING
from app.services import Services
from app.shops import Shop
from connectors import CONNECTORS
from connectors.contract import BadFact, Ignored, PlatformDown, PlatformRefused, ProductTold
from connectors.contract.syncing import READ_PRODUCT, Reader

log = structlog.get_logger()

CHANGED_EVERY, WHOLE_EVERY = timedelta(hours=1), timedelta(hours=24)
OVERLAP = timedelta(minutes=60)
TURN_S = 5.0
PAUSE, PATIENCE = timedelta(minutes=1), timedelta(minutes=5)

Document = Mapping[str, Any]


def run_due(services: Services, limit: int = 20) -> int:
    """Read the catalogues whose time has come; return how many products were news."""
    real = services.clock.real()
    late = or_(table.c.products_at.is_(None), table.c.products_at <= real - CHANGED_EVERY)
    unfinished = and_(table.c.products_place.is_not(None), table.c.products_at <= real - PAUSE)
    with reading(services.engine) as connection:
        wanted = select(table.c.shop_id).join(shops_table, LIVING).where(or_(late, unfinished))
        due = connection.execute(wanted.order_by(table.c.products_at.nulls_first()).limit(limit)).scalars().all()
        found = [shops.get(connection, shop_id) for shop_id in due]
    return sum(_turn(services, shop, real) for shop in found if CONNECTORS[shop.platform].reader is not None)


def _turn(services: Services, shop: Shop, real: datetime) -> int:
    take = retrying(services.engine, lambda connection: _take(connection, shop.id, real))
    reader = CONNECTORS[shop.platform].reader
    if take is None or reader is None:
        return 0
    whole, place, since = take
    try:
        if whole:
            return _whole(services, shop, reader, place)
        access = tokens.live(services, shop)
        pages = reader.changed_products(services.caller, shop.ref, access, since - OVERLAP)
        new = sum(keep(services, shop, page) for page in pages)
    except (PlatformDown, PlatformRefused) as error:
        log.warning("products_not_read", shop=shop.id, reason=str(error))
        _note(services, shop.id, products_at=real - CHANGED_EVERY + PATIENCE)
        return 0
    _note(services, shop.id, products_until=real)
    return new


def _take(connection: Connection, shop_id: str, real: datetime) -> tuple[bool, Mapping[str, Any], datetime] | None:
    """Take a shop's turn: whether all of it is to be read, where to go on, and since when changes are not known."""
    mine = select(table).where(table.c.shop_id == shop_id).with_for_update()
    row = connection.execute(mine).mappings().first()
    if row is None or (row["products_at"] is not None and row["products_at"] > real - PAUSE):
        return None
    ended, place = row["products_whole_at"], row["products_place"]
    whole = place is not None or ended is None or ended <= real - WHOLE_EVERY
    if whole and place is None:
        place = {"began_at": real.isoformat(), "place": {}}
    changes = {"products_at": real, "products_place": place}
    connection.execute(update(table).where(table.c.shop_id == shop_id).values(changes))
    return whole, place or {}, row["products_until"] or real


def _whole(services: Services, shop: Shop, reader: Reader, noted: Mapping[str, Any]) -> int:
    """Read on in the whole catalogue, for some seconds."""
    new, began, place = 0, time.monotonic(), noted["place"]
    while time.monotonic() - began < TURN_S:
        access = tokens.live(services, shop)
        found = reader.past(services.caller, shop.ref, access, "products", place)
        new += keep(services, shop, found.documents)
        if found.place is None:
            real, until = services.clock.real(), datetime.fromisoformat(noted["began_at"])
            done = {"products_place": None, "products_whole_at": real, "products_at": real}
            _note(services, shop.id, **done, products_until=until)
            return new
        place = found.place
        _note(services, shop.id, products_place={**noted, "place": dict(place)})
        if found.wait is not None:
            _note(services, shop.id, products_at=services.clock.real() - PAUSE + found.wait)
            return new
    _note(services, shop.id, products_at=services.clock.real() - PAUSE)
    return new


def _note(services: Services, shop_id: str, **values: Any) -> None:
    changed = update(table).where(table.c.shop_id == shop_id).values(values)
    retrying(services.engine, lambda connection: connection.execute(changed))


def keep(services: Services, shop: Shop, documents: Sequence[Document]) -> int:
    """Put what we do not know yet into the inbox; return how much that was."""
    told = [(document, fact) for document in documents for fact in _facts(shop, document)]

    def work(connection: Connection) -> int:
        known = catalogue.of_ids(connection, shop.id, [fact.id for _, fact in told])
        news = [document for document, fact in told if catalogue.differs(fact, known.get(fact.id))]
        for document in news:
            moment = services.clock.real().isoformat()  # a product may become what it was before
            readings.put(connection, services.vault, shop.id, READ_PRODUCT, document, moment)
        return len(news)

    new = retrying(services.engine, work) if told else 0
    if new:
        services.ring(shop.id)
    return new


def _facts(shop: Shop, document: Document) -> list[ProductTold]:
    try:
        facts = CONNECTORS[shop.platform].translate(READ_PRODUCT, document, shop.settings)
    except (BadFact, Ignored) as error:
        log.warning("product_not_understood", shop=shop.id, product=str(document.get("id")), reason=str(error))
        return []
    return [fact for fact in facts if isinstance(fact, ProductTold)]


def known_since(connection: Connection, shop_id: str) -> datetime | None:
    """Return when all of a shop's catalogue was last read; None: not yet."""
    moment: datetime | None = connection.execute(
        select(table.c.products_whole_at).where(table.c.shop_id == shop_id)
    ).scalar()
    return moment
