"""The path through the ladder: what opens a tier, what keeps it, and when it is left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.document import Tier, TierMeasure
from app.rules.expiry import end_of_day, months_later
from app.rules.tiers import Event, Ladder, Measure, Step, measured, walk

PARIS = ZoneInfo("Europe/Paris")
YEAR, ROLLING = "calendar_year", "rolling_12_months"


def ladder(window: str = "lifetime", keep: str | None = None, **measure: object) -> Ladder:
    """Return entry, silver from 200, gold from 500, a club nobody reaches by the measure, platinum from 1000."""
    tiers = [
        Tier(key="entry", enter="0"),
        Tier(key="silver", enter="200"),
        Tier(key="gold", enter="500", keep=keep),
        Tier(key="club", enter=None),
        Tier(key="platinum", enter="1000"),
    ]
    return Ladder.of(tiers, TierMeasure(window=window, **measure))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def events(*told: tuple[str, int]) -> list[Event]:
    return [Event(at(moment), Fraction(value)) for moment, value in told]


def stands(rules: Ladder, told: list[Event], as_of: str) -> tuple[str, datetime | None]:
    return measured(rules, told, at(as_of), PARIS)[:2]


def test_a_threshold_that_is_reached_opens_its_tier_at_once_and_for_life() -> None:
    told = events(("2026-01-01", 499), ("2026-02-01", 1))
    assert stands(ladder(), told, "2026-01-31T23:59") == ("silver", None)
    assert stands(ladder(), told, "2026-02-01") == ("gold", None)
    assert stands(ladder(), told, "2056-02-01") == ("gold", None)


def test_nobody_is_below_the_entry_tier_and_a_tier_without_threshold_is_passed_over() -> None:
    assert stands(ladder(), [], "2026-01-01") == ("entry", None)
    assert stands(ladder(), events(("2026-01-01", 999)), "2026-01-01") == ("gold", None)
    assert stands(ladder(), events(("2026-01-01", 9999)), "2026-01-01") == ("platinum", None)


def test_a_calendar_year_keeps_a_tier_until_the_end_of_the_following_year() -> None:
    told = events(("2026-03-01", 500))
    assert stands(ladder(YEAR), told, "2026-03-01") == ("gold", at("2028-01-01"))
    assert stands(ladder(YEAR), told, "2027-12-31T23:59:59") == ("gold", at("2028-01-01"))
    assert stands(ladder(YEAR), told, "2028-01-01") == ("entry", None)


def test_the_year_is_the_shops_own() -> None:
    told = events(("2026-12-31T23:30", 300), ("2027-01-01T00:30", 300))
    assert stands(ladder(YEAR), told, "2027-02-01") == ("silver", at("2028-01-01"))
    utc = [Event(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), Fraction(300))]  # already 2027 in Paris
    assert stands(ladder(YEAR), utc, "2027-02-01") == ("silver", at("2029-01-01"))


@pytest.mark.parametrize("bought", ["2027-01-01T00:00", "2027-12-31T23:59:59"])
def test_what_the_last_year_of_a_term_brings_keeps_the_tier_for_another(bought: str) -> None:
    told = events(("2026-03-01", 500), (bought, 300))
    assert stands(ladder(YEAR, keep="300"), told, "2028-01-01") == ("gold", at("2029-01-01"))
    assert stands(ladder(YEAR, keep="301"), told, "2028-01-01") == ("silver", at("2029-01-01"))
    assert stands(ladder(YEAR), told, "2028-01-01") == ("silver", at("2029-01-01"))


def test_one_step_down_whatever_the_measure_says() -> None:
    told = events(("2026-03-01", 1000))
    rules = ladder(YEAR, downgrade="one_step")
    ends = [stands(rules, told, f"{year}-01-01") for year in (2027, 2028, 2029, 2030, 2031)]
    assert [tier for tier, _ in ends] == ["platinum", "gold", "silver", "entry", "entry"]
    assert ends[1][1] == at("2029-01-01")


def test_a_higher_tier_within_a_term_begins_a_term_of_its_own() -> None:
    told = events(("2026-03-01", 500), ("2027-05-01", 1000))
    assert stands(ladder(YEAR), told, "2027-05-01") == ("platinum", at("2029-01-01"))


def test_rolling_months_count_what_lies_in_them_and_keep_a_tier_for_twelve() -> None:
    told = events(("2026-03-01T10:00", 250), ("2027-03-01T09:59", 250))
    assert stands(ladder(ROLLING), told, "2027-03-01T12:00") == ("gold", at("2028-03-02"))
    late = events(("2026-03-01T10:00", 250), ("2027-03-01T10:00", 250))
    assert stands(ladder(ROLLING), late, "2027-03-01T12:00") == ("silver", at("2027-03-02"))


def test_a_rolling_term_is_decided_by_what_came_within_it() -> None:
    kept = events(("2026-03-01T10:00", 500), ("2026-03-02T00:00", 400))
    assert stands(ladder(ROLLING, keep="400"), kept, "2027-03-02") == ("gold", at("2028-03-02"))
    lost = events(("2026-03-01T10:00", 500), ("2026-03-01T23:59", 400))
    assert stands(ladder(ROLLING, keep="400"), lost, "2027-03-01T23:59") == ("gold", at("2027-03-02"))
    assert stands(ladder(ROLLING, keep="400"), lost, "2027-03-02") == ("entry", None)


def test_a_term_that_begins_on_the_29th_of_february_ends_with_the_28th() -> None:
    assert stands(ladder(ROLLING), events(("2028-02-29", 500)), "2028-03-01") == ("gold", at("2029-03-01"))


def test_grace_delays_leaving_and_lets_the_tier_be_entered_again() -> None:
    rules, told = ladder(YEAR, grace_days=31), events(("2026-03-01", 500), ("2027-06-01", 200))
    assert stands(rules, told, "2028-01-01") == ("gold", at("2028-02-01"))
    assert stands(rules, told, "2028-02-01") == ("silver", at("2029-01-01"))
    again = [*told, *events(("2028-01-31T23:59", 500))]
    assert stands(rules, again, "2028-02-01") == ("gold", at("2030-01-01"))
    little = [*told, *events(("2028-01-15", 499))]
    assert stands(rules, little, "2028-02-01") == ("silver", at("2029-01-01"))


def test_grace_longer_than_a_year_ends_in_a_term_that_is_not_over() -> None:
    rules = ladder(YEAR, grace_days=400, downgrade="one_step")
    tier, until = stands(rules, events(("2026-03-01", 500)), "2029-02-04")
    assert (tier, until) == ("silver", at("2030-01-01"))


def test_what_the_grace_has_earned_for_a_lower_tier_begins_a_term_of_its_own() -> None:
    rules, told = ladder(YEAR, grace_days=31), events(("2026-03-01", 500), ("2028-01-15", 250))
    last = walk(rules, told, at("2028-02-01"), PARIS).steps[-1]
    assert last == Step(at("2028-02-01"), 1, at("2030-01-01"), "left")


def test_a_term_that_would_end_with_the_grace_is_over() -> None:
    rules = ladder(YEAR, grace_days=366, downgrade="one_step")
    assert stands(rules, events(("2026-03-01", 500)), "2029-01-01") == ("silver", at("2030-01-01"))


def test_a_fall_passes_every_tier_that_the_ended_term_does_not_keep() -> None:
    for held, tier in ((199, "entry"), (200, "silver"), (499, "silver"), (500, "gold")):
        told = events(("2026-03-01", 1000), ("2027-03-01", held))
        assert stands(ladder(YEAR), told, "2028-01-01")[0] == tier
    assert (
        stands(ladder(YEAR, keep="200"), events(("2026-03-01", 1000), ("2027-03-01", 200)), "2028-01-01")[0] == "gold"
    )


def test_the_ladder_knows_its_heights() -> None:
    rules = ladder()
    assert [rules.height(key) for key in ("entry", "club", "platinum", "gone", None)] == [0, 3, 4, -1, -1]
    assert [rules.reached(Fraction(measure)) for measure in (-1, 0, 199, 200, 1000)] == [0, 0, 0, 1, 3]
    assert [ladder(window).lasting for window in ("lifetime", YEAR, ROLLING)] == [True, False, False]


def test_over_life_everything_up_to_the_moment_counts() -> None:
    told = events(("2026-01-01", 100), ("2027-01-01", 300))
    sums = Measure(ladder(), told, PARIS)
    assert [sums.at(at(day)) for day in ("2025-12-31T23:59", "2026-01-01", "2026-12-31", "2027-01-01")] == [
        0,
        100,
        100,
        400,
    ]
    assert sums.term_from(at("2026-01-01")) is None
    for as_of, why in (("2026-12-31", ""), ("2027-01-01", "reached")):
        assert measured(ladder(), told, at(as_of), PARIS)[2] == why


def test_the_last_step_says_why_a_tier_is_held() -> None:
    told = events(("2026-03-01", 500), ("2027-03-01", 500))
    whys = [
        measured(ladder(YEAR, grace_days=10), told, at(day), PARIS)[2]
        for day in ("2026-02-01", "2026-03-01", "2028-01-01", "2029-01-01", "2029-01-11")
    ]
    assert whys == ["", "reached", "kept", "grace", "left"]


def test_a_kept_threshold_of_zero_keeps_for_ever() -> None:
    assert stands(ladder(YEAR, keep="0"), events(("2026-03-01", 500)), "2046-03-01") == ("gold", at("2047-01-01"))


def test_the_steps_say_why() -> None:
    told = events(("2026-03-01", 500), ("2027-03-01", 500))
    steps = walk(ladder(YEAR, grace_days=10), told, at("2029-06-01"), PARIS).steps
    assert [step.why for step in steps] == ["reached", "kept", "grace", "left"]
    assert [step.at for step in steps] == [at("2026-03-01"), at("2028-01-01"), at("2029-01-01"), at("2029-01-11")]


# --- a second opinion: the same rules day by day, as slowly and plainly as can be -------------------------------------


def oracle(rules: Ladder, told: list[Event], as_of: datetime) -> tuple[str, datetime | None]:
    """Walk through every moment at which anything could happen, with no thought of speed."""
    days = {date(2024, 1, 1) + timedelta(days=n) for n in range(2600)}
    moments = sorted({*(end_of_day(day, PARIS) for day in days), *(event.at for event in told), as_of})
    rung, term, grace = 0, None, None
    for now in moments:
        if now > as_of:
            break
        if term is not None and grace is None and now == end_of_day(term, PARIS):
            if _in(rules, told, term) >= rules.rungs[rung].keep:
                term = months_later(term, 12)
            else:
                grace = term + timedelta(days=rules.grace_days)
        if grace is not None and now == end_of_day(grace, PARIS):
            held = _in(rules, told, term)
            lower = [j for j in range(rung) if rules.rungs[j].keep <= held or j == 0]
            rung = rung - 1 if rules.one_step else max(lower)
            new, grace = months_later(term, 12), None
            while end_of_day(new, PARIS) <= now:
                new = months_later(new, 12)
            term = new if rung else None
            rung, term, grace = _rise(rules, told, now, rung, term, None)
        if any(event.at == now for event in told):
            rung, term, grace = _rise(rules, told, now, rung, term, grace)
    until = grace or term
    return rules.rungs[rung].key, None if until is None else end_of_day(until, PARIS)


def _rise(rules: Ladder, told: list[Event], now: datetime, rung: int, term: date | None, grace: date | None) -> tuple:
    local = now.astimezone(PARIS)
    if rules.window == YEAR:
        counted = [e for e in told if e.at <= now and e.at.astimezone(PARIS).year == local.year]
    else:
        back = months_later(local.date(), -12)
        begins = datetime.combine(back, local.time(), PARIS)
        counted = [e for e in told if begins < e.at <= now]
    reached = max(j for j, each in enumerate(rules.rungs) if each.enter <= sum(e.value for e in counted))
    if reached > rung or (reached == rung and grace is not None):
        last = date(local.year + 1, 12, 31) if rules.window == YEAR else months_later(local.date(), 12)
        return reached, last if reached else None, None
    return rung, term, grace


def _in(rules: Ladder, told: list[Event], last: date) -> Fraction:
    first = months_later(last, -12)
    return Fraction(sum(e.value for e in told if first < e.at.astimezone(PARIS).date() <= last))


START = datetime(2024, 6, 1, tzinfo=UTC)
lives = st.lists(
    st.tuples(st.integers(0, 1500 * 24), st.sampled_from([50, 100, 199, 200, 250, 500, 1000])), max_size=12
)


@given(
    life=lives,
    later=st.integers(0, 2000),
    window=st.sampled_from([YEAR, ROLLING]),
    keep=st.sampled_from([None, "0", "100", "300"]),
    one_step=st.booleans(),
    grace=st.sampled_from([0, 0, 10, 45]),
)
def test_the_walk_agrees_with_a_walk_day_by_day(
    life: list[tuple[int, int]], later: int, window: str, keep: str | None, one_step: bool, grace: int
) -> None:
    rules = ladder(window, keep, grace_days=grace, downgrade="one_step" if one_step else "to_measure")
    told = sorted(Event(START + timedelta(hours=hours), Fraction(value)) for hours, value in life)
    as_of = START + timedelta(days=later)
    assert measured(rules, told, as_of, PARIS)[:2] == oracle(rules, told, as_of)
