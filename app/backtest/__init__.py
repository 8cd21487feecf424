"""What a draft programme would have cost: a shop's past orders through the one function that awards.

In memory, in one transaction that only reads, member by member; nothing of it grows with the number of orders.
Source: semantics 8, law 4: promise = award = back-test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection

from app import programmes
from app.backtest.past import CHUNK, Member, Past, Reader
from app.backtest.path import NOTHING_SAME, Draft, Path, Same
from app.backtest.tally import Affected, Tally
from app.rules.earned import Earned
from app.rules.order import OrderLine
from app.rules.programme import Programme
from app.rules.sales import sale_of
from app.shops import Shop

EVER = datetime(9999, 1, 1, tzinfo=UTC)  # the clocks of platforms run ahead now and then

Progress = Callable[[int, int], None]  # orders done, of how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to try on which orders: those placed from `start` until before `end`."""

    shop: Shop
    programme: Programme
    now: datetime  # programme time: as of when everything is seen
    start: datetime | None = None
    end: datetime | None = None
    at_most: int | None = None  # orders; members are taken in the order of their random ids
    old_after: timedelta
    chunk: int = CHUNK  # orders read at once

    def asks_for(self, moment: datetime) -> bool:
        return self.start is None or moment >= self.start


class Settled(NamedTuple):
    """One order and what the draft makes of it."""

    past: Past
    earned: Earned
    counts: bool  # placed in the time asked for


class Backtest:
    """One question on its way through the orders."""

    def __init__(self, connection: Connection, question: Question) -> None:
        self.question = question
        shop = question.shop
        until = question.end or EVER
        self.draft = Draft(question.programme, shop.zone, question.now, shop.settings.allow_test_orders)
        self.reader = Reader(connection, shop.id, self.draft.version, until, question.at_most, question.chunk)
        versions = programmes.versions(connection, shop.id)
        self.same: Mapping[int | None, Same] = {each.number: self.draft.same(each.programme) for each in versions}
        self.tally = Tally(question.now - question.old_after)

    def run(self, progress: Progress) -> Tally:
        """Take every order; tell the progress after each member."""
        whole, seen = self.reader.total(), 0
        if self.question.at_most is not None:
            whole = min(whole, self.question.at_most)
        for member in self.reader.members():
            seen += self._member(member)
            progress(seen, whole)
        return self.tally

    def orders(self) -> Iterator[Settled]:
        """Yield every order with what the draft makes of it; nothing is added up."""
        for member in self.reader.members():
            yield from self._settled(member, Path(self.draft, member.person))

    def _settled(self, member: Member, path: Path) -> Iterator[Settled]:
        for past in member.orders:
            counts = self.question.asks_for(past.state.placed_at)
            earned = path.settle(past, self.same.get(past.version, NOTHING_SAME), counts)
            yield Settled(past, earned, counts)

    def _member(self, member: Member) -> int:
        path, tally = Path(self.draft, member.person), self.tally
        seen = draft = actual = 0
        counted = old = False
        for past, earned, counts in self._settled(member, path):
            seen += 1
            if not counts:
                continue
            counted = True
            old = old or (past.posted > 0 and past.state.placed_at < tally.old_before)
            draft, actual = draft + earned.target, actual + past.posted
            tally.order(past, earned)
            tally.sales.add(sale_of(past.state, self.draft.programme.currency, self._cost))
        if counted:
            tally.member(Affected(member.id, draft, actual), path.end(), old)
        if seen:
            tally.tier(path.tier_at(self.draft.as_of))
        return seen

    def _cost(self, line: OrderLine) -> Decimal | None:
        if self.question.shop.currency != self.draft.programme.currency:
            return None  # costs are told in the shop's currency
        return self.reader.products.cost(line)
