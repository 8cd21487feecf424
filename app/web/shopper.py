"""What a shopper may see and do, with a short-lived token of the shop."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from app import programmes, shops
from app.activities import commands, views
from app.activities.mechanism import Activity
from app.db import reading, retrying, transaction
from app.errors import Forbidden
from app.ledger.account import SOMEDAY
from app.members import tokens
from app.members.views import held_row, living, member_row, points_document, time_text
from app.orders import previews, promises
from app.points import readouts, sentences
from app.points.readouts import Points
from app.referrals import referring
from app.rewards import shelf
from app.rules.activities import NO_RULE, NOT_FROM_BROWSER
from app.rules.usual import NEVER_FROM_A_BROWSER
from app.rules.words import Words
from app.tiers import ranks
from app.tiers.views import tier_document
from app.web.api import reading as requests
from app.web.api.activities import SelfReported
from app.web.gates import asked_language, caller, services

shopper = Blueprint("shopper", __name__)

PAGE = 20


@shopper.get("/me")
def me() -> Response:
    """Tell the shopper's points, tier and the next reward, with the sentences a page shows of them."""
    who = caller()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        member = member_row(connection, who.shop.id, who.member_id)
        points = readouts.points_now(connection, who.shop.id, member.id, member.claimed, now)
        version = programmes.current_or_none(connection, who.shop.id, now)
        in_words = sentences.in_language(asked_language(), version)
        document: dict[str, Any] = {
            "points": points_document(points) | {"coming": [_coming(*each) for each in points.coming]},
            "text": _in_words(points, in_words),
            "tier": None,
            "next_reward": None,
            "way": None,
        }
        if version is not None:
            on_it = shelf.load(connection, who.shop, version, [member], now)
            goal = document["next_reward"] = previews.next_reward(on_it, member.id, points.available)
            document["way"] = promises.way(version, goal, points.available, in_words)
            tier = ranks.of(connection, who.shop, member.id, member.enrolled_at, now)
            document["tier"] = tier_document(tier, version, who.shop, in_words)
    return _in_language(jsonify(document), in_words)


def _coming(points: int, at: datetime) -> dict[str, Any]:
    return {"points": points, "at": None if at == SOMEDAY else time_text(at)}


def _in_words(points: Points, in_words: Words) -> dict[str, str]:
    """Write the balance, and in a second line what is owed or on the way."""
    owed, pending = points.deficit, points.pending
    second = ("owed", owed) if owed else ("pending", pending) if pending else None
    line = "" if second is None else in_words.say(f"widget.{second[0]}", points=in_words.points(second[1]))
    return {"available": in_words.points(points.available), "note": line}


def _in_language(response: Response, in_words: Words) -> Response:
    response.headers["Content-Language"] = in_words.language
    response.vary.add("Accept-Language")
    return response


@shopper.get("/entries")
def entries() -> Response:
    """Tell the latest entries, each with its reason in one sentence: `?lang=`, else the browser's language."""
    who = caller()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        in_words = sentences.in_language(asked_language(), programmes.current_or_none(connection, who.shop.id, now))
        everyone = readouts.family(connection, who.shop.id, who.member_id)
        rows = readouts.history(connection, who.shop.id, everyone, None, PAGE)
    data = [
        {
            "at": row["at"].isoformat().replace("+00:00", "Z"),
            "kind": row["kind"],
            "points": row["points"],
            "title": sentences.title_of_entry(row["kind"], in_words),
            "sentence": sentences.of_entry(row["kind"], row["points"], row["explanation"], in_words),
        }
        for row in rows
    ]
    return _in_language(jsonify({"data": data, "next": None}), in_words)


@shopper.get("/activities")
def ways_to_earn() -> Response:
    """Tell the ways to earn, and what of each is still open to the shopper."""
    who = caller()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        member = member_row(connection, who.shop.id, who.member_id)
        version = programmes.current_or_none(connection, who.shop.id, now)
        in_words = sentences.in_language(asked_language(), version)
        data = views.ways(connection, who.shop, member.id, version, now, in_words) if version else []
    return _in_language(jsonify({"data": data, "next": None}), in_words)


@shopper.post("/activities")
def tell() -> Response:
    """Take what the shopper's browser tells: only kinds that the programme marks `self_reported`."""
    who, told = caller(), requests.given(SelfReported, requests.tree(request.get_data(cache=False)))
    if told.kind in NEVER_FROM_A_BROWSER:
        raise Forbidden(f"a browser cannot tell of {told.kind}")
    deed = told.deed()

    def work(connection: Connection) -> tuple[Activity, Words]:
        shop = shops.hold(connection, who.shop.id)
        member = living(member_row(connection, shop.id, who.member_id))
        now = services().clock.now(connection)
        in_words = sentences.in_language(asked_language(), programmes.current_or_none(connection, shop.id, now))
        return commands.tell(connection, services().vault, shop, member.id, deed, now), in_words

    made, in_words = retrying(services().engine, work)
    if made.reason in (NOT_FROM_BROWSER, NO_RULE):
        raise Forbidden(f"a browser cannot tell of {told.kind}: {made.reason}")
    shown = views.document(made)
    names = ("id", "kind", "subject", "at", "state", "reason", "points", "verified")
    return jsonify({name: shown[name] for name in names} | {"text": views.said(made, in_words)})


@shopper.get("/referral")
def referral() -> Response:
    """Tell the shopper's own code and link, and how many friends came by it."""
    who = caller()

    def work(connection: Connection) -> dict[str, Any]:
        shop = shops.hold(connection, who.shop.id)
        row = living(held_row(connection, shop.id, who.member_id))
        return referring.shared(connection, shop, row.id, services().clock.now(connection))

    return jsonify(retrying(services().engine, work))


@shopper.post("/logout")
def logout() -> Response:
    """End every token of the shopper."""
    who = caller()
    with transaction(services().engine) as connection:
        tokens.log_out(connection, who.shop.id, who.member_id, datetime.now(UTC))
    return Response(status=204)
