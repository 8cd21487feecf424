"""Holds that come back and go again: where each single point is, counted by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ledger import holds
from app.ledger.account import Account, book_due
from app.ledger.orders import OrderPoints, Policy
from tests.ledger.test_account import check, day, earn, posting, spent

STEP = st.tuples(st.sampled_from(("hold", "commit", "void", "return", "again")), st.integers(0, 4), st.integers(0, 60))


@dataclass
class Oracle:
    """Every point by itself: the lot it is in, or which hold has it."""

    lots: dict[str, int]  # in spending order
    out: dict[str, list[str]] = field(default_factory=dict)  # hold → the lots its points came from
    back: dict[str, list[str]] = field(default_factory=dict)

    def _first(self) -> str:
        return next(lot for lot, points in self.lots.items() if points)

    def _take(self, lot: str) -> str:
        self.lots[lot] -= 1
        return lot

    def hold(self, name: str, points: int) -> None:
        self.out[name], self.back[name] = [self._take(self._first()) for _ in range(points)], []

    def void(self, name: str) -> None:
        for lot in self.out.pop(name):
            self.lots[lot] += 1

    def give_back(self, name: str, total: int) -> None:
        while len(self.back[name]) < total and self.out[name]:
            lot = self.out[name].pop(0)
            self.lots[lot] += 1
            self.back[name].append(lot)

    def take_again(self, name: str, total: int) -> None:
        going = [self.back[name].pop() for _ in range(len(self.back[name]) - total)]
        there = [self._take(lot) for lot in going if self.lots[lot]]
        others = [self._take(self._first()) for _ in range(len(going) - len(there))]
        self.out[name] = [*reversed(there), *others, *self.out[name]]


@settings(max_examples=300)
@given(
    st.lists(STEP, max_size=25),
    st.lists(st.tuples(st.integers(1, 40), st.sampled_from((None, 50, 60))), min_size=1, max_size=4),
)
def test_every_point_is_where_a_count_by_hand_finds_it(history: list, made: list) -> None:
    account, oracle, known = Account("ada"), Oracle({}), dict[str, holds.Hold]()
    for number, (points, expires) in enumerate(made):
        earn(account, OrderPoints(str(number), expires_at=day(expires) if expires else None), points, day(number))
    now = day(10)
    oracle.lots = {lot.key: lot.remaining for lot in account.spend_order(now)}
    for number, step in enumerate(history):
        _play(account, oracle, known, step, str(number), now)
        assert {key: account.lots[key].remaining for key in oracle.lots} == oracle.lots
        for one in known.values():
            if one.state != "voided":
                assert [lot for lot, each in one.lots for _ in range(each)] == oracle.out[one.id]
        check(account, now)
    keys = [entry.key for entry in account.entries]
    assert len(keys) == len(set(keys))


def _play(account: Account, oracle: Oracle, known: dict, step: tuple, name: str, now: datetime) -> None:
    what, which, points = step
    grace, left = posting(now).grace, sum(oracle.lots.values())
    if what == "hold":
        if 0 < points <= left:
            known[name] = holds.hold(account, name, points, now, "")
            oracle.hold(name, points)
        return
    wanted = [one for one in known.values() if one.state == ("held" if what in ("commit", "void") else "committed")]
    if not wanted:
        return
    one = wanted[which % len(wanted)]
    if what == "commit":
        holds.commit(account, one, now)
    elif what == "void":
        holds.void(account, one, now, now, grace)
        oracle.void(one.id)
    elif what == "return":
        holds.give_back(account, one, points, now, now, grace)
        oracle.give_back(one.id, points)
    elif one.returned - points <= left:  # else a deficit: not counted here
        holds.take_again(account, one, points, now, now)
        oracle.take_again(one.id, points)


def test_what_is_taken_again_comes_from_the_lot_it_went_back_to() -> None:
    account = Account("ada")
    earn(account, OrderPoints("1", expires_at=day(20)), 100, day(0))
    earn(account, OrderPoints("2"), 100, day(0))
    used = spent(account, "r", 100, day(1))
    holds.give_back(account, used, 100, day(2), day(2), posting(day(2)).grace)
    holds.take_again(account, used, 0, day(3), day(3))
    assert [(lot.expires_at, lot.remaining) for lot in account.lots.values()] == [(day(20), 0), (None, 100)]
    (entry,) = [entry for entry in account.entries if entry.points < 0 and entry.kind == "return"]
    assert entry.account_changes == {"available": -100, "redeemed": 100}
    check(account, day(3))


def test_what_has_expired_since_is_taken_from_what_expired() -> None:
    account = Account("ada")
    earn(account, OrderPoints("1", expires_at=day(20)), 100, day(0))
    used = spent(account, "r", 100, day(1))
    holds.give_back(account, used, 100, day(2), day(2), posting(day(2)).grace)
    book_due(account, day(21))
    assert account.sums["expired"] == 100
    holds.take_again(account, used, 0, day(22), day(22))
    assert (account.sums["expired"], account.sums["redeemed"], account.deficit) == (0, 100, 0)
    check(account, day(22))


def test_points_that_came_back_to_a_lapsed_lot_are_taken_from_where_they_live_on() -> None:
    account = Account("ada")
    earn(account, OrderPoints("1", expires_at=day(20)), 100, day(0))
    used = spent(account, "r", 60, day(1))
    book_due(account, day(21))
    holds.give_back(account, used, 60, day(22), day(22), posting(day(22)).grace)
    assert (account.sums["available"], account.sums["expired"]) == (60, 40)
    holds.take_again(account, used, 20, day(23), day(23))
    assert (account.sums["available"], account.sums["expired"], used.returned) == (20, 40, 20)
    holds.give_back(account, used, 60, day(24), day(24), posting(day(24)).grace)
    assert account.sums["available"] == 60
    assert {lot.expires_at for lot in account.lots.values() if lot.remaining} == {day(52)}
    check(account, day(24))


@pytest.mark.parametrize(
    ("policy", "deficit", "written_off"), [("carry", 100, 0), ("clamp", 0, -100), ("pending_only", 100, 0)]
)
def test_what_is_nowhere_is_a_deficit_and_comes_back_out_of_it(policy: Policy, deficit: int, written_off: int) -> None:
    account = Account("ada")
    earn(account, OrderPoints("1"), 100, day(0))
    used = spent(account, "r", 100, day(1))
    grace = posting(day(2)).grace
    holds.give_back(account, used, 100, day(2), day(2), grace)
    spent(account, "other", 100, day(3))
    holds.take_again(account, used, 0, day(4), day(4), policy)
    assert (account.deficit, account.sums["written_off"]) == (deficit, written_off)
    check(account, day(4))
    holds.give_back(account, used, 100, day(5), day(5), grace)
    assert (account.sums["available"], account.sums["written_off"]) == (0, 0)
    check(account, day(5))


def test_repeats_take_and_give_nothing() -> None:
    account = Account("ada")
    earn(account, OrderPoints("1"), 100, day(0))
    used = spent(account, "r", 100, day(1))
    grace = posting(day(2)).grace
    assert holds.take_again(account, used, 0, day(2), day(2)) is None
    holds.give_back(account, used, 50, day(2), day(2), grace)
    assert holds.give_back(account, used, 50, day(2), day(2), grace) is None
    assert holds.take_again(account, used, 50, day(2), day(2)) is None


def test_a_hold_names_the_command_and_the_reward() -> None:
    account = Account("ada")
    earn(account, OrderPoints("1"), 100, day(0))
    holds.hold(account, "r_1", 10, day(1), "f", key="redeem:k", told={"reward": "five"})
    entry = account.entries[-1]
    assert (entry.key, entry.explanation["reward"], entry.source) == ("redeem:k", "five", ("redemption", "r_1"))
