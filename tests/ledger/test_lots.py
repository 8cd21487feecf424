"""Lots and accounts as they begin, and the smallest steps they take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.ledger.account import SOMEDAY, Account, Arrival, Lot, book_due
from tests.ledger.test_account import day
from tests.ledger.test_entries import lot


def lots(*made: Lot) -> Account:
    account = Account("ada")
    for one in made:
        one.root = ""
        account.open_lot(one)
    return account


def test_the_mark_of_an_awaited_event_stands_in_the_database_and_never_moves() -> None:
    stored = datetime(9999, 1, 1, tzinfo=UTC)
    assert stored == SOMEDAY
    assert lot(booked=False, available_from=stored).next_moment() is None


def test_a_new_account_is_empty() -> None:
    account = Account("ada")
    assert (set(account.sums.values()), account.clamped, account.clamp_waiting, account.last_n) == ({0}, 0, 0, 0)
    assert (account.deficit, account.uncovered({}), account.next_moment()) == (0, 0, None)


def test_points_that_live_on_leave_the_lapsed_lot_marked_as_changed() -> None:
    account = lots(lot(booked=False, available_from=day(5), expires_at=day(3), remaining=0))
    account.touched.clear()
    lapsed = account.lots["x"]
    account.arrive(Arrival(lapsed, "void:r", day(4), lambda moment: moment + timedelta(days=30)), 10, {})
    assert (lapsed.booked, account.touched) == (True, {"x", "void:r/1"})


def test_a_single_point_is_spent_like_any_other() -> None:
    account = lots(lot(key="a", remaining=1), lot(key="b", remaining=2))
    assert [(one.key, part) for one, part in account.spend(1, day(1), "hold")] == [("a", 1)]
    assert [(one.key, part) for one, part in account.spend(3, day(1), "hold")] == [("b", 2)]
    assert account.spend(-1, day(1), "hold") == []


def test_the_next_moment_is_the_first_of_all_lots_and_they_pass_in_turn() -> None:
    account = lots(
        lot(key="a", booked=False, available_from=day(9)),
        lot(key="b", booked=False, available_from=day(5)),
        lot(key="c", booked=False, available_from=day(7)),
    )
    account.sums["pending"] = 300
    assert account.next_moment() == day(5)
    assert book_due(account, day(8)) == 2
    assert [(entry.key, entry.at) for entry in account.entries] == [("available:b", day(5)), ("available:c", day(7))]
    assert account.next_moment() == day(9)
