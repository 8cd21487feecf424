"""Holds that end, come back and go again, single steps in full: each entry, and which points of which lots it moved."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.errors import InsufficientPoints
from app.ledger import holds
from app.ledger.account import Account, book_due
from app.ledger.orders import OrderPoints, Policy
from tests.ledger.test_account import check, day, earn, posting, spent


def owe(account: Account, name: str, points: int, now: datetime, policy: Policy) -> None:
    """Let an order's points be spent, and taken back from nowhere."""
    order = OrderPoints(name)
    earn(account, order, points, now)
    spent(account, f"r{name}", points, now)
    earn(account, order, -points, now, policy)


def test_what_ends_or_moves_a_hold_returns_its_entry_though_another_may_follow() -> None:
    account = Account("ada")
    earn(account, OrderPoints("1"), 100, day(0))
    grace = posting(day(2)).grace
    used, unused = (holds.hold(account, name, 10, day(1), "") for name in ("r1", "r2"))
    assert holds.commit(account, used, day(2)) is account.entries[-1]
    assert holds.void(account, unused, day(2), day(2), grace) is account.entries[-1]
    assert holds.give_back(account, used, 10, day(2), day(2), grace) is account.entries[-1]
    assert holds.take_again(account, used, 0, day(2), day(2)) is account.entries[-1]


def test_a_single_point_comes_back_and_goes_again() -> None:
    account = Account("ada")
    earn(account, OrderPoints("1"), 5, day(0))
    used = spent(account, "r", 1, day(1))
    assert (used.lots, account.sums["available"]) == ([("order:1:1", 1)], 4)
    holds.give_back(account, used, 1, day(2), day(2), posting(day(2)).grace)
    assert (used.lots, used.back, account.sums["available"]) == ([], [("order:1:1", "order:1:1", 1)], 5)
    entry = holds.take_again(account, used, -1, day(3), day(3))  # no less than nothing stays returned
    assert entry is not None
    assert (entry.points, entry.account_changes) == (-1, {"redeemed": 1, "available": -1})
    assert (used.lots, used.back, account.sums["available"]) == ([("order:1:1", 1)], [], 4)


def test_a_hold_names_every_lot_its_points_are_of_or_in() -> None:
    assert holds.Hold("r", 10).lot_keys == set()
    made = holds.Hold("r", 10, lots=[("a", 1), ("b", 2)], back=[("c", "b", 3), (None, "d", 4)])
    assert made.lot_keys == {"a", "b", "c", "d"}
    assert made.returned == 7


def test_who_owes_has_nothing_to_spend() -> None:
    account = Account("ada")
    account.sums["available"] = -5
    assert holds.spendable(account) == 0
    with pytest.raises(InsufficientPoints, match=r"^3 points are wanted, 0 are available$"):
        holds.hold(account, "r", 3, day(0), "")
    with pytest.raises(InsufficientPoints, match=r"^4 points are wanted, 0 are available$"):
        holds.adjust(account, "adjust:a", -4, day(0), {}, "")
    account.sums["available"] = 5
    with pytest.raises(InsufficientPoints, match=r"^6 points are wanted, 5 are available$"):
        holds.adjust(account, "adjust:a", -6, day(0), {}, "")
    assert account.entries == []


def test_a_single_point_is_given_and_taken_by_hand() -> None:
    account = Account("ada")
    given = holds.adjust(account, "adjust:a", 1, day(0), {}, "")
    taken = holds.adjust(account, "adjust:b", -1, day(1), {}, "")
    assert (given.account_changes, taken.account_changes) == (
        {"issued": -1, "available": 1},
        {"available": -1, "written_off": 1},
    )


def test_what_comes_back_fills_a_deficit_undoes_what_was_waived_and_only_then_is_there() -> None:
    account = Account("ada")
    earn(account, OrderPoints("1"), 50, day(0))
    earn(account, OrderPoints("2"), 50, day(0))
    used = spent(account, "r", 100, day(1))
    owe(account, "3", 20, day(1), "clamp")
    owe(account, "4", 10, day(1), "carry")
    assert (account.sums["available"], account.clamped) == (-10, 20)
    entry = holds.give_back(account, used, 100, day(2), day(2), posting(day(2)).grace)
    assert entry is account.entries[-2]
    assert entry.account_changes == {"redeemed": -100, "available": 100}
    assert account.entries[-1].account_changes == {"written_off": 20, "available": -20}
    first, second = "order:1:1", "order:2:1"
    assert used.back == [(None, first, 30), (first, first, 20), (second, second, 50)]
    assert (account.clamped, account.sums["available"], account.sums["written_off"]) == (0, 70, 0)
    check(account, day(2))

    earn(account, OrderPoints("5"), 25, day(3))
    again = holds.take_again(account, used, 5, day(4), day(4))
    assert again is not None
    assert again.account_changes == {"redeemed": 95, "available": -95}
    assert (used.back, account.sums["available"]) == ([(None, first, 5)], 0)
    assert used.lots == [(first, 20), (second, 50), ("order:5:1", 25)]
    check(account, day(4))


