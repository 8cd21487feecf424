"""What a shop's platform passes on to us from the shop's own address, and signs: who the shopper is."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import and_, select

from app import shops
from app.db import reading
from app.errors import NotFound, Unauthorized
from app.members import tokens
from app.members.views import time_text
from app.models import identities
from app.web.gates import services
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
    if visitor.customer_id is None:
        raise Unauthorized("nobody is logged in")
    with reading(services().engine) as connection:
        shop = shops.find(connection, platform, visitor.ref)
        if shop is None or shop.state != "active":
            raise NotFound("this shop has no programme")
        theirs = and_(identities.c.kind == "customer", identities.c.value == visitor.customer_id)
        mine = and_(identities.c.shop_id == shop.id, theirs, identities.c.closed_at.is_(None))
        member_id = connection.execute(select(identities.c.member_id).where(mine)).scalar()
    if member_id is None:
        raise NotFound("this customer is not a member yet")
    token, ends = tokens.make(services().config.secret_key, shop.id, member_id, tokens.TTL_S, real)
    response = jsonify(token=token, expires_at=time_text(ends))
    response.cache_control.no_store = True
    return response


def _secrets(platform: str, ref: str) -> Sequence[str]:
    """Return what a shop's own server may sign with; none: there is no such shop."""
    with reading(services().engine) as connection:
        shop = shops.find(connection, platform, ref)
    return shop.webhook_secrets(services().vault, services().clock.real()) if shop else ()
