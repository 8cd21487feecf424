"""Streaks: something done in so many periods in a row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.rules.calendar import first_day, name_of, number_named, number_of
from app.rules.rhythm import runs_of
from tests.build import Tessera, refund
from tests.scheduled.play import play, rule


def streak(of: str, period: str, length: int) -> dict[str, object]:
    return rule("streak", 30, streak={"of": of, "period": period, "length": length})


def test_visits_on_so_many_days_in_a_row_are_awarded_when_the_last_day_is_over(tessera: Tessera) -> None:
    shop = play(tessera, streak("visit", "day", 3))
    shop.visit("bob", "2026-03-02", "2026-03-03", "2026-03-05")
    shop.visit("ada", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-04T20:00")
    assert shop.tick("2026-03-04T22:59").scheduled == 0
    assert shop.tick("2026-03-04T23:00").scheduled == 1
    (award,) = shop.awards("streak")
    assert award.id == f"streak:streak:{award.member_id}:2026-03-04"
    assert shop.tick("2026-03-20").scheduled == 0
    shop.agrees()


def test_a_streak_that_goes_on_is_awarded_again_at_each_multiple(tessera: Tessera) -> None:
    shop = play(tessera, streak("visit", "day", 2))
    shop.visit("ada", *(f"2026-03-{day:02}" for day in range(2, 8)))
    shop.visit("bob", *(f"2026-03-{day:02}" for day in range(2, 7)))
    shop.tick("2026-04-01")  # caught up long after the streaks broke
    days = [row.explanation["period"] for row in shop.awards("streak")]
    assert days == ["2026-03-03", "2026-03-03", "2026-03-05", "2026-03-05", "2026-03-07"]
    shop.agrees()


def test_orders_week_after_week(tessera: Tessera) -> None:
    shop = play(tessera, streak("order", "week", 3))
    for day in ("2026-03-02", "2026-03-15T12:00", "2026-03-16"):  # Monday, the Sunday after next, the Monday after
        shop.buy("ada", day)
    shop.buy("bob", "2026-03-02")
    shop.buy("bob", "2026-03-16")
    shop.tick("2026-04-30")
    assert shop.given() == [("2026-03-23", 30)]
    shop.agrees()


def test_orders_month_after_month_and_one_given_back_breaks_them(tessera: Tessera) -> None:
    shop = play(tessera, streak("order", "month", 2))
    for name in ("ada", "bob"):
        for day in ("2026-03-02", "2026-04-30T12:00"):
            shop.buy(name, day)
    gone = {"updated_at": "2026-04-30T13:00:00Z", "refunds": [refund(quantity=2)]}
    shop.buy("bob", "2026-03-02", order_id="bob-2026-03-02T00:00:00Z", **gone)
    shop.tick("2026-07-01")
    assert shop.given() == [("2026-05-01", 30)]
    shop.agrees()


def test_a_visit_told_late_joins_two_runs(tessera: Tessera) -> None:
    shop = play(tessera, streak("visit", "day", 5))
    shop.visit("ada", "2026-03-02", "2026-03-03", "2026-03-05", "2026-03-06", "2026-03-04")
    shop.tick("2026-03-20")
    assert len(shop.awards("streak")) == 1
    shop.agrees()


@given(st.lists(st.integers(1, 30)), st.integers(0, 30))
def test_runs_are_the_same_however_they_come_to_be_known(periods: list[int], cut: int) -> None:
    early, late = periods[:cut], periods[cut:]
    # a single period is no run yet, so those next to the new ones are looked up again
    near = {each for each in early if any(abs(each - other) <= 1 for other in late)}
    assert runs_of({*late, *near}, runs_of(early)) == runs_of(periods)
    assert all(set(range(first, last + 1)) <= set(periods) for first, last in runs_of(periods))


@given(st.sampled_from(["day", "week", "month", "quarter", "year"]), st.dates())
def test_a_period_is_found_by_its_number_and_by_its_name(cycle: str, day: object) -> None:
    number = number_of(cycle, day)
    assert first_day(cycle, number) <= day
    assert number_of(cycle, first_day(cycle, number)) == number
    assert day.year == 9999 or first_day(cycle, number + 1) > day
    assert number_named(cycle, name_of(cycle, number)) == number
