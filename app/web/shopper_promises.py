"""What a product, a cart and an order earn for the shopper who is logged in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, Row, and_

from app import programmes
from app.db import reading
from app.errors import NotFound
from app.members.views import member_row
from app.models import redemptions
from app.orders import own, promises
from app.orders.promises import Promise
from app.points import readouts, sentences
from app.rewards import rows, titles, views
from app.rules.earning import Basket
from app.rules.rewards import BY_ORDER
from app.web import baskets
from app.web.gates import asked_language, caller, services

pages = Blueprint("shopper_promises", __name__)

MOST_ID = 255
_UNKNOWN = {"state": "unknown", "points": 0, "at": None, "text": "", "note": "", "why": "", "delivered": False}
ONE_TAP = BY_ORDER - {"pay_with_points"}  # how many points, is the shopper's own choice


@pages.get("/product")
def product() -> Response:
    """Tell what one product earns for the shopper, by tier and boosts of their own."""
    return _told(baskets.of_query(request.args))


@pages.post("/cart")
def cart() -> Response:
    """Tell what a cart earns for the shopper, and how far points and cart together bring them."""
    return _told(baskets.of_cart(request.get_data(cache=False)), cart=True)


@pages.get("/orders/<path:order_id>")
def order(order_id: str) -> Response:
    """Tell what an order of the shopper's own earned. `?wait`: one that has not been told of yet is no error."""
    who, language = caller(), asked_language()
    if len(order_id) > MOST_ID or not order_id.isprintable():
        raise NotFound("there is no such order")
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        member = member_row(connection, who.shop.id, who.member_id)
        version = programmes.current_or_none(connection, who.shop.id, now)
        row = own.find(connection, who.shop, member.id, order_id)
    if row is None and "wait" not in request.args:
        raise NotFound("there is no such order")
    if row is None:
        return jsonify(_UNKNOWN | {"id": order_id})
    told = own.document(row, who.shop, now, sentences.in_language(language, version))
    return jsonify(told | {"delivered": own.has_arrived(row, version, now)})


def _told(basket: Basket, cart: bool = False) -> Response:
    who, language = caller(), asked_language()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        member = member_row(connection, who.shop.id, who.member_id)
        promise = promises.make(connection, who.shop, basket, now, language=language, member=member)
        told: dict[str, Any] = promise.of_product()
        if cart:
            told = promise.of_cart(connection) | {"use": _usable(connection, promise, member, basket)}
    return jsonify(told)


def _usable(connection: Connection, promise: Promise, member: Row[Any], basket: Basket) -> dict[str, Any] | None:
    """Return what the shopper can put to this cart in one tap: a code they have, else the dearest reward they can have.

    None: nothing fits, or a code of the programme is in the cart already.
    """
    shop, now = promise.shop, promise.now
    given = {code.casefold() for code in basket.discount_codes}
    theirs = redemptions.c.member_id == member.id
    issued = and_(theirs, redemptions.c.state == "issued", redemptions.c.kind.in_(sorted(BY_ORDER)))
    codes = views.documents(connection, services().vault, shop, rows.read(connection, shop.id, issued), now)
    codes = [one for one in codes if one["usable"] and one["code"]]
    if any(one["code"].casefold() in given for one in codes):
        return None
    for one in codes:
        if fits(one["value"].get("min_basket"), basket):
            return {"code": one["code"], "title": titles.title_of(one, promise.words)}
    available = readouts.points_now(connection, shop.id, member.id, member.claimed, now).available
    offers = views.offers(connection, shop, member, available, now)
    can = [one for one in offers if one["available"] and one["kind"] in ONE_TAP and fits(one["min_basket"], basket)]
    if not can:
        return None
    best = max(can, key=lambda one: (one["points"], one["key"]))
    use = promise.words.say("widget.use", points=promise.words.points(best["points"]))
    return {"reward": best["key"], "title": titles.title_of(best, promise.words), "text": use}


def fits(least: Mapping[str, str] | None, basket: Basket) -> bool:
    """Tell whether a basket is as large as a reward asks."""
    if least is None:
        return bool(basket.lines)
    if least["currency"] != basket.currency:
        return False
    return sum(line.unit_price * line.quantity - line.discount for line in basket.lines) >= Decimal(least["amount"])
