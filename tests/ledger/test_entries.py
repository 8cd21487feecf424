"""Entries and allocations written out in full, as history pages and audits read them; and what happens on the dot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.errors import TooManyPoints
from app.ledger import holds
from app.ledger.account import MOST_POINTS, SOMEDAY, Account, Arrival, Lot, book_due, earliest
from app.ledger.merging import merge
from app.ledger.orders import OrderPoints, Policy, post_difference
from tests.ledger.test_account import check, day, earn, posting, spent

TICK = timedelta(microseconds=1)


def told(account: Account) -> list[tuple[str, str, float, int, dict[str, int]]]:
    """Return each entry's key, kind, day, points and changes."""
    days = [(entry.at - day(0)) / timedelta(days=1) for entry in account.entries]
    return [
        (entry.key, entry.kind, at, entry.points, entry.account_changes)
        for entry, at in zip(account.entries, days, strict=True)
    ]


def allocated(account: Account) -> list[tuple[int, str | None, str, int]]:
    return [(each.entry_n, each.lot, each.slot, each.points) for each in account.allocations]


def lot(**changes: object) -> Lot:
    given = {"key": "x", "source": ("order", "1"), "points": 100, "remaining": 100, "opened_at": day(0)}
    given |= {"available_from": day(0), "expires_at": None, "booked": True, "root": "x"}
    return Lot(**given | changes)  # type: ignore[arg-type]


def test_a_members_year_entry_by_entry() -> None:
    account, order = Account("ada"), OrderPoints("A", available_from=day(1), expires_at=day(60))
    earn(account, order, 300, day(0))
    book_due(account, day(2))
    used = spent(account, "r1", 100, day(2))
    grace = posting(day(4)).grace
    holds.give_back(account, used, 40, day(4), day(4), grace)
    holds.take_again(account, used, 10, day(5), day(5))
    unused = holds.hold(account, "r2", 50, day(6), "facts", key="given", told={"reward": "mug"})
    holds.void(account, unused, day(7), day(7), grace)
    holds.adjust(account, "adjust:k", 25, day(8), {"why": "sorry"}, "f")
    holds.adjust(account, "adjust:l", -5, day(9), {"why": "oops"}, "g")
    earn(account, order, -120, day(10))
    book_due(account, day(61))

    own = "order:A:1"
    assert told(account) == [
        (own, "earn", 0, 300, {"issued": -300, "pending": 300}),
        ("available:order:A:1", "release", 1, 0, {"pending": -300, "available": 300}),
        ("redeem:r1", "hold", 2, -100, {"available": -100, "held": 100}),
        ("commit:r1", "redemption", 2, 0, {"held": -100, "redeemed": 100}),
        ("return:r1:1", "return", 4, 40, {"redeemed": -40, "available": 40}),
        ("again:r1:2", "return", 5, -30, {"redeemed": 30, "available": -30}),
        ("given", "hold", 6, -50, {"available": -50, "held": 50}),
        ("void:r2", "void", 7, 50, {"held": -50, "available": 50}),
        ("adjust:k", "adjustment", 8, 25, {"issued": -25, "available": 25}),
        ("adjust:l", "adjustment", 9, -5, {"available": -5, "written_off": 5}),
        ("order:A:2", "reversal", 10, -120, {"available": -120, "reversed": 120}),
        ("expire:order:A:1", "expiry", 60, -85, {"available": -85, "expired": 85}),
    ]
    assert allocated(account) == [
        (1, own, "return", 300),
        (3, own, "hold", -100),
        (5, own, "return", 40),
        (6, own, "again", -30),
        (7, own, "hold", -50),
        (8, own, "return", 50),
        (9, "adjust:k", "return", 25),
        (10, own, "adjust", -5),
        (11, own, "own", -120),
        (12, own, "expire", -85),
    ]
    assert [entry.n for entry in account.entries] == list(range(1, 13))
    assert [(one.lot, one.kind, one.expires_at, one.points, one.recorded_at) for one in account.warnings] == [
        (own, "30d", day(60), 85, day(61)),
        (own, "7d", day(60), 85, day(61)),
    ]
    by_key = {entry.key: entry for entry in account.entries}
    assert by_key["given"].explanation == {"rule": "hold", "points": 50, "reward": "mug"}
    assert by_key["given"].facts == "facts"
    assert by_key["given"].source == ("redemption", "r2")
    assert by_key["commit:r1"].explanation == {"rule": "commit"}
    assert by_key["void:r2"].explanation == {"rule": "void"}
    assert by_key["return:r1:1"].explanation == {"rule": "return", "points": 40}
    assert by_key["again:r1:2"].explanation == {"rule": "again", "points": 30}
    assert (by_key["adjust:l"].explanation, by_key["adjust:l"].facts) == ({"why": "oops"}, "g")
    assert by_key["adjust:l"].source == ("adjustment", "l")
    gone = {"rule": "expiry", "lot": own, "moment": day(60).isoformat()}
    assert by_key["expire:order:A:1"].explanation == gone
    assert by_key["expire:order:A:1"].source == ("order", "A")
    check(account, day(61))


