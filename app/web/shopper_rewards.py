"""What a shopper may spend points on, and has."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from app import programmes, shops
from app.db import reading, retrying
from app.errors import NotFound
from app.members.views import member_row
from app.models import redemptions as table
from app.points import readouts, sentences
from app.rewards import ending, opening, redeeming, titles, views
from app.rewards.redeeming import Wish
from app.rewards.rows import Redemption
from app.rules.fields import Key
from app.rules.words import Words
from app.shops import Shop
from app.web import openings
from app.web.api import reading as requests
from app.web.api.fields import Given
from app.web.api.idempotency import key
from app.web.api.operations import RedemptionId
from app.web.gates import asked_language, caller, services

pages = Blueprint("shopper_rewards", __name__)

PAGE = 50
_HIDDEN = ("member_id", "flags", "explanation", "programme_version")


class Wanted(Given):
    reward: Key
    points: int | None = None


@pages.get("/rewards")
def rewards() -> Response:
    """Tell every reward, whether the shopper can have it now, and why not, in one sentence too."""
    who = caller()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        member = member_row(connection, who.shop.id, who.member_id)
        available = readouts.points_now(connection, who.shop.id, member.id, member.claimed, now).available
        in_words = _words(connection, who.shop, now)
        told = views.offers(connection, who.shop, member, available, now, in_words=in_words)
    return jsonify({"data": told, "next": None})


@pages.get("/redemptions")
def redemptions() -> Response:
    """Tell the shopper's rewards, newest first."""
    who = caller()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        mine = [table.c.member_id == who.member_id]
        found = views.listed(connection, who.shop.id, mine, None, PAGE)
        told = _documents(connection, who.shop, found, now)
    return jsonify({"data": told, "next": None})


@pages.get("/entitlements")
def entitlements() -> Response:
    """Tell what the shopper may buy or see by rewards."""
    who = caller()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        told = views.entitlements(connection, who.shop, who.member_id, now)
    return jsonify({"data": told, "next": None})


@pages.get("/gate")
def gate() -> Response:
    """Tell whether the shopper may see something that a page keeps for some, else for whom it is and from when."""
    who, asked, language = caller(), openings.gate_of(request.args), asked_language()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        member = member_row(connection, who.shop.id, who.member_id)
        told = opening.document(connection, who.shop, asked, now, language, member)
    return jsonify(told)


@pages.post("/redemptions")
def redeem() -> Response:
    """Spend the shopper's points. The key belongs to this shopper: another's never answers it."""
    who, sent = caller(), key()
    wanted = requests.given(Wanted, requests.tree(request.get_data(cache=False)))
    named = f"{who.member_id}:{sent}" if sent is not None else None
    wish = Wish(reward=wanted.reward, points=wanted.points, key=named)
    return _write(lambda connection, shop, now: redeeming.redeem(connection, shop, who.member_id, wish, now), 201)


@pages.post("/redemptions/<redemption_id>/cancel")
def cancel(redemption_id: str) -> Response:
    """Give up a reward of the shopper's own that no order has used."""
    who = caller()
    if not re.fullmatch(RedemptionId.regex, redemption_id):
        raise NotFound("there is no such redemption")
    return _write(
        lambda connection, shop, now: ending.cancel(connection, shop, redemption_id, now, of=who.member_id), 200
    )


def _write(work: Callable[[Connection, Shop, datetime], Redemption], status: int) -> Response:
    who = caller()

    def perform(connection: Connection) -> dict[str, Any]:
        shop, now = shops.hold(connection, who.shop.id), services().clock.now(connection)
        return _documents(connection, shop, [work(connection, shop, now)], now)[0]

    response = jsonify(retrying(services().engine, perform))
    response.status_code = status
    return response


def _documents(connection: Connection, shop: Shop, found: Sequence[Redemption], now: datetime) -> list[dict[str, Any]]:
    told = views.documents(connection, services().vault, shop, found, now)
    in_words = _words(connection, shop, now)
    return [_titled({name: value for name, value in each.items() if name not in _HIDDEN}, in_words) for each in told]


def _words(connection: Connection, shop: Shop, now: datetime) -> Words:
    return sentences.in_language(asked_language(), programmes.current_or_none(connection, shop.id, now))


def _titled(told: dict[str, Any], in_words: Words) -> dict[str, Any]:
    return told | {"title": titles.title_of(told, in_words)}
