"""Effects as rows: put by a transaction, taken on lease, ended."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, exists, func, or_, select, update

from app.db import next_numbers, write_rows
from app.models import connections as connections_table
from app.models import effects
from app.models import shops as shops_table

LEASE = timedelta(minutes=5)  # longer than any call lasts
KEPT, MESSAGES_KEPT = timedelta(days=30), timedelta(days=1)
LATER = timedelta(minutes=2)  # a call that nobody waits for any more may still act within this

UNCONNECTED = ("push",)  # kinds that need no connection to the shop's platform

_AT_PLATFORM = effects.c.kind.not_in(UNCONNECTED)
_LIVING = and_(shops_table.c.id == effects.c.shop_id, shops_table.c.state == "active")


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """An effect to come. `subject`: what it is about; nothing personal stands in the body."""

    kind: str
    subject: str
    body: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None  # real time; None: at once


@dataclass(frozen=True, slots=True)
class Taken:
    """An effect in our hands. `unsure`: an earlier attempt may have acted."""

    shop_id: str
    seq: int
    kind: str
    subject: str
    body: Mapping[str, Any]
    attempts: int
    unsure: bool
    tried_at: datetime
    lease: str


def put(connection: Connection, shop_id: str, wanted: Sequence[Put]) -> None:
    """Write effects in the order given. Once: in the transaction of their cause, under the locks of their subjects."""
    if not wanted:
        return
    numbers = next_numbers(connection, "effects_seq", effects.c.seq, len(wanted), shop_id)
    now = datetime.now(UTC)
    rows = [
        {
            "shop_id": shop_id,
            "seq": seq,
            "kind": one.kind,
            "subject": one.subject,
            "body": dict(one.body),
            "state": "waiting",
            "attempts": 0,
            "unsure": False,
            "due_at": one.due_at,
            "created_at": now,
        }
        for seq, one in zip(numbers, wanted, strict=True)
    ]
    write_rows(connection, effects, rows)


def _waiting(real: datetime) -> ColumnElement[bool]:
    """Return what may be taken: due, in nobody's hands, and the first of its subject."""
    earlier = effects.alias("earlier")
    first = ~exists().where(
        earlier.c.shop_id == effects.c.shop_id,
        earlier.c.subject == effects.c.subject,
        earlier.c.state == "waiting",
        earlier.c.seq < effects.c.seq,
    )
    free = or_(effects.c.leased_until.is_(None), effects.c.leased_until <= real)
    return and_(effects.c.state == "waiting", or_(effects.c.due_at.is_(None), effects.c.due_at <= real), free, first)


def _callable() -> ColumnElement[bool]:
    connected = exists().where(connections_table.c.shop_id == effects.c.shop_id)
    return or_(effects.c.kind.in_(UNCONNECTED), connected)


def due_shops(connection: Connection, real: datetime, kinds: Collection[str], limit: int) -> Sequence[str]:
    """Return shops that have something of these kinds to carry out, and that can be called."""
    due = and_(effects.c.kind.in_(kinds), _callable(), _waiting(real))
    found = select(effects.c.shop_id).join(shops_table, _LIVING).where(due)
    return connection.execute(found.distinct().limit(limit)).scalars().all()


def take(connection: Connection, shop_id: str, real: datetime, kinds: Collection[str]) -> Taken | None:
    """Take a shop's next effect on lease; None: nothing is due. A worker that dies leaves it to the next one."""
    due = and_(effects.c.shop_id == shop_id, effects.c.kind.in_(kinds), _waiting(real))
    row = connection.execute(select(effects).where(due).order_by(effects.c.seq).limit(1)).mappings().first()
    if row is None:
        return None
    lease = secrets.token_hex(16)
    same = and_(_named(shop_id, row["seq"]), effects.c.state == "waiting", effects.c.attempts == row["attempts"])
    changes = {
        "lease": lease,
        "leased_until": real + LEASE,
        "attempts": row["attempts"] + 1,
        "unsure": True,
        "tried_at": row["tried_at"] or real,
    }
    if connection.execute(update(effects).where(same).values(changes)).rowcount != 1:
        return None  # somebody else was quicker; the next look finds the next one
    return Taken(
        shop_id,
        row["seq"],
        row["kind"],
        row["subject"],
        row["body"],
        row["attempts"] + 1,
        row["unsure"],
        row["tried_at"] or real,
        lease,
    )


def _named(shop_id: str, seq: int) -> ColumnElement[bool]:
    return and_(effects.c.shop_id == shop_id, effects.c.seq == seq)


