"""Public facts for the storefront: no personal data, cacheable, readable from any origin."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
from flask import Blueprint, Response, request, send_from_directory
from sqlalchemy import Connection

from app import shops
from app.db import reading
from app.orders import promises
from app.programmes import page
from app.referrals import landing
from app.rewards import opening
from app.rules.earning import Basket
from app.shops import Shop
from app.web import baskets, openings
from app.web.gates import services

widget = Blueprint("widget", __name__)
files = Blueprint("files", __name__)

DIST = Path(__file__).parents[2] / "widgets" / "dist"
MAX_AGE_S = 60  # a published change of rates is on the pages within a minute


@files.get("/<path:name>")
def file(name: str) -> Response:
    response = send_from_directory(DIST, name, max_age=300)
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


@widget.get("/<shop_id>/programme")
def programme(shop_id: str) -> Response:
    """Tell what a programme gives, how it looks and what it says, in the language of `?lang=`."""
    language = (request.args.get("lang") or "")[:35] or None
    return answer(
        shop_id,
        lambda connection, shop: page.document(connection, shop, services().clock.now(connection), language),
    )


@widget.get("/<shop_id>/product")
def product(shop_id: str) -> Response:
    """Tell what one product earns, for everyone: in the entry tier."""
    basket = baskets.of_query(request.args)
    return answer(shop_id, lambda connection, shop: _promise(connection, shop, basket))


@widget.route("/<shop_id>/cart", methods=["POST", "OPTIONS"])
def cart(shop_id: str) -> Response:
    """Tell what a cart earns, and how far it is to the next reward."""
    if request.method == "OPTIONS":
        return Response(status=204)
    basket = baskets.of_cart(request.get_data(cache=False))
    return answer(shop_id, lambda connection, shop: _promise(connection, shop, basket, rewards=True))


@widget.get("/<shop_id>/gate")
def gate(shop_id: str) -> Response:
    """Tell whether everybody may see something that a page keeps for some, else for whom it is and from when."""
    asked = openings.gate_of(request.args)

    def tell(connection: Connection, shop: Shop) -> Mapping[str, Any]:
        return opening.document(connection, shop, asked, services().clock.now(connection), request.args.get("lang"))

    return answer(shop_id, tell)


@widget.get("/<shop_id>/referral/<path:code>")
def referral(shop_id: str, code: str) -> Response:
    """Tell whether a friend's code is good, and what it brings whoever comes by it."""

    def tell(connection: Connection, shop: Shop) -> Mapping[str, Any]:
        return landing.document(connection, shop, code, services().clock.now(connection), request.args.get("lang"))

    return answer(shop_id, tell)


def _promise(connection: Connection, shop: Shop, basket: Basket, rewards: bool = False) -> Mapping[str, Any]:
    """The language is the query's: a shared cache keeps one answer for everyone who asks alike."""
    now = services().clock.now(connection)
    promise = promises.make(connection, shop, basket, now, language=request.args.get("lang"))
    return promise.of_cart(connection) if rewards else promise.of_product()


def answer(shop_id: str, tell: Callable[[Connection, Shop], Mapping[str, Any]]) -> Response:
    """Answer with an ETag over what is told, so that a repeated look costs no body."""
    with reading(services().engine) as connection:
        shop = shops.get(connection, shop_id)
        body = orjson.dumps(tell(connection, shop))
    response = Response(body, content_type="application/json")
    response.set_etag(hashlib.sha256(body).hexdigest()[:20])
    if request.method == "GET":
        response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    response.make_conditional(request)
    return response
