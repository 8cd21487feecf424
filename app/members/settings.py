"""A member's own settings: the birthday by its rules, and choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from app.activities import commands
from app.members import birthdays, choices, names
from app.members.choices import Made
from app.members.views import held_row, living, member_row
from app.settling import Settling
from app.shops import Shop
from app.vault import Vault


@dataclass(frozen=True, slots=True)
class Changes:
    """What a member changes. `birthday` and `name` count where they are told; None takes them back."""

    values: Mapping[str, str | None]
    birthday: date | None = None
    tells_birthday: bool = False
    name: str | None = None
    tells_name: bool = False


def document(connection: Connection, vault: Vault, shop_id: str, member_id: str, now: datetime) -> dict[str, Any]:
    """Return a member's settings. Raises: NotFound."""
    row = member_row(connection, shop_id, member_id)
    chosen = choices.of(connection, shop_id, row.id)
    return {
        "birthday": row.birthday.isoformat() if row.birthday else None,
        "birthday_changeable": birthdays.changeable(row.birthday_changed_at, now),
        "language": chosen.language,
        "mail": chosen.group("mail"),
        "push": chosen.group("push"),
        "leaderboards": {"name": names.shown(connection, vault, shop_id, [row.id]).get(row.id)},
    }


def change(
    connection: Connection,
    vault: Vault,
    shop: Shop,
    member_id: str,
    wanted: Changes,
    *,
    now: datetime,
    real: datetime,
) -> None:
    """Change a member's settings, all of them or none.

    Once: what is so already stays as it is, and when it was chosen. Raises: NotFound, Conflict, Invalid, TooOften.
    """
    row = living(held_row(connection, shop.id, member_id))
    if wanted.tells_birthday:
        _birthday(connection, shop, row, wanted.birthday, now)
    if wanted.tells_name:
        names.choose(connection, vault, shop.id, row.id, wanted.name, real)
    choices.choose(connection, shop.id, row.id, Made(wanted.values, "shopper", real), now)


def _birthday(connection: Connection, shop: Shop, row: Row[Any], day: date | None, now: datetime) -> None:
    """Note a birthday as the merchant's own API does; what completing the profile gives follows."""
    if row.birthday == day:
        return
    settling = Settling(connection, shop, now)
    settling.load([], member_ids=[row.id])
    person = settling.desk.people.people[row.id]
    if day is None:
        birthdays.take_back(person, now)
    else:
        birthdays.tell(person, day, now)
    settling.flush()
    if day is not None:
        commands.follow_enrolment(connection, shop, row.id, [("profile_field", "birthday")], now)
