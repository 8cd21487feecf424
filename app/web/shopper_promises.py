"""What a product and a cart earn for the shopper who is logged in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, Row, and_

from app.db import reading
from app.members.views import member_row
from app.models import redemptions
from app.orders import promises
from app.orders.promises import Promise
from app.points import readouts
from app.rewards import rows, titles, views
from app.rules.earning import Basket
from app.rules.rewards import BY_ORDER
from app.web import baskets
from app.web.gates import asked_language, caller, services

pages = Blueprint("shopper_promises", __name__)

ONE_TAP = BY_ORDER - {"pay_with_points"}  # how many points, is the shopper's own choice


@pages.get("/product")
def product() -> Response:
    """Tell what one product earns for the shopper, by tier and boosts of their own."""
    return _told(baskets.of_query(request.args))


@pages.post("/cart")
def cart() -> Response:
    """Tell what a cart earns for the shopper, and how far points and cart together bring them."""
    return _told(baskets.of_cart(request.get_data(cache=False)), cart=True)


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
