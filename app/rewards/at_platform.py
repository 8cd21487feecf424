"""Rewards that the shop's platform makes: asked for by effects, and moved on by what the platform answers.

    held ──made──▶ issued ──an order uses it──▶ committed
      └──refused──▶ voided ◀──the code is dead── ending (cancelled, lapsed)

A code is made by us and known from the hold on, so that every call can be repeated, and an order that is quicker than
the platform's answer is recognised. Points come back only after the code is dead at the platform: what is cancelled or
has lapsed waits for that, and so does what an order gives back. Everything here is journaled, and replayed.
Source: semantics 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app import journal, programmes, shops
from app.desk import grace_of
from app.ledger import holds
from app.ledger.book import Book
from app.members.views import held_row
from app.rewards import code_uses, ending, redemptions, rows
from app.rewards.gifts import TAKEN_BACK
from app.rewards.redemptions import reward_then
from app.rewards.rows import Redemption, find
from app.rules.rewards import points_back
from app.shops import Shop


def _locked(connection: Connection, shop_id: str, redemption_id: str) -> Redemption:
    held_row(connection, shop_id, find(connection, shop_id, redemption_id).member_id)
    return find(connection, shop_id, redemption_id)


def made(connection: Connection, shop: Shop, redemption_id: str, code: str | None, now: datetime) -> None:
    """Hand a reward out that the platform has made. Once: one that is used or ended meanwhile stays as it is."""
    one = _locked(connection, shop.id, redemption_id)
    if one.state != "held" or one.ending is not None:
        return
    _issue(connection, shop, one, code, now)
    body = {"id": one.id, "code": code}
    journal.write(connection, shop.id, [journal.Row("reward_made", one.id, now, body)])


def _issue(connection: Connection, shop: Shop, one: Redemption, code: str | None, now: datetime) -> None:
    one.code, one.dead_at = code, None
    redemptions.issue(one, reward_then(connection, shop.id, one.version, one.reward), shop, now)
    if one.state == "committed" and one.hold is not None:
        book = Book(connection, shop.id, now)
        holds.commit(book.open(one.member_id), one.hold, now)
        rows.write(connection, shop.id, [one])
        book.flush()
        return
    rows.write(connection, shop.id, [one])


def refused(connection: Connection, shop: Shop, redemption_id: str, now: datetime) -> None:
    """Give the points back of a reward that the platform will not make."""
    one = _locked(connection, shop.id, redemption_id)
    if one.state != "held":
        return
    _refuse(connection, shop, one, now)
    journal.write(connection, shop.id, [journal.Row("reward_refused", one.id, now, {"id": one.id})])


def _refuse(connection: Connection, shop: Shop, one: Redemption, now: datetime) -> None:
    one.flag("platform_refused")
    ending.void(connection, shop, [one], now, cancelled=True)


def ended(connection: Connection, shop: Shop, redemption_id: str, now: datetime) -> None:
    """Let a code be dead, and no unknown order have used it: what waited for that follows."""
    one = _locked(connection, shop.id, redemption_id)
    if one.ending is None:
        return
    body = {"id": one.id, "why": one.ending}
    _end(connection, shop, one, one.ending, now)
    journal.write(connection, shop.id, [journal.Row("reward_ended", one.id, now, body)])


def _end(connection: Connection, shop: Shop, one: Redemption, why: str, now: datetime) -> None:
    one.ending, one.dead_at = None, now
    if one.open and why != TAKEN_BACK:
        ending.void(connection, shop, [one], now, cancelled=why != "lapsed")
    elif one.state == "committed" and one.hold is not None:
        _come_back(connection, shop, one, now)
    else:
        rows.write(connection, shop.id, [one])


def _come_back(connection: Connection, shop: Shop, one: Redemption, now: datetime) -> None:
    """Return what the orders that used a code have given back by now."""
    use = code_uses.first_of(connection, shop.id, one.id)
    if one.hold is None or use is None:
        rows.write(connection, shop.id, [one])
        return
    book, versions = Book(connection, shop.id, now), programmes.versions(connection, shop.id)
    book.load([one.member_id], one.hold.lot_keys)
    back = points_back(one.kind, one.points, use.share, use.whole)
    account = book.account(one.member_id)
    holds.give_back(account, one.hold, back, now, now, lambda at: grace_of(versions, at, now, shop.zone))
    rows.write(connection, shop.id, [one])
    book.flush()


def _replay_made(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    _issue(target, shops.get(target, shop_id), find(target, shop_id, body["id"]), body["code"], at)


def _replay_refused(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    _refuse(target, shops.get(target, shop_id), find(target, shop_id, body["id"]), at)


def _replay_ended(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    _end(target, shops.get(target, shop_id), find(target, shop_id, body["id"]), body["why"], at)


REPLAYED = {"reward_made": _replay_made, "reward_refused": _replay_refused, "reward_ended": _replay_ended}
