"""What a platform's own pages show of a customer: its account pages and its thanks for an order.

Such a page is none of the shop's origins, so it brings the platform's session instead of a shopper token.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app.db import reading
from app.members.views import member_row
from app.orders import promises
from app.web import baskets
from app.web.gates import asked_language, caller, services
from app.web.shopper import entries as entries_of_shopper
from app.web.shopper import me as about_shopper

customers = Blueprint("customers", __name__)
thanks = Blueprint("thanks", __name__)


@customers.get("/<platform>/me")
def me(platform: str) -> Response:
    """Tell the customer's points, tier and the next reward, as `/shopper/v1/me` does."""
    return about_shopper()


@customers.get("/<platform>/entries")
def entries(platform: str) -> Response:
    """Tell the latest entries, as `/shopper/v1/entries` does."""
    return entries_of_shopper()


@thanks.post("/<platform>/earned")
def earned(platform: str) -> Response:
    """Tell what an order just placed will earn: its lines are told as a cart's are.

    To who is no member yet it is told only where everyone who joins gets it; `join`: a guest has to.
    """
    who, basket = caller(), baskets.of_cart(request.get_data(cache=False))
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        member = member_row(connection, who.shop.id, who.member_id) if who.member_id else None
        promise = promises.make(connection, who.shop, basket, now, language=asked_language(), member=member)
    points, words = promise.earned.target, promise.words
    if member is None and promise.earned.about:
        points = 0
    text = words.say("widget.earned_soon", points=words.points(points)) if points else ""
    return jsonify(points=points, about=promise.earned.about, text=text, join=who.guest and bool(text))
