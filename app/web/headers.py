"""Headers of every answer, and who may read answers from another origin."""

from __future__ import annotations

from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from app import shops
from app.db import reading
from app.web.gates import services

OPEN = ("/widget/v1/", "/widgets/v1/")


def harden(app: Flask) -> None:
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    if request.path.startswith(OPEN):
        headers["Access-Control-Allow-Origin"] = "*"  # public facts, no credentials
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        headers["Access-Control-Allow-Headers"] = "Content-Type"
        headers["Access-Control-Max-Age"] = "86400"
    elif request.path.startswith("/customer/v1/"):
        headers["Access-Control-Allow-Origin"] = "*"  # the platform's own pages; the session in the header is the proof
        headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        headers["Access-Control-Max-Age"] = "600"
    elif request.path.startswith("/shopper/v1/"):
        _shopper(response)
    if response.status_code >= 400 or not request.path.startswith(OPEN):
        headers.setdefault("Cache-Control", "no-store")
    return response


def _shopper(response: Response) -> None:
    """Let only the shop's own origins read."""
    origin = request.headers.get("Origin")
    response.headers["Vary"] = "Origin"
    if origin and response.status_code != 403 and _may_read(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Idempotency-Key"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PATCH, PUT, DELETE"
        response.headers["Access-Control-Max-Age"] = "600"


def _may_read(origin: str) -> bool:
    """Tell whether an origin is the caller's, or any shop's where nobody knows the caller.

    A preflight carries no token, and a page must learn that its token has expired.
    """
    if (caller := g.get("caller")) is not None:
        return origin in caller.shop.origins
    try:
        with reading(services().engine) as connection:
            return shops.has_origin(connection, origin)
    except SQLAlchemyError:
        return False
