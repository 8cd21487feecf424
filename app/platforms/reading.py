"""Orders are read at their platform: what has changed, every few minutes; one whose points moved, within five.

A webhook may be lost, come late, carry an old state, or never be sent. What is read here goes into the inbox like a
delivery, so it is settled by the same function, once; what is known already is not even stored again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, and_, false, or_, select, update

from app import shops
from app.db import reading, retrying
from app.intake import readings
from app.models import connections as table
from app.models import orders
from app.models import shops as shops_table
from app.platforms import connections, tokens
from app.services import Services
from app.shops import Shop
from connectors import CONNECTORS
from connectors.contract import PlatformDown, PlatformRefused, Unauthorized
from connectors.contract.syncing import ORDER_GONE, READ_ORDER

log = structlog.get_logger()

OVERLAP = timedelta(minutes=60)
BATCH = 100
LIVING = and_(shops_table.c.id == table.c.shop_id, shops_table.c.state == "active")  # others would take their places


@dataclass(slots=True)
class Read:
    """What a run has read, and how much of it was news to us."""

    orders: int = 0
    new: int = 0


def changed(services: Services, shop: Shop, since: datetime) -> Read:
    """Read what has changed since a moment. Raises: PlatformDown, PlatformRefused.

    Once: what we have already is not stored again. A run that breaks off begins where it began.
    """
    reader, read = CONNECTORS[shop.platform].reader, Read()
    if reader is None:
        return read
    credentials = tokens.live(services, shop)
    for page in reader.changed_orders(services.caller, shop.ref, credentials, since):
        read.orders += len(page)
        read.new += _keep(services, shop, [(READ_ORDER, document) for document in page])
    return read


def again(services: Services, shop: Shop, order_ids: Iterable[str]) -> Read:
    """Read orders once more; one that is gone is told as such. Raises: PlatformDown, PlatformRefused."""
    reader, read, wanted = CONNECTORS[shop.platform].reader, Read(), list(order_ids)
    if reader is None:
        return read
    hidden = _out_of_sight(services, shop, reader.sees, wanted)
    credentials = tokens.live(services, shop)
    for order_id in wanted:
        found = reader.order(services.caller, shop.ref, credentials, order_id)
        read.orders += 1
        if found is None and order_id in hidden:
            continue
        told = (READ_ORDER, found) if found is not None else (ORDER_GONE, {"id": order_id})
        read.new += _keep(services, shop, [told])
    return read


def _out_of_sight(services: Services, shop: Shop, sees: timedelta | None, ids: Sequence[str]) -> Container[str]:
    """Return the orders that the platform no longer shows us, although they are there."""
    if sees is None:
        return ()
    with reading(services.engine) as connection:
        old = orders.c.placed_at < services.clock.real() - sees
        mine = select(orders.c.id).where(orders.c.shop_id == shop.id, orders.c.id.in_(ids), old)
        return frozenset(connection.execute(mine).scalars())


def _keep(services: Services, shop: Shop, told: list[tuple[str, Mapping[str, Any]]]) -> int:
    """Put what was read into the inbox; return how much of it was new."""

    def work(connection: Connection) -> int:
        return sum(readings.put(connection, services.vault, shop.id, *one) for one in told)

    new = retrying(services.engine, work)
    if new:
        services.ring(shop.id)
    return new


def run_due(services: Services, limit: int = 20) -> int:
    """Read changes of the shops whose time has come; return how many were read. One that fails waits for its next."""
    real = services.clock.real()
    done = 0
    for shop, since in _due(services, real, limit):
        if not _take(services, shop, real):
            continue
        try:
            read = changed(services, shop, since)
        except Unauthorized as error:
            _broken(services, shop, str(error))
        except (PlatformDown, PlatformRefused) as error:
            log.warning("orders_not_read", shop=shop.id, reason=str(error))
        else:
            _done(services, shop, real)
            done += 1
            if read.new:
                log.info("orders_read", shop=shop.id, orders=read.orders, new=read.new)
    return done


def _due(services: Services, real: datetime, limit: int) -> list[tuple[Shop, datetime]]:
    with reading(services.engine) as connection:
        due = or_(table.c.read_at.is_(None), _its_time(real))
        wanted = select(table).join(shops_table, LIVING).where(due).order_by(table.c.read_at.nulls_first()).limit(limit)
        rows = connection.execute(wanted).mappings().all()
        return [
            (shops.get(connection, row["shop_id"]), (row["read_until"] or row["connected_at"]) - OVERLAP)
            for row in rows
        ]


def _its_time(real: datetime) -> ColumnElement[bool]:
    readers = {connector.name: connector.reader for connector in CONNECTORS.values() if connector.reader is not None}
    times = [
        and_(shops_table.c.platform == name, table.c.read_at <= real - reader.every) for name, reader in readers.items()
    ]
    return or_(false(), *times)


def _take(services: Services, shop: Shop, real: datetime) -> bool:
    reader = CONNECTORS[shop.platform].reader
    if reader is None:
        return False
    before = real - reader.every
    return retrying(
        services.engine, lambda connection: connections.take_turn(connection, shop.id, table.c.read_at, before, real)
    )


def _done(services: Services, shop: Shop, real: datetime) -> None:
    through = update(table).where(table.c.shop_id == shop.id).values(read_until=real)
    retrying(services.engine, lambda connection: connection.execute(through))


def _broken(services: Services, shop: Shop, reason: str) -> None:
    retrying(services.engine, lambda connection: connections.lock_out(connection, shop.id, reason))


def soon(services: Services, shop_ids: Iterable[str]) -> None:
    """Let the changes of shops be read as soon as a worker looks: we have sent deliveries of theirs away."""
    mine = update(table).where(table.c.shop_id.in_(sorted(shop_ids))).values(read_at=None)
    retrying(services.engine, lambda connection: connection.execute(mine))


def run_again(services: Services) -> int:
    """Read orders again whose points moved by what a webhook said, or of which two states are equally new."""
    with reading(services.engine) as connection:
        doubted = select(orders.c.shop_id).where(orders.c.reread).distinct()
        living = select(table.c.shop_id).join(shops_table, LIVING).where(table.c.shop_id.in_(doubted))
        found = [shops.get(connection, shop_id) for shop_id in connection.execute(living).scalars().all()]
    return sum(_again(services, shop) for shop in found)


def _again(services: Services, shop: Shop) -> int:
    """Read one shop's doubted orders again; a shop that does not answer holds up no other.

    Once, whatever is read: an order that is gone, or that cannot be understood, would else be asked for without end.
    """
    with reading(services.engine) as connection:
        mine = select(orders.c.id).where(orders.c.shop_id == shop.id, orders.c.reread).order_by(orders.c.id)
        ids = connection.execute(mine.limit(BATCH)).scalars().all()
    _doubt(services, shop, ids, False)  # before the reading: what moves meanwhile is doubted anew
    try:
        return again(services, shop, ids).orders
    except Unauthorized as error:
        _broken(services, shop, str(error))
    except (PlatformDown, PlatformRefused) as error:
        log.warning("orders_not_read", shop=shop.id, reason=str(error))
    _doubt(services, shop, ids, True)
    return 0


def _doubt(services: Services, shop: Shop, order_ids: Sequence[str], doubted: bool) -> None:
    mine = and_(orders.c.shop_id == shop.id, orders.c.id.in_(order_ids))
    changed = update(orders).where(mine).values(reread=doubted)
    retrying(services.engine, lambda connection: connection.execute(changed))
