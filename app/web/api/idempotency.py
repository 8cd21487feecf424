"""The header `Idempotency-Key`: the same request again gets the same answer, byte for byte."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress

from flask import Response, request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app import idempotency
from app.db import retrying
from app.errors import IdempotencyConflict, InFlight, TesseraError
from app.idempotency import Command, Kept, Reservation
from app.web import problems
from app.web.api.reading import wrong
from app.web.gates import caller, services

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"

Keep = Callable[[Connection, int, bytes], None]
Then = Callable[[], None]

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT = (409, 422)


def key() -> str | None:
    """Return the request's key. Raises: Invalid."""
    sent = request.headers.get(HEADER)
    if sent is not None and not _KEY.fullmatch(sent):
        raise wrong(HEADER, "invalid", "Write 1 to 255 visible ASCII characters.")
    return sent


def once(body: bytes, perform: Callable[[Keep], tuple[Response, Then | None]]) -> Response:
    """Carry a request out, or repeat the answer that its key already has.

    `perform` commits its effect and calls what it is given in the same transaction. What it returns beside its
    response is done after that; if it fails, the answer is forgotten: asked again, all of it is done again.
    Raises: IdempotencyConflict, InFlight.
    """
    sent = key()
    if sent is None:
        response, then = perform(lambda connection, status, answer: None)
        if then is not None:
            then()
        return response
    mine = _reserve(sent, body)
    if isinstance(mine, Kept):
        return _replayed(mine)
    try:
        response, then = perform(lambda connection, status, answer: _keep(connection, mine, status, answer))
    except TesseraError as error:
        return _refused(mine, error)
    except BaseException:
        _release(mine)
        raise
    if then is not None:
        _finish(mine, then)
    return response


def _finish(mine: Reservation, then: Then) -> None:
    try:
        then()
    except BaseException:
        with suppress(SQLAlchemyError):
            retrying(services().engine, lambda connection: idempotency.forget(connection, mine))
        raise


def _reserve(sent: str, body: bytes) -> Kept | Reservation:
    wanted = Reservation(caller().shop.id, sent, services().clock.real())
    command = Command(request.method, request.path, hashlib.sha256(body).hexdigest())
    vault = services().vault
    return retrying(services().engine, lambda connection: idempotency.reserve(connection, vault, wanted, command))


def _keep(connection: Connection, mine: Reservation, status: int, answer: bytes) -> None:
    idempotency.keep(connection, services().vault, mine, Kept(status, answer))


def _refused(mine: Reservation, error: TesseraError) -> Response:
    """Keep a business refusal. A conflict about the key itself says nothing about its first request."""
    if error.status not in _KEPT or isinstance(error, IdempotencyConflict | InFlight):
        _release(mine)
        raise error
    response = problems.answer(error)
    retrying(services().engine, lambda connection: _keep(connection, mine, response.status_code, response.get_data()))
    return response


def _release(mine: Reservation) -> None:
    """Let the key go; if the database cannot, the reservation counts as abandoned after a minute."""
    with suppress(SQLAlchemyError):
        retrying(services().engine, lambda connection: idempotency.release(connection, mine))


def _replayed(kept: Kept) -> Response:
    kind = "application/json" if kept.status < 400 else "application/problem+json"
    return Response(kept.body, kept.status, {REPLAYED: "true"}, content_type=kind)
