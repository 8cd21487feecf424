"""Deliveries in: verify over the raw bytes, store, 200. Nothing is parsed and no points move here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app import counters, inbox, shops
from app.db import reading, transaction
from app.errors import NotFound, Unauthorized, Unavailable
from app.shops import Shop
from app.web.gates import services
from connectors import CONNECTORS
from connectors.contract import BadSignature, Connector, Ping, VerifiedBody

webhooks = Blueprint("webhooks", __name__)


@webhooks.post("/<platform>")
@webhooks.post("/<platform>/compliance")
def for_app(platform: str) -> Response:
    """Take a delivery signed by the app's own secret; a header names the shop."""
    connector = _connector(platform, "app")
    headers, body = _incoming()
    try:
        ref = connector.shop_ref(headers)
        shop = _known(lambda connection: shops.find(connection, platform, ref))
        return _take(connector, shop, _app_secrets(connector), headers, body)
    except BadSignature as error:
        raise _refused(platform) from error


@webhooks.post("/<platform>/<shop_id>")
def for_shop(platform: str, shop_id: str) -> Response:
    """Take a delivery signed by the shop's own secret; the path names the shop."""
    connector = _connector(platform, "shop")
    headers, body = _incoming()
    try:
        shop = _known(lambda connection: _of(connection, shop_id, platform))
        secrets = shop.webhook_secrets(services().vault, datetime.now(UTC)) if shop else []
        return _take(connector, shop, secrets, headers, body)
    except BadSignature as error:
        raise _refused(platform) from error


def _connector(platform: str, signed_by: str) -> Connector:
    connector = CONNECTORS.get(platform)
    if connector is None or connector.signed_by != signed_by:
        raise NotFound()
    if platform == "sandbox" and not services().config.sandbox:
        raise NotFound()
    return connector


def _incoming() -> tuple[dict[str, str], bytes]:
    body: bytes = request.get_data(cache=False)
    return {name.lower(): value for name, value in request.headers.items()}, body


def _app_secrets(connector: Connector) -> list[str]:
    values = services().config.connectors
    return [values[name] for name in connector.secret_settings if values.get(name)]


def _of(connection: Connection, shop_id: str, platform: str) -> Shop | None:
    try:
        shop = shops.get(connection, shop_id)
    except NotFound:
        return None
    return shop if shop.platform == platform else None


def _known(find: Callable[[Connection], Shop | None]) -> Shop | None:
    try:
        with reading(services().engine) as connection:
            return find(connection)
    except SQLAlchemyError as error:
        raise Unavailable("the database does not answer") from error


def _take(
    connector: Connector, shop: Shop | None, secrets: Sequence[str], headers: dict[str, str], body: bytes
) -> Response:
    try:
        verified = connector.verify(headers, body, secrets, int(datetime.now(UTC).timestamp()))
    except Ping:
        if shop is None:
            raise BadSignature("unknown shop") from None
        return Response(status=200)
    if shop is None:
        raise BadSignature("unknown shop")
    _store(connector, shop, headers, verified)
    return Response(status=200)


def _store(connector: Connector, shop: Shop, headers: dict[str, str], body: VerifiedBody) -> None:
    """Answer only after COMMIT; a database that is down is the platform's reason to try again."""
    try:
        with transaction(services().engine) as connection:
            inbox.accept(connection, services().vault, shop.id, connector.envelope(headers, body), body)
    except SQLAlchemyError as error:
        raise Unavailable("the database does not answer") from error
    services().ring(shop.id)


def _refused(platform: str) -> Unauthorized:
    counters.count("deliveries_refused", platform)
    return Unauthorized("the delivery does not prove where it comes from")
