"""The one place where an exception becomes an answer: problem details (RFC 9457)."""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.errors import TesseraError, TooLarge, Unavailable
from app.vault import CannotOpen

log = structlog.get_logger()

TYPES = "https://tessera.example/problems/"


def register(app: Flask) -> None:
    app.register_error_handler(TesseraError, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database_down)
    app.register_error_handler(InterfaceError, _database_down)
    app.register_error_handler(PoolTimeout, _database_down)
    app.register_error_handler(CannotOpen, _key_lost)
    app.register_error_handler(Exception, _unforeseen)


def answer(error: TesseraError) -> Response:
    """Put an error into problem details."""
    document = {
        "type": f"{TYPES}{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "errors": [{"field": e.field, "code": e.code, "message": e.message} for e in error.errors],
    }
    response = jsonify(document)
    response.status_code = error.status
    response.content_type = "application/problem+json"
    if error.status == 503:
        response.headers["Retry-After"] = "5"
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers.update(error.headers)
    return response


def _http(error: HTTPException) -> Response:
    if error.code == 413:
        return answer(TooLarge("a body may have 5 MiB at most"))
    plain = TesseraError(error.description or error.name)
    plain.status, plain.title = error.code or 500, error.name
    plain.code = error.name.lower().replace(" ", "_")
    response = answer(plain)
    if error.code == 405 and (allow := error.get_response().headers.get("Allow")):
        response.headers["Allow"] = allow
    if error.code in (301, 308):
        return error.get_response()  # type: ignore[return-value]
    return response


def _database_down(error: Exception) -> Response:
    log.error("database_down", error=str(error).splitlines()[0])
    return answer(Unavailable("the database does not answer"))


def _key_lost(error: Exception) -> Response:
    log.error("cannot_open", error=str(error))
    return answer(Unavailable("a key of this installation is missing"))


def _unforeseen(error: Exception) -> Response:
    log.error("unforeseen", exc_info=error)
    return answer(TesseraError("This should not have happened; it has been noted."))