def end(connection: Connection, taken: Taken, state: str, real: datetime, reason: str | None = None) -> bool:
    """End an effect that is ours; False: our lease was over, and somebody else has it."""
    values = {"state": state, "reason": reason, "ended_at": real, "lease": None, "leased_until": None}
    return _change(connection, taken, values)


def put_off(connection: Connection, taken: Taken, until: datetime, reason: str, *, unsure: bool) -> bool:
    """Give an effect back until a moment; False: our lease was over."""
    values = {"due_at": until, "reason": reason, "unsure": unsure, "lease": None, "leased_until": None}
    return _change(connection, taken, values)


def _change(connection: Connection, taken: Taken, values: Mapping[str, Any]) -> bool:
    mine = and_(_named(taken.shop_id, taken.seq), effects.c.lease == taken.lease)
    return connection.execute(update(effects).where(mine).values(values)).rowcount == 1


def withdraw(connection: Connection, shop_id: str, kind: str, subject: str) -> bool:
    """Take an effect back that surely has not acted; tell whether there was one, or none at all is left to act."""
    mine = and_(effects.c.shop_id == shop_id, effects.c.kind == kind, effects.c.subject == subject)
    open_ones = and_(mine, effects.c.state.in_(("waiting", "failed")), effects.c.unsure.is_(False))
    return connection.execute(delete(effects).where(open_ones)).rowcount > 0


def last_try(connection: Connection, shop_id: str, kind: str, subject: str) -> datetime | None:
    """Return when an attempt whose outcome nobody knows may act at the latest; None: there is none."""
    mine = and_(effects.c.shop_id == shop_id, effects.c.kind == kind, effects.c.subject == subject)
    open_ones = and_(mine, effects.c.state.in_(("waiting", "failed")), effects.c.unsure)
    begun = select(func.max(effects.c.due_at), func.max(effects.c.leased_until)).where(open_ones)
    row = connection.execute(begun).one()
    return max((moment for moment in row if moment is not None), default=None)


def wake(connection: Connection, shop_id: str) -> None:
    """Let what waits for a shop be tried at once: it is connected again."""
    waiting = and_(effects.c.shop_id == shop_id, effects.c.state == "waiting")
    connection.execute(update(effects).where(waiting).values(due_at=None))


def waiting(connection: Connection, real: datetime) -> int:
    """Return how many effects are due or in somebody's hands, of shops that can be called."""
    in_hand = and_(effects.c.state == "waiting", effects.c.leased_until > real)
    counted = select(func.count()).select_from(effects).join(shops_table, _LIVING)
    return connection.execute(counted.where(_callable(), or_(_waiting(real), in_hand))).scalar_one()


def done_since(connection: Connection, real: datetime) -> int:
    counted = select(func.count()).where(effects.c.state == "done", effects.c.ended_at >= real)
    return connection.execute(counted).scalar_one()


def listed(connection: Connection, shop_id: str, state: str | None, last: int | None, limit: int) -> list[RowMapping]:
    """Return effects at the shop's platform, newest first."""
    mine = and_(effects.c.shop_id == shop_id, _AT_PLATFORM)
    wanted = select(effects).where(mine if state is None else and_(mine, effects.c.state == state))
    if last is not None:
        wanted = wanted.where(effects.c.seq < last)
    return list(connection.execute(wanted.order_by(effects.c.seq.desc()).limit(limit)).mappings())


def find(connection: Connection, shop_id: str, seq: int) -> RowMapping | None:
    return connection.execute(select(effects).where(_named(shop_id, seq), _AT_PLATFORM)).mappings().first()


def again(connection: Connection, shop_id: str, seq: int) -> bool:
    """Let a failed effect be tried again, from its beginning; False: it has not failed."""
    failed = and_(_named(shop_id, seq), _AT_PLATFORM, effects.c.state == "failed")
    fresh = {"state": "waiting", "due_at": None, "tried_at": None, "ended_at": None}
    return connection.execute(update(effects).where(failed).values(fresh)).rowcount == 1


def decide(connection: Connection, shop_id: str, seq: int, state: str, real: datetime) -> bool:
    """End a failed effect by hand; False: it has not failed, or not any more."""
    failed = and_(_named(shop_id, seq), effects.c.state == "failed")
    return connection.execute(update(effects).where(failed).values(state=state, ended_at=real)).rowcount == 1


def forget(connection: Connection, real: datetime) -> None:
    """Drop effects that ended long ago, and messages of yesterday; failed ones stay until somebody has looked."""
    message = and_(effects.c.kind.in_(UNCONNECTED), effects.c.ended_at < real - MESSAGES_KEPT)
    old = and_(effects.c.state.in_(("done", "refused")), or_(effects.c.ended_at < real - KEPT, message))
    connection.execute(delete(effects).where(old))
