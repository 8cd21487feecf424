"""What a shopper may see and do, with a short-lived token of the shop."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from app import previews, programmes, readouts, sentences, tiers, tokens
from app.db import reading, transaction
from app.errors import NotFound
from app.member_views import member_row, points_document
from app.tier_views import tier_document
from app.web.gates import caller, services

shopper = Blueprint("shopper", __name__)

PAGE = 20


@shopper.get("/me")
def me() -> Response:
    """Tell the shopper's points, tier and the next reward."""
    who = caller()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        member = member_row(connection, who.shop.id, who.member_id)
        points = readouts.points_now(connection, who.shop.id, member.id, member.claimed, now)
        document: dict[str, Any] = {"points": points_document(points), "tier": None, "next_reward": None}
        try:
            version = programmes.current(connection, who.shop.id, now)
        except NotFound:
            return jsonify(document)
        tier = tiers.of(connection, who.shop, member.id, member.enrolled_at, now)
        in_words = sentences.in_language(_language(), version)
        document["tier"] = tier_document(tier, version, who.shop.zone, in_words)
        document["next_reward"] = previews.next_reward(version, points.available)
    return jsonify(document)


@shopper.get("/entries")
def entries() -> Response:
    """Tell the latest entries, each with its reason in one sentence: `?lang=`, else the browser's language."""
    who = caller()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        in_words = sentences.in_language(_language(), programmes.current_or_none(connection, who.shop.id, now))
        rows = readouts.history(connection, who.shop.id, who.member_id, None, PAGE)
    data = [
        {
            "at": row["at"].isoformat().replace("+00:00", "Z"),
            "kind": row["kind"],
            "points": row["points"],
            "sentence": sentences.of_entry(row["kind"], row["points"], row["explanation"], in_words),
        }
        for row in rows
    ]
    response = jsonify({"data": data, "next": None})
    response.headers["Content-Language"] = in_words.language
    response.vary.add("Accept-Language")
    return response


def _language() -> str | None:
    return request.args.get("lang") or request.headers.get("Accept-Language")


@shopper.post("/logout")
def logout() -> Response:
    """End every token of the shopper."""
    who = caller()
    with transaction(services().engine) as connection:
        tokens.log_out(connection, who.shop.id, who.member_id, datetime.now(UTC))
    return Response(status=204)