def test_a_clamp_and_its_undoing_have_entries_of_their_own() -> None:
    account, order = Account("ada"), OrderPoints("A")
    earn(account, order, 100, day(0))
    used = spent(account, "r1", 100, day(1))
    earn(account, order, -100, day(2), "clamp")
    holds.give_back(account, used, 60, day(3), day(3), posting(day(3)).grace)
    earn(account, order, 100, day(4), "clamp")

    assert told(account)[3:] == [
        ("order:A:2", "reversal", 2, -100, {"available": -100, "reversed": 100}),
        ("clamp:order:A:2", "clamp", 2, 100, {"written_off": -100, "available": 100}),
        ("return:r1:1", "return", 3, 60, {"redeemed": -60, "available": 60}),
        ("unclamp:return:r1:1", "unclamp", 3, -60, {"written_off": 60, "available": -60}),
        ("order:A:3", "earn", 4, 100, {"issued": -100, "available": 100}),
        ("unclamp:order:A:3", "unclamp", 4, -40, {"written_off": 40, "available": -40}),
    ]
    explained = {entry.key: entry.explanation for entry in account.entries}
    assert explained["clamp:order:A:2"] == {"rule": "clamp", "points": 100}
    assert explained["unclamp:order:A:3"] == {"rule": "unclamp", "points": 40}
    assert (account.clamped, account.clamp_waiting, account.sums["available"]) == (0, 0, 60)
    check(account, day(4))


def test_a_merge_tells_both_sides_and_fills_a_deficit() -> None:
    old, survivor, order, other = Account("guest"), Account("ada"), OrderPoints("1"), OrderPoints("2")
    earn(old, order, 300, day(0))
    earn(survivor, other, 100, day(0))
    spent(survivor, "r1", 100, day(1))
    earn(survivor, other, -100, day(2))
    survivor.allocations.clear()
    old.clamped, old.clamp_waiting = 7, 0

    merge(old, survivor, day(3))

    out, into = told(old)[-1], told(survivor)[-1]
    assert out == ("merge:guest:ada:out", "merge", 3, 0, {"issued": 300, "available": -300})
    assert into == ("merge:ada:guest:in", "merge", 3, 0, {"issued": -300, "available": 300})
    assert allocated(survivor) == [(survivor.last_n, "order:1:1", "fill", -100)]
    assert (survivor.lots["order:1:1"].remaining, old.lots, survivor.clamped, old.clamped) == (200, {}, 7, 0)
    assert survivor.entries[-1].explanation == {"rule": "merge", "way": "in", "member": "guest"}
    assert survivor.entries[-1].source == ("merge", "guest")


def test_a_deficit_that_waits_to_be_clamped_still_is_after_a_merge() -> None:
    old, survivor, order = Account("guest"), Account("ada"), OrderPoints("1")
    earn(old, order, 100, day(0))
    held = holds.hold(old, "r1", 60, day(1), "")
    earn(old, order, -100, day(2), "clamp")

    merge(old, survivor, day(3))
    holds.commit(survivor, held, day(4))

    assert (survivor.sums["available"], survivor.sums["written_off"], survivor.clamped) == (0, -60, 60)
    assert (old.clamp_waiting, survivor.clamp_waiting) == (0, 0)


def test_a_deficit_that_comes_with_a_merge_is_filled_by_the_survivor() -> None:
    old, survivor, order = Account("guest"), Account("ada"), OrderPoints("1")
    earn(old, order, 100, day(0))
    spent(old, "r1", 100, day(1))
    earn(old, order, -100, day(2))
    earn(survivor, OrderPoints("2"), 250, day(0))

    merge(old, survivor, day(3))

    assert (survivor.sums["available"], survivor.lots["order:2:1"].remaining) == (150, 150)
    check(survivor, day(3))


def test_a_lot_cannot_be_spent_from_the_moment_it_lapses() -> None:
    expiring = lot(expires_at=day(10))
    assert (expiring.spendable(day(10) - TICK), expiring.spendable(day(10))) == (100, 0)
    assert (expiring.lapsed(day(10) - TICK), expiring.lapsed(day(10))) == (False, True)
    assert lot(booked=False).spendable(day(1)) == 0


