"""What an order gives and takes, entry by entry: the last point, the way back, and deficits of which part is waived."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.ledger import holds
from app.ledger.account import Account, Entry, book_due
from app.ledger.merging import merge
from app.ledger.orders import OrderPoints, Policy, clamp_deficit, family, post_difference
from tests.ledger.test_account import check, day, earn, posting, spent


def changed(account: Account, order: OrderPoints, difference: int, now: datetime, policy: Policy = "carry") -> Entry:
    """Post a difference and return its entry, which a clamp or its undoing may follow."""
    entry = post_difference(account, order, difference, posting(now, policy))
    assert entry is not None
    assert entry in account.entries[-2:]
    return entry


def moved(account: Account) -> list[tuple[str, dict[str, int]]]:
    return [(entry.key, entry.account_changes) for entry in account.entries]


def test_a_single_point_comes_and_goes() -> None:
    account, order = Account("ada"), OrderPoints("1")
    came = changed(account, order, 1, day(0))
    assert (came.key, came.kind, came.points, came.account_changes) == (
        "order:1:1",
        "earn",
        1,
        {"issued": -1, "available": 1},
    )
    went = changed(account, order, -1, day(1))
    assert (went.key, went.kind, went.points, went.account_changes) == (
        "order:1:2",
        "reversal",
        -1,
        {"available": -1, "reversed": 1},
    )
    assert (order.posted, order.postings, order.takes) == (0, 2, [("own", "order:1:1", 1)])


def test_a_difference_of_nothing_posts_nothing_whatever_there_is() -> None:
    account, order = Account("ada"), OrderPoints("1")
    earn(account, order, 10, day(0))
    for policy in ("carry", "clamp", "pending_only"):
        assert post_difference(account, order, 0, posting(day(1), policy)) is None
    assert (len(account.entries), order.postings, order.takes) == (1, 1, [])


def test_without_a_pending_period_points_are_available_whatever_the_clocks_say() -> None:
    account, order = Account("ada"), OrderPoints("1")
    early = posting(day(1))
    early.at = day(3)  # the platform's clock is two days ahead of ours
    post_difference(account, order, 10, early)
    assert account.entries[0].account_changes == {"issued": -10, "available": 10}
    (lot,) = account.lots.values()
    assert (lot.available_from, lot.opened_at, lot.booked) == (day(3), day(3), True)


@pytest.mark.parametrize(("begins", "name"), [(0, "available"), (1, "available"), (2, "pending")])
def test_points_of_an_order_are_pending_until_their_moment(begins: int, name: str) -> None:
    account, order = Account("ada"), OrderPoints("1", available_from=day(begins))
    assert changed(account, order, 10, day(1)).account_changes == {"issued": -10, name: 10}


def test_what_was_taken_from_what_had_expired_stays_expired_when_it_comes_back() -> None:
    account, order = Account("ada"), OrderPoints("1", available_from=day(0), expires_at=day(10))
    earn(account, order, 100, day(0))
    book_due(account, day(11))
    account.touched.clear()
    assert changed(account, order, -60, day(12)).account_changes == {"expired": -60, "reversed": 60}
    assert (account.lots["order:1:1"].expired, account.touched) == (40, {"order:1:1"})
    account.touched.clear()
    assert changed(account, order, 25, day(13)).account_changes == {"issued": -25, "expired": 25}
    assert (account.lots["order:1:1"].expired, account.touched) == (65, {"order:1:1"})
    assert order.takes == [("expired", "order:1:1", 35)]
    check(account, day(13))


def test_what_lived_on_from_an_orders_lot_is_its_own_and_comes_back_by_the_grace_of_that_day() -> None:
    account, order = Account("ada"), OrderPoints("1", available_from=day(0), expires_at=day(10))
    earn(account, order, 100, day(0))
    held = holds.hold(account, "r", 60, day(1), "")
    book_due(account, day(11))
    holds.void(account, held, day(12), day(12), posting(day(12)).grace)
    assert [lot.key for lot in family(account, order)] == ["order:1:1", "void:r/1"]
    changed(account, order, -60, day(13))
    assert order.takes == [("own", "void:r/1", 60)]
    changed(account, order, 60, day(20))
    left = {lot.key: (lot.remaining, lot.expires_at) for lot in account.lots.values() if lot.remaining}
    assert left == {"order:1:3/1": (60, day(50))}
    check(account, day(20))


def test_the_lots_of_an_order_are_its_own_and_no_others() -> None:
    account, order, other = Account("ada"), OrderPoints("1"), OrderPoints("2")
    assert family(account, order) == []
    earn(account, other, 10, day(0))
    assert family(account, order) == []
    earn(account, order, 10, day(0))
    assert [lot.key for lot in family(account, order)] == ["order:1:1"]
    order.lot = "somewhere else"
    assert family(account, order) == []


def owing(policy: Policy, others: Policy | None = None) -> tuple[Account, OrderPoints, holds.Hold]:
    """Return a member whose order of 100 was spent and taken back; before it another, of 40, by another policy."""
    account, order, other = Account("ada"), OrderPoints("1"), OrderPoints("2")
    earn(account, order, 100, day(0))
    used = spent(account, "r1", 100, day(1))
    if others is not None:
        earn(account, other, 40, day(2))
        spent(account, "r2", 40, day(2))
        earn(account, other, -40, day(2), others)
    earn(account, order, -100, day(3), policy)
    return account, order, used


def test_of_two_deficits_the_one_is_waived_that_its_own_policy_waives() -> None:
    account, order, _ = owing("clamp", "carry")
    assert (account.sums["available"], account.clamped, account.clamp_waiting) == (-40, 100, 0)
    assert order.takes == [("deficit", None, 100)]
    check(account, day(3))
    holds.adjust(account, "adjust:a", 50, day(4), {}, "")
    holds.commit(account, holds.hold(account, "r3", 10, day(5), ""), day(5))
    assert (account.sums["available"], account.clamped) == (0, 100)


def test_an_increase_fills_the_deficit_then_undoes_what_was_waived_then_refills_its_lot() -> None:
    account, order, used = owing("clamp")
    holds.give_back(account, used, 30, day(4), day(4), posting(day(4)).grace)
    earn(account, OrderPoints("2"), 20, day(4))
    spent(account, "r2", 20, day(4))
    second = OrderPoints("3")
    earn(account, second, 20, day(4))
    spent(account, "r3", 20, day(4))
    earn(account, second, -20, day(5))
    assert (account.sums["available"], account.clamped) == (-20, 70)
    account.touched.clear()

    assert changed(account, order, 50, day(6)).account_changes == {"issued": -50, "available": 50}
    assert moved(account)[-1] == ("unclamp:order:1:3", {"written_off": 30, "available": -30})
    assert (account.sums["available"], account.clamped, account.touched) == (0, 40, set())
    check(account, day(6))
    assert changed(account, order, 50, day(7)).account_changes == {"issued": -50, "available": 50}
    assert moved(account)[-1] == ("unclamp:order:1:4", {"written_off": 40, "available": -40})
    assert (account.sums["available"], account.clamped, account.lots["order:1:1"].remaining) == (10, 0, 10)
    check(account, day(7))


def test_a_waived_deficit_waits_for_points_on_hold_and_no_longer() -> None:
    account, order = Account("ada"), OrderPoints("1")
    earn(account, order, 100, day(0))
    one, two = (holds.hold(account, name, points, day(1), "") for name, points in (("r1", 60), ("r2", 39)))
    assert changed(account, order, -100, day(2), "clamp").key == "order:1:2"
    assert (account.deficit, account.clamped, account.clamp_waiting) == (99, 0, 99)
    holds.commit(account, two, day(3))
    assert (account.deficit, account.clamped, account.clamp_waiting) == (60, 39, 60)
    holds.commit(account, one, day(4))
    assert (account.deficit, account.clamped, account.clamp_waiting) == (0, 99, 0)
    check(account, day(4))


def test_a_deficit_of_one_point_is_waived_too_and_once() -> None:
    account = Account("ada")
    account.sums |= {"available": -5, "redeemed": 5}
    account.clamp_waiting = 1
    entry = clamp_deficit(account, "k", day(1), ("order", "1"))
    assert entry is not None
    assert (entry.key, entry.account_changes) == ("clamp:k", {"written_off": -1, "available": 1})
    assert (account.clamp_waiting, account.clamped, account.deficit) == (0, 1, 4)
    assert clamp_deficit(account, "l", day(2), ("order", "1")) is None


def test_what_waits_to_be_waived_waits_on_in_who_a_member_has_become() -> None:
    guest, ada, order = Account("guest"), Account("ada"), OrderPoints("1")
    earn(guest, order, 100, day(0))
    held = holds.hold(guest, "r", 60, day(1), "")
    earn(guest, order, -100, day(2), "clamp")
    earn(ada, OrderPoints("2"), 20, day(2))
    ada.touched.clear()

    merge(guest, ada, day(3))

    assert (guest.clamp_waiting, ada.clamp_waiting, ada.deficit) == (0, 40, 40)
    assert (guest.touched, ada.touched) == (set(), {"order:1:1", "order:2:1"})
    holds.commit(ada, held, day(4))
    assert (ada.deficit, ada.clamp_waiting, ada.sums["written_off"]) == (0, 0, -40)
