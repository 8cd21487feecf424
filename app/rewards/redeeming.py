"""Spending points on a reward: the conditions, the hold, the handing out. Journaled, and replayed.

Everything happens under the lock of the owner's balance. Source: semantics 4.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from app import journal, programmes, shops
from app.errors import (
    FieldError,
    IdempotencyConflict,
    Invalid,
    RewardUnavailable,
    Unclaimed,
)
from app.ledger import holds
from app.ledger.book import Book
from app.members.views import held_row, member_row
from app.models import redemptions as table
from app.orders import averages
from app.outbox import rows as outbox
from app.points import lot_dates
from app.points.readouts import entry_with_key
from app.programmes import Version
from app.rewards import ending, rows, scarce, shelf, vouchers
from app.rewards.redemptions import ask, issue, made_there, reward_of, reward_then
from app.rewards.rows import Redemption
from app.rules.document import Reward
from app.rules.rewards import WrongPoints, cost, value_of
from app.shops import Shop

BATCH = 500
_OPEN = table.c.state.in_(("held", "issued"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    reward: str
    points: int | None = None  # pay_with_points
    key: str | None = None  # of the request: makes it happen once

    @property
    def facts(self) -> str:
        return hashlib.sha256(f"{self.reward}\n{self.points}".encode()).hexdigest()


def redeem(connection: Connection, shop: Shop, member_id: str, wish: Wish, now: datetime) -> Redemption:
    """Spend points on a reward: hold them, then hand it out.

    Once: the same key with the same facts returns the first record; also long after its answer is forgotten.
    Raises: NotFound, Unclaimed, InsufficientPoints, RewardUnavailable, Invalid, IdempotencyConflict.
    """
    row = held_row(connection, shop.id, member_id)
    known = _known(connection, shop.id, row.id, wish)
    if known is not None:
        return known
    if not row.claimed:
        raise Unclaimed("only a member who is known to be one can spend points")
    ending.lapse_of(connection, shop, row.id, now)
    version, reward = _reward(connection, shop.id, wish.reward, now)
    points = _cost(reward, wish, version)
    _check(connection, shop, version, reward, row, points, now)
    made = _made(connection, shop, version, reward, row.id, points, wish, now)
    made.voucher = perform(connection, shop, reward, made, wish.facts)
    body = {
        "id": made.id,
        "key": made.key,
        "member": row.id,
        "reward": reward.key,
        "version": version.number,
        "points": points,
        "facts": wish.facts,
        "value": made.value,
        "explanation": made.explanation,
    }
    journal.write(connection, shop.id, [journal.Row("redeem", made.id, now, body)])
    return made


def _known(connection: Connection, shop_id: str, member_id: str, wish: Wish) -> Redemption | None:
    """Return what the key has done already. Raises: IdempotencyConflict."""
    if wish.key is None:
        return None
    found = rows.read(connection, shop_id, table.c.key == f"redeem:{wish.key}")
    if not found:
        return None
    entry = entry_with_key(connection, shop_id, found[0].key)
    same_member = member_row(connection, shop_id, found[0].member_id).id == member_id
    if entry is None or entry["facts"] != wish.facts or not same_member:
        raise IdempotencyConflict("this key was used for another redemption")
    return found[0]


def _reward(connection: Connection, shop_id: str, key: str, now: datetime) -> tuple[Version, Reward]:
    version = programmes.effective(programmes.versions(connection, shop_id), now)
    if version is None:
        raise RewardUnavailable("programme_closed", "no programme is in effect")
    reward = reward_of(version, key)
    if reward is None:
        known = ", ".join(reward.key for reward in version.programme.rewards) or "none"
        message = f"The programme's rewards are {known[:500]}."
        raise Invalid(message, (FieldError("reward", "unknown", message),))
    return version, reward


def _cost(reward: Reward, wish: Wish, version: Version) -> int:
    try:
        return cost(reward, wish.points, version.programme.currency)
    except WrongPoints as error:
        raise Invalid(f"points: {error}", (FieldError("points", "invalid", str(error)),)) from error


def _check(
    connection: Connection, shop: Shop, version: Version, reward: Reward, row: Row[Any], points: int, now: datetime
) -> None:
    """Refuse what the reward's conditions refuse. Raises: RewardUnavailable."""
    if reward.stock is not None or reward.budget is not None or reward.kind == "partner_voucher":
        scarce.lock(connection, shop.id, reward.key)  # until the end: nobody else counts meanwhile
    reasons = shelf.load(connection, shop, version, [row], now, only=[reward]).reasons(reward, row.id, points)
    if reasons:
        errors = tuple(FieldError("reward", reason.code, reason.message) for reason in reasons)
        raise RewardUnavailable(reasons[0].code, reasons[0].message, errors)


def _made(
    connection: Connection,
    shop: Shop,
    version: Version,
    reward: Reward,
    member_id: str,
    points: int,
    wish: Wish,
    now: datetime,
) -> Redemption:
    redemption_id = f"r_{secrets.token_hex(10)}"
    asks = reward.min_above_average_percent is not None
    average = averages.average(connection, shop, now, keep=True) if asks else None
    basket, told = shelf.least_basket(reward, version, average)
    return Redemption(
        id=redemption_id,
        key=f"redeem:{wish.key or redemption_id}",
        member_id=member_id,
        reward=reward.key,
        version=version.number,
        kind=reward.kind,
        points=points,
        held_at=now,
        value=value_of(reward, points, version.programme.currency, basket),
        explanation={"rule": "redeem", **told},
    )


def perform(connection: Connection, shop: Shop, reward: Reward, made: Redemption, facts: str) -> int | None:
    """Hold the points and hand the reward out; return the number of the partner's code. Replay comes through here too.

    Raises: InsufficientPoints, RewardUnavailable.
    """
    now, book = made.held_at, Book(connection, shop.id, made.held_at)
    account = book.open(made.member_id)
    versions = programmes.versions(connection, shop.id)
    lot_dates.keep_alive(account, versions, now, now=now, zone=shop.zone)
    told = {"reward": made.reward, "version": made.version}
    made.hold = holds.hold(account, made.id, made.points, now, facts, key=made.key, told=told)
    if made.kind == "partner_voucher":
        made.voucher = vouchers.take(connection, shop.id, reward.key, made.id)
        if made.voucher is None:
            raise RewardUnavailable("out_of_stock", "None are left.")
    if made_there(shop, made.kind):
        outbox.put(connection, shop.id, [ask(made, reward, shop)])
    else:
        issue(made, reward, shop, now)
    if made.state == "committed":
        holds.commit(account, made.hold, now)
    rows.write(connection, shop.id, [made])
    book.flush()
    return made.voucher


def _replay_redeem(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    shop, reward = shops.get(target, shop_id), reward_then(target, shop_id, body["version"], body["reward"])
    made = Redemption(
        id=body["id"],
        key=body["key"],
        member_id=body["member"],
        reward=reward.key,
        version=body["version"],
        kind=reward.kind,
        points=body["points"],
        held_at=at,
        value=body["value"],
        explanation=body["explanation"],
    )
    perform(target, shop, reward, made, body["facts"])


REPLAYED = {"redeem": _replay_redeem}