def test_what_filled_a_deficit_is_owed_again_for_the_lots_it_was_of() -> None:
    account = Account("ada")
    for name in "123":
        earn(account, OrderPoints(name), 10, day(0))
    used = spent(account, "r", 30, day(1))
    owe(account, "4", 25, day(1), "carry")
    holds.give_back(account, used, 30, day(2), day(2), posting(day(2)).grace)
    first, second, third = "order:1:1", "order:2:1", "order:3:1"
    assert used.back == [(None, first, 10), (None, second, 10), (None, third, 5), (third, third, 5)]
    holds.take_again(account, used, 0, day(3), day(3))
    assert used.lots == [(third, 5), (first, 10), (second, 10), (third, 5)]
    assert (account.deficit, used.back) == (25, [])
    check(account, day(3))


def test_points_back_in_several_lots_are_taken_again_in_the_order_they_were_spent() -> None:
    account = Account("ada")
    for name in "123":
        earn(account, OrderPoints(name), 10, day(0))
    used = spent(account, "r", 30, day(1))
    holds.give_back(account, used, 30, day(2), day(2), posting(day(2)).grace)
    spent(account, "other", 5, day(3))
    holds.take_again(account, used, 0, day(4), day(4), "clamp")
    assert used.lots == [("order:1:1", 5), ("order:2:1", 10), ("order:3:1", 10), ("order:1:1", 5)]
    assert (account.sums["available"], account.clamped) == (0, 5)
    check(account, day(4))


def test_a_clock_that_was_set_back_lets_a_lot_have_points_and_expired_ones_at_once() -> None:
    account = Account("ada")
    earn(account, OrderPoints("1", available_from=day(0), expires_at=day(10)), 30, day(0))
    used = spent(account, "r", 20, day(1))
    book_due(account, day(10))
    holds.give_back(account, used, 20, day(5), day(5), posting(day(5)).grace)
    holds.adjust(account, "adjust:a", -15, day(5), {}, "")
    entry = holds.take_again(account, used, 12, day(6), day(6))
    assert entry is not None
    assert entry.account_changes == {"redeemed": 8, "available": -5, "expired": -3}
    assert (account.lots["order:1:1"].remaining, account.lots["order:1:1"].expired) == (0, 7)


def test_a_reward_given_up_makes_up_for_what_was_waived() -> None:
    account, order = Account("ada"), OrderPoints("1")
    earn(account, order, 100, day(0))
    spent(account, "r1", 100, day(1))
    earn(account, order, -100, day(2), "clamp")
    earn(account, OrderPoints("2"), 70, day(3))
    held = holds.hold(account, "r2", 60, day(4), "")
    entry = holds.void(account, held, day(5), day(5), posting(day(5)).grace)
    assert entry is account.entries[-2]
    assert account.entries[-1].key == "unclamp:void:r2"
    assert (account.sums["available"], account.sums["written_off"], account.clamped) == (10, -40, 40)
    check(account, day(5))


def test_what_is_left_to_waive_when_a_hold_is_given_up_is_waived() -> None:
    account, waived, owed = Account("ada"), OrderPoints("1"), OrderPoints("2")
    earn(account, waived, 60, day(0))
    earn(account, owed, 40, day(0))
    spent(account, "r1", 40, day(1))
    held = holds.hold(account, "r2", 60, day(1), "")
    earn(account, waived, -60, day(2), "clamp")
    earn(account, owed, -40, day(2), "carry")
    assert (account.deficit, account.clamp_waiting, account.clamped) == (100, 60, 0)
    entry = holds.void(account, held, day(3), day(3), posting(day(3)).grace)
    assert entry is account.entries[-2]
    assert account.entries[-1].key == "clamp:void:r2"
    assert (account.deficit, account.clamp_waiting, account.clamped) == (0, 0, 40)
    check(account, day(3))


def test_what_is_taken_again_waives_its_own_deficit_and_no_other() -> None:
    account, order = Account("ada"), OrderPoints("1")
    earn(account, order, 100, day(0))
    used = spent(account, "r1", 60, day(1))
    holds.give_back(account, used, 60, day(2), day(2), posting(day(2)).grace)
    spent(account, "r2", 100, day(3))
    earn(account, order, -30, day(4), "carry")
    entry = holds.take_again(account, used, 0, day(5), day(5), "clamp")
    assert entry is account.entries[-2]
    assert (account.deficit, account.clamped, account.clamp_waiting) == (30, 60, 0)
    check(account, day(5))
