"""Rewards that end without use: cancelled by hand, or lapsed. Both are journaled and replay.

Everything happens under the lock of the owner's balance. Source: semantics 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from app import journal, programmes, shops
from app.clock import Clock
from app.desk import grace_of
from app.errors import HoldEnded, NotFound
from app.ledger import holds
from app.ledger.book import Book
from app.members.views import held_row
from app.models import redemptions as table
from app.programmes import Version
from app.rewards import rows
from app.rewards.redemptions import made_there
from app.rewards.rows import Redemption, find
from app.rewards.taking_back import take_back
from app.shops import Shop

BATCH = 500
_LAPSING = and_(table.c.state.in_(("held", "issued")), table.c.ending.is_(None))


def cancel(connection: Connection, shop: Shop, redemption_id: str, now: datetime, of: str | None = None) -> Redemption:
    """Give a reward up that no order has used yet; its code is dead, its points return. `of`: only this member's.

    What a platform has made ends there first: until then it is `ending`. Raises: NotFound, HoldEnded.
    """
    owner = held_row(connection, shop.id, find(connection, shop.id, redemption_id).member_id)
    if of is not None and owner.id != of:
        raise NotFound("there is no such redemption")
    found = find(connection, shop.id, redemption_id)
    if not found.open:
        raise HoldEnded(found.id, found.state)
    if made_there(shop, found.kind) and take_back(connection, shop, found, "cancelled"):
        return found
    void(connection, shop, [found], now, cancelled=True)
    journal.write(connection, shop.id, [journal.Row("cancel", found.id, now, {"id": found.id})])
    return found


def void(
    connection: Connection, shop: Shop, ending: Sequence[Redemption], now: datetime, *, cancelled: bool = False
) -> None:
    """End open redemptions without use, each at its own moment; points go back by the rule of grace."""
    book = Book(connection, shop.id, now)
    lots = [lot for one in ending if one.hold is not None for lot in one.hold.lot_keys]
    book.load({one.member_id for one in ending}, lots)
    versions = programmes.versions(connection, shop.id)
    for one in sorted(ending, key=lambda one: (one.lapses_at or now, one.id)):
        book.now = now if cancelled or one.lapses_at is None else one.lapses_at
        _void(book, shop, versions, one)
    book.now = now
    for member_id in sorted({one.member_id for one in ending}):
        book.account(member_id)
    rows.write(connection, shop.id, ending)
    book.flush()


def _void(book: Book, shop: Shop, versions: Sequence[Version], one: Redemption) -> None:
    one.state, one.ended_at = "voided", book.now
    if one.hold is not None:
        account = book.account(one.member_id)
        holds.void(account, one.hold, book.now, book.now, lambda at: grace_of(versions, at, book.now, shop.zone))


def lapse(connection: Connection, clock: Clock, shop_id: str) -> int:
    """Void one batch of redemptions whose time has passed unused; return how many."""
    shop = shops.hold(connection, shop_id)
    now = clock.now(connection)
    due = select(table.c.id, table.c.member_id).where(table.c.shop_id == shop_id, _LAPSING, table.c.lapses_at <= now)
    lapsing = connection.execute(due.order_by(table.c.lapses_at, table.c.id).limit(BATCH)).all()
    if lapsing:
        Book(connection, shop_id, now).load({row.member_id for row in lapsing})
    return _lapse(connection, shop, and_(_LAPSING, table.c.id.in_([row.id for row in lapsing])), now) if lapsing else 0


def lapse_of(connection: Connection, shop: Shop, member_id: str, now: datetime) -> None:
    """Void what has lapsed of one member, so that its points can be spent; the member is locked."""
    _lapse(connection, shop, and_(_LAPSING, table.c.member_id == member_id, table.c.lapses_at <= now), now)


def _lapse(connection: Connection, shop: Shop, condition: Any, now: datetime) -> int:
    """Void what no platform has to end first; return how many were looked at."""
    found = rows.read(connection, shop.id, condition)
    there = [one for one in found if made_there(shop, one.kind)]
    waiting = {one.id for one in there if take_back(connection, shop, one, "lapsed")}
    over = [one for one in found if one.id not in waiting]
    if over:
        void(connection, shop, over, now)
        ids = [one.id for one in over]
        journal.write(connection, shop.id, [journal.Row("lapse", shop.id, now, {"ids": ids})])
    return len(found)


def _replay_cancel(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    void(target, shops.get(target, shop_id), [find(target, shop_id, body["id"])], at, cancelled=True)


def _replay_lapse(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    ending = rows.read(target, shop_id, table.c.id.in_(body["ids"]))
    void(target, shops.get(target, shop_id), ending, at)


REPLAYED = {"cancel": _replay_cancel, "lapse": _replay_lapse}
