"""One order as its buyer reads of it: what it earned, or when, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from app.ledger.account import SOMEDAY
from app.members.views import time_text
from app.models import orders
from app.orders import state
from app.programmes import Version
from app.rules.explain import missing, sentence
from app.rules.moment import ENDED, delivered_moment
from app.rules.words import Words
from app.shops import Shop


def find(connection: Connection, shop: Shop, member_id: str, order_id: str) -> Row[Any] | None:
    """Return a member's order; None for one that is not theirs, or that nobody has told of yet."""
    mine = and_(orders.c.shop_id == shop.id, orders.c.id == order_id, orders.c.member_id == member_id)
    return connection.execute(select(orders).where(mine)).first()


def document(row: Row[Any], shop: Shop, now: datetime, in_words: Words) -> dict[str, Any]:
    """Tell what an order brings its member."""
    stands, text, note = _said(row, shop, now, in_words)
    return {
        "id": row.id,
        "state": stands,
        "points": row.target,
        "at": time_text(row.available_from) if stands == "coming" and row.available_from != SOMEDAY else None,
        "text": text,
        "note": note,
        "why": sentence(row.explanation, in_words),
    }


def has_arrived(row: Row[Any], version: Version | None, now: datetime) -> bool:
    """Tell whether all of an order has been delivered, as its earn moment `delivered` has it, and is still bought."""
    order = state.load(row.held).effective()
    if version is None or order is None or order.status in {*ENDED, "refunded"}:
        return False
    moment = delivered_moment(order, version.programme.earning, now)
    return moment.at is not None and moment.at <= now


def _said(row: Row[Any], shop: Shop, now: datetime, in_words: Words) -> tuple[str, str, str]:
    """Return the state, a sentence, and a second one: earned, coming (not to be spent yet), waiting, nothing."""
    if not row.target:
        why = missing(row.explanation, in_words)
        return ("waiting", in_words.say("widget.waiting", why=why), "") if why else ("nothing", "", "")
    points = in_words.points(row.target)
    if row.available_from is None or row.available_from <= now:
        return "earned", in_words.say("widget.earned", points=points), ""
    when = "" if row.available_from == SOMEDAY else in_words.day(row.available_from, shop.zone)
    note = in_words.say("entry.pending", day=when) if when else ""
    return "coming", in_words.say("widget.earned_soon", points=points), note
