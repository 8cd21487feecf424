"""The shop's past: importing what happened before it came to us."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from app import shops
from app.errors import Conflict, NotFound
from app.members.views import time_text
from app.platforms import importing
from app.web.api import schemas
from app.web.api.fields import Given, Id, TimeText, Told, Whole
from app.web.api.operations import Answer, Call, operation
from app.web.gates import services


class NewImport(Given):
    orders: Literal["award", "tiers"] = Field(
        description="What becomes of orders from before the first programme. `award`: they earn by it, now. `tiers`: "
        "they count for tiers and for how often somebody has bought, and earn nothing."
    )


class ImportTold(Told):
    id: Id
    orders: Literal["award", "tiers"]
    state: Literal["running", "done", "failed", "stopped"]
    done: Whole = Field(description="Customers and orders that were read so far.")
    in_all: Whole | None = Field(description="Null until the platform has told.")
    per_second: float | None = Field(description="Of the time that was worked.")
    seconds_left: Whole | None
    reason: str | None = Field(description="Why it waits, or has failed.")
    begun_at: TimeText
    ended_at: TimeText | None


@operation("POST", "/import", tag="History", takes=NewImport, gives={201: ImportTold}, errors=(Conflict,))
def begin_import(call: Call, given: NewImport) -> Answer:
    """Import the past.

    Customers first, then orders, read at the shop's platform by a worker, in pieces; live deliveries go first. Nothing
    is doubled: an order that has earned already stays as it is. Publish a programme before.
    """
    shop = shops.hold(call.connection, call.shop.id)
    importing.begin(call.connection, shop, given.orders, services().clock.real())
    return Answer(_latest(call), 201)


@operation("GET", "/import", tag="History", gives={200: ImportTold}, errors=(NotFound,))
def read_import(call: Call, _: None) -> Answer:
    """Read how far the import is.

    The newest one.
    """
    return Answer(_latest(call))


@operation("POST", "/import/stop", tag="History", takes=schemas.Nothing, gives={200: ImportTold}, errors=(NotFound,))
def stop_import(call: Call, _: schemas.Nothing) -> Answer:
    """Stop the import.

    What it has read stays.
    """
    importing.stop(call.connection, call.shop, services().clock.real())
    return Answer(_latest(call))


@operation(
    "POST",
    "/import/continue",
    tag="History",
    takes=schemas.Nothing,
    gives={200: ImportTold},
    errors=(NotFound, Conflict),
)
def continue_import(call: Call, _: schemas.Nothing) -> Answer:
    """Go on with an import.

    One that was stopped or has failed goes on where it was.
    """
    importing.go_on(call.connection, call.shop)
    return Answer(_latest(call))


def _latest(call: Call) -> dict[str, Any]:
    row = importing.latest(call.connection, call.shop.id)
    if row is None:
        raise NotFound("nothing was imported yet")
    return told(row)


def told(row: RowMapping) -> dict[str, Any]:
    progress = importing.progress(row)
    return {
        "id": row["id"],
        "orders": row["choice"],
        "state": row["state"],
        "done": progress.done,
        "in_all": progress.in_all,
        "per_second": None if progress.rate is None else round(progress.rate, 1),
        "seconds_left": progress.left_s if row["state"] == "running" else None,
        "reason": row["reason"],
        "begun_at": time_text(row["begun_at"]),
        "ended_at": time_text(row["ended_at"]),
    }


EXAMPLES: dict[type[BaseModel], Any] = {
    NewImport: {"orders": "tiers"},
    ImportTold: {
        "id": "5f3a9c1e7b2d4f608a1c",
        "orders": "tiers",
        "state": "running",
        "done": 4200,
        "in_all": 11350,
        "per_second": 140.0,
        "seconds_left": 51,
        "reason": None,
        "begun_at": "2026-03-02T10:00:00Z",
        "ended_at": None,
    },
}
