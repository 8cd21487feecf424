"""Requests are noted. Asked again, one is carried out again: whoever was forgotten may have come back since."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, and_, update

from app.db import insert_new
from app.models import privacy_requests
from connectors.contract import PrivacyAsked


def note(connection: Connection, shop_id: str, asked: PrivacyAsked, email_ref: str | None) -> None:
    row = {
        "shop_id": shop_id,
        "id": asked.id,
        "kind": asked.kind,
        "customer_id": asked.customer_id,
        "into_id": asked.into_id,
        "email_ref": email_ref,
        "state": "waiting",
        "asked_at": datetime.now(UTC),
    }
    if not insert_new(connection, privacy_requests, row):
        same = and_(privacy_requests.c.shop_id == shop_id, privacy_requests.c.id == asked.id)
        connection.execute(update(privacy_requests).where(same).values(row))
