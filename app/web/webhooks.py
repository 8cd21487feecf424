"""Deliveries in: verify over the raw bytes, store, 200. Nothing is parsed and no points move here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app import counters, shops
from app.db import reading, transaction
from app.errors import NotFound, Unauthorized, Unavailable
from app.intake import inbox
from app.intake.doors import Door
from app.platforms import reading as orders_of_platforms
from app.web.gates import services
from connectors import CONNECTORS
from connectors.contract import BadSignature, Connector, Envelope, Ping, VerifiedBody
from connectors.contract.syncing import OURS

webhooks = Blueprint("webhooks", __name__)

MOST_MISSED = 10_000  # the path is not yet believed when the database is away


@webhooks.post("/<platform>")
@webhooks.post("/<platform>/compliance")
def for_app(platform: str) -> Response:
    """Take a delivery signed by the app's own secret; a header names the shop."""
    connector = _connector(platform, "app")
    try:
        return _take(connector, connector.shop_ref(_headers()))
    except BadSignature as error:
        raise _refused(platform) from error


@webhooks.post("/<platform>/<shop_id>")
def for_shop(platform: str, shop_id: str) -> Response:
    """Take a delivery signed by the shop's own secret; the path names the shop."""
    connector = _connector(platform, "shop")
    try:
        return _take(connector, shop_id)
    except BadSignature as error:
        raise _refused(platform) from error
    except Unavailable:
        if connector.reader is not None and len(services().missed) < MOST_MISSED:
            services().missed.add(shop_id)  # this platform never sends a delivery again
        raise


def _connector(platform: str, signed_by: str) -> Connector:
    connector = CONNECTORS.get(platform)
    if connector is None or connector.signed_by != signed_by:
        raise NotFound()
    if platform == "sandbox" and not services().config.sandbox:
        raise NotFound()
    return connector


def _headers() -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _take(connector: Connector, name: str) -> Response:
    """Verify and store. A signature that fails under what we remember is checked once more, freshly."""
    headers, body = _headers(), request.get_data(cache=False)
    key = (connector.name, name)
    try:
        try:
            shop_id, verified = _verified(connector, services().doors.remembered(key), headers, body)
        except BadSignature:
            door = services().doors.remember(key, _door(connector, name))
            shop_id, verified = _verified(connector, door, headers, body)
    except Ping:
        return Response(status=200)
    _store(shop_id, _from_outside(connector.envelope(headers, verified)), verified)
    return Response(status=200)


def _from_outside(envelope: Envelope) -> Envelope:
    """Keep our own topics to ourselves: on most platforms the topic is not signed."""
    return replace(envelope, topic="unknown") if envelope.topic in OURS else envelope


def _verified(
    connector: Connector, door: Door | None, headers: Mapping[str, str], body: bytes
) -> tuple[str, VerifiedBody]:
    if door is None:
        raise BadSignature("there is no such shop")
    return door.shop_id, connector.verify(headers, body, door.secrets, int(time.time()))


def _door(connector: Connector, name: str) -> Door | None:
    """Look the shop up: by the platform's name of it, or by our own id. None where there is none."""
    try:
        with reading(services().engine) as connection:
            if connector.signed_by == "app":
                shop = shops.find(connection, connector.name, name)
            else:
                shop = shops.with_id(connection, connector.name, name)
    except SQLAlchemyError as error:
        raise Unavailable("the database does not answer") from error
    if shop is None:
        return None
    values = services().config.connectors
    of_the_app = [values[setting] for setting in connector.secret_settings if values.get(setting)]
    return Door(shop.id, (*shop.webhook_secrets(services().vault, datetime.now(UTC)), *of_the_app))


def _store(shop_id: str, envelope: Envelope, body: VerifiedBody) -> None:
    """Answer only after COMMIT; a database that is down is the platform's reason to try again."""
    try:
        try:
            _accept(shop_id, envelope, body)
        except DBAPIError as error:  # a connection that a restart of the database has cut: the next one is new
            if not error.connection_invalidated:
                raise
            _accept(shop_id, envelope, body)
    except SQLAlchemyError as error:
        raise Unavailable("the database does not answer") from error
    services().ring(shop_id)
    if missed := set(services().missed):
        services().missed.difference_update(missed)
        orders_of_platforms.soon(services(), missed)


def _accept(shop_id: str, envelope: Envelope, body: VerifiedBody) -> None:
    with transaction(services().engine) as connection:
        inbox.accept(connection, services().vault, shop_id, envelope, body)


def _refused(platform: str) -> Unauthorized:
    counters.count("deliveries_refused", platform)
    return Unauthorized("the delivery does not prove where it comes from")