@pytest.mark.parametrize(
    ("one", "moment"),
    [
        (lot(), None),
        (lot(remaining=0, expires_at=day(90)), None),
        (lot(booked=False, available_from=day(5)), day(5)),
        (lot(booked=False, available_from=SOMEDAY), None),
        (lot(expires_at=day(90)), day(60)),
        (lot(expires_at=day(90), warned=1), day(83)),
        (lot(expires_at=day(90), warned=2), day(90)),
        (lot(booked=False, available_from=day(5), expires_at=day(90)), day(5)),
        (lot(booked=False, available_from=day(90), expires_at=day(90), warned=2), day(90)),
        (lot(booked=False, available_from=SOMEDAY, expires_at=day(90)), day(60)),
    ],
)
def test_the_next_moment_of_a_lot(one: Lot, moment: datetime | None) -> None:
    assert one.next_moment() == moment


def test_points_that_would_lapse_on_the_moment_they_are_released_lapse() -> None:
    together = lot(booked=False, available_from=day(90), expires_at=day(90))
    assert together.lapses_next
    assert not lot(booked=False, available_from=day(90), expires_at=day(90) + TICK).lapses_next


def test_points_are_released_on_the_moment_and_never_before() -> None:
    account, order = Account("ada"), OrderPoints("A", available_from=day(5))
    earn(account, order, 100, day(0))
    assert (book_due(account, day(5) - TICK), account.sums["pending"]) == (0, 100)
    assert (book_due(account, day(5)), account.sums["available"]) == (1, 100)


def test_points_that_lapse_while_pending_never_become_available() -> None:
    account, order = Account("ada"), OrderPoints("A", available_from=day(50), expires_at=day(40))
    earn(account, order, 100, day(0))
    assert book_due(account, day(60)) == 1
    assert told(account)[-1] == ("expire:order:A:1", "expiry", 40, -100, {"pending": -100, "expired": 100})


def test_points_come_back_to_a_pending_lot_as_pending_until_its_moment() -> None:
    for now, account_name in ((day(5) - TICK, "pending"), (day(5), "available")):
        account = Account("ada")
        waiting = account.open_lot(lot(booked=False, available_from=day(5), remaining=0, root=""))
        changes: dict[str, int] = {}
        assert account.arrive(Arrival(waiting, "k", now, lambda moment: moment), 30, changes) is waiting
        assert (changes, waiting.remaining, waiting.root) == ({account_name: 30}, 30, "x")
        assert waiting.booked is (account_name == "available")
        assert account.touched == {"x"}


def test_each_restored_lot_of_one_entry_has_a_name_of_its_own() -> None:
    account = Account("ada")
    lapsed = account.open_lot(lot(expires_at=day(1), remaining=0, version=3))
    arrival = Arrival(lapsed, "void:r", day(2), lambda moment: moment + timedelta(days=30))
    first = account.arrive(arrival, 10, {})
    second = account.arrive(arrival, 20, {})
    assert [first.key, second.key] == ["void:r/1", "void:r/2"]
    assert (first.remaining, first.expires_at, first.opened_at, first.root, first.version) == (
        10,
        day(32),
        day(2),
        "x",
        3,
    )
    assert (second.points, second.available_from, second.booked, second.expired) == (0, day(2), True, 0)


def test_what_fills_a_deficit_opens_no_lot_of_grace() -> None:
    account = Account("ada")
    account.sums["available"] = -10
    lapsed = account.open_lot(lot(expires_at=day(1), remaining=0))
    changes: dict[str, int] = {}
    assert account.arrive(Arrival(lapsed, "k", day(2), lambda moment: moment), 10, changes) is lapsed
    assert (changes, list(account.lots), lapsed.remaining) == ({"available": 10}, ["x"], 0)


def test_a_lot_that_gets_another_date_is_warned_of_anew() -> None:
    account, kept = Account("ada"), lot(expires_at=day(40), warned=2)
    account.redate(kept, day(40))
    assert (kept.warned, account.touched) == (2, set())
    account.redate(kept, day(50))
    assert (kept.expires_at, kept.warned, account.touched) == (day(50), 0, {"x"})


def test_a_lot_that_waited_for_an_event_never_lapses_later_than_it_would_have() -> None:
    account = Account("ada")
    dates = ((None, None, None), (None, day(40), day(40)), (day(30), day(40), day(30)), (day(50), None, day(50)))
    for known, new, expected in dates:
        waiting = lot(booked=False, available_from=SOMEDAY, expires_at=known)
        account.release(waiting, day(3), new)
        assert (waiting.available_from, waiting.expires_at) == (day(3), expected)
        assert "x" in account.touched
    assert earliest(None, None) is None


