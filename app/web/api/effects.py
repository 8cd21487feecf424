"""Effects: what has to happen at the shop's platform, why some of it has not, and trying it again."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from app import shops
from app.errors import Conflict, NotFound
from app.members.views import time_text
from app.outbox import rows, working
from app.platforms.rewarding import EFFECTS
from app.web.api import schemas
from app.web.api.answers import Next
from app.web.api.fields import Given, Id, TimeText, Told, Whole
from app.web.api.operations import Answer, Call, operation
from app.web.api.reading import after, page, wrong
from app.web.gates import services

State = Literal["waiting", "done", "refused", "failed"]


class EffectsQuery(schemas.Page):
    state: State | None = None


class EffectDecision(Given):
    happened: bool = Field(description="False undoes what caused it: points that were held for a reward return.")


class EffectTold(Told):
    id: Id
    kind: str = Field(description="`reward.make` or `reward.end`.")
    subject: str = Field(description="What it is about: the id of the redemption.")
    state: State = Field(
        description="`refused`: the platform said no, and what caused it is undone. `failed`: nobody answered for "
        "three days, or it cannot be known what happened; the reason says which. It waits for you."
    )
    reason: str | None
    attempts: Whole
    unsure: bool = Field(description="An attempt may have acted, and its answer was lost.")
    created_at: TimeText
    next_try_at: TimeText | None
    ended_at: TimeText | None


class Effects(Told):
    data: list[EffectTold]
    next: str | None = Next


@operation("GET", "/effects", tag="Effects", query=EffectsQuery, gives={200: Effects})
def list_effects(call: Call, asked: EffectsQuery) -> Answer:
    """List effects.

    Newest first. Those that are `failed` wait for you: try them again, or say what happened.
    """
    last = after(asked.cursor, "effects", int)
    if last is not None and not 0 <= last < 2**63:
        raise wrong("cursor", "invalid", "Send the `next` of the page before, as it was.")
    found = rows.listed(call.connection, call.shop.id, asked.state, last, asked.limit + 1)
    return Answer(page([_told(row) for row in found], asked.limit, "effects", [row["seq"] for row in found]))


def _told(row: RowMapping) -> dict[str, Any]:
    return {
        "id": str(row["seq"]),
        "kind": row["kind"],
        "subject": row["subject"],
        "state": row["state"],
        "reason": row["reason"],
        "attempts": row["attempts"],
        "unsure": row["unsure"] and row["state"] in ("waiting", "failed"),
        "created_at": time_text(row["created_at"]),
        "next_try_at": time_text(row["due_at"]) if row["state"] == "waiting" else None,
        "ended_at": time_text(row["ended_at"]),
    }


@operation(
    "POST",
    "/effects/<delivery:effect_id>/retry",
    tag="Effects",
    takes=schemas.Nothing,
    gives={200: EffectTold},
    errors=(NotFound, Conflict),
)
def retry_effect(call: Call, _: schemas.Nothing, effect_id: str) -> Answer:
    """Try an effect again.

    Only one that has `failed`. What may have happened already is looked up at the platform first, never doubled.
    """
    if not rows.again(call.connection, call.shop.id, int(effect_id)):
        raise _not_failed(call, effect_id)
    return _now(call, effect_id)


@operation(
    "POST",
    "/effects/<delivery:effect_id>/decide",
    tag="Effects",
    takes=EffectDecision,
    gives={200: EffectTold},
    errors=(NotFound, Conflict),
)
def decide_effect(call: Call, given: EffectDecision, effect_id: str) -> Answer:
    """Say what happened.

    For one that has `failed`, after you have looked at the shop's platform.
    """
    shop = shops.hold(call.connection, call.shop.id)
    row = rows.find(call.connection, shop.id, int(effect_id))
    if row is None or not working.decide(services(), EFFECTS[row["kind"]], call.connection, shop, row, given.happened):
        raise _not_failed(call, effect_id)
    return _now(call, effect_id)


def _not_failed(call: Call, effect_id: str) -> Exception:
    if rows.find(call.connection, call.shop.id, int(effect_id)) is None:
        return NotFound("there is no such effect")
    return Conflict("this effect has not failed")


def _now(call: Call, effect_id: str) -> Answer:
    row = rows.find(call.connection, call.shop.id, int(effect_id))
    if row is None:
        raise NotFound("there is no such effect")
    return Answer(_told(row))


_EXAMPLE = {
    "id": "81",
    "kind": "reward.make",
    "subject": "r_0c6b1f93ad52e7408b1d",
    "state": "failed",
    "reason": "it answered 503",
    "attempts": 74,
    "unsure": False,
    "created_at": "2026-03-02T10:00:00Z",
    "next_try_at": None,
    "ended_at": "2026-03-05T10:04:11Z",
}
EXAMPLES: dict[type[BaseModel], Any] = {
    EffectDecision: {"happened": False},
    EffectTold: _EXAMPLE,
    Effects: {"data": [_EXAMPLE], "next": None},
}
