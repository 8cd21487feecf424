"""Win-back: by days without an order, by the member's own rhythm, by days without a visit; once per absence."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.rules.calendar import begins
from app.rules.document.activities import WinBack
from app.rules.rhythm import Rhythm, away_on
from tests.build import Tessera, refund
from tests.scheduled.play import moment, play, rule

PARIS = ZoneInfo("Europe/Paris")


def test_who_has_not_ordered_for_so_many_days_is_due_once_per_absence(tessera: Tessera) -> None:
    shop = play(tessera, rule("win_back", win_back={"days_without_order": 30}))
    shop.buy("ada", "2026-03-01")
    shop.buy("bob", "2026-03-20")
    assert shop.tick("2026-03-30T21:59").scheduled == 0
    assert shop.tick("2026-03-30T22:00").scheduled == 1
    shop.tick("2026-06-30")
    shop.buy("ada", "2026-07-01")
    shop.tick("2026-08-31")
    assert [day for day, _ in shop.given()] == ["2026-03-31", "2026-04-19", "2026-07-31"]
    first = shop.awards()[0]
    assert first.id == f"win_back:win_back:{first.member_id}:2026-03-01T00:00:00Z"
    assert first.explanation["away_since"] == "2026-03-01T00:00:00Z"
    shop.agrees()


def test_who_came_back_while_the_scheduler_was_down_gets_nothing(tessera: Tessera) -> None:
    shop = play(tessera, rule("win_back", win_back={"days_without_order": 30}))
    shop.buy("ada", "2026-03-01")
    shop.buy("ada", "2026-04-10")
    shop.tick("2026-05-01")
    assert shop.given() == []
    shop.agrees()


def test_a_members_own_rhythm_needs_three_orders(tessera: Tessera) -> None:
    shop = play(tessera, rule("win_back", win_back={"rhythm": "1.5"}))
    shop.buy("bob", "2026-03-01")
    shop.buy("bob", "2026-03-11")
    for day in ("2026-03-01", "2026-03-09", "2026-03-21"):  # a gap of 10 days on average
        shop.buy("ada", day)
    for day in ("2026-03-02", "2026-03-04", "2026-03-06"):  # of 2 days
        shop.buy("charlie", day)
    shop.tick("2026-05-01")
    assert shop.given() == [("2026-03-10", 100), ("2026-04-06", 100)]  # the first beginnings after 3 and after 15 days
    shop.agrees()


def test_two_orders_and_no_third_pushes_to_the_third_purchase(tessera: Tessera) -> None:
    shop = play(tessera, rule("win_back", win_back={"days_without_order": 10, "only_after_orders": 2}))
    shop.buy("ada", "2026-03-01")
    for day in ("2026-03-01", "2026-03-05"):
        shop.buy("bob", day)
    for day in ("2026-03-01", "2026-03-05", "2026-03-06"):
        shop.buy("charlie", day)
    shop.tick("2026-06-01")
    assert [day for day, _ in shop.given()] == ["2026-03-15"]
    shop.agrees()


def test_visits_keep_a_member_from_being_away(tessera: Tessera) -> None:
    shop = play(tessera, rule("win_back", win_back={"days_without_visit": 14}))
    shop.visit("ada", "2026-03-02")
    shop.visit("ada", "2026-03-10")
    shop.visit("ada", "2026-03-05")  # told late
    shop.buy("bob", "2026-03-02")  # has never visited
    shop.tick("2026-06-01")
    assert [row.at.date().isoformat() for row in shop.awards("win_back")] == ["2026-03-23"]
    shop.agrees()


def test_every_condition_that_is_set_must_hold(tessera: Tessera) -> None:
    shop = play(tessera, rule("win_back", win_back={"days_without_order": 10, "days_without_visit": 5}))
    shop.buy("ada", "2026-03-02")
    shop.visit("ada", "2026-03-20T12:00")
    shop.tick("2026-06-01")
    (award,) = shop.awards("win_back")
    assert award.at == begins(moment("2026-03-25").date(), PARIS)
    shop.agrees()


def test_a_refund_counts_as_no_order(tessera: Tessera) -> None:
    shop = play(tessera, rule("win_back", win_back={"days_without_order": 30}))
    shop.buy("ada", "2026-03-01")
    second = shop.buy("ada", "2026-03-10")
    gone = {"updated_at": "2026-03-12T00:00:00Z", "refunds": [refund(quantity=2)]}
    shop.buy("ada", "2026-03-10", order_id=second, **gone)
    shop.tick("2026-06-01")
    assert [day for day, _ in shop.given()] == ["2026-03-31"]
    shop.agrees()


_moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda naive: naive.replace(tzinfo=PARIS))  # noqa: DTZ001


@given(last=_moments, gap=st.timedeltas(timedelta(minutes=1), timedelta(days=90)), tenths=st.integers(1, 80))
def test_a_member_is_away_on_the_first_day_that_begins_out_of_rhythm(
    last: datetime, gap: timedelta, tenths: int
) -> None:
    last = last.astimezone(ZoneInfo("UTC"))
    rhythm = Rhythm(first_order_at=last - 3 * gap, last_order_at=last, orders=4)
    ratio = f"{tenths // 10}.{tenths % 10}"
    day = away_on(WinBack.model_validate({"rhythm": ratio}), rhythm, PARIS)
    assert day is not None
    assert (begins(day, PARIS) - last) * 10 >= gap * tenths
    assert (begins(day - timedelta(days=1), PARIS) - last) * 10 < gap * tenths
