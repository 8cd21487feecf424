"""Leaderboards of contests."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from app import shops
from app.errors import Conflict, NotFound
from app.members import names
from app.members.views import held_row, living, view
from app.rules.fields import PlatformText
from app.scheduled import leaderboards
from app.web.api import answers
from app.web.api.fields import ExactText, Given, Id, TimeText, Told, Whole
from app.web.api.operations import Answer, Call, operation
from app.web.gates import services


class LeaderboardQuery(Given):
    period: PlatformText | None = Field(
        None, description='Such as "2026-W09", "2026-03", "2026-Q1" or "2026"; default: the period that runs now.'
    )


class Place(Told):
    place: Whole = Field(description="Who ties shares the better place; those after it are skipped.")
    value: ExactText = Field(description="What is measured; of a contest of tiers the spend within the tier.")
    prize: Whole = Field(description="Points for this place; 0 where there is no prize.")
    member_id: Id
    name: str | None = Field(description="What other shoppers read here; null: the member does not want to be named.")


class Leaderboard(Told):
    rule: str
    by: Literal["spend", "points", "orders", "referrals", "tier"]
    period: str
    from_: TimeText = Field(alias="from")
    to: TimeText = Field(description="First moment after the period.")
    final: bool = Field(description="Prizes have been given by it; later refunds change nothing.")
    among: Whole = Field(description="How many took part.")
    places: list[Place] = Field(description="The first hundred.")


EXAMPLES: dict[type[BaseModel], Any] = {
    Leaderboard: {
        "rule": "best-buyers",
        "by": "spend",
        "period": "2026-03",
        "from": "2026-02-28T23:00:00Z",
        "to": "2026-03-31T22:00:00Z",
        "final": False,
        "among": 214,
        "places": [
            {"place": 1, "value": "399.8", "prize": 500, "member_id": "m_5f3a9c1e7b2d4f608a1c", "name": "Ada L."}
        ],
    }
}


@operation(
    "GET",
    "/leaderboards/<key:rule_key>",
    tag="Reports",
    query=LeaderboardQuery,
    gives={200: Leaderboard},
    errors=(NotFound,),
)
def read_leaderboard(call: Call, asked: LeaderboardQuery, rule_key: str) -> Answer:
    """Read a contest's leaderboard.

    Of the period that runs now it is counted as things stand; of one that has been decided it is what was written
    down when the prizes were given. 404 for a rule that is no contest.
    """
    board = leaderboards.read(call.connection, call.shop, rule_key, asked.period, call.now)
    return Answer(
        leaderboards.for_merchant(board, leaderboards.names_on(call.connection, call.vault, call.shop.id, [board]))
    )


@operation(
    "DELETE",
    "/members/<member:member_id>/leaderboard-name",
    tag="Members",
    gives={200: answers.Member},
    errors=(NotFound, Conflict),
)
def take_leaderboard_name(call: Call, _given: None, member_id: str) -> Answer:
    """Take a member's name off leaderboards.

    For one that others should not have to read. The member can choose another; nothing happens where there is none.
    """
    shop = shops.hold(call.connection, call.shop.id)
    row = living(held_row(call.connection, shop.id, member_id))
    names.choose(call.connection, call.vault, shop.id, row.id, None, services().clock.real())
    return Answer(view(call.connection, call.vault, shop, row.id, call.now))
