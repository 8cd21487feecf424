"""Calls of review apps: proved by the shop's own secret for the app, stored like every delivery, answered 200."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from app import counters, shops
from app.activities import review_apps
from app.db import reading, transaction
from app.errors import NotFound, Unauthorized, Unavailable
from app.intake import inbox
from app.web.gates import services
from connectors.contract import BadSignature, VerifiedBody
from connectors.review_apps import REVIEW_APPS, ReviewApp

review_calls = Blueprint("review_calls", __name__)


@review_calls.post("/<app>/<shop_id>")
def take(app: str, shop_id: str) -> Response:
    """Take one call. The address may carry `?token=`, for apps that sign nothing."""
    known = REVIEW_APPS.get(app)
    if known is None:
        raise NotFound()
    try:
        _store(shop_id, known, _verified(known, shop_id))
    except SQLAlchemyError as error:
        raise Unavailable("the database does not answer") from error
    services().ring(shop_id)
    return Response(status=200)


def _verified(app: ReviewApp, shop_id: str) -> VerifiedBody:
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = request.get_data(cache=False)
    try:
        return app.verify(headers, body, _secrets(app, shop_id), request.args.get("token", ""))
    except BadSignature as error:
        counters.count("deliveries_refused", "reviews")
        raise Unauthorized("the call does not prove where it comes from") from error


def _secrets(app: ReviewApp, shop_id: str) -> list[str]:
    with reading(services().engine) as connection, suppress(NotFound):
        shop = shops.get(connection, shop_id)
        secret = review_apps.secret_of(connection, services().vault, shop.id, app.name)
        return [] if secret is None else [secret]
    return []


def _store(shop_id: str, app: ReviewApp, body: VerifiedBody) -> None:
    with transaction(services().engine) as connection:
        inbox.accept(connection, services().vault, shop_id, app.envelope(body), body)
