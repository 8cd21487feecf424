"""Deliveries: what came in, why some failed, and trying them again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, and_, case, func, select

from app.errors import Conflict, NotFound
from app.intake import deliveries
from app.members.views import time_text
from app.models import inbox
from app.platforms import comparing, connections
from app.web.api import answers, schemas
from app.web.api.operations import Answer, Call, operation
from app.web.api.reading import after, page, wrong
from app.web.api.redacting import redacted
from app.web.gates import services

SHOWN_BYTES = 64 * 1024

_shown = case((and_(inbox.c.state == "failed", func.length(inbox.c.body) <= SHOWN_BYTES), inbox.c.body))
_COLUMNS = (inbox.c.id, inbox.c.topic, inbox.c.state, inbox.c.reason, inbox.c.received_at, inbox.c.finished_at)


@operation("GET", "/deliveries", tag="Deliveries", query=schemas.DeliveriesQuery, gives={200: answers.Deliveries})
def list_deliveries(call: Call, asked: schemas.DeliveriesQuery) -> Answer:
    """List deliveries.

    Newest first; failed ones with the reason and their body, redacted. Bodies above 64 KiB are not shown.
    """
    last = after(asked.cursor, "deliveries", int)
    if last is not None and not 0 <= last < 2**63:
        raise wrong("cursor", "invalid", "Send the `next` of the page before, as it was.")
    chosen = inbox.c.shop_id == call.shop.id
    if asked.state is not None:
        chosen = and_(chosen, inbox.c.state == asked.state)
    if last is not None:
        chosen = and_(chosen, inbox.c.id < last)
    statement = select(*_COLUMNS, _shown.label("body")).where(chosen).order_by(inbox.c.id.desc())
    rows = call.connection.execute(statement.limit(asked.limit + 1)).all()
    return Answer(page([_delivery(call, row) for row in rows], asked.limit, "deliveries", [row.id for row in rows]))


def _delivery(call: Call, row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "topic": row.topic,
        "state": row.state,
        "reason": row.reason,
        "received_at": time_text(row.received_at),
        "finished_at": time_text(row.finished_at),
        "body": None if row.body is None else redacted(call.vault.open(call.shop.id, row.body)),
    }


@operation(
    "POST", "/reconcile", tag="Deliveries", takes=schemas.Nothing, gives={200: answers.Asked}, errors=(Conflict,)
)
def reconcile(call: Call, _: schemas.Nothing) -> Answer:
    """Reconcile with the platform.

    A worker reads what has changed, and compares every order of the last months with the platform's list, at once
    instead of in its hour. What is found goes the way of a delivery.
    """
    if connections.scopes(call.connection, call.shop) is None:
        raise Conflict("this shop is not connected to its platform")
    comparing.soon(call.connection, call.shop.id)
    return Answer({"asked": True})


@operation(
    "POST",
    "/deliveries/<delivery:delivery_id>/replay",
    tag="Deliveries",
    takes=schemas.Nothing,
    gives={200: answers.Delivery},
    errors=(NotFound, Conflict),
)
def replay_delivery(call: Call, _: schemas.Nothing, delivery_id: str) -> Answer:
    """Replay a delivery.

    A failed or ignored one goes back into the queue; one that took effect stays done.
    """
    shop_id = call.shop.id
    deliveries.replay(call.connection, shop_id, int(delivery_id))
    mine = and_(inbox.c.shop_id == shop_id, inbox.c.id == int(delivery_id))
    row = call.connection.execute(select(*_COLUMNS, _shown.label("body")).where(mine)).one()
    ring = services().ring
    return Answer(_delivery(call, row), then=lambda: ring(shop_id))
