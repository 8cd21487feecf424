"""Once a night every order of the last months is compared with the platform's list.

That finds what no webhook and no time of change tells: an order deleted for good, a refund taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, and_, or_, select, update

from app import shops
from app.db import reading, retrying
from app.models import connections as table
from app.models import orders
from app.models import shops as shops_table
from app.platforms import connections, tokens
from app.platforms import reading as platform_orders
from app.platforms.reading import Read
from app.services import Services
from app.shops import Shop
from connectors import CONNECTORS
from connectors.contract import PlatformDown, PlatformRefused
from connectors.contract.syncing import Listed

log = structlog.get_logger()

EVERY = timedelta(hours=24)
BACK = timedelta(days=120)
CHUNK = 500


def compare(services: Services, shop: Shop, since: datetime) -> Read:
    """Read every order again that we do not hold as the platform lists it. Raises: PlatformDown, PlatformRefused."""
    reader, read = CONNECTORS[shop.platform].reader, Read()
    if reader is None:
        return read
    if reader.sees is not None:
        since = max(since, services.clock.real() - reader.sees)
    listed: set[str] = set()
    credentials = tokens.live(services, shop)
    for page in reader.listed_orders(services.caller, shop.ref, credentials, since):
        listed |= {each.id for each in page}
        _add(read, platform_orders.again(services, shop, _differ(services, shop, page)))
    for gone in _held_but_not(services, shop, since, listed):
        _add(read, platform_orders.again(services, shop, gone))
    return read


def _add(read: Read, more: Read) -> None:
    read.orders += more.orders
    read.new += more.new


def _differ(services: Services, shop: Shop, page: Sequence[Listed]) -> list[str]:
    """Return the orders of a page that we do not hold, or hold in another state."""
    with reading(services.engine) as connection:
        mine = and_(orders.c.shop_id == shop.id, orders.c.id.in_([each.id for each in page]))
        rows = connection.execute(select(orders.c.id, orders.c.updated_at, orders.c.held).where(mine))
        known = {row.id: (row.updated_at, _refunds(row.held)) for row in rows}
    return [each.id for each in page if not _same(each, known.get(each.id))]


def _same(listed: Listed, held: tuple[datetime | None, frozenset[str]] | None) -> bool:
    if held is None or listed.updated_at != held[0]:
        return False
    return listed.refund_ids is None or listed.refund_ids == held[1]


def _refunds(held: dict[str, dict[str, list[dict[str, str]]]]) -> frozenset[str]:
    return frozenset(refund["id"] for refund in held.get("full", {}).get("refunds", ()))


def _held_but_not(services: Services, shop: Shop, since: datetime, listed: set[str]) -> Iterator[list[str]]:
    """Yield the orders with points that the platform no longer lists."""
    after = ""
    while True:
        with reading(services.engine) as connection:
            mine = and_(
                orders.c.shop_id == shop.id,
                orders.c.id > after,
                orders.c.placed_at >= since,
                or_(orders.c.target != 0, orders.c.posted != 0),
            )
            found = select(orders.c.id).where(mine).order_by(orders.c.id).limit(CHUNK)
            ids = list(connection.execute(found).scalars())
        yield [each for each in ids if each not in listed]
        if len(ids) < CHUNK:
            return
        after = ids[-1]


def run_due(services: Services, limit: int = 5) -> int:
    """Compare the shops whose night has come; return how many orders were news."""
    real, new = services.clock.real(), 0
    never = and_(table.c.compared_at.is_(None), table.c.connected_at <= real - EVERY)
    late = or_(never, table.c.compared_at <= real - EVERY)
    with reading(services.engine) as connection:
        due = select(table.c.shop_id).join(shops_table, platform_orders.LIVING).where(late).limit(limit)
        found = [shops.get(connection, shop_id) for shop_id in connection.execute(due).scalars().all()]
    for shop in found:
        if not _take(services, shop, real):
            continue
        try:
            read = compare(services, shop, real - BACK)
        except (PlatformDown, PlatformRefused) as error:
            log.warning("orders_not_compared", shop=shop.id, reason=str(error))
        else:
            new += read.new
            log.info("orders_compared", shop=shop.id, read_again=read.orders, new=read.new)
    return new


def soon(connection: Connection, shop_id: str) -> None:
    """Let everything of a shop be read, and compared, as soon as a worker looks."""
    mine = update(table).where(table.c.shop_id == shop_id)
    connection.execute(mine.values(read_at=None, compared_at=datetime(1970, 1, 1, tzinfo=UTC)))


def _take(services: Services, shop: Shop, real: datetime) -> bool:
    when = table.c.compared_at
    return retrying(
        services.engine, lambda connection: connections.take_turn(connection, shop.id, when, real - EVERY, real)
    )
