"""What a shop's platform passes on to us from the shop's own address: who the shopper is, signed; the push worker."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, request, send_from_directory

from app import shops
from app.db import reading
from app.errors import NotFound, Unauthorized
from app.members import tokens
from app.members.views import time_text
from app.platforms import visiting
from app.web.gates import services
from app.web.widget import DIST
from connectors import CONNECTORS
from connectors.contract import BadSignature

proxy = Blueprint("proxy", __name__)


@proxy.get("/<platform>/session")
def session(platform: str) -> Response:
    """Hand a customer who is logged in a shopper token, for ten minutes. Raises: Unauthorized, NotFound (no member)."""
    connector, real = CONNECTORS.get(platform), services().clock.real()
    if connector is None or connector.proxy is None:
        raise NotFound("this platform passes no calls on")
    query, settings = request.query_string.decode("latin-1"), services().config.connectors
    try:
        visitor = connector.proxy.visitor(query, settings, real, lambda ref: _secrets(platform, ref))
    except BadSignature as error:
        raise Unauthorized(str(error)) from None
    with reading(services().engine) as connection:
        shop, member_id = visiting.member_of(connection, platform, visitor)
    token, ends = tokens.make(services().config.secret_key, shop.id, member_id, tokens.TTL_S, real)
    response = jsonify(token=token, expires_at=time_text(ends))
    response.cache_control.no_store = True
    return response


@proxy.get("/<platform>/push-worker.js")
def push_worker(platform: str) -> Response:
    """Hand the shop's page the script that shows messages: a browser takes it from the shop's own address only."""
    connector = CONNECTORS.get(platform)
    if connector is None or connector.proxy is None:
        raise NotFound("this platform passes no calls on")
    response = send_from_directory(DIST, "push-worker.js", max_age=300)
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


def _secrets(platform: str, ref: str) -> Sequence[str]:
    """Return what a shop's own server may sign with; none: there is no such shop."""
    with reading(services().engine) as connection:
        shop = shops.find(connection, platform, ref)
    return shop.webhook_secrets(services().vault, services().clock.real()) if shop else ()
