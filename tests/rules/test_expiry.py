"""Days of the shop's own calendar, also where a clock change removes or repeats midnight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.expiry import end_of_local_day, grace_until, pending_until

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_no_days_is_at_once():
    assert pending_until(at("2026-03-01T10:00:00Z"), 0, PARIS) is None


@pytest.mark.parametrize(
    ("earned_at", "days", "until"),
    [
        ("2026-03-01T10:00:00Z", 1, "2026-03-03T00:00:00+01:00"),
        ("2026-03-01T10:00:00Z", 14, "2026-03-16T00:00:00+01:00"),
        ("2026-03-01T23:30:00Z", 1, "2026-03-04T00:00:00+01:00"),  # 00:30 on the 2nd in Paris
        ("2026-03-01T22:59:59Z", 1, "2026-03-03T00:00:00+01:00"),
        ("2026-03-28T10:00:00Z", 1, "2026-03-30T00:00:00+02:00"),  # over the clock change
        ("2028-02-28T10:00:00Z", 1, "2028-03-01T00:00:00+01:00"),
    ],
)
def test_n_days_end_at_local_midnight_after_day_n(earned_at, days, until):
    assert pending_until(at(earned_at), days, PARIS) == at(until)


def test_grace_ends_with_the_local_day():
    assert grace_until(at("2026-03-01T10:00:00Z"), 30, PARIS) == at("2026-04-01T00:00:00+02:00")
    assert grace_until(at("2026-03-01T10:00:00Z"), 0, PARIS) == at("2026-03-02T00:00:00+01:00")


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Africa/Cairo", "2026-04-23", "2026-04-24T01:00:00+03:00"),  # 00:00 does not exist
        ("Asia/Beirut", "2026-03-28", "2026-03-29T01:00:00+03:00"),
        ("America/Santiago", "2026-09-05", "2026-09-06T01:00:00-03:00"),
        ("America/Toronto", "1919-03-30", "1919-03-31T00:30:00-04:00"),  # 23:30 became 00:30
        ("Africa/Cairo", "2026-10-29", "2026-10-30T00:00:00+02:00"),  # 23:00 to 24:00 comes twice
        ("America/Santiago", "2026-04-04", "2026-04-05T00:00:00-04:00"),
        ("America/Havana", "2026-10-31", "2026-11-01T00:00:00-04:00"),  # 00:00 to 01:00 comes twice: the first
        ("America/Havana", "2026-11-01", "2026-11-02T00:00:00-05:00"),
        ("America/St_Johns", "2006-10-28", "2006-10-29T00:00:00-03:30"),  # 00:01 became 23:01: the second midnight
        ("Pacific/Apia", "2011-12-29", "2011-12-31T00:00:00+14:00"),  # the 30th does not exist
        ("Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"),
        ("Europe/Paris", "2026-06-30", "2026-07-01T00:00:00+02:00"),
    ],
)
def test_a_day_ends_where_the_next_begins(zone, day, end):
    from_noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=ZoneInfo(zone))
    if day == "2011-12-30":
        from_noon = at("2011-12-29T12:00:00-10:00")
    seen = end_of_local_day(from_noon, ZoneInfo(zone))
    assert seen == at(end)
    assert seen.tzinfo is UTC


ZONES = """UTC Europe/Paris Africa/Cairo Asia/Beirut America/Santiago America/Havana Asia/Kathmandu Australia/Lord_Howe
Atlantic/Azores America/Asuncion Pacific/Apia America/Scoresbysund"""
zones = st.sampled_from(ZONES.split())
moments = st.integers(int(at("2005-01-01T00:00:00Z").timestamp()), int(at("2030-01-01T00:00:00Z").timestamp())).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


@given(moments, zones, st.integers(1, 400))
def test_the_end_of_a_day_parts_its_last_moment_from_the_next_days_first(moment, name, days):
    zone = ZoneInfo(name)
    end = end_of_local_day(moment, zone)
    today = moment.astimezone(zone).date()
    assert (end - timedelta(microseconds=1)).astimezone(zone).date() <= today < end.astimezone(zone).date()
    assert timedelta(0) < end - moment <= timedelta(hours=26)
    until = pending_until(moment, days, zone)
    assert until is not None
    assert (until - timedelta(microseconds=1)).astimezone(zone).date() <= today + timedelta(days=days)
    assert until.astimezone(zone).date() > today + timedelta(days=days)
    assert grace_until(moment, days, zone) == until
