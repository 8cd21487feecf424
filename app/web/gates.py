"""Who may enter. Every blueprint names one gate in `app.web.BLUEPRINTS`, the open ones too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import cast
from urllib.parse import urlencode

from flask import Response, current_app, g, request

from app import shops
from app.db import reading
from app.errors import Forbidden, NotFound, Unauthorized
from app.members import tokens
from app.platforms import entering, visiting
from app.services import Services
from app.shops import Shop
from app.web import sessions
from connectors import CONNECTORS
from connectors.contract import BadSignature
from connectors.contract.installing import Embedding, Installer, Visit
from connectors.contract.visiting import Visitor

Gate = Callable[[], Response | None]  # a response leads elsewhere


def services() -> Services:
    return cast(Services, current_app.extensions["tessera"])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from: one shop, with one scope or one member, or a guest of its."""

    shop: Shop
    scope: str = ""
    member_id: str = ""
    guest: bool = False


def caller() -> Caller:
    return cast(Caller, g.caller)


def asked_language() -> str | None:
    """Return the language a shopper reads: `?lang=`, else the browser's."""
    return request.args.get("lang") or request.headers.get("Accept-Language")


def open_to_all() -> None:
    """Let anyone in: public facts, or a platform's signature checked in the view over the raw body."""


def api_key() -> None:
    """Let a shop's own api key in. Raises: Unauthorized, Forbidden (a read key that writes)."""
    key = _bearer()
    with reading(services().engine) as connection:
        found = shops.by_api_key(connection, key, datetime.now(UTC))
    if found is None:
        raise Unauthorized("the api key is not valid")
    shop, scope = found
    if scope == "read" and request.method not in ("GET", "HEAD"):
        raise Forbidden("this api key may only read")
    g.caller = Caller(shop, scope)


def shopper_token() -> None:
    """Let a shopper in by a short-lived token; a browser must also be on one of the shop's origins."""
    if request.method == "OPTIONS":
        return
    claims = tokens.read(services().config.secret_key, _bearer(), datetime.now(UTC))
    with reading(services().engine) as connection:
        shop = shops.get(connection, claims.shop_id)
        member_id = tokens.live_member(connection, claims)
    origin = request.headers.get("Origin")
    if origin is not None and origin not in shop.origins:
        raise Forbidden("this origin does not belong to the shop")
    g.caller = Caller(shop, member_id=member_id)


def customer_session() -> None:
    """Let a customer in by a session that the shop's platform vouches for. Raises: NotFound, Unauthorized."""
    if request.method == "OPTIONS":
        return
    platform, visitor = _visitor()
    with reading(services().engine) as connection:
        shop, member_id = visiting.member_of(connection, platform, visitor)
    g.caller = Caller(shop, member_id=member_id)


def platform_session() -> None:
    """Let in whoever has a session of the shop's platform, guests too. Raises: NotFound, Unauthorized."""
    if request.method == "OPTIONS":
        return
    platform, visitor = _visitor()
    with reading(services().engine) as connection:
        shop, member_id = visiting.whoever(connection, platform, visitor)
    g.caller = Caller(shop, member_id=member_id, guest=visitor.customer_id is None)


def _visitor() -> tuple[str, Visitor]:
    platform = str((request.view_args or {}).get("platform"))
    connector = CONNECTORS.get(platform)
    if connector is None or connector.proxy is None:
        raise NotFound("this platform vouches for no customers")
    config, real = services().config, services().clock.real()
    try:
        return platform, connector.proxy.customer(_bearer(), config.connectors, real)
    except BadSignature as error:
        raise Unauthorized(str(error)) from None


def merchant_session() -> Response | None:
    """Let a merchant in: by a session that the shop's platform vouches for, else by the cookie of a browser in which
    the shop was connected. Raises: Unauthorized."""
    token = request.args.get("id_token") or request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        g.caller = Caller(_entered(token))
        return None
    if (away := _to_ask_for_a_session()) is not None:
        return away
    with reading(services().engine) as connection:
        try:
            g.caller = Caller(shops.get(connection, sessions.shop_of(services().config.secret_key)))
        except NotFound:
            raise Unauthorized("this shop is no longer here") from None
    return None


def _embeddings() -> Iterator[tuple[str, Installer, Embedding]]:
    """Return the platforms whose admin shows our pages."""
    for name, connector in CONNECTORS.items():
        installer = connector.installer
        told = installer.embedding(services().config.connectors) if installer is not None else None
        if installer is not None and told is not None:
            yield name, installer, told


def _entered(token: str) -> Shop:
    try:
        return entering.enter(services(), token)
    except Unauthorized as error:
        error.headers = {told.again: "1" for _, _, told in _embeddings()}
        raise


def _to_ask_for_a_session() -> Response | None:
    """Lead a page that a platform's admin shows, and that comes without a session, to where it gets one."""
    if request.method != "GET":
        return None
    visit = Visit(request.args.to_dict())
    for name, installer, told in _embeddings():
        if installer.came_from(visit) is not None:
            here = f"{services().config.app_url}{request.path}?{urlencode(visit.query)}"
            asked = {"shop": visit.query["shop"], "host": visit.query["host"], told.comes_back_to: here}
            return Response("", 302, {"Location": f"/install/{name}/session?{urlencode(asked)}"})
    return None


def metrics_token() -> None:
    """Let the monitoring in; without METRICS_TOKEN there is no such page."""
    token = services().config.metrics_token
    if token is None:
        raise NotFound()
    if not compare_digest(_bearer().encode(), token.encode()):
        raise Unauthorized("the metrics token is not valid")


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("send Authorization: Bearer …")
    return token.strip()
