"""Leaderboards: how members stand in a contest now, or were placed when a period had ended.

A period that has been decided is read as it was written down; until then everybody's standing is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from app import programmes
from app.errors import FieldError, Invalid, NotFound
from app.members import names
from app.models import placings
from app.programmes import Version
from app.rules.calendar import begins, first_day, name_of, number_named, number_of
from app.rules.document import ActivityRule
from app.rules.document.activities import Contest
from app.rules.expiry import local_date
from app.scheduled.standings import Field, Placed, value_text
from app.scheduled.tallies import SHOWN, Tallies, tally
from app.shops import Shop
from app.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    rule: ActivityRule
    contest: Contest
    period: str
    begin: datetime
    end: datetime
    final: bool
    among: int
    placed: list[Placed]
    own: Placed | None = None

    def prize(self, place: int) -> int:
        prizes = self.contest.prizes
        return self.rule.points + prizes[place - 1] if place <= len(prizes) else 0

    def document(self) -> dict[str, Any]:
        """Return what everybody may know: which contest, which period, how many take part."""
        return {
            "rule": self.rule.key,
            "by": self.contest.by,
            "period": self.period,
            "from": self.begin.isoformat().replace("+00:00", "Z"),
            "to": self.end.isoformat().replace("+00:00", "Z"),
            "final": self.final,
            "among": self.among,
        }

    def row(self, each: Placed) -> dict[str, Any]:
        return {"place": each.place, "value": each.value.rpartition(":")[2], "prize": self.prize(each.place)}


def contests(version: Version) -> list[ActivityRule]:
    return [rule for rule in version.programme.activities if rule.contest is not None]


def read(
    connection: Connection,
    shop: Shop,
    key: str,
    period: str | None,
    now: datetime,
    *,
    member_id: str | None = None,
    known: Tallies | None = None,
) -> Board:
    """Return a contest's leaderboard of a period; without one, of the period that runs now.

    `member_id`: tell this member's own standing too. `known`: a count of the last minute is good enough.
    Raises: NotFound, for no such contest; Invalid, for no such period.
    """
    version, rule, contest = _contest(connection, shop, key, now)
    number = number_of(contest.period, local_date(now, shop.zone))
    asked = number if period is None else number_named(contest.period, period)
    if asked is None or asked > number:
        message = f"Write a {contest.period} that has begun, such as {name_of(contest.period, number)}."
        raise Invalid(message, (FieldError("period", "unknown", message),))
    days = first_day(contest.period, asked), first_day(contest.period, asked + 1)
    begin, end = (begins(day, shop.zone) for day in days)
    board = Board(
        rule=rule,
        contest=contest,
        period=name_of(contest.period, asked),
        begin=begin,
        end=end,
        final=False,
        among=0,
        placed=[],
    )
    decided = _decided(connection, shop.id, board, member_id) if asked < number else None
    return decided or _standing(Field(connection, shop.id, version, contest, begin, end), board, member_id, known)


def _contest(connection: Connection, shop: Shop, key: str, now: datetime) -> tuple[Version, ActivityRule, Contest]:
    """Return a contest by the newest version that has it; one that has ended stays readable."""
    known = [version for version in programmes.versions(connection, shop.id) if version.effective_from <= now]
    for version in sorted(known, key=lambda each: (each.effective_from, each.number), reverse=True):
        for rule in contests(version):
            if rule.key == key and rule.contest is not None:
                return version, rule, rule.contest
    raise NotFound("there is no such leaderboard")


def _decided(connection: Connection, shop_id: str, board: Board, member_id: str | None) -> Board | None:
    mine = and_(placings.c.shop_id == shop_id, placings.c.rule == board.rule.key, placings.c.period == board.period)
    rows = connection.execute(select(placings).where(mine).order_by(placings.c.place, placings.c.member_id)).all()
    if not rows:
        return None
    placed = [Placed(row.place, row.value, row.member_id) for row in rows]
    own = next((each for each in placed if each.member_id == member_id), None)
    return replace(board, final=True, among=rows[0].among, placed=placed[:SHOWN], own=own)


def _standing(field: Field, board: Board, member_id: str | None, known: Tallies | None) -> Board:
    """Count how everybody stands, or recall it; where the member stands is always looked up."""
    key = (field.shop_id, board.rule.key, board.period, field.version.number)
    told = tally(field) if known is None else known.of(key, field)
    mine = next(iter(field.standings(member_id)), None) if member_id is not None else None
    own = None if mine is None else Placed(told.place(mine.score), value_text(mine.score), mine.member_id)
    return replace(board, among=told.among, placed=told.placed, own=own)


Names = Mapping[str, str]


def names_on(connection: Connection, vault: Vault, shop_id: str, boards: Iterable[Board]) -> Names:
    """Return what those are called who want to be, as of now: whoever changes their mind is named no more."""
    everyone = {each.member_id for board in boards for each in (*board.placed, *filter(None, [board.own]))}
    return names.shown(connection, vault, shop_id, everyone)


def for_merchant(board: Board, called: Names) -> Mapping[str, Any]:
    """Return the board with members by their ids."""
    return board.document() | {
        "places": [_row(board, each, called) | {"member_id": each.member_id} for each in board.placed]
    }


def for_shopper(board: Board, called: Names) -> Mapping[str, Any]:
    """Return the board without ids, and with the shopper's own place."""
    own = None if board.own is None else _row(board, board.own, called)
    return board.document() | {"places": [_row(board, each, called) for each in board.placed], "own": own}


def _row(board: Board, each: Placed, called: Names) -> dict[str, Any]:
    return board.row(each) | {"name": called.get(each.member_id)}
