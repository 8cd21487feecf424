"""Programme versions of a shop: draft, publish, and the one in effect at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, RowMapping, delete, insert, select

from app import journal, shops
from app.errors import FieldError, Invalid, NotFound
from app.experiments import trials
from app.ledger import telling
from app.models import programme_drafts, programme_versions, redatings
from app.rules.expiry import end_of_day
from app.rules.programme import InvalidProgramme, Programme, parse_programme


@dataclass(frozen=True, slots=True)
class Version:
    """An immutable programme, in effect from a moment on."""

    number: int
    effective_from: datetime
    programme: Programme


def check(document: object) -> Programme:
    """Return the typed programme. Raises: Invalid, with every problem and where it is."""
    try:
        return parse_programme(document)
    except InvalidProgramme as error:
        raise _invalid(error.problems) from error


def _invalid(problems: Any) -> Invalid:
    errors = tuple(FieldError(problem.field, problem.code, problem.message) for problem in problems)
    return Invalid("the programme is not valid: " + "; ".join(f"{e.field}: {e.message}" for e in errors), errors)


@lru_cache(maxsize=512)
def _parsed(document: bytes) -> Programme:
    return parse_programme(orjson.loads(document))


def _version(row: RowMapping) -> Version:
    # versions are immutable, so a parsed one is good for the life of the process
    document = orjson.dumps(row["document"], option=orjson.OPT_SORT_KEYS)
    return Version(row["version"], row["effective_from"], _parsed(document))


def versions(connection: Connection, shop_id: str) -> list[Version]:
    """Return every version, oldest first."""
    statement = select(programme_versions).where(programme_versions.c.shop_id == shop_id)
    rows = connection.execute(statement.order_by(programme_versions.c.version)).mappings()
    return [_version(row) for row in rows]


def effective(known: list[Version], at: datetime) -> Version | None:
    """Return the version with the greatest `effective_from` ≤ `at`, then the higher number."""
    begun = [version for version in known if version.effective_from <= at]
    return max(begun, key=lambda version: (version.effective_from, version.number), default=None)


def current(connection: Connection, shop_id: str, now: datetime) -> Version:
    """Return the version in effect now, else the latest published. Raises: NotFound."""
    found = current_or_none(connection, shop_id, now)
    if found is None:
        raise NotFound("no programme has been published yet")
    return found


def current_or_none(connection: Connection, shop_id: str, now: datetime) -> Version | None:
    """Return the version in effect now, else the latest published, else None."""
    known = versions(connection, shop_id)
    return (effective(known, now) or known[-1]) if known else None


def draft(connection: Connection, shop_id: str) -> Mapping[str, Any]:
    """Return the draft. Raises: NotFound."""
    found = connection.execute(
        select(programme_drafts.c.document).where(programme_drafts.c.shop_id == shop_id)
    ).scalar()
    if found is None:
        raise NotFound("there is no draft; PUT /api/v1/programme/draft first")
    document: Mapping[str, Any] = found
    return document


def save_draft(connection: Connection, shop_id: str, document: object, now: datetime) -> Programme:
    """Validate a draft in full and keep it. Raises: Invalid."""
    programme = check(document)
    trials.check(versions(connection, shop_id), programme, now)
    connection.execute(delete(programme_drafts).where(programme_drafts.c.shop_id == shop_id))
    values = {"shop_id": shop_id, "document": programme.to_document(), "saved_at": now}
    connection.execute(insert(programme_drafts).values(values))
    return programme


def publish(
    connection: Connection, shop_id: str, document: object, effective_from: datetime | None, now: datetime
) -> Version:
    """Publish a document as the next version.

    Units: `effective_from` defaults to now; only the first version may begin in the past.
    Raises: Invalid. Source: semantics 1.4.
    """
    programme = check(document)
    shop = shops.hold(connection, shop_id, exclusive=True)  # nothing settles while the rules change
    known = versions(connection, shop_id)
    begins = effective_from or now
    if known and begins < now:
        problem = FieldError("effective_from", "in_the_past", "only the first version may begin in the past")
        raise Invalid(problem.message, (problem,))
    _check_last_day(programme, begins, shop.zone)
    trials.check(known, programme, now)
    version = Version(len(known) + 1, begins, programme)
    write(connection, shop_id, version.number, begins, programme.to_document(), now)
    body = {"version": version.number, "effective_from": begins.isoformat(), "document": programme.to_document()}
    journal.write(connection, shop_id, [journal.Row("publish", str(version.number), now, body)])
    telling.mark_all(connection, shop_id)
    if (
        programme.expiry.kind != "never" or programme.phase.spend_until
    ):  # open lots may get other dates: app/points/expiring.py
        connection.execute(insert(redatings).values(shop_id=shop_id, version=version.number, due_at=begins))
    return version


def _check_last_day(programme: Programme, begins: datetime, zone: ZoneInfo) -> None:
    day = programme.phase.spend_until
    if day is not None and end_of_day(day, zone) <= begins:
        problem = FieldError("phase.spend_until", "in_the_past", "Write a last day to spend that is not over yet.")
        raise Invalid(problem.message, (problem,))


def write(
    connection: Connection, shop_id: str, number: int, begins: datetime, document: Mapping[str, Any], now: datetime
) -> None:
    """Append a version."""
    row = {"version": number, "effective_from": begins, "document": document, "published_at": now}
    connection.execute(insert(programme_versions).values(shop_id=shop_id, **row))
