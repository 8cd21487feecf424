"""What members choose: their language, the mail and the messages they want. Each choice keeps the moment it was made.

Warnings that points are about to expire are a group of their own: who wants no advertising still gets them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, insert, select

from app import journal
from app.db import write_rows
from app.errors import TooOften
from app.models import facts
from app.models import member_choices as table

KIND = "choices"
LANGUAGE = "language"
DEFAULTS: Mapping[str, bool] = {
    "mail.programme": True,  # what happens to the member's points, rewards and tier
    "mail.reminders": True,  # what is about to expire
    "mail.summary": True,  # once a month
    "mail.promotions": False,  # advertising: only for who asked for it
    "push.points": True,  # on a device that asked for messages
    "push.tier": True,
    "push.expiry": True,
}
MOST_A_DAY = 50  # changes of one member: each is journalled for ever
_DAY = timedelta(days=1)
_WRITTEN = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class Choices:
    """What one member has chosen, and the defaults for the rest."""

    language: str | None
    wants: Mapping[str, bool]

    def group(self, name: str) -> dict[str, bool]:
        """Return a group such as "mail" by its members' short names."""
        return {key.removeprefix(f"{name}."): wish for key, wish in self.wants.items() if key.startswith(f"{name}.")}


@dataclass(frozen=True, slots=True)
class Made:
    """Choices to be written: by whom they were told, and when. Units: real time."""

    values: Mapping[str, str | None]
    source: str
    at: datetime


def written(wish: bool) -> str:
    return _WRITTEN[wish]


def of(connection: Connection, shop_id: str, member_id: str) -> Choices:
    """Return what a member has chosen."""
    told = {row["name"]: row["value"] for row in _rows(connection, _of(shop_id, member_id))}
    wants = {name: told[name] == "yes" if told.get(name) else wish for name, wish in DEFAULTS.items()}
    return Choices(told.get(LANGUAGE), wants)


def _of(shop_id: str, *member_ids: str) -> ColumnElement[bool]:
    return and_(table.c.shop_id == shop_id, table.c.member_id.in_(member_ids))


def _rows(connection: Connection, mine: ColumnElement[bool]) -> list[RowMapping]:
    return list(connection.execute(select(table).where(mine)).mappings())


def choose(connection: Connection, shop_id: str, member_id: str, made: Made, now: datetime) -> None:
    """Write down what a member chooses. The caller holds the member.

    Once: what was chosen already keeps its moment. Raises: TooOften.
    """
    known = {row["name"]: row["value"] for row in _rows(connection, _of(shop_id, member_id))}
    new = {name: value for name, value in made.values.items() if known.get(name) != value}
    if new:
        _not_too_often(connection, shop_id, member_id, made.at)
        body = {"member": member_id, "choices": new, "source": made.source, "at": made.at.isoformat()}
        write(connection, shop_id, body)
        journal.write(connection, shop_id, [journal.Row(KIND, member_id, now, body)])


def _not_too_often(connection: Connection, shop_id: str, member_id: str, real: datetime) -> None:
    mine = and_(facts.c.shop_id == shop_id, facts.c.kind == KIND, facts.c.subject == member_id)
    newest_first = select(facts.c.body).where(mine).order_by(facts.c.seq.desc())
    body = connection.execute(newest_first.offset(MOST_A_DAY - 1).limit(1)).scalar()
    again = real if body is None else datetime.fromisoformat(body["at"]) + _DAY
    if again > real:
        raise TooOften(f"settings can be changed {MOST_A_DAY} times a day", again - real)


def write(connection: Connection, shop_id: str, body: Mapping[str, Any]) -> None:
    """Write choices as the journal tells them; replay comes through here too."""
    said = {"source": body["source"], "chosen_at": datetime.fromisoformat(body["at"])}
    rows = [
        {"shop_id": shop_id, "member_id": body["member"], "name": name, "value": value, **said}
        for name, value in body["choices"].items()
    ]
    write_rows(connection, table, rows, update=("value", "source", "chosen_at"))


def join(connection: Connection, shop_id: str, old: str, survivor: str) -> None:
    """Make two members' choices one's: of each the latest, the survivor's own where both are as late."""
    both = _of(shop_id, old, survivor)
    rows = sorted(_rows(connection, both), key=lambda row: (row["chosen_at"], row["member_id"] == survivor))
    if not any(row["member_id"] == old for row in rows):
        return
    latest = {row["name"]: {**row, "member_id": survivor} for row in rows}
    connection.execute(delete(table).where(both))
    connection.execute(insert(table), list(latest.values()))
