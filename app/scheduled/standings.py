"""How members stand in a contest: what each did in a period, streamed member by member, and the best of them.

Memory holds the best and those who tie with the last of them, never everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, select

from app.models import activities, orders
from app.programmes import Version
from app.rules.document.activities import Contest
from app.rules.money import text_of
from app.tiers import ranks

CHUNK = 500
Score = tuple[Fraction, ...]  # the greater the better, part by part


class Standing(NamedTuple):
    score: Score
    member_id: str


@dataclass(frozen=True, slots=True)
class Field:
    """Whom a contest compares: a shop's members by what they did from `begin` until `end`."""

    connection: Connection
    shop_id: str
    version: Version
    contest: Contest
    begin: datetime
    end: datetime

    def standings(self, member_id: str | None = None) -> Iterator[Standing]:
        """Yield who did anything, in the order of member ids; or one member alone."""
        parts = _PARTS[self.contest.by](self, member_id)
        sums = ((each, sum(map(itemgetter(1), rows), Fraction(0))) for each, rows in groupby(parts, itemgetter(0)))
        found = (Standing((total,), each) for each, total in sums if total > 0)
        return self._by_tier(found) if self.contest.by == "tier" else found

    def _by_tier(self, found: Iterable[Standing]) -> Iterator[Standing]:
        """Put the tier before what was spent: the higher tier is better, within one the greater spend."""
        ladder = {tier.key: Fraction(place) for place, tier in enumerate(self.version.programme.tiers)}
        for chunk in _chunks(found):
            known = ranks.paths(self.connection, self.shop_id, [each.member_id for each in chunk])
            for each in chunk:
                at_the_end = [tier for at, tier in known.get(each.member_id, []) if at < self.end]
                rank = ladder.get(at_the_end[-1], Fraction(0)) if at_the_end else Fraction(0)
                yield Standing((rank, *each.score), each.member_id)

    def rows(self, statement: Select[Any]) -> Iterator[Any]:
        return iter(self.connection.execute(statement.execution_options(yield_per=CHUNK)))


Part = tuple[str, Fraction]


def _orders(field: Field, member_id: str | None, column: str) -> Iterator[Part]:
    placed = and_(orders.c.placed_at >= field.begin, orders.c.placed_at < field.end, orders.c.counts)
    mine = and_(orders.c.shop_id == field.shop_id, placed, orders.c.member_id.is_not(None))
    statement = select(orders.c.member_id, orders.c.spend, orders.c.target).where(mine).order_by(orders.c.member_id)
    if member_id is not None:
        statement = statement.where(orders.c.member_id == member_id)
    for row in field.rows(statement):
        worth = {"spend": row.spend or 0, "target": row.target, "orders": 1}
        yield row.member_id, Fraction(worth[column])


def _spend(field: Field, member_id: str | None) -> Iterator[Part]:
    return _orders(field, member_id, "spend")


def _count(field: Field, member_id: str | None) -> Iterator[Part]:
    return _orders(field, member_id, "orders")


def _activities(field: Field, member_id: str | None, kinds: Iterable[str], count: bool) -> Iterator[Part]:
    done = and_(activities.c.at >= field.begin, activities.c.at < field.end, activities.c.state == "awarded")
    mine = and_(activities.c.shop_id == field.shop_id, activities.c.kind.in_(sorted(kinds)), done)
    statement = select(activities.c.member_id, activities.c.target).where(mine).order_by(activities.c.member_id)
    if member_id is not None:
        statement = statement.where(activities.c.member_id == member_id)
    for row in field.rows(statement):
        yield row.member_id, Fraction(1 if count else row.target)


def _referrals(field: Field, member_id: str | None) -> Iterator[Part]:
    return _activities(field, member_id, ["referral"], count=True)


def _points(field: Field, member_id: str | None) -> Iterator[Part]:
    """Yield points of orders and of activities; prizes of contests do not count for contests."""
    kinds = {rule.kind for rule in field.version.programme.activities} | {"referral", "referred_friend"}
    earned = _activities(field, member_id, kinds - {"leaderboard_prize"}, count=False)
    return merge(_orders(field, member_id, "target"), earned, key=itemgetter(0))


_PARTS = {"spend": _spend, "points": _points, "orders": _count, "referrals": _referrals, "tier": _spend}


def _chunks(found: Iterable[Standing]) -> Iterator[list[Standing]]:
    chunk: list[Standing] = []
    for each in found:
        chunk.append(each)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def best(found: Iterable[Standing], wanted: int, ties: bool = True) -> tuple[list[Standing], int]:
    """Return the best so many, best first, and how many there were; `ties`: also all who tie with the last of them."""
    kept: list[Standing] = []
    count, room = 0, 4 * wanted + CHUNK
    for each in found:
        count += 1
        kept.append(each)
        if len(kept) >= room:
            kept = _cut(kept, wanted, ties)
            room = max(room, 2 * len(kept))  # where all tie nothing can be cut: not to be sorted again for each
    return _cut(kept, wanted, ties), count


def _cut(kept: list[Standing], wanted: int, ties: bool) -> list[Standing]:
    ordered = sorted(kept, key=lambda each: (tuple(-part for part in each.score), each.member_id))
    if len(ordered) <= wanted or not ties:
        return ordered[:wanted]
    return [each for each in ordered if each.score >= ordered[wanted - 1].score]


class Placed(NamedTuple):
    place: int
    value: str
    member_id: str


def places(ordered: Sequence[Standing]) -> list[Placed]:
    """Return places of standings, best first: who ties shares the better place, those after are skipped."""
    placed: list[Placed] = []
    for number, each in enumerate(ordered, 1):
        same = number > 1 and ordered[number - 2].score == each.score
        place = placed[-1].place if same else number
        placed.append(Placed(place, value_text(each.score), each.member_id))
    return placed


def value_text(score: Score) -> str:
    """Write what was measured; of a contest of tiers the spend, after the tier's place in the ladder."""
    return ":".join(text_of(part) for part in score)
