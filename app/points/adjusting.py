"""Adjustments by hand: points given or taken by the merchant, with a reason, once per key."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app import journal, programmes
from app.errors import IdempotencyConflict
from app.ledger import holds
from app.ledger.book import Book
from app.members.views import member_row
from app.points import lot_dates
from app.points.readouts import entry_with_key
from app.shops import Shop


def adjust(
    connection: Connection, shop: Shop, member_id: str, points: int, *, reason: str, key: str | None, now: datetime
) -> str:
    """Post an adjustment; return its entry's key.

    Units: points, signed, not 0. Once: the same key with the same facts returns the first record.
    Raises: InsufficientPoints, IdempotencyConflict. Source: semantics 1.6.
    """
    entry_key = f"adjust:{key or secrets.token_hex(12)}"
    facts = hashlib.sha256(f"{points}\n{reason}".encode()).hexdigest()
    book = Book(connection, shop.id, now)
    book.open(member_id)
    known = entry_with_key(connection, shop.id, entry_key)
    if known is not None:
        same_member = member_row(connection, shop.id, known["member_id"]).id == member_id  # merges followed
        if known["facts"] != facts or not same_member:
            raise IdempotencyConflict("this key was used for another adjustment")
        return entry_key
    explanation = {"rule": "adjustment", "points": points, "reason_sha256": hashlib.sha256(reason.encode()).hexdigest()}
    body = {"member": member_id, "points": points, "key": entry_key, "facts": facts, "explanation": explanation}
    post(book, shop, body)
    journal.write(connection, shop.id, [journal.Row("adjust", member_id, now, body)])
    return entry_key


def post(book: Book, shop: Shop, body: Mapping[str, Any]) -> None:
    """Post an adjustment; what is given lapses by the version in effect. Replay comes through here too."""
    versions = programmes.versions(book.connection, shop.id)
    version = programmes.effective(versions, book.now)
    expires_at = lot_dates.expires_at(versions, version, book.now, now=book.now, zone=shop.zone)
    account = book.open(body["member"])
    holds.adjust(account, body["key"], body["points"], book.now, body["explanation"], body["facts"], expires_at)
    book.flush()
