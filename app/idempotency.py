"""Requests that carry a key happen once: the first one's answer is kept and given again.

A request reserves its key in a transaction of its own; its effect and its answer are then committed together,
so that a crash leaves both or neither. A reservation without an answer may be taken over after a minute; the
one who lost it cannot commit any more. Time here is real time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from app.db import insert_new
from app.errors import IdempotencyConflict, InFlight
from app.models import idempotency
from app.vault import Vault

ABANDONED = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Command:
    """What must be equal for a request to be the same one again."""

    method: str
    path: str
    sha256: str  # of the raw body


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer given before."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Reservation:
    """The right to carry out the request of a key; `started_at` tells it from an earlier, abandoned one."""

    shop_id: str
    key: str
    started_at: datetime


def reserve(connection: Connection, vault: Vault, wanted: Reservation, command: Command) -> Kept | Reservation:
    """Return the answer kept under a key, or else the right to carry the request out.

    Raises: IdempotencyConflict, when the key belongs to another request; InFlight.
    """
    row = {"shop_id": wanted.shop_id, "key": wanted.key, "started_at": wanted.started_at}
    asked = {"method": command.method, "path": command.path, "sha256": command.sha256}
    if insert_new(connection, idempotency, {**row, **asked}):
        return wanted
    known = connection.execute(select(idempotency).where(_of(wanted))).first()
    if known is None:  # let go between the two statements
        raise InFlight()
    if Command(known.method, known.path, known.sha256) != command:
        raise IdempotencyConflict("this key was sent with another method, path or body")
    if known.status is not None:
        return Kept(known.status, vault.open(wanted.shop_id, known.body))
    if known.started_at > wanted.started_at - ABANDONED:
        raise InFlight()
    taken = update(idempotency).where(_of(wanted), _open_since(known.started_at)).values(started_at=wanted.started_at)
    if connection.execute(taken).rowcount != 1:
        raise InFlight()
    return wanted


def keep(connection: Connection, vault: Vault, mine: Reservation, answer: Kept) -> None:
    """Keep the answer, in the transaction of the effect. Raises: InFlight, when another took the key over."""
    values = {"status": answer.status, "body": vault.seal(mine.shop_id, answer.body)}
    kept = update(idempotency).where(_of(mine), _open_since(mine.started_at)).values(**values)
    if connection.execute(kept).rowcount != 1:
        raise InFlight()


def release(connection: Connection, mine: Reservation) -> None:
    """Let a key go whose request had no effect, so that the next one is new."""
    connection.execute(delete(idempotency).where(_of(mine), _open_since(mine.started_at)))


def forget(connection: Connection, mine: Reservation) -> None:
    """Forget an answer that turned out not to be the whole truth, so that the next request is new."""
    connection.execute(delete(idempotency).where(_of(mine), idempotency.c.started_at == mine.started_at))


def _of(wanted: Reservation) -> ColumnElement[bool]:
    return and_(idempotency.c.shop_id == wanted.shop_id, idempotency.c.key == wanted.key)


def _open_since(started_at: datetime) -> ColumnElement[bool]:
    return and_(idempotency.c.status.is_(None), idempotency.c.started_at == started_at)
