"""Periods of the shop's calendar: where they begin, their numbers and names, and the days that are celebrated."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.calendar import begins, celebrated, ended_before, first_day, name_of, number_named, number_of, same_days
from app.rules.caps import Cap, cap_at
from app.rules.document import MemberCap
from app.rules.periods import period_name, period_of

PARIS = ZoneInfo("Europe/Paris")
TICK = timedelta(microseconds=1)
CYCLES = ("day", "week", "month", "quarter", "year")
days = st.dates(date(1970, 1, 1), date(2199, 12, 31))


def naive_name(cycle: str, day: date) -> str:
    year, week, _ = day.isocalendar()
    quarter = "111222333444"[day.month - 1]
    return {
        "day": f"{day:%Y-%m-%d}",
        "week": f"{year}-W{week:02}",
        "month": f"{day:%Y-%m}",
        "quarter": f"{day:%Y}-Q{quarter}",
        "year": f"{day:%Y}",
    }[cycle]


@pytest.mark.parametrize("cycle", CYCLES)
@given(day=days)
def test_days_of_one_name_have_one_number_and_the_next_period_has_the_next(cycle, day):
    tomorrow = day + timedelta(days=1)
    number, same = number_of(cycle, day), naive_name(cycle, day) == naive_name(cycle, tomorrow)
    assert number_of(cycle, tomorrow) == number + (not same)
    assert name_of(cycle, number) == naive_name(cycle, day)
    assert number_named(cycle, naive_name(cycle, day)) == number
    first = first_day(cycle, number)
    assert first <= day < first_day(cycle, number + 1)
    assert naive_name(cycle, first - timedelta(days=1)) != naive_name(cycle, first) == naive_name(cycle, day)
    assert ended_before(cycle, tomorrow) == (None if same else number)


@pytest.mark.parametrize(
    ("cycle", "number"), [("day", 739676), ("week", 105667), ("month", 24314), ("quarter", 8104), ("year", 2026)]
)
def test_numbers_stay_because_runs_are_stored_by_them(cycle, number):
    assert number_of(cycle, date(2026, 3, 1)) == number


@pytest.mark.parametrize(
    ("cycle", "name"),
    [
        ("day", "2026-02-29"),
        ("day", "2026-3-01"),
        ("day", "2026-03"),
        ("day", "2026-03-01T"),
        ("week", "2026-W54"),
        ("week", "2025-W53"),
        ("week", "2026-09"),
        ("month", "2026-13"),
        ("month", "2026-00"),
        ("month", "٢٠٢٦-03"),
        ("quarter", "2026-Q5"),
        ("quarter", "2026-Q0"),
        ("quarter", "0000-Q1"),
        ("year", "0000"),
        ("year", "26"),
        ("year", ""),
    ],
)
def test_what_names_no_period_has_no_number(cycle, name):
    assert number_named(cycle, name) is None


@pytest.mark.parametrize(
    ("day", "celebrates"),
    [
        ("2026-02-27", [227]),
        ("2026-02-28", [228, 229]),
        ("2026-03-01", [301]),
        ("2028-02-28", [228]),
        ("2028-02-29", [229]),
        ("2000-02-28", [228]),
        ("2100-02-28", [228, 229]),
        ("2026-12-31", [1231]),
    ],
)
def test_the_29th_of_february_is_celebrated_on_the_28th_in_other_years(day, celebrates):
    assert celebrated(date.fromisoformat(day)) == celebrates


@pytest.mark.parametrize(
    ("day", "year", "dates"),
    [
        ("2026-02-28", 2024, ["2024-02-28", "2024-02-29"]),
        ("2026-02-28", 2023, ["2023-02-28"]),
        ("2028-02-29", 2024, ["2024-02-29"]),
        ("2028-02-29", 2023, []),
        ("2028-02-28", 2024, ["2024-02-28"]),
        ("2026-01-29", 2023, ["2023-01-29"]),
        ("2026-12-31", 2000, ["2000-12-31"]),
    ],
)
def test_an_anniversary_has_one_day_of_each_earlier_year_or_none_or_two(day, year, dates):
    assert same_days(date.fromisoformat(day), year) == list(map(date.fromisoformat, dates))


@given(st.sampled_from(["day", "week", "month", "year"]), days, st.times())
def test_a_period_is_all_the_moments_of_its_name(span, day, clock_time):
    moment = datetime.combine(day, clock_time, UTC)
    begin, end = period_of(span, moment, PARIS)
    name = period_name(span, moment, PARIS)
    assert name == naive_name(span, moment.astimezone(PARIS).date())
    assert begin <= moment < end
    assert [period_name(span, each, PARIS) == name for each in (begin - TICK, begin, end - TICK, end)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_lifetime_holds_every_moment():
    whole = period_of("lifetime", datetime(2026, 3, 1, tzinfo=UTC), PARIS)
    assert whole == (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
    assert period_name("lifetime", datetime(2026, 3, 1, tzinfo=UTC), PARIS) == "lifetime"


@pytest.mark.parametrize(
    ("zone", "day", "moment"),
    [
        ("Europe/Paris", "2026-03-30", datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("America/Havana", "2026-03-08", datetime(2026, 3, 8, 5, tzinfo=UTC)),  # has no midnight
        ("Pacific/Apia", "2011-12-31", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # the day before never was
    ],
)
def test_a_day_begins_at_its_first_instant(zone, day, moment):
    assert begins(date.fromisoformat(day), ZoneInfo(zone)) == moment


def test_a_cap_holds_from_the_beginning_of_its_period_to_before_its_end():
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    cap = cap_at(MemberCap(period="week", points=500), noon, PARIS)
    assert cap == Cap(500, datetime(2026, 3, 1, 23, tzinfo=UTC), datetime(2026, 3, 8, 23, tzinfo=UTC))
    assert [cap.holds(each) for each in (cap.begins - TICK, cap.begins, cap.ends - TICK, cap.ends)] == [
        False,
        True,
        True,
        False,
    ]
