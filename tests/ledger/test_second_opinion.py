"""Whatever happens to members, every account and every lot is what a count by hand, point by point, finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.ledger import holds
from app.ledger.account import Account, book_due
from app.ledger.merging import merge
from app.ledger.orders import OrderPoints, Policy, post_difference
from tests.ledger.by_hand import ByHand
from tests.ledger.places import Earned, Held
from tests.ledger.test_account import POLICIES, T0, check, day, posting

WHAT = (*("target",) * 5, *("hold",) * 3, "commit", "commit", "void", "return", "again", "adjust", "pass", "pass")
SEEDS = st.integers(0, 2**40)  # lists of steps would mostly be short and alike; these are lives full of turns


@dataclass
class Life:
    """One member twice: in the ledger, and counted by hand."""

    name: str
    chance: Random
    now: datetime = T0
    account: Account = field(init=False)
    hand: ByHand = field(init=False)
    orders: list[tuple[OrderPoints, Earned, Policy]] = field(init=False)
    rewards: list[tuple[str, holds.Hold, Held]] = field(default_factory=list)
    steps: int = 0

    def __post_init__(self) -> None:
        self.account, self.hand = Account(self.name), ByHand(self.now)
        self.orders = [self._order(f"{self.name}{number}") for number in range(3)]

    def _order(self, name: str) -> tuple[OrderPoints, Earned, Policy]:
        begins, ends = (
            self.chance.choice((None, None, day(0), day(2))),
            self.chance.choice((None, None, day(4), day(9))),
        )
        policy: Policy = self.chance.choice((*POLICIES, "clamp", "carry"))
        return OrderPoints(name, available_from=begins, expires_at=ends), Earned(name, begins, ends), policy

    def step(self) -> None:
        self.steps += 1
        what = self.chance.choice(WHAT)
        hours = self.chance.choice((1, 24, 100)) if what == "pass" else 0.1
        self.pass_to(self.now + timedelta(hours=hours))
        if what != "pass":
            getattr(self, f"_{what}")(f"{self.name}.{self.steps}")

    def pass_to(self, now: datetime) -> None:
        self.now = now
        book_due(self.account, now)
        self.hand.pass_to(now)

    def _target(self, _: str) -> None:
        points, earned, policy = self.chance.choice(self.orders)
        target = self.chance.choice(
            (0, 0, 30, self.chance.randint(0, 40), max(0, points.posted - 1), points.posted + 1)
        )
        post_difference(self.account, points, target - points.posted, posting(self.now, policy))
        self.hand.target(earned, target, policy)

    def _hold(self, name: str) -> None:
        most = holds.spendable(self.account)
        points = self.chance.choice((1, most, self.chance.randint(0, most)))
        if 0 < points <= most:
            self.rewards.append((name, holds.hold(self.account, name, points, self.now, ""), self.hand.hold(points)))

    def _adjust(self, name: str) -> None:
        points = self.chance.randint(-10, 10)
        ends = self.now + timedelta(days=3) if self.chance.random() < 0.5 else None
        if points and -points <= holds.spendable(self.account):
            holds.adjust(self.account, f"adjust:{name}", points, self.now, {}, "", ends)
            self.hand.adjust(points, f"adjust:{name}", ends)

    def _one(self, state: str) -> tuple[str, holds.Hold, Held] | None:
        found = [one for one in self.rewards if one[1].state == state]
        return self.chance.choice(found) if found else None

    def _commit(self, _: str) -> None:
        if one := self._one("held"):
            holds.commit(self.account, one[1], self.now)
            self.hand.commit(one[2])

    def _void(self, _: str) -> None:
        if one := self._one("held"):
            holds.void(self.account, one[1], self.now, self.now, posting(self.now).grace)
            self.hand.void(one[2], one[0])

    def _return(self, _: str) -> None:
        if one := self._one("committed"):
            name, made, held = one
            total = made.returned + self.chance.choice((0, 1, self.chance.randint(0, made.points), 100))
            holds.give_back(self.account, made, total, self.now, self.now, posting(self.now).grace)
            self.hand.give_back(held, total, name)

    def _again(self, _: str) -> None:
        if one := self._one("committed"):
            _, made, held = one
            total = self.chance.choice((0, max(0, made.returned - 1), self.chance.randint(0, made.points)))
            policy: Policy = self.chance.choice(POLICIES)
            holds.take_again(self.account, made, total, self.now, self.now, policy)
            self.hand.take_again(held, total, policy)

    def merge(self, other: Life) -> None:
        """Both are one from now on: this one."""
        merge(other.account, self.account, self.now)
        self.hand.join(other.hand)
        self.orders += other.orders
        self.rewards += other.rewards

    def compare(self) -> None:
        account, hand = self.account, self.hand
        assert _filled(account.sums) == _filled(hand.sums)
        assert (account.clamped, account.clamp_waiting) == (hand.clamped, hand.waiting)
        lots = {key: (lot.root, lot.opened_at, lot.expires_at) for key, lot in account.lots.items()}
        for mine, by_hand in (("remaining", "points"), ("expired", "lapsed")):
            found, expected = Counter(), Counter()
            for lot in account.lots.values():
                found[lots[lot.key]] += getattr(lot, mine)
            for place in hand.places:
                expected[place.identity] += getattr(place, by_hand)
            assert _filled(found) == _filled(expected), mine
        for points, earned, _ in self.orders:
            assert points.posted == earned.posted
            takes = [(slot, lots[lot] if lot else None) for slot, lot, count in points.takes for _ in range(count)]
            assert takes == [(slot, place and place.identity) for slot, place in earned.takes]
        for _, made, held in self.rewards:
            assert made.returned == len(held.back)
            assert all(count > 0 for _, count in made.lots)
            if made.state != "voided":
                assert [lots[lot] for lot, count in made.lots for _ in range(count)] == [p.identity for p in held.out]


def _filled(counted: Mapping[Any, int]) -> dict[Any, int]:
    return {what: points for what, points in counted.items() if points}


def the_ledger_says_what_it_did(account: Account) -> None:
    """Hold entries and allocations against the lots that they explain."""
    keys = [entry.key for entry in account.entries]
    assert len(keys) == len(set(keys))
    moved: Counter[str | None] = Counter()
    for each in account.allocations:
        assert each.points
        assert 0 < each.entry_n <= account.last_n
        moved[each.lot] += each.points
    assert _filled(moved) == _filled({lot.key: lot.remaining for lot in account.lots.values()})
    assert account.touched >= {each.lot for each in account.allocations}


@settings(max_examples=150)
@given(SEEDS)
def test_every_point_of_a_life_is_where_a_count_by_hand_finds_it(seed: int) -> None:
    ada = Life("ada", Random(seed))
    for _ in range(40):
        ada.step()
        ada.compare()
        check(ada.account, ada.now)
    the_ledger_says_what_it_did(ada.account)


@settings(max_examples=100)
@given(SEEDS)
def test_two_who_become_one_have_what_both_had(seed: int) -> None:
    ada, guest = Life("ada", Random(seed)), Life("guest", Random(seed + 1))
    for _ in range(20):
        ada.step()
        guest.step()
    for life in (ada, guest):
        life.pass_to(max(ada.now, guest.now))
    ada.merge(guest)
    for _ in range(20):
        ada.compare()
        check(ada.account, ada.now)
        ada.step()
    assert set(guest.account.sums.values()) == {0}
    assert (guest.account.clamped, guest.account.clamp_waiting, guest.account.lots) == (0, 0, {})