def test_no_account_holds_more_than_can_be_counted() -> None:
    assert MOST_POINTS == 10**17
    account = Account("ada")
    earn(account, OrderPoints("A"), MOST_POINTS, day(0))
    with pytest.raises(TooManyPoints):
        earn(account, OrderPoints("B"), 1, day(0))


def test_changes_must_sum_to_zero_and_say_nothing_of_what_stays() -> None:
    account = Account("ada")
    entry = account.append("k", "x", day(0), 1, {"issued": -1, "available": 1, "held": 0}, ("a", "b"), {})
    assert entry.account_changes == {"issued": -1, "available": 1}
    with pytest.raises(AssertionError):
        account.append("k", "x", day(0), 1, {"issued": -1}, ("a", "b"), {})


def test_of_equal_dates_the_lot_opened_first_is_spent_first_then_by_name() -> None:
    account = Account("ada")
    for key, opened in (("c", day(1)), ("b", day(0)), ("a", day(1))):
        account.open_lot(lot(key=key, opened_at=opened, remaining=10))
    assert [one.key for one in account.spend_order(day(2))] == ["b", "a", "c"]
    assert [one.key for one in account.spend_order(day(2), but=["b"])] == ["a", "c"]
    assert account.touched == {"a", "b", "c"}
    account.touched.clear()
    taken = account.spend(25, day(2), "hold")
    assert account.touched == {"a", "b", "c"}
    assert [(one.key, points) for one, points in taken] == [("b", 10), ("a", 10), ("c", 5)]
    assert account.spend(0, day(2), "hold") == []


def test_an_activitys_first_posting_is_named_by_its_fact_alone() -> None:
    account, activity = Account("ada"), OrderPoints("birthday:ada:2026", kind="activity")
    for target in (100, 60, 80):
        post_difference(account, activity, target - activity.posted, posting(day(0)))
    assert [(key, kind) for key, kind, *_ in told(account)] == [
        ("birthday:ada:2026", "activity"),
        ("birthday:ada:2026:2", "reversal"),
        ("birthday:ada:2026:3", "activity"),
    ]
    assert account.entries[0].source == ("activity", "birthday:ada:2026")
    assert post_difference(account, activity, 0, posting(day(0))) is None


def test_a_claw_back_takes_its_own_then_what_expired_then_others_then_a_deficit() -> None:
    account = Account("ada")
    order = OrderPoints("A", available_from=day(0), expires_at=day(10))
    earn(account, order, 100, day(0))
    spent(account, "r1", 30, day(1))
    earn(account, OrderPoints("B"), 20, day(11))
    account.allocations.clear()
    earn(account, order, -100, day(12))
    assert order.takes == [
        ("expired", "order:A:1", 70),
        ("other", "order:B:1", 20),
        ("deficit", None, 10),
    ]
    assert told(account)[-1][4] == {"expired": -70, "available": -30, "reversed": 100}
    assert allocated(account) == [(account.last_n, "order:B:1", "other", -20)]
    earn(account, order, 25, day(13))
    assert order.takes == [("expired", "order:A:1", 70), ("other", "order:B:1", 5)]
    assert (account.sums["available"], account.lots["order:B:1"].remaining) == (15, 15)
    check(account, day(13))


@pytest.mark.parametrize(("policy", "clamped"), [("carry", 0), ("clamp", 30)])
def test_what_had_come_back_and_is_taken_again_leaves_the_same_deficit(policy: Policy, clamped: int) -> None:
    account = Account("ada")
    earn(account, OrderPoints("A"), 30, day(0))
    used = spent(account, "r1", 30, day(1))
    holds.give_back(account, used, 30, day(2), day(2), posting(day(2)).grace)
    spent(account, "r2", 30, day(3))
    holds.take_again(account, used, 0, day(4), day(4), policy)
    assert (account.sums["available"], account.clamped) == (clamped - 30, clamped)
    assert holds.take_again(account, used, 0, day(5), day(5), policy) is None
    check(account, day(5))


def test_a_hold_that_is_not_committed_gives_nothing_back() -> None:
    account = Account("ada")
    earn(account, OrderPoints("A"), 30, day(0))
    held = holds.hold(account, "r1", 30, day(1), "")
    grace = posting(day(2)).grace
    assert holds.give_back(account, held, 10, day(2), day(2), grace) is None
    assert holds.take_again(account, replace(held), 0, day(2), day(2)) is None
    assert holds.give_back(account, held, 0, day(2), day(2), grace) is None
