"""A shop's past is read once: its customers, then its orders, piece by piece, each put into the inbox like a delivery.

    running ──▶ done | failed | stopped

A piece's deliveries and the place after it are written in one transaction, so that a worker that dies loses nothing and
doubles nothing; a state that a live delivery has told already stays as it is. Orders from before the first programme
earn by it, now, where the merchant chose `award`; or they count for tiers alone. Live deliveries go first: while many
wait, the import waits too.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from app import programmes, shops
from app.db import reading, retrying
from app.errors import Conflict, NotFound
from app.intake import readings
from app.models import connections as connections_table
from app.models import imports as table
from app.models import inbox
from app.models import shops as shops_table
from app.platforms import connections, goods, tokens
from app.services import Services
from app.shops import Shop
from connectors import CONNECTORS
from connectors.contract import PlatformDown, PlatformRefused, Unauthorized
from connectors.contract.syncing import PAST_AWARD, PAST_CUSTOMER, PAST_TIERS, Past, Reader

log = structlog.get_logger()

Choice = Literal["award", "tiers"]
LEASE = timedelta(minutes=5)
TURN_S = 5.0  # one shop's, before others have theirs
MANY = 300  # deliveries that wait: the import lets them go first
PAUSE = timedelta(seconds=10)
AGAIN = timedelta(minutes=1)


def begin(connection: Connection, shop: Shop, choice: Choice, now: datetime) -> str:
    """Begin to import a shop's past; return the import's id. Raises: Conflict."""
    reader = CONNECTORS[shop.platform].reader
    if reader is None or connections.scopes(connection, shop) is None:
        raise Conflict("this shop is not connected to its platform")
    if not programmes.versions(connection, shop.id):
        raise Conflict("publish a programme first: it says what the past is worth")
    import_id = secrets.token_hex(10)
    row = {
        "shop_id": shop.id,
        "id": import_id,
        "choice": choice,
        "state": "running",
        "part": "customers",
        "place": {},
        "orders": 0,
        "customers": 0,
        "worked_ms": 0,
        "begun_at": now,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(table), [row])
    except IntegrityError:
        raise Conflict("an import is running already") from None
    return import_id


def stop(connection: Connection, shop: Shop, now: datetime) -> None:
    """Stop the running import; what it has read stays. Raises: NotFound."""
    ended = {"state": "stopped", "ended_at": now, "lease": None, "leased_until": None}
    if connection.execute(update(table).where(_running(shop.id)).values(ended)).rowcount != 1:
        raise NotFound("no import is running")


def go_on(connection: Connection, shop: Shop) -> None:
    """Let the newest import go on that was stopped or has failed. Raises: NotFound, Conflict (one is running)."""
    newest = latest(connection, shop.id)
    if newest is None or newest["state"] not in ("stopped", "failed"):
        raise NotFound("no import was stopped or has failed")
    mine = and_(table.c.shop_id == shop.id, table.c.id == newest["id"])
    place = {} if newest["state"] == "failed" else newest["place"]  # what failed is asked for anew, and known again
    fresh = {"state": "running", "place": place, "reason": None, "ended_at": None, "due_at": None}
    connection.execute(update(table).where(mine).values(fresh))


def latest(connection: Connection, shop_id: str) -> RowMapping | None:
    mine = select(table).where(table.c.shop_id == shop_id).order_by(table.c.begun_at.desc(), table.c.id).limit(1)
    return connection.execute(mine).mappings().first()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. Units: `rate` per second of work; `left_s` seconds of work. None: not known yet."""

    done: int
    in_all: int | None
    rate: float | None
    left_s: int | None


def progress(row: RowMapping) -> Progress:
    done, totals = row["orders"] + row["customers"], (row["orders_in_all"], row["customers_in_all"])
    in_all = sum(totals) if None not in totals else None
    rate = 1000 * done / row["worked_ms"] if row["worked_ms"] and done else None
    left = max(0, in_all - done) / rate if in_all is not None and rate else None
    return Progress(done, in_all, rate, None if left is None else round(left))


# --- the work ---------------------------------------------------------------------------------------------------------


def _running(shop_id: str) -> ColumnElement[bool]:
    return and_(table.c.shop_id == shop_id, table.c.state == "running")


def run_due(services: Services, limit: int = 20) -> int:
    """Go on with the imports whose time has come, one turn each; return how many rows were read."""
    real = services.clock.real()
    free = or_(table.c.leased_until.is_(None), table.c.leased_until <= real)
    due = and_(table.c.state == "running", free, or_(table.c.due_at.is_(None), table.c.due_at <= real))
    living = and_(shops_table.c.id == table.c.shop_id, shops_table.c.state == "active")
    with reading(services.engine) as connection:
        wanted = select(table.c.shop_id).join(shops_table, living).where(due)
        called = wanted.join(connections_table, connections_table.c.shop_id == table.c.shop_id)
        found = connection.execute(called.order_by(table.c.begun_at).limit(limit)).scalars().all()
    return sum(_turn(services, shop_id) for shop_id in found)


