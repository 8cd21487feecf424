"""What a merchant sees first: how the shop is connected, what happened lately, what waits for her, what to do next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, select

from app import programmes
from app.models import connections as connections_table
from app.models import inbox, members
from app.outbox import rows as outbox
from app.platforms import connections, goods, importing, perks
from app.platforms.connections import Connected
from app.platforms.importing import Progress
from app.programmes import Version, templates
from app.services import Services
from app.shops import Shop
from connectors.contract.syncing import ORDER_GONE, READ_ORDER

LATELY = timedelta(hours=24)
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    shop: Shop
    connected: Connected | None
    checks: Mapping[str, datetime | None]  # what was looked after, and when
    programme: Version | None
    templates: Sequence[Mapping[str, str]]
    past: RowMapping | None
    progress: Progress | None
    awaits_goods: bool  # the past is imported once the catalogue is known
    told: Mapping[str, int]  # deliveries of the last day, by state
    healed: int  # of those, what no webhook had told rightly: we found it by looking
    failures: Sequence[RowMapping]
    stuck: Sequence[RowMapping]  # effects that were given up
    perks_reason: str | None  # why tiers' discounts could not be made
    people: int

    def lacks(self, scopes: Collection[str]) -> bool:
        """Tell whether the shop is connected, and its merchant has not allowed all of this."""
        return self.connected is not None and not set(scopes) <= set(self.connected.scopes)


def overview(connection: Connection, services: Services, shop: Shop) -> Overview:
    version = programmes.current_or_none(connection, shop.id, services.clock.now(connection))
    past = importing.latest(connection, shop.id)
    return Overview(
        shop=shop,
        connected=connections.find(connection, services.vault, shop.id),
        checks=_checks(connection, shop.id),
        programme=version,
        templates=[] if version is not None else templates.listed(),
        past=past,
        progress=importing.progress(past) if past is not None else None,
        awaits_goods=goods.known_since(connection, shop.id) is None,
        told=_told(connection, shop.id, services.clock.real() - LATELY),
        healed=_healed(connection, shop.id, services.clock.real() - LATELY),
        failures=_failures(connection, shop.id),
        stuck=outbox.listed(connection, shop.id, "failed", None, SHOWN),
        perks_reason=perks.why_not(connection, shop.id),
        people=_people(connection, shop.id),
    )


def _checks(connection: Connection, shop_id: str) -> dict[str, datetime | None]:
    table = connections_table
    row: Mapping[str, Any] | None = (
        connection.execute(select(table).where(table.c.shop_id == shop_id)).mappings().first()  # type: ignore[assignment]
    )
    if row is None:
        return {}
    return {
        "Webhooks": row["hooks_checked_at"],
        "Orders": row["read_until"],
        "Catalogue": row["products_whole_at"],
    }


def _told(connection: Connection, shop_id: str, since: datetime) -> dict[str, int]:
    mine = and_(inbox.c.shop_id == shop_id, inbox.c.received_at >= since)
    counted = select(inbox.c.state, func.count()).where(mine).group_by(inbox.c.state)
    return {row[0]: row[1] for row in connection.execute(counted)}


def _healed(connection: Connection, shop_id: str, since: datetime) -> int:
    mine = and_(inbox.c.shop_id == shop_id, inbox.c.received_at >= since, inbox.c.state == "done")
    counted = select(func.count()).where(mine, inbox.c.topic.in_((READ_ORDER, ORDER_GONE)))
    return connection.execute(counted).scalar_one()


def _failures(connection: Connection, shop_id: str) -> Sequence[RowMapping]:
    mine = and_(inbox.c.shop_id == shop_id, inbox.c.state == "failed")
    columns = (inbox.c.id, inbox.c.topic, inbox.c.reason, inbox.c.received_at, inbox.c.body.is_(None).label("gone"))
    return connection.execute(select(*columns).where(mine).order_by(inbox.c.id.desc()).limit(SHOWN)).mappings().all()


def _people(connection: Connection, shop_id: str) -> int:
    mine = and_(members.c.shop_id == shop_id, members.c.merged_into.is_(None), members.c.erased_at.is_(None))
    return connection.execute(select(func.count()).select_from(members).where(mine)).scalar_one()
