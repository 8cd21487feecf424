"""When points lapse and when they can be spent, by the shop's own calendar; and what a document may not say of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.document import Expiry
from app.rules.expiry import expires_at
from app.rules.pending import release_of
from app.rules.programme import InvalidProgramme, parse_programme
from tests.rules.builders import HOUR, NOON, document, order, programme, sent

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("policy", "available_from", "until"),
    [
        ({"kind": "never"}, "2026-03-01T10:00:00Z", None),
        ({"kind": "days", "days": 1}, "2026-03-01T10:00:00Z", "2026-03-03T00:00:00+01:00"),
        ({"kind": "days", "days": 365}, "2026-03-01T23:30:00Z", "2027-03-03T00:00:00+01:00"),  # the 2nd in Paris
        ({"kind": "days", "days": 28}, "2026-03-01T10:00:00Z", "2026-03-30T00:00:00+02:00"),  # summer time
        ({"kind": "months", "months": 1}, "2026-01-31T10:00:00Z", "2026-03-01T00:00:00+01:00"),
        ({"kind": "months", "months": 1}, "2028-01-31T10:00:00Z", "2028-03-01T00:00:00+01:00"),
        ({"kind": "months", "months": 12}, "2028-02-29T10:00:00Z", "2029-03-01T00:00:00+01:00"),
        ({"kind": "months", "months": 2}, "2026-01-29T10:00:00Z", "2026-03-30T00:00:00+02:00"),
        ({"kind": "months", "months": 11}, "2026-12-15T10:00:00Z", "2027-11-16T00:00:00+01:00"),
        ({"kind": "end_of_month"}, "2026-02-01T10:00:00Z", "2026-03-01T00:00:00+01:00"),
        ({"kind": "end_of_month"}, "2026-02-28T23:30:00Z", "2026-04-01T00:00:00+02:00"),  # March in Paris
        ({"kind": "end_of_month", "after": 1}, "2026-12-31T10:00:00Z", "2027-02-01T00:00:00+01:00"),
        ({"kind": "end_of_quarter"}, "2026-01-01T10:00:00Z", "2026-04-01T00:00:00+02:00"),
        ({"kind": "end_of_quarter", "after": 0}, "2026-03-31T10:00:00Z", "2026-04-01T00:00:00+02:00"),
        ({"kind": "end_of_quarter", "after": 2}, "2026-11-30T10:00:00Z", "2027-07-01T00:00:00+02:00"),
        ({"kind": "end_of_year"}, "2026-01-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00"),
        ({"kind": "end_of_year", "after": 1}, "2026-12-31T22:59:59Z", "2028-01-01T00:00:00+01:00"),
        ({"kind": "inactivity", "days": 90}, "2026-03-01T10:00:00Z", "2026-05-31T00:00:00+02:00"),
        ({"kind": "inactivity", "months": 6}, "2026-08-31T10:00:00Z", "2027-03-01T00:00:00+01:00"),
    ],
)
def test_points_lapse_with_a_local_day(policy: Any, available_from: str, until: str | None) -> None:
    found = expires_at(Expiry.model_validate(policy), at(available_from), PARIS)
    assert found == (None if until is None else at(until))


def test_where_a_clock_change_removes_midnight_the_day_ends_with_the_change() -> None:
    lapses = expires_at(Expiry(kind="days", days=1), at("2026-04-22T10:00:00Z"), ZoneInfo("Africa/Cairo"))
    assert lapses == at("2026-04-24T01:00:00+03:00")


policies = st.one_of(
    st.builds(Expiry, kind=st.just("days"), days=st.integers(1, 3650)),
    st.builds(Expiry, kind=st.just("months"), months=st.integers(1, 1200)),
    st.builds(
        Expiry,
        kind=st.sampled_from(["end_of_month", "end_of_quarter", "end_of_year"]),
        after=st.none() | st.integers(0, 1200),
    ),
    st.builds(Expiry, kind=st.just("inactivity"), months=st.integers(1, 1200)),
)
moments = st.integers(1325376000, 2208988800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
zones = st.sampled_from(["UTC", "Europe/Paris", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe"]).map(ZoneInfo)


@given(policies, moments, moments, zones)
def test_what_is_available_later_never_lapses_earlier(policy: Expiry, one: datetime, two: datetime, zone: Any) -> None:
    earlier, later = sorted((one, two))
    first, second = expires_at(policy, earlier, zone), expires_at(policy, later, zone)
    assert first is not None
    assert second is not None
    assert earlier < first <= second
    assert (first - timedelta(microseconds=1)).astimezone(zone).date() < first.astimezone(zone).date()


# Pending periods


def release(now: datetime = NOON + 100 * 24 * HOUR, state: Any = None, **earning: Any) -> Any:
    rules = programme(**earning).earning
    return release_of(state or order(), rules, NOON, zone=PARIS, now=now)


def test_days_alone_need_no_event() -> None:
    assert release(pending_days=0) == (None, True, None)
    assert release(pending_days=14).at == at("2026-03-16T00:00:00+01:00")


def test_points_wait_for_everything_to_be_sent() -> None:
    waiting = {"pending_until": "fulfilled"}
    assert release(**waiting) == (None, False, None)
    partly = order(fulfilments=(sent({"l1": 1}),))
    assert not release(state=partly, **waiting).known
    whole = order(fulfilled_at=NOON + 2 * HOUR, status="fulfilled")
    assert release(state=whole, **waiting).at == NOON + 2 * HOUR
    assert release(state=whole, now=NOON + HOUR, **waiting).at == NOON + HOUR  # whatever the clocks say
    assert release(state=whole, pending_days=1, **waiting).at == at("2026-03-03T00:00:00+01:00")


def test_points_wait_for_everything_to_arrive() -> None:
    waiting = {"pending_until": "delivered"}
    assert not release(state=order(fulfilled_at=NOON, fulfilments=(sent({"l1": 2}),)), **waiting).known
    arrived = order(fulfilments=(sent({"l1": 2}, delivered=True),))
    assert release(state=arrived, **waiting).at == NOON + 1.5 * HOUR
    assert release(state=order(delivered_at=NOON + 5 * HOUR), **waiting).at == NOON + 5 * HOUR


def test_where_no_delivery_is_told_days_after_completion_stand_for_it() -> None:
    done = order(completed_at=NOON, status="completed")
    told = {"state": done, "pending_until": "delivered", "delivered_after_days": 3}
    assert release(now=NOON + HOUR, **told) == (None, False, NOON + 72 * HOUR)
    assert release(now=NOON + 72 * HOUR, **told).at == NOON + 72 * HOUR


def test_the_return_window_begins_with_the_delivery() -> None:
    waiting = {"pending_until": "return_window", "return_days": 30}
    assert not release(**waiting).known
    arrived = order(delivered_at=NOON + 5 * HOUR)
    assert release(state=arrived, now=NOON + 6 * HOUR, **waiting).at == at("2026-04-01T00:00:00+02:00")
    assert release(state=arrived, pending_days=2, **waiting).at == at("2026-04-03T00:00:00+02:00")
    none = {**waiting, "return_days": 0}
    assert release(state=arrived, **none).at == NOON + 5 * HOUR


# Documents


def problems(**parts: Any) -> list[tuple[str, str]]:
    earning = parts.pop("earning", {})
    with pytest.raises(InvalidProgramme) as caught:
        parse_programme({**document(**earning), **parts})
    assert all(problem.message for problem in caught.value.problems)
    return [(problem.field, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("expiry", "field", "code"),
    [
        ({"kind": "days"}, "days", "missing"),
        ({"kind": "days", "months": 3, "days": 1}, "months", "unknown_key"),
        ({"kind": "days", "days": 0}, "days", "out_of_range"),
        ({"kind": "days", "days": "30"}, "days", "wrong_type"),
        ({"kind": "months"}, "months", "missing"),
        ({"kind": "months", "months": 1, "after": 1}, "after", "unknown_key"),
        ({"kind": "end_of_month", "months": 1}, "months", "unknown_key"),
        ({"kind": "end_of_quarter", "days": 1}, "days", "unknown_key"),
        ({"kind": "end_of_year", "after": -1}, "after", "out_of_range"),
        ({"kind": "inactivity"}, "days", "missing"),
        ({"kind": "inactivity", "days": 1, "months": 1}, "months", "too_many"),
        ({"kind": "inactivity", "days": 1, "after": 1}, "after", "unknown_key"),
        ({"kind": "never", "after": 0}, "after", "unknown_key"),
        ({"kind": "weeks"}, "kind", "unknown_value"),
        ({"kind": ["days"]}, "kind", "unknown_value"),
    ],
)
def test_each_kind_of_expiry_has_its_own_numbers(expiry: Any, field: str, code: str) -> None:
    assert problems(expiry=expiry) == [(f"expiry.{field}", code)]
    rule = {"key": "a", "kind": "review", "points": 5, "expiry": expiry}
    if expiry["kind"] == "inactivity":
        field, code = "kind", "not_for_one_rule"
    assert problems(activities=[rule]) == [(f"activities.0.expiry.{field}", code)]


@pytest.mark.parametrize(
    "expiry",
    [
        {"kind": "days", "days": 3650},
        {"kind": "months", "months": 1200},
        {"kind": "end_of_month"},
        {"kind": "end_of_year", "after": 0},
        {"kind": "inactivity", "days": 180},
        {"kind": "inactivity", "months": 12, "days": None, "after": None},
        {"kind": "never", "days": None},
        None,
    ],
)
def test_a_complete_expiry_is_taken_and_so_is_its_normalised_form(expiry: Any) -> None:
    rules = parse_programme({**document(), "expiry": expiry})
    assert parse_programme(rules.to_document()) == rules


@pytest.mark.parametrize(
    ("phase", "field", "code"),
    [
        ({"kind": "winding_down"}, "phase.spend_until", "missing"),
        ({"kind": "paused", "spend_until": "2026-12-31"}, "phase.spend_until", "unknown_key"),
        ({"spend_until": "2026-12-31"}, "phase.spend_until", "unknown_key"),
        ({"kind": "winding_down", "spend_until": "31.12.2026"}, "phase.spend_until", "not_a_day"),
        ({"kind": "winding_down", "spend_until": "2026-12-31T00:00:00Z"}, "phase.spend_until", "not_a_day"),
        ({"kind": "closed"}, "phase.kind", "unknown_value"),
    ],
)
def test_only_winding_down_has_a_last_day_to_spend(phase: Any, field: str, code: str) -> None:
    assert problems(phase=phase) == [(field, code)]


@pytest.mark.parametrize(
    ("earning", "field"),
    [
        ({"return_days": 30}, "earning.return_days"),
        ({"pending_until": "delivered", "return_days": 30}, "earning.return_days"),
        ({"pending_until": "fulfilled", "earn_on": "delivered"}, "earning.pending_until"),
        ({"pending_until": "fulfilled", "earn_on": "completed"}, "earning.pending_until"),
    ],
)
def test_a_setting_without_effect_is_refused(earning: Any, field: str) -> None:
    assert problems(earning=earning) == [(field, "without_effect")]


# A programme that does not run


@pytest.mark.parametrize(
    "phase", [{"kind": "paused"}, {"kind": "ended"}, {"kind": "winding_down", "spend_until": "2030-01-01"}]
)
def test_an_order_of_a_programme_that_does_not_run_earns_nothing_and_is_a_purchase_all_the_same(phase: Any) -> None:
    from app.rules.earning import Context, earn
    from app.rules.explain import sentence

    rules = parse_programme({**document(campaigns=[{"key": "gift", "bonus": 5}]), "phase": phase})
    earned = earn(order(), rules, Context())
    assert (earned.target, earned.own_points) == (0, 0)
    assert earned.kept_basis is not None
    assert earned.kept_basis > 0
    assert earned.earned_at == NOON
    assert earned.explanation["nothing_because"] == phase["kind"]
    assert sentence(earned.explanation).startswith("No points: the programme")