def _turn(services: Services, shop_id: str) -> int:
    """Import for some seconds, unless live deliveries wait."""
    lease = secrets.token_hex(16)
    row = retrying(services.engine, lambda connection: _take(connection, services, shop_id, lease))
    if row is None:
        return 0
    with reading(services.engine) as connection:
        shop = shops.get(connection, shop_id)
    began, read = time.monotonic(), 0
    while row is not None and time.monotonic() - began < TURN_S:
        mine = row
        try:
            row, count = _piece(services, shop, mine, time.monotonic())
            read += count
        except PlatformDown as error:
            pause = timedelta(seconds=error.after_s) if error.after_s else AGAIN
            _give_back(services, mine, due_at=services.clock.real() + pause, reason=str(error))
            return read
        except PlatformRefused as error:
            _refused(services, shop, mine, error)
            return read
    if row is not None:
        _give_back(services, row, due_at=None, reason=None)
    return read


def _take(connection: Connection, services: Services, shop_id: str, lease: str) -> RowMapping | None:
    """Take a shop's import on lease; None: somebody else has it, or many live deliveries wait."""
    real = services.clock.real()
    if goods.known_since(connection, shop_id) is None:
        return None  # rules may ask for tags and collections: first the catalogue
    mine = and_(_running(shop_id), or_(table.c.leased_until.is_(None), table.c.leased_until <= real))
    waiting = select(inbox.c.id).where(inbox.c.shop_id == shop_id, inbox.c.state == "new").limit(MANY).subquery()
    if connection.execute(select(func.count()).select_from(waiting)).scalar_one() >= MANY:
        connection.execute(update(table).where(mine).values(due_at=real + PAUSE))
        return None
    if connection.execute(update(table).where(mine).values(lease=lease, leased_until=real + LEASE)).rowcount != 1:
        return None
    return connection.execute(select(table).where(_running(shop_id))).mappings().one()


def _piece(services: Services, shop: Shop, row: RowMapping, since: float) -> tuple[RowMapping | None, int]:
    """Import one piece; return the import as it then is, or None where it is not ours to go on with."""
    reader = CONNECTORS[shop.platform].reader
    if reader is None:
        raise PlatformRefused("this platform's past cannot be read")
    found = _read(services, shop, reader, row)
    after = retrying(services.engine, lambda connection: _keep(connection, services, shop, row, found, since))
    if found.documents:
        services.ring(shop.id)
    return after, len(found.documents)


def _read(services: Services, shop: Shop, reader: Reader, row: RowMapping) -> Past:
    access = tokens.live(services, shop)
    return reader.past(services.caller, shop.ref, access, row["part"], row["place"])


def _keep(
    connection: Connection, services: Services, shop: Shop, row: RowMapping, found: Past, since: float
) -> RowMapping | None:
    """Put what was read into the inbox and note the place after it, together, if the import is still ours."""
    part, real = row["part"], services.clock.real()
    ours = and_(_running(shop.id), table.c.lease == row["lease"])
    changes: dict[str, Any] = {
        part: row[part] + len(found.documents),
        f"{part}_in_all": found.in_all if found.in_all is not None else row[f"{part}_in_all"],
        "place": dict(found.place) if found.place is not None else {},
        "worked_ms": row["worked_ms"] + round(1000 * (time.monotonic() - since)) * bool(found.documents),
        "leased_until": real + LEASE,
    }
    changes |= _next(row, found, real)
    if connection.execute(update(table).where(ours).values(changes)).rowcount != 1:
        return None
    topic = PAST_CUSTOMER if part == "customers" else PAST_AWARD if row["choice"] == "award" else PAST_TIERS
    for document in found.documents:
        readings.put(connection, services.vault, shop.id, topic, document)
    again = connection.execute(select(table).where(ours)).mappings().first()
    return again if again is not None and again["lease"] is not None else None


def _next(row: RowMapping, found: Past, real: datetime) -> dict[str, Any]:
    """Return what follows from a piece: the next one, a wait, the next part, or the end."""
    if found.place is not None:
        return {"due_at": real + found.wait, "lease": None, "leased_until": None} if found.wait else {}
    if row["part"] == "customers":
        return {"part": "orders"}
    return {"state": "done", "ended_at": real, "lease": None, "leased_until": None}


def _give_back(services: Services, row: RowMapping, due_at: datetime | None, reason: str | None) -> None:
    mine = and_(_running(row["shop_id"]), table.c.lease == row["lease"])
    free = {"lease": None, "leased_until": None, "due_at": due_at, "reason": reason}
    retrying(services.engine, lambda connection: connection.execute(update(table).where(mine).values(free)))


def _refused(services: Services, shop: Shop, row: RowMapping, error: PlatformRefused) -> None:
    """End an import that the platform refuses; one whose shop is locked out goes on when it is connected again."""

    def work(connection: Connection) -> None:
        mine = and_(_running(shop.id), table.c.lease == row["lease"])
        changes: dict[str, Any] = {"lease": None, "leased_until": None, "reason": str(error)}
        if isinstance(error, Unauthorized):
            connections.lock_out(connection, shop.id, str(error))
        else:
            changes |= {"state": "failed", "ended_at": services.clock.real()}
        connection.execute(update(table).where(mine).values(changes))

    retrying(services.engine, work)
    log.warning("import_refused", shop=shop.id, reason=str(error))
