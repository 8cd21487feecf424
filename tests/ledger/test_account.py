"""A member's points as arithmetic: lots, holds, claw-backs, and what must hold after each step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import HoldEnded, InsufficientPoints
from app.ledger import holds
from app.ledger.account import Account, book_due
from app.ledger.merging import merge
from app.ledger.orders import OrderPoints, Policy, Posting, post_difference

T0 = datetime(2026, 1, 1, tzinfo=UTC)
POLICIES: tuple[Policy, ...] = ("carry", "clamp", "pending_only")


def day(n: float) -> datetime:
    return T0 + timedelta(days=n)


def posting(now: datetime, policy: Policy = "carry") -> Posting:
    return Posting(
        at=now,
        now=now,
        explanation={},
        facts="",
        version=1,
        policy=policy,
        grace=lambda moment: moment + timedelta(days=30),
    )


def earn(account: Account, order: OrderPoints, points: int, now: datetime, policy: Policy = "carry") -> None:
    book_due(account, now)
    post_difference(account, order, points, posting(now, policy))


def spent(account: Account, hold_id: str, points: int, now: datetime) -> holds.Hold:
    book_due(account, now)
    made = holds.hold(account, hold_id, points, now, "")
    holds.commit(account, made, now)
    return made


def check(account: Account, now: datetime) -> None:
    """Hold an account against everything that must be true of it at any moment."""
    sums = account.sums
    others = ("pending", "available", "held", "redeemed", "expired", "reversed", "written_off", "transferred")
    assert sums["issued"] == sum(sums[name] for name in others)
    assert all(sums[name] >= 0 for name in ("pending", "held", "redeemed", "expired", "reversed"))
    assert all(lot.remaining >= 0 and lot.expired >= 0 for lot in account.lots.values())
    pending = sum(lot.remaining for lot in account.lots.values() if not lot.booked)
    available = sum(lot.spendable(now) for lot in account.lots.values())
    assert sums["pending"] == pending
    assert max(0, sums["available"]) == available
    assert sums["expired"] == sum(lot.expired for lot in account.lots.values())
    assert 0 <= account.clamp_waiting <= account.deficit
    counted = dict.fromkeys(sums, 0)
    for entry in account.entries:
        assert sum(entry.account_changes.values()) == 0
        for name, change in entry.account_changes.items():
            counted[name] += -change if name == "issued" else change
    assert counted == sums


def test_an_order_earns_and_a_refund_takes_back_from_its_own_lot() -> None:
    account, order = Account("ada"), OrderPoints("1")
    earn(account, order, 399, day(1))
    earn(account, order, -200, day(2))

    assert account.sums["available"] == 199
    assert [entry.account_changes for entry in account.entries] == [
        {"issued": -399, "available": 399},
        {"available": -200, "reversed": 200},
    ]
    check(account, day(2))


@pytest.mark.parametrize(
    ("policy", "net", "written_off"),
    [("carry", [-150, -100, 100], [0, 0, 0]), ("clamp", [-50, 0, 100], [-100, -100, 0])],
)
def test_the_worked_claw_back_of_the_specification(policy: Policy, net: list[int], written_off: list[int]) -> None:
    account, a, b = Account("ada"), OrderPoints("A"), OrderPoints("B")
    a.available_from, a.expires_at = day(0), day(10)
    earn(account, a, 350, day(0))
    redeemed = spent(account, "r1", 200, day(1))
    held = holds.hold(account, "r2", 50, day(2), "")
    earn(account, b, 100, day(11))
    assert account.sums["expired"] == 100
    grace = posting(day(12)).grace
    seen = []

    earn(account, a, -350, day(12), policy)
    seen.append((account.sums["available"], account.sums["written_off"]))
    holds.void(account, held, day(13), day(13), grace)
    seen.append((account.sums["available"], account.sums["written_off"]))
    holds.give_back(account, redeemed, 200, day(14), day(14), grace)
    seen.append((account.sums["available"], account.sums["written_off"]))

    assert seen == list(zip(net, written_off, strict=True))
    check(account, day(14))


def test_a_committed_hold_lets_the_rest_of_the_deficit_be_clamped() -> None:
    account, order = Account("ada"), OrderPoints("1")
    earn(account, order, 100, day(0))
    held = holds.hold(account, "r1", 60, day(1), "")
    earn(account, order, -100, day(2), "clamp")
    assert (account.sums["available"], account.sums["written_off"]) == (-60, 0)

    holds.commit(account, held, day(3))

    assert (account.sums["available"], account.sums["written_off"]) == (0, -60)
    check(account, day(3))


def test_pending_only_takes_nothing_that_is_available() -> None:
    account, order = Account("ada"), OrderPoints("1", available_from=day(14))
    earn(account, order, 300, day(0))
    earn(account, order, -100, day(1), "pending_only")
    assert account.sums["pending"] == 200

    earn(account, order, -200, day(15), "pending_only")

    assert (account.sums["available"], order.posted) == (200, 200)
    check(account, day(15))


def test_points_of_one_order_keep_their_dates_whatever_is_posted_later() -> None:
    account, order = Account("ada"), OrderPoints("1", available_from=day(14))
    earn(account, order, 100, day(0))
    earn(account, order, -100, day(1))
    earn(account, order, 150, day(2))
    assert account.sums["pending"] == 150

    earn(account, order, 50, day(20))

    assert [lot.key for lot in account.lots.values()] == ["order:1:1"]
    assert account.sums["available"] == 200
    check(account, day(20))


def test_a_deficit_is_filled_at_the_moment_a_lot_becomes_available() -> None:
    account, first, second = Account("ada"), OrderPoints("1"), OrderPoints("2", available_from=day(14))
    earn(account, first, 100, day(0))
    spent(account, "r1", 100, day(1))
    earn(account, first, -100, day(2))
    earn(account, second, 250, day(3))
    assert (account.sums["available"], account.sums["pending"]) == (-100, 250)

    book_due(account, day(30))

    assert account.sums["available"] == 150
    assert account.entries[-1].at == day(14)
    check(account, day(30))


def test_an_increase_undoes_a_claw_back_backwards() -> None:
    account, a, b = Account("ada"), OrderPoints("A"), OrderPoints("B")
    earn(account, a, 100, day(0))
    earn(account, b, 80, day(1))
    spent(account, "r1", 100, day(2))  # takes A's lot, the older one
    earn(account, a, -100, day(3))
    assert account.sums["available"] == -20
    assert account.lots["order:B:1"].remaining == 0

    earn(account, a, 100, day(4))

    assert account.lots["order:B:1"].remaining == 80
    assert account.sums["available"] == 80
    check(account, day(4))


def test_points_are_spent_by_expiry_then_age_and_never_expiring_last() -> None:
    account = Account("ada")
    for name, expires, opened in (("never", None, 0), ("late", 50, 1), ("soon", 20, 2), ("soon-older", 20, 1)):
        order = OrderPoints(name, available_from=day(opened), expires_at=day(expires) if expires else None)
        earn(account, order, 10, day(opened))

    made = holds.hold(account, "r1", 35, day(3), "")

    names = [lot.split(":")[1] for lot, _ in made.lots]
    assert names == ["soon-older", "soon", "late", "never"]
    assert made.lots[-1] == ("order:never:1", 5)


def test_a_hold_takes_no_more_than_is_available_and_ends_once() -> None:
    account, order = Account("ada"), OrderPoints("1", available_from=day(14))
    earn(account, order, 100, day(0))
    with pytest.raises(InsufficientPoints):
        holds.hold(account, "r1", 1, day(1), "")
    book_due(account, day(15))
    made = holds.hold(account, "r1", 100, day(15), "")
    holds.commit(account, made, day(15))

    with pytest.raises(HoldEnded):
        holds.void(account, made, day(16), day(16), posting(day(16)).grace)


def test_points_of_a_lapsed_lot_live_on_for_the_grace() -> None:
    account, order = Account("ada"), OrderPoints("1", available_from=day(0), expires_at=day(10))
    earn(account, order, 100, day(0))
    made = holds.hold(account, "r1", 60, day(1), "")
    book_due(account, day(11))
    holds.void(account, made, day(12), day(12), posting(day(12)).grace)

    (restored,) = [lot for lot in account.lots.values() if lot.root != lot.key]
    assert (restored.remaining, restored.expires_at, account.sums["expired"]) == (60, day(42), 40)
    check(account, day(12))


def test_a_return_gives_back_cumulatively_and_never_twice() -> None:
    account, order = Account("ada"), OrderPoints("1")
    earn(account, order, 100, day(0))
    used = spent(account, "r1", 90, day(1))
    grace = posting(day(2)).grace
    for total in (30, 30, 90, 200):
        holds.give_back(account, used, total, day(2), day(2), grace)

    assert (account.sums["available"], account.sums["redeemed"]) == (100, 0)
    check(account, day(2))


def test_an_adjustment_down_never_goes_below_what_is_available() -> None:
    account = Account("ada")
    holds.adjust(account, "adjust:a", 50, day(0), {}, "")
    holds.adjust(account, "adjust:b", -50, day(1), {}, "")
    assert account.sums["written_off"] == 50
    with pytest.raises(InsufficientPoints):
        holds.adjust(account, "adjust:c", -1, day(2), {}, "")


def test_a_merge_moves_everything_and_a_deficit_meets_points() -> None:
    old, survivor, order, other = Account("guest"), Account("ada"), OrderPoints("1"), OrderPoints("2")
    earn(old, order, 300, day(0))
    earn(survivor, other, 100, day(0))
    spent(survivor, "r1", 100, day(1))
    earn(survivor, other, -100, day(2))

    merge(old, survivor, day(3))

    assert set(old.sums.values()) == {0}
    assert (survivor.sums["available"], survivor.sums["issued"]) == (200, 400)
    check(survivor, day(3))
    earn(survivor, order, -300, day(4))
    assert survivor.sums["available"] == -100
    check(survivor, day(4))


Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(("target", "hold", "commit", "void", "return", "again", "adjust", "pass")),
        st.integers(0, 3),
        st.integers(0, 400),
    ),
    max_size=30,
)


@settings(max_examples=300)
@given(steps, st.sampled_from(POLICIES))
def test_whatever_happens_no_point_is_lost_or_invented(history: list[Step], policy: Policy) -> None:
    account, now, made = Account("ada"), day(0), dict[int, holds.Hold]()
    orders = [OrderPoints(str(i), available_from=day(3 * i), expires_at=day(9 * i) if i else None) for i in range(4)]
    for number, (what, which, amount) in enumerate(history):
        book_due(account, now)
        _step(account, orders, made, (what, which, amount), number, now, policy)
        if what == "pass":
            now += timedelta(days=which, hours=amount)
            book_due(account, now)
        check(account, now)
    open_holds = sum(one.points for one in made.values() if one.state == "held")
    assert account.sums["held"] == open_holds


def _step(
    account: Account,
    orders: list[OrderPoints],
    made: dict[int, holds.Hold],
    step: Step,
    number: int,
    now: datetime,
    policy: Policy,
) -> None:
    what, which, amount = step
    grace = posting(now).grace
    live = [one for one in made.values() if one.state == "held"]
    used = [one for one in made.values() if one.state == "committed"]
    if what == "target":
        post_difference(account, orders[which], amount - orders[which].posted, posting(now, policy))
        assert orders[which].posted == amount or policy == "pending_only"
    elif what == "hold" and 0 < amount <= holds.spendable(account):
        made[number] = holds.hold(account, str(number), amount, now, "")
    elif what == "commit" and live:
        holds.commit(account, live[which % len(live)], now)
    elif what == "void" and live:
        holds.void(account, live[which % len(live)], now, now, grace)
    elif what == "return" and used:
        holds.give_back(account, used[which % len(used)], amount, now, now, grace)
    elif what == "again" and used:
        holds.take_again(account, used[which % len(used)], amount, now, now, policy)
    elif what == "adjust" and amount:
        holds.adjust(account, f"adjust:{number}", amount - min(400, holds.spendable(account)) or 1, now, {}, "")
