"""The upload of partners' codes: journaled, by their number alone, and replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_

from app import journal, programmes, shops
from app.errors import NotFound
from app.ledger.book import Book
from app.models import redemptions as table
from app.rewards import rows, scarce, vouchers
from app.rewards.redemptions import issue, reward_of, reward_then
from app.rewards.rows import Redemption, find
from app.rules.document import Reward
from app.shops import Shop
from app.vault import Vault


@dataclass(frozen=True, slots=True)
class Uploaded:
    added: int
    known: int
    left: int


def upload(
    connection: Connection, vault: Vault, shop: Shop, reward_key: str, codes: Sequence[str], now: datetime
) -> Uploaded:
    """Add codes of a partner to a reward. Gifts that wait for one get theirs first.

    Once: a code that is known already is not added again. Raises: NotFound.
    """
    version = programmes.current(connection, shop.id, now)
    reward = reward_of(version, reward_key)
    if reward is None or reward.kind != "partner_voucher":
        raise NotFound("there is no such reward, or it needs no codes")
    waiting = and_(table.c.state == "held", table.c.reward == reward_key, table.c.kind == "partner_voucher")
    members = {one.member_id for one in rows.read(connection, shop.id, waiting)}
    Book(connection, shop.id, now).load(members)
    scarce.lock(connection, shop.id, reward_key)
    numbers = vouchers.add(connection, vault, shop, reward_key, codes)
    found = [one for one in rows.read(connection, shop.id, waiting) if one.member_id in members]
    served = _serve(connection, shop, reward, sorted(found, key=lambda one: (one.held_at, one.id)), now)
    if numbers:
        body = {"reward": reward_key, "version": version.number, "numbers": numbers, "served": served}
        journal.write(connection, shop.id, [journal.Row("vouchers", shop.id, now, body)])
    left = vouchers.left(connection, shop.id, [reward_key])[reward_key]
    return Uploaded(len(numbers), len(codes) - len(numbers), left)


def _serve(
    connection: Connection, shop: Shop, reward: Reward, waiting: Sequence[Redemption], now: datetime
) -> list[str]:
    """Hand waiting gifts their codes, as far as they go; return which."""
    served = []
    for one in waiting:
        one.voucher = vouchers.take(connection, shop.id, reward.key, one.id)
        if one.voucher is None:
            break
        issue(one, reward, shop, now)
        served.append(one)
    rows.write(connection, shop.id, served)
    return [one.id for one in served]


def _replay_vouchers(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    vouchers.add_unseen(target, shop_id, body["reward"], body["numbers"])
    served = [find(target, shop_id, one) for one in body["served"]]
    _serve(
        target, shops.get(target, shop_id), reward_then(target, shop_id, body["version"], body["reward"]), served, at
    )


REPLAYED = {"vouchers": _replay_vouchers}
