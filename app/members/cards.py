"""A member's card for the shop's counter: a number that nobody guesses, with a check digit, and its picture.

A new card ends the old one. After a merge the survivor's card is shown, and the other's number finds the survivor.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import segno
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from app.models import member_cards as table

DIGITS = 12  # fewer than a bank's card, so that nothing takes it for one
QUIET = 4  # modules around the picture; ISO/IEC 18004 asks for four

_BETWEEN = re.compile(r"[ \u00a0-]")
_NUMBER = re.compile(rf"[1-9][0-9]{{{DIGITS - 1}}}")


@dataclass(frozen=True, slots=True)
class Picture:
    """A QR code as the `d` of one SVG path. Units: modules; `size` is the side of the view box."""

    path: str
    size: int


def read_number(text: str) -> str | None:
    """Return the digits of a number as somebody wrote it; None: it is none, or a digit is wrong."""
    number = _BETWEEN.sub("", text)
    return number if _NUMBER.fullmatch(number) and _luhn(number) == 0 else None


def show_number(number: str) -> str:
    """Write a number in groups of four."""
    return " ".join(number[start : start + 4] for start in range(0, DIGITS, 4))


def _luhn(number: str) -> int:
    """Return the check sum: 0 for a right number. Source: ISO/IEC 7812-1, annex B."""
    doubled = (divmod(int(digit) * (1 + place % 2), 10) for place, digit in enumerate(reversed(number)))
    return sum(tens + ones for tens, ones in doubled) % 10


def make_number() -> str:
    begun = secrets.choice("123456789") + "".join(secrets.choice("0123456789") for _ in range(DIGITS - 2))
    return begun + str(-_luhn(begun + "0") % 10)


def picture(number: str) -> Picture:
    """Return the QR code of a number."""
    code = segno.make_qr(number, error="m", boost_error=False)
    rows = list(code.matrix_iter(border=QUIET))
    path = "".join(f"M{x} {y}h{width}v1h-{width}z" for y, row in enumerate(rows) for x, width in _dark(row))
    return Picture(path, len(rows))


def _dark(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Return where each dark stretch of a row begins, and how wide it is."""
    for dark, stretch in groupby(enumerate(row), key=lambda module: bool(module[1])):
        if dark:
            places = [x for x, _ in stretch]
            yield places[0], len(places)


def _of(shop_id: str, member_id: str) -> ColumnElement[bool]:
    return and_(table.c.shop_id == shop_id, table.c.member_id == member_id)


def number_of(connection: Connection, shop_id: str, member_id: str, real: datetime) -> str:
    """Return the number of a member's card, made on first demand. The caller holds the member.

    Raises: IntegrityError, where chance gave a number twice.
    """
    mine = and_(_of(shop_id, member_id), table.c.shown)
    known = connection.execute(select(table.c.number).where(mine)).scalar()
    return str(known) if known is not None else _make(connection, shop_id, member_id, real)


def renew(connection: Connection, shop_id: str, member_id: str, real: datetime) -> str:
    """End every card of a member, and return the number of a new one. The caller holds the member."""
    connection.execute(delete(table).where(_of(shop_id, member_id)))
    return _make(connection, shop_id, member_id, real)


def _make(connection: Connection, shop_id: str, member_id: str, real: datetime) -> str:
    row = {"shop_id": shop_id, "number": make_number(), "member_id": member_id, "shown": True, "made_at": real}
    connection.execute(insert(table).values(row))
    return str(row["number"])


def holder(connection: Connection, shop_id: str, number: str) -> str | None:
    """Return whose card has a number."""
    mine = and_(table.c.shop_id == shop_id, table.c.number == number)
    found: str | None = connection.execute(select(table.c.member_id).where(mine)).scalar()
    return found


def join(connection: Connection, shop_id: str, old: str, survivor: str) -> None:
    """Let a merged member's cards find the survivor, whose own card goes on being shown."""
    has_one = connection.execute(select(table.c.number).where(_of(shop_id, survivor), table.c.shown)).first()
    taken = {"member_id": survivor} | ({"shown": False} if has_one else {})
    connection.execute(update(table).where(_of(shop_id, old)).values(taken))
