"""Who would move if a draft's tier rules were in effect now. Reads in chunks and writes nothing.

Source: semantics 6, "A change of tier rules shows who would move before it applies".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from app import programmes
from app.models import activities, members, orders, standings
from app.orders.purchases import Purchases
from app.programmes import Version
from app.rules.programme import Programme
from app.rules.standing import standing
from app.shops import Shop
from app.tiers.book import TierBook
from app.tiers.states import recorded

CHUNK = 1000
SHOWN = 10
NONE = ""  # the tier of a member while there are no tiers


def moves(connection: Connection, shop: Shop, draft: Programme, now: datetime) -> dict[str, Any]:
    """Return how many members would move from which tier to which, with the first few of each move."""
    versions = programmes.versions(connection, shop.id)
    everyone = _count(connection, shop.id)
    before, after = Counter[str](), Counter[str]()
    moved: dict[tuple[str, str], list[str]] = {}
    counts = Counter[tuple[str, str]]()
    for member_id, now_in, then_in in _tiers(connection, shop, versions, draft, now):
        before[now_in] += 1
        after[then_in] += 1
        if now_in != then_in:
            counts[now_in, then_in] += 1
            shown = moved.setdefault((now_in, then_in), [])
            shown += [member_id] if len(shown) < SHOWN else []
    _rest(everyone, versions, draft, now, (before, after, counts))
    return {
        "members": everyone,
        "before": {tier: count for tier, count in before.items() if tier != NONE},
        "after": {tier: count for tier, count in after.items() if tier != NONE},
        "moves": [
            {"before": pair[0], "after": pair[1], "members": count, "first": moved.get(pair, [])}
            for pair, count in counts.most_common()
        ],
    }


def _rest(
    everyone: int,
    versions: list[Version],
    draft: Programme,
    now: datetime,
    counted: tuple[Counter[str], Counter[str], Counter[tuple[str, str]]],
) -> None:
    """Count those who never bought nor moved: they are in the entry tier, whatever it is called."""
    before, after, counts = counted
    rest = everyone - sum(before.values())
    version = programmes.effective(versions, now)
    pair = (_entry(version.programme if version else None), _entry(draft))
    if rest:
        before[pair[0]] += rest
        after[pair[1]] += rest
        if pair[0] != pair[1]:
            counts[pair] += rest


def _entry(programme: Programme | None) -> str:
    return programme.tiers[0].key if programme is not None and programme.tiers else NONE


def _count(connection: Connection, shop_id: str) -> int:
    alive = and_(members.c.shop_id == shop_id, members.c.merged_into.is_(None))
    return int(connection.execute(select(func.count()).select_from(members).where(alive)).scalar_one())


def _tiers(
    connection: Connection, shop: Shop, versions: list[Version], draft: Programme, now: datetime
) -> Iterator[tuple[str, str, str]]:
    """Yield every member with a life in the programme: (id, tier now, tier under the draft)."""
    last = NONE
    while chunk := _next(connection, shop.id, last):
        last = chunk[-1]
        book = TierBook(connection, shop.id, shop.zone, versions, Purchases(connection, shop.id), draft=draft)
        book.purchases.load(chunk)
        book.load(chunk)
        for member_id in chunk:
            yield member_id, *_both(book, member_id, draft, now)


def _both(book: TierBook, member_id: str, draft: Programme, now: datetime) -> tuple[str, str]:
    book.bring_up(member_id, now)
    epoch, then = book.epoch_at(now), draft.ladder
    is_in = recorded(book.state(member_id), epoch.ladder)[0] if epoch and epoch.ladder.keys else NONE
    would_be = standing(then, book.life(member_id, then, now), now, book.zone).tier if then.keys else NONE
    return is_in, would_be


def _next(connection: Connection, shop_id: str, last: str) -> list[str]:
    """Return the next members who have bought or moved; the primary key is read in its order."""
    bought = select(orders.c.id).where(orders.c.shop_id == shop_id, orders.c.member_id == members.c.id).exists()
    moved = select(standings.c.tier).where(standings.c.shop_id == shop_id, standings.c.member_id == members.c.id)
    done = select(activities.c.id).where(activities.c.shop_id == shop_id, activities.c.member_id == members.c.id)
    alive = and_(members.c.shop_id == shop_id, members.c.merged_into.is_(None), members.c.id > last)
    statement = select(members.c.id).where(alive, or_(bought, moved.exists(), done.exists()))
    return list(connection.execute(statement.order_by(members.c.id).limit(CHUNK)).scalars())
