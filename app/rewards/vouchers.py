"""Codes of partners: uploaded by the merchant, handed out one per redemption, in the order they came.

They are sealed at rest; the journal knows only how many there are.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, and_, func, insert, select, update

from app.models import voucher_codes
from app.rewards.scarce import lock
from app.shops import Shop
from app.vault import Vault

_BATCH = 500


def take(connection: Connection, shop_id: str, reward: str, redemption_id: str) -> int | None:
    """Take the first code that is left and return its number; None: none are left."""
    lock(connection, shop_id, reward)
    mine = and_(voucher_codes.c.shop_id == shop_id, voucher_codes.c.reward == reward)
    free = select(func.min(voucher_codes.c.n)).where(mine, voucher_codes.c.redemption_id.is_(None))
    number: int | None = connection.execute(free).scalar()
    if number is not None:
        taken = update(voucher_codes).where(mine, voucher_codes.c.n == number)
        connection.execute(taken.values(redemption_id=redemption_id))
    return number


def left(connection: Connection, shop_id: str, rewards: Iterable[str]) -> dict[str, int]:
    """Return how many codes are left of each reward."""
    wanted = sorted(set(rewards))
    mine = and_(voucher_codes.c.shop_id == shop_id, voucher_codes.c.reward.in_(wanted))
    statement = select(voucher_codes.c.reward, func.count()).where(mine, voucher_codes.c.redemption_id.is_(None))
    rows = connection.execute(statement.group_by(voucher_codes.c.reward)).all() if wanted else ()
    counted = {row[0]: row[1] for row in rows}
    return {reward: counted.get(reward, 0) for reward in wanted}


def opened(connection: Connection, vault: Vault, shop_id: str, redemption_ids: Sequence[str]) -> dict[str, str]:
    """Return the partners' codes of redemptions, by redemption."""
    wanted = list(redemption_ids)
    mine = and_(voucher_codes.c.shop_id == shop_id, voucher_codes.c.redemption_id.in_(wanted))
    chosen = select(voucher_codes.c.redemption_id, voucher_codes.c.code).where(mine)
    rows = connection.execute(chosen).all() if wanted else []
    return {row.redemption_id: vault.open(shop_id, row.code).decode() for row in rows if row.code is not None}


def add(connection: Connection, vault: Vault, shop: Shop, reward: str, codes: Sequence[str]) -> list[int]:
    """Keep codes that are not known yet, sealed; return the numbers they got. The reward must be locked."""
    pepper = shop.pepper(vault)
    digests = {_digest(pepper, code): code for code in codes}
    known = _known(connection, shop.id, reward, list(digests))
    fresh = [(digest, code) for digest, code in digests.items() if digest not in known]
    first = _last(connection, shop.id, reward) + 1
    numbers = list(range(first, first + len(fresh)))
    rows = [
        {"shop_id": shop.id, "reward": reward, "n": n, "digest": digest, "code": vault.seal(shop.id, code.encode())}
        for n, (digest, code) in zip(numbers, fresh, strict=True)
    ]
    if rows:
        connection.execute(insert(voucher_codes), rows)
    return numbers


def add_unseen(connection: Connection, shop_id: str, reward: str, numbers: Sequence[int]) -> None:
    """Keep places for codes that a replay does not know."""
    rows = [{"shop_id": shop_id, "reward": reward, "n": n, "digest": str(n)} for n in numbers]
    if rows:
        connection.execute(insert(voucher_codes), rows)


def _digest(pepper: bytes, code: str) -> str:
    return hmac.new(pepper, b"voucher " + code.encode(), hashlib.sha256).hexdigest()


def _known(connection: Connection, shop_id: str, reward: str, digests: list[str]) -> set[str]:
    known: set[str] = set()
    mine = and_(voucher_codes.c.shop_id == shop_id, voucher_codes.c.reward == reward)
    for start in range(0, len(digests), _BATCH):
        batch = voucher_codes.c.digest.in_(digests[start : start + _BATCH])
        known |= set(connection.execute(select(voucher_codes.c.digest).where(mine, batch)).scalars())
    return known


def _last(connection: Connection, shop_id: str, reward: str) -> int:
    mine = and_(voucher_codes.c.shop_id == shop_id, voucher_codes.c.reward == reward)
    return connection.execute(select(func.max(voucher_codes.c.n)).where(mine)).scalar() or 0
