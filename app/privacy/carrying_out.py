"""Requests are carried out, each in a transaction of its own that also ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select, update

from app import shops
from app.db import is_down, reading, retrying
from app.members import enrolling, erasing, joining
from app.members.enrolling import Named
from app.models import api_keys, facts, identities, inbox, members, voucher_codes
from app.models import privacy_requests as table
from app.models import shops as shops_table
from app.platforms import connections
from app.points.readouts import family
from app.privacy import exporting
from app.services import Services
from app.shops import Shop

log = structlog.get_logger()

KEPT = timedelta(days=30)  # an export is there for the merchant
PIECE = 20  # people of a shop that is erased, in one transaction


def run_due(services: Services, limit: int = 50) -> int:
    """Carry out what was asked; return how much."""
    with reading(services.engine) as connection:
        wanted = select(table).where(table.c.state == "waiting").order_by(table.c.asked_at).limit(limit)
        found = connection.execute(wanted).mappings().all()
    done = 0
    for row in found:
        try:
            done += _carry_out(services, row)
        except Exception as error:
            if is_down(error):
                raise
            log.exception("privacy_request_failed", shop=row["shop_id"], kind=row["kind"])  # it waits, and is seen
    return done


def _carry_out(services: Services, row: RowMapping) -> bool:
    if row["kind"] == "erase_shop":
        while retrying(services.engine, partial(_erase_some, services, row)):
            pass
    return retrying(services.engine, partial(_one, services, row))


def _one(services: Services, row: RowMapping, connection: Connection) -> bool:
    """Carry one request out and end it; False: somebody else has."""
    shop = shops.hold(connection, row["shop_id"], exclusive=True)
    mine = and_(_this(row), table.c.state == "waiting")
    if connection.execute(select(table.c.id).where(mine).with_for_update()).first() is None:
        return False
    changes = _KINDS[row["kind"]](connection, services, shop, row)
    _drop_asking(connection, row)
    ended = {"state": "done", "ended_at": services.clock.real()}
    connection.execute(update(table).where(_this(row)).values({**ended, **changes}))
    return True


def _this(row: RowMapping) -> ColumnElement[bool]:
    return and_(table.c.shop_id == row["shop_id"], table.c.id == row["id"])


def _drop_asking(connection: Connection, row: RowMapping) -> None:
    """Drop the deliveries that asked: they name the person too. The journal knows them by whom they were about."""
    about = row["customer_id"] or row["shop_id"]
    mine = and_(facts.c.shop_id == row["shop_id"], facts.c.kind == "asked", facts.c.subject == about)
    hashes = connection.execute(select(facts.c.body["sha256"].as_string()).where(mine)).scalars().all()
    these = and_(inbox.c.shop_id == row["shop_id"], inbox.c.state != "new", inbox.c.sha256.in_(hashes))
    connection.execute(update(inbox).where(these).values(body=None))


Changes = dict[str, object]


def _members(connection: Connection, shop: Shop, row: RowMapping) -> list[str]:
    """Return who is meant: by the platform's id, else by the e-mail."""
    named = and_(identities.c.kind == "customer", identities.c.value == (row["customer_id"] or ""))
    mailed = and_(identities.c.kind != "customer", identities.c.value == (row["email_ref"] or ""))
    mine = and_(identities.c.shop_id == shop.id, or_(named, mailed))
    return sorted(set(connection.execute(select(identities.c.member_id).where(mine)).scalars()))


def _export(connection: Connection, services: Services, shop: Shop, row: RowMapping) -> Changes:
    found = _members(connection, shop, row)
    everyone = sorted({each for member_id in found for each in family(connection, shop.id, member_id)})
    if not everyone:
        return {"outcome": "nothing is known of this customer"}
    document = exporting.export(connection, services.vault, shop.id, everyone)
    return {"outcome": "the export is ready", "document": services.vault.seal(shop.id, document)}


def _erase_customer(connection: Connection, services: Services, shop: Shop, row: RowMapping) -> Changes:
    found = _members(connection, shop, row)
    when = erasing.Moment(services.clock.now(connection), services.clock.real())
    for member_id in found:
        erasing.erase(connection, services.vault, shop, member_id, when)
    _drop_exports(connection, row)
    told = "everything personal is gone" if found else "nothing was known of this customer"
    return {"outcome": told, "customer_id": None, "email_ref": None}


def _drop_exports(connection: Connection, row: RowMapping) -> None:
    """Forget exports of a customer, and by what the requests named them."""
    same = and_(table.c.shop_id == row["shop_id"], table.c.customer_id == row["customer_id"])
    connection.execute(update(table).where(same).values(document=None, email_ref=None))


def _merge(connection: Connection, services: Services, shop: Shop, row: RowMapping) -> Changes:
    gone = _members(connection, shop, row)
    if not gone:
        return {"outcome": "nothing was known of this customer"}
    now = services.clock.now(connection)
    lives = enrolling.enrol(connection, services.vault, shop, Named(platform_id=row["into_id"]), now).member_id
    for member_id in gone:
        if member_id != lives:
            joining.merge_members(connection, shop, member_id, lives, now)
    return {"outcome": "they are one member"}


def _erase_shop(connection: Connection, services: Services, shop: Shop, row: RowMapping) -> Changes:
    """Forget what is left of a shop; its books stay, and name nobody."""
    if shop.state == "active":
        return {"outcome": "the merchant has installed the app again: nothing was erased"}
    connection.execute(update(inbox).where(inbox.c.shop_id == shop.id).values(body=None))
    connection.execute(update(voucher_codes).where(voucher_codes.c.shop_id == shop.id).values(code=None))
    connection.execute(update(api_keys).where(api_keys.c.shop_id == shop.id).values(retires_at=services.clock.real()))
    connection.execute(
        update(table).where(table.c.shop_id == shop.id).values(document=None, customer_id=None, email_ref=None)
    )
    connections.forget(connection, shop.id)
    connection.execute(update(shops_table).where(shops_table.c.id == shop.id).values(owner_email=None))
    shops.mark(connection, shop.id, "uninstalled", "everything personal was erased")
    return {"outcome": "everything personal is gone"}


def _erase_some(services: Services, row: RowMapping, connection: Connection) -> int:
    """Forget some people of a shop; return how many there were."""
    shop = shops.hold(connection, row["shop_id"], exclusive=True)
    if shop.state == "active":
        return 0
    mine = and_(members.c.shop_id == shop.id, members.c.erased_at.is_(None))
    found = connection.execute(select(members.c.id).where(mine).order_by(members.c.id).limit(PIECE)).scalars().all()
    when = erasing.Moment(services.clock.now(connection), services.clock.real())
    for member_id in found:
        erasing.erase(connection, services.vault, shop, member_id, when)
    return len(found)


_KINDS: dict[str, Callable[[Connection, Services, Shop, RowMapping], Changes]] = {
    "export": _export,
    "erase_customer": _erase_customer,
    "merge_customers": _merge,
    "erase_shop": _erase_shop,
}


def forget(connection: Connection, real: datetime) -> None:
    """Drop exports after a month."""
    old = and_(table.c.document.is_not(None), table.c.ended_at < real - KEPT)
    connection.execute(update(table).where(old).values(document=None))
