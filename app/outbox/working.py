"""Carrying effects out: one call at a time a shop, several shops at once; no transaction is open during a call.

A worker may die anywhere. Before the call: the lease ends, and the next worker calls. After it: the next one is told
that an attempt may have acted (`Taken.unsure`), and each kind knows how to find that out. What follows from an effect
is written in the transaction that ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, Protocol

import structlog
from sqlalchemy import Connection, RowMapping

from app import shops
from app.db import is_down, reading, retrying
from app.outbox import rows
from app.outbox.rows import Taken
from app.platforms import connections
from app.services import Services
from app.shops import Shop
from connectors.contract import PlatformDown, PlatformRefused, Unauthorized, Unclear

log = structlog.get_logger()

PATIENCE = timedelta(days=3)  # nobody answers for so long: a merchant is asked to look
FIRST_S, MOST_S = 5.0, 3600.0
SHOPS_AT_ONCE = 4
A_ROUND = 50  # effects of one shop, before others have their turn


Told = Mapping[str, Any]  # what a platform answered, as far as something follows from it


class NotYet(Exception):
    """It cannot be known yet whether it happened, or it must wait. Units: `after`, until the next look."""

    def __init__(self, message: str, after: timedelta) -> None:
        super().__init__(message)
        self.after = after


class _Overtaken(Exception):
    """Our lease was over before we were done: what we wanted to write is rolled back."""


class Effect(Protocol):
    """What one kind does. `call` has no transaction; the other two run in the one that ends the effect."""

    def call(self, services: Services, shop: Shop, taken: Taken) -> Told | None:
        """Carry it out; return what the platform told, or None where nothing was to be done any more.

        Raises: PlatformDown, PlatformRefused, NotYet, Unclear.
        """

    def done(self, connection: Connection, services: Services, shop: Shop, subject: str, told: Told) -> None:
        """Let what follows take effect."""

    def refused(self, connection: Connection, services: Services, shop: Shop, subject: str) -> None:
        """Undo what caused it: the platform will never do it."""

    def by_hand(self, connection: Connection, shop: Shop, subject: str) -> Told:
        """Return what the platform would have told, where a merchant says that it has happened."""


Table = Mapping[str, Effect]


def run_due(services: Services, table: Table, threads: int = SHOPS_AT_ONCE, limit: int = 200) -> int:
    """Carry out what is due; return how many attempts there were."""
    with reading(services.engine) as connection:
        found = rows.due_shops(connection, services.clock.real(), list(table), limit)
    if len(found) <= 1 or threads == 1:
        return sum(run_shop(services, table, shop_id) for shop_id in found)
    with ThreadPoolExecutor(threads, "tessera-outbox") as pool:
        return sum(pool.map(lambda shop_id: run_shop(services, table, shop_id), found))


def run_shop(services: Services, table: Table, shop_id: str, most: int = A_ROUND) -> int:
    """Carry out what is due in one shop, one after the other."""
    attempts = 0
    while attempts < most:
        taken = retrying(
            services.engine, lambda connection: rows.take(connection, shop_id, services.clock.real(), list(table))
        )
        if taken is None or not run_one(services, table[taken.kind], taken):
            break
        attempts += 1
    return attempts


def run_one(services: Services, effect: Effect, taken: Taken) -> bool:
    """Carry one effect out; return whether the shop can be called on."""
    with reading(services.engine) as connection:
        shop = shops.get(connection, taken.shop_id)
    outcome = _outcome(services, effect, shop, taken)
    if outcome.pause is not None and services.clock.real() - taken.tried_at > PATIENCE:
        outcome = Outcome("failed", outcome.reason)
    if outcome.state != "done":
        told = {"kind": taken.kind, "effect": taken.seq, "state": outcome.state, "reason": outcome.reason}
        log.warning("effect_not_done", shop=shop.id, **told)

    def work(connection: Connection) -> None:
        shops.hold(connection, taken.shop_id)
        _follow(connection, services, effect, shop, taken, outcome)  # first: members are locked before effects
        if not _close(connection, services, taken, outcome):
            raise _Overtaken

    with suppress(_Overtaken):
        retrying(services.engine, work)
    return outcome.shop_answers


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. `pause`: until the next one."""

    state: Literal["done", "refused", "failed", "waiting", "locked_out"]
    reason: str | None = None
    told: Told = field(default_factory=dict)
    pause: timedelta | None = None
    unsure: bool = False
    shop_answers: bool = True


def _outcome(services: Services, effect: Effect, shop: Shop, taken: Taken) -> Outcome:
    try:
        return Outcome("done", told=effect.call(services, shop, taken) or {})
    except Unauthorized as error:
        return Outcome("locked_out", str(error), unsure=taken.unsure, shop_answers=False)
    except PlatformRefused as error:
        return Outcome("refused", str(error))
    except PlatformDown as error:
        unsure = taken.unsure or error.acted is not False
        pause = _pause(services, taken, error.after_s)
        return Outcome("waiting", str(error), pause=pause, unsure=unsure, shop_answers=False)
    except NotYet as error:
        return Outcome("waiting", str(error), pause=error.after, unsure=taken.unsure)
    except Unclear as error:
        return Outcome("failed", str(error))
    except Exception as error:
        if is_down(error):
            raise
        log.exception("effect_broke", shop=shop.id, kind=taken.kind, effect=taken.seq)
        reason = f"{type(error).__name__}: {error}"
        return Outcome("waiting", reason, pause=_pause(services, taken), unsure=True)


def _follow(
    connection: Connection, services: Services, effect: Effect, shop: Shop, taken: Taken, outcome: Outcome
) -> None:
    if outcome.state == "done":
        effect.done(connection, services, shop, taken.subject, outcome.told)
    elif outcome.state == "refused":
        effect.refused(connection, services, shop, taken.subject)
    elif outcome.state == "locked_out":  # our key is dead: it waits until the shop is connected again
        connections.lock_out(connection, shop.id, outcome.reason or "")


def _close(connection: Connection, services: Services, taken: Taken, outcome: Outcome) -> bool:
    real, reason = services.clock.real(), outcome.reason
    if outcome.state in ("waiting", "locked_out"):
        until = real + (outcome.pause or timedelta(0))
        return rows.put_off(connection, taken, until, reason or "", unsure=outcome.unsure)
    return rows.end(connection, taken, outcome.state, real, reason)


def _pause(services: Services, taken: Taken, told_s: float | None = None) -> timedelta:
    """Wait longer each time, and never all at the same moment."""
    grown = min(MOST_S, FIRST_S * 2 ** min(taken.attempts - 1, 12))
    return timedelta(seconds=(told_s or 0.0) + grown * services.caller.dice.uniform(0.5, 1.0))


def decide(
    services: Services, effect: Effect, connection: Connection, shop: Shop, row: RowMapping, happened: bool
) -> bool:
    """End a failed effect as a merchant says; False: it has not failed. The shop is held."""
    if row["state"] != "failed":
        return False
    if happened:
        effect.done(connection, services, shop, row["subject"], effect.by_hand(connection, shop, row["subject"]))
    else:
        effect.refused(connection, services, shop, row["subject"])
    return rows.decide(connection, shop.id, row["seq"], "done" if happened else "refused", services.clock.real())
