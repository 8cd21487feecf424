"""One order as its buyer reads of it: what it earned, or when, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from app.ledger.account import SOMEDAY
from app.members.views import time_text
from app.models import orders
from app.rules.explain import missing, sentence
from app.rules.words import Words
from app.shops import Shop


def document(
    connection: Connection, shop: Shop, member_id: str, order_id: str, now: datetime, in_words: Words
) -> dict[str, Any] | None:
    """Tell what an order brings its member; None for one that is not theirs, or that nobody has told of yet."""
    mine = and_(orders.c.shop_id == shop.id, orders.c.id == order_id, orders.c.member_id == member_id)
    row = connection.execute(select(orders).where(mine)).first()
    if row is None:
        return None
    state, text, note = _said(row, shop, now, in_words)
    return {
        "id": row.id,
        "state": state,
        "points": row.target,
        "at": time_text(row.available_from) if state == "coming" and row.available_from != SOMEDAY else None,
        "text": text,
        "note": note,
        "why": sentence(row.explanation, in_words),
    }


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
