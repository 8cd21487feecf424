"""Redemptions and their holds as rows.

held → issued → committed | voided. Source: semantics 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, select

from app.db import write_rows
from app.errors import NotFound
from app.ledger import telling
from app.ledger.holds import Hold
from app.models import holds, redemptions
from app.rules.rewards import ENTITLING


@dataclass(slots=True, kw_only=True)
class Redemption:
    """One reward of one member. `hold` is what the ledger knows of it; a gift has none."""

    id: str
    key: str  # names the business fact
    member_id: str
    reward: str
    version: int
    kind: str
    points: int
    held_at: datetime
    given: bool = False
    state: str = "held"
    code: str | None = None
    voucher: int | None = None
    value: Mapping[str, Any] = field(default_factory=dict)
    explanation: Mapping[str, Any] = field(default_factory=dict)
    issued_at: datetime | None = None
    lapses_at: datetime | None = None
    ended_at: datetime | None = None
    ending: str | None = None  # why the platform is asked to end the code: cancelled, lapsed, returned, taken_back
    dead_at: datetime | None = None  # since when no order can use it there
    order_id: str | None = None
    flags: tuple[str, ...] = ()
    hold: Hold | None = None

    @property
    def open(self) -> bool:
        return self.state in ("held", "issued")

    def flag(self, name: str) -> None:
        if name not in self.flags:
            self.flags = (*self.flags, name)


_PLAIN = (
    "id",
    "key",
    "member_id",
    "reward",
    "version",
    "kind",
    "points",
    "held_at",
    "given",
    "state",
    "code",
    "voucher",
    "value",
    "explanation",
    "issued_at",
    "lapses_at",
    "ended_at",
    "ending",
    "dead_at",
    "order_id",
)
_CHANGES = (
    *("member_id", "state", "code", "voucher", "issued_at", "lapses_at", "ended_at", "ending", "dead_at", "order_id"),
)


_HOLD_CHANGES = ("member_id", "state", "lots", "returned", "back", "moves")


def read(connection: Connection, shop_id: str, condition: ColumnElement[bool]) -> list[Redemption]:
    """Return redemptions with their holds; two queries."""
    statement = select(redemptions).where(redemptions.c.shop_id == shop_id, condition).order_by(redemptions.c.id)
    found = [_redemption(row) for row in connection.execute(statement).mappings()]
    mine = and_(holds.c.shop_id == shop_id, holds.c.id.in_([one.id for one in found if one.points]))
    known = {row["id"]: row for row in connection.execute(select(holds).where(mine)).mappings()} if found else {}
    for one in found:
        one.hold = _hold(known[one.id]) if one.id in known else None
    return found


def _redemption(row: RowMapping) -> Redemption:
    return Redemption(flags=tuple(row["flags"]), **{name: row[name] for name in _PLAIN})


def _hold(row: RowMapping) -> Hold:
    return Hold(
        row["id"],
        row["points"],
        row["state"],
        [(lot, points) for lot, points in row["lots"]],
        [(lot, origin, points) for lot, origin, points in row["back"]],
        row["moves"],
    )


def write(connection: Connection, shop_id: str, changed: Sequence[Redemption]) -> None:
    """Write redemptions and their holds: one statement a table. What they open is told to the platform."""
    rows = [_row(shop_id, one) for one in changed]
    write_rows(connection, redemptions, rows, update=(*_CHANGES, "returned", "flags"))
    held = [_hold_row(shop_id, one, one.hold) for one in changed if one.hold is not None]
    write_rows(connection, holds, held, update=_HOLD_CHANGES)
    telling.mark(connection, shop_id, [one.member_id for one in changed if one.kind in ENTITLING])


def _row(shop_id: str, one: Redemption) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in _PLAIN}
    returned = one.hold.returned if one.hold is not None else 0
    return {"shop_id": shop_id, **plain, "returned": returned, "flags": list(one.flags)}


def _hold_row(shop_id: str, one: Redemption, hold: Hold) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "id": one.id,
        "member_id": one.member_id,
        "points": hold.points,
        "state": hold.state,
        "lots": hold.lots,
        "returned": hold.returned,
        "held_at": one.held_at,
        "lapses_at": one.lapses_at,
        "back": hold.back,
        "moves": hold.moves,
    }


def find(connection: Connection, shop_id: str, redemption_id: str) -> Redemption:
    """Return a redemption. Raises: NotFound."""
    found = read(connection, shop_id, redemptions.c.id == redemption_id)
    if not found:
        raise NotFound("there is no such redemption")
    return found[0]
