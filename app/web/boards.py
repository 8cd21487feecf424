"""Leaderboards for shoppers: places, names only of those who want to be named, and one's own."""

from __future__ import annotations

from flask import Response, jsonify, request

from app import programmes
from app.db import reading
from app.errors import NotFound
from app.members.views import member_row
from app.scheduled import leaderboards
from app.web.gates import caller, services
from app.web.shopper import shopper

__all__ = ["shopper"]


@shopper.get("/leaderboards")
def all_boards() -> Response:
    """Tell how the shopper stands in every contest that runs now, and who is first."""
    who = caller()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        member = member_row(connection, who.shop.id, who.member_id)
        try:
            version = programmes.current(connection, who.shop.id, now)
        except NotFound:
            return jsonify({"data": []})
        boards = [
            leaderboards.read(connection, who.shop, rule.key, None, now, member_id=member.id, known=services().tallies)
            for rule in leaderboards.contests(version)
        ]
        called = leaderboards.names_on(connection, services().vault, who.shop.id, boards)
    return jsonify({"data": [leaderboards.for_shopper(board, called) for board in boards]})


@shopper.get("/leaderboards/<rule_key>")
def one_board(rule_key: str) -> Response:
    """Tell how the shopper stands in one contest: `?period=` for an earlier one."""
    who = caller()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        member = member_row(connection, who.shop.id, who.member_id)
        asked, known = request.args.get("period"), services().tallies
        board = leaderboards.read(connection, who.shop, rule_key, asked, now, member_id=member.id, known=known)
        called = leaderboards.names_on(connection, services().vault, who.shop.id, [board])
    return jsonify(leaderboards.for_shopper(board, called))
