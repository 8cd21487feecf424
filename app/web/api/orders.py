"""Orders as last settled, and the shop's accounts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, and_, select

from app import programmes
from app.errors import NotFound
from app.members.views import member_row, time_text
from app.models import ACCOUNTS, orders
from app.points import readouts, sentences
from app.rules.explain import sentence
from app.rules.words import Words
from app.web.api import answers, schemas
from app.web.api.operations import Answer, Call, operation
from app.web.api.reading import after, page


@operation("GET", "/orders", tag="Orders", query=schemas.OrdersQuery, gives={200: answers.Orders}, errors=(NotFound,))
def list_orders(call: Call, asked: schemas.OrdersQuery) -> Answer:
    """List or look up orders.

    In the order of their ids, with what each is worth and why.
    """
    last = after(asked.cursor, "orders", str)
    chosen = orders.c.shop_id == call.shop.id
    if last is not None:
        chosen = and_(chosen, orders.c.id > last)
    if asked.platform_id is not None:
        chosen = and_(chosen, orders.c.id == asked.platform_id)
    if asked.member_id is not None:
        member_id = member_row(call.connection, call.shop.id, asked.member_id).id
        chosen = and_(chosen, orders.c.member_id == member_id)
    statement = select(orders).where(chosen).order_by(orders.c.id).limit(asked.limit + 1)
    rows = call.connection.execute(statement).all()
    in_words = sentences.in_language(
        asked.language, programmes.current_or_none(call.connection, call.shop.id, call.now)
    )
    shown = [_order(row, in_words) for row in rows]
    return Answer(page(shown, asked.limit, "orders", [row.id for row in rows]))


def _order(row: Row[Any], in_words: Words) -> dict[str, Any]:
    return {
        "id": row.id,
        "platform_id": row.id,
        "member_id": row.member_id,
        "placed_at": time_text(row.placed_at),
        "programme_version": row.version,
        "tier": row.context.get("tier"),
        "state": row.state,
        "target": row.target,
        "posted": row.posted,
        "lines": row.lines,
        "flags": row.flags,
        "arm": row.arm,
        "explanation": row.explanation,
        "sentence": sentence(row.explanation, in_words),
    }


@operation("GET", "/reports/accounts", tag="Reports", gives={200: answers.Accounts})
def report_accounts(call: Call, _: None) -> Answer:
    """Read the accounts.

    The sums over all members of the shop, as of now.
    """
    report = readouts.accounts_report(call.connection, call.shop.id, call.now)
    return Answer({account: report[account] for account in (*ACCOUNTS, "deficit")})
