"""Deliveries: accepted by the web, drained by the worker. The table is the queue of record.

`accept` stores what a signature has passed and answers only after COMMIT; it never reads the body. `drain_shop`
claims a batch, puts it into facts, and finishes the claim in the transaction that writes the ledger, so that a
delivery takes effect exactly once wherever a process dies.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, and_, select, update
from sqlalchemy.exc import DBAPIError

from app import shops
from app.clock import Clock
from app.db import insert_new, is_down, reading, retrying
from app.errors import Conflict, TesseraError
from app.intake.deliveries import Outcome
from app.intake.told import Told, pseudonymise
from app.intake.translating import translated
from app.models import inbox
from app.settling import Settling
from app.shops import Shop
from app.vault import CannotOpen, Vault
from connectors.contract import (
    BadFact,
    CustomerDeleted,
    Disconnected,
    Envelope,
    Ignored,
    OrderDeleted,
    PrivacyAsked,
    ShopUninstalled,
    VerifiedBody,
)
from connectors.neutral import parse_json

log = structlog.get_logger()

BATCH = 500
READ_NOTHING = (
    OrderDeleted,
    CustomerDeleted,
    ShopUninstalled,
    PrivacyAsked,
)  # a platform tells these whether or not we may read
_counter = itertools.count(secrets.randbits(20))


def next_id() -> int:
    """Make a 63-bit id that grows with time. Two processes may, rarely, make the same one."""
    return (time.time_ns() // 1_000_000 - 1_700_000_000_000) << 20 | (next(_counter) & 0xFFFFF)


def accept(
    connection: Connection,
    vault: Vault,
    shop_id: str,
    envelope: Envelope,
    body: VerifiedBody,
    new_id: Callable[[], int] = next_id,
) -> bool:
    """Store a verified delivery; False for one that is already here.

    Once: the key is unique per shop in the database. Raises: Conflict, for other bytes under a key whose
    platform promises the same bytes.
    """
    sha256 = hashlib.sha256(body).hexdigest()
    row = {
        "shop_id": shop_id,
        "key": envelope.key,
        "topic": envelope.topic,
        "body": vault.seal(shop_id, body),
        "sha256": sha256,
        "received_at": datetime.now(UTC),
    }
    while not insert_new(connection, inbox, {**row, "id": new_id()}):
        mine = and_(inbox.c.shop_id == shop_id, inbox.c.key == envelope.key)
        known = connection.execute(select(inbox.c.sha256).where(mine)).scalar()
        if known is None:
            continue  # only the id was taken, by another process in the same millisecond
        if envelope.same_bytes and known != sha256:
            raise Conflict("another body was already delivered under this delivery id")
        return False
    return True


@dataclass(frozen=True, slots=True)
class Drain:
    """What draining needs; made once per process."""

    engine: Engine
    vault: Vault
    clock: Clock


class Poison(Exception):
    """A delivery that cannot take effect for a reason nobody foresaw; it fails alone."""

    def __init__(self, row_id: int, reason: str) -> None:
        super().__init__(reason)
        self.row_id = row_id
        self.reason = reason


def waiting_shops(connection: Connection) -> list[str]:
    """Return the shops that have deliveries waiting."""
    return [row.shop_id for row in connection.execute(select(inbox.c.shop_id).where(inbox.c.state == "new").distinct())]


def drain_all(drain: Drain, limit: int = BATCH, enough: Callable[[], bool] = lambda: False) -> Outcome:
    """Drain every shop until nothing is waiting that another worker has not in hand, or it is `enough`.

    Raises: when the others are done, the error of a shop that cannot be drained at all, as one whose key is lost.
    """
    total, finished = Outcome(), -1
    stuck: dict[str, Exception] = {}
    while total.total > finished and not enough():
        finished = total.total
        with reading(drain.engine) as connection:
            waiting = [shop_id for shop_id in waiting_shops(connection) if shop_id not in stuck]
        for shop_id in waiting:
            try:
                total.add(Outcome() if enough() else drain_shop(drain, shop_id, limit))
            except Exception as error:
                if is_down(error):
                    raise
                log.error("drain_failed", shop=shop_id, reason=_reason(error))
                stuck[shop_id] = error
    if stuck:
        raise next(iter(stuck.values()))
    return total


def drain_shop(drain: Drain, shop_id: str, limit: int = BATCH) -> Outcome:
    """Finish one batch of a shop's waiting deliveries; a poisonous one fails alone.

    Once: the claim is finished in the transaction of the effect. Source: architecture, hot path 3.
    """
    poisoned: dict[int, str] = {}
    while True:
        claimed: list[int] = []
        try:
            return retrying(drain.engine, partial(_batch, drain, shop_id, limit, poisoned, claimed))
        except Poison as error:
            culprit, reason = error.row_id, error.reason
        except CannotOpen:
            raise
        except Exception as error:  # it failed as a whole: find out who it was
            if is_down(error) or not claimed or claimed[0] in poisoned:
                raise  # not the delivery's fault: without it, it fails as well
            if limit > 1:
                return _one_by_one(drain, shop_id, len(claimed))
            culprit, reason = claimed[0], _reason(error)
        log.error("delivery_poisoned", shop=shop_id, delivery=culprit, reason=reason)
        poisoned[culprit] = reason


def _one_by_one(drain: Drain, shop_id: str, count: int) -> Outcome:
    total = Outcome()
    for _ in range(count):
        total.add(drain_shop(drain, shop_id, limit=1))
    return total


@dataclass(slots=True)
class _Verdicts:
    done: list[int] = field(default_factory=list)
    other: list[tuple[int, str, str]] = field(default_factory=list)  # id, state, reason
    standing: tuple[str, str | None] | None = None  # what the last of them says of the shop: state, reason


def _batch(
    drain: Drain,
    shop_id: str,
    limit: int,
    poisoned: Mapping[int, str],
    claimed: list[int],
    connection: Connection,
) -> Outcome:
    shop = shops.hold(connection, shop_id)
    rows = _claim(connection, shop_id, limit)
    claimed[:] = [row.id for row in rows]
    if not rows:
        return Outcome()
    verdicts = _Verdicts()
    told = _translate(connection, drain, shop, rows, poisoned, verdicts)
    settling = Settling(connection, shop, drain.clock.now(connection))
    settling.load([one for _, facts in told for one in facts])
    for row_id, facts in told:
        _apply(settling, row_id, facts)
        verdicts.done.append(row_id)
    settling.flush()
    _finish(connection, shop_id, verdicts)
    return _count(verdicts)


def _claim(connection: Connection, shop_id: str, limit: int) -> list[Any]:
    statement = (
        select(inbox.c.id, inbox.c.topic, inbox.c.body, inbox.c.sha256)
        .where(inbox.c.shop_id == shop_id, inbox.c.state == "new")
        .order_by(inbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(connection.execute(statement))


def _translate(
    connection: Connection,
    drain: Drain,
    shop: Shop,
    rows: list[Any],
    poisoned: Mapping[int, str],
    verdicts: _Verdicts,
) -> list[tuple[int, list[Told]]]:
    """Put deliveries into facts; what has none goes to the verdicts with its reason.

    A signed error instead of a resource disconnects the shop; a resource, signed later, connects it again.
    """
    translated = []
    pepper = shop.pepper(drain.vault)
    for row in rows:
        if row.id in poisoned:
            verdicts.other.append((row.id, "failed", poisoned[row.id]))
            continue
        try:
            translated.append((row.id, facts := _facts(drain.vault, shop, row, pepper)))
            if not all(isinstance(one.fact, READ_NOTHING) for one in facts):
                verdicts.standing = ("active", None)
        except Ignored as reason:
            verdicts.other.append((row.id, "ignored", str(reason)))
        except BadFact as reason:
            if isinstance(reason, Disconnected):
                verdicts.standing = ("disconnected", str(reason))
            verdicts.other.append((row.id, "failed", str(reason)))
    if verdicts.standing is not None and "disconnected" in (verdicts.standing[0], shop.state):
        shops.mark(connection, shop.id, *verdicts.standing)
    return translated


def _facts(vault: Vault, shop: Shop, row: Any, pepper: bytes) -> list[Told]:
    if row.body is None:
        raise BadFact("the body is no longer kept")
    try:
        document = parse_json(vault.open(shop.id, row.body))
        facts = translated(shop, row.topic, document)
        if shop.state == "uninstalled" and not all(isinstance(fact, PrivacyAsked) for fact in facts):
            raise Ignored("the app has been removed from this shop")
        return [pseudonymise(fact, row.sha256, shop, vault, pepper) for fact in facts]
    except (Ignored, BadFact):
        raise
    except Exception as error:  # a delivery nobody foresaw must fail alone, with its reason
        raise Poison(row.id, _reason(error)) from error


def _apply(settling: Settling, row_id: int, facts: list[Told]) -> None:
    try:
        for told in facts:
            settling.apply(told)
    except DBAPIError:
        raise
    except Exception as error:  # likewise: the batch is done again without it
        raise Poison(row_id, _reason(error)) from error


def _reason(error: Exception) -> str:
    """Say why for the merchant: in our own words where the error is one of ours."""
    if isinstance(error, TesseraError | BadFact):
        return str(error)
    return f"it could not be settled ({type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''})"


def _finish(connection: Connection, shop_id: str, verdicts: _Verdicts) -> None:
    now = datetime.now(UTC)
    mine = inbox.c.shop_id == shop_id
    if verdicts.done:
        finished = update(inbox).where(mine, inbox.c.id.in_(verdicts.done))
        connection.execute(finished.values(state="done", reason=None, finished_at=now))
    for row_id, state, reason in verdicts.other:
        finished = update(inbox).where(mine, inbox.c.id == row_id)
        connection.execute(finished.values(state=state, reason=reason.replace("\x00", ""), finished_at=now))


def _count(verdicts: _Verdicts) -> Outcome:
    ignored = sum(1 for _, state, _ in verdicts.other if state == "ignored")
    return Outcome(len(verdicts.done), ignored, len(verdicts.other) - ignored)
