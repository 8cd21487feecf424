"""What themes show of a shop without asking us, kept at its platform: points, announcement, where our script is.

Told after publishing, when the earn table ends, and once a day. Two who tell at once could leave the older table
there: so a turn is taken until it is over, and whoever took longer has it told again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, and_, or_, select, update

from app import programmes, shops
from app.db import reading, retrying
from app.models import connections as table
from app.models import shops as shops_table
from app.orders.earn_tables import earn_table_of
from app.platforms import connections, tokens
from app.platforms.reading import LIVING
from app.programmes.announced import for_themes
from app.services import Services
from app.shops import Shop
from connectors import CONNECTORS
from connectors.contract import PlatformDown, PlatformRefused, Unauthorized

log = structlog.get_logger()

EVERY = timedelta(hours=24)
TURN, LATER = timedelta(minutes=10), timedelta(minutes=5)
_TAKERS = [name for name, connector in CONNECTORS.items() if connector.shop_teller is not None]


@dataclass(frozen=True, slots=True)
class _Facts:
    documents: Mapping[str, Mapping[str, Any]]  # by name
    next_at: datetime  # real time

    @property
    def digest(self) -> str:
        return hashlib.sha256(orjson.dumps(dict(self.documents))).hexdigest()


def run_due(services: Services, limit: int = 20) -> int:
    """Tell the platforms whose time has come; return how many were told."""
    with reading(services.engine) as connection:
        wanted = select(table.c.shop_id).join(shops_table, LIVING).where(_due(services.clock.real()))
        mine = wanted.where(shops_table.c.platform.in_(_TAKERS)).order_by(table.c.facts_due_at.nulls_first())
        found = [shops.get(connection, shop_id) for shop_id in connection.execute(mine.limit(limit)).scalars().all()]
    return sum(_turn(services, shop) for shop in found)


def _due(real: datetime) -> Any:
    return or_(table.c.facts_due_at.is_(None), table.c.facts_due_at <= real)


def _turn(services: Services, shop: Shop) -> int:
    real = services.clock.real()
    until = real + TURN
    mine = and_(table.c.shop_id == shop.id, _due(real))
    take = update(table).where(mine).values(facts_due_at=until)
    if not retrying(services.engine, lambda connection: connection.execute(take).rowcount):
        return 0
    with reading(services.engine) as connection:
        row = connection.execute(select(table).where(table.c.shop_id == shop.id)).mappings().one()
        facts = _facts(connection, services, shop)
    told_at = row["facts_told_at"]
    if row["facts_told"] == facts.digest and told_at is not None and told_at > real - EVERY:
        _note(services, shop, until, {"facts_due_at": facts.next_at})
        return 0
    return _tell(services, shop, facts, until)


def _tell(services: Services, shop: Shop, facts: _Facts, until: datetime) -> int:
    teller, real = CONNECTORS[shop.platform].shop_teller, services.clock.real()
    done = {"facts_due_at": facts.next_at, "facts_told": facts.digest, "facts_told_at": real}
    try:
        if teller is not None:
            teller.tell(services.caller, shop.ref, tokens.live(services, shop), facts.documents)
    except Unauthorized as error:
        reason = str(error)
        retrying(services.engine, lambda connection: connections.lock_out(connection, shop.id, reason))
        done = {"facts_due_at": None, "facts_told": None}
    except (PlatformDown, PlatformRefused) as error:
        log.warning("shop_not_told", shop=shop.id, reason=str(error))
        again = LATER if isinstance(error, PlatformDown) else EVERY
        done = {"facts_due_at": real + again, "facts_told": None}
    _note(services, shop, until, done)
    return int(done["facts_told"] is not None)


def _note(services: Services, shop: Shop, until: datetime, values: Mapping[str, Any]) -> None:
    """Note how it went. Whoever was asked meanwhile, or took longer than the turn, has it told again."""
    mine = table.c.shop_id == shop.id
    again = {"facts_due_at": None, "facts_told": None}

    def work(connection: Connection) -> None:
        if not connection.execute(update(table).where(mine, table.c.facts_due_at == until).values(values)).rowcount:
            connection.execute(update(table).where(mine).values(again))

    retrying(services.engine, work)


def _facts(connection: Connection, services: Services, shop: Shop) -> _Facts:
    now, real = services.clock.now(connection), services.clock.real()
    earn_table = earn_table_of(connection, shop, now, hidden=True)
    ends = earn_table["until"]
    left = EVERY if ends is None else min(EVERY, datetime.fromtimestamp(ends, UTC) - now)
    version = programmes.effective(programmes.versions(connection, shop.id), now)
    about = {"id": shop.id, "script": f"{services.config.app_url}/widgets/v1/tessera.js", **for_themes(version)}
    return _Facts({"table": earn_table, "shop": about}, real + max(left, timedelta(0)))
