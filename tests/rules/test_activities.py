"""What an activity earns: the engine and a naive second opinion agree on the verdict and on every word of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.activities import (
    Doer,
    Occasion,
    Room,
    Taken,
    Verdict,
    earliest_that_counts,
    explained,
    judge,
    misfit,
    refuse,
    room_left,
    rule_for,
)
from app.rules.document import ActivityRule
from app.rules.people import MemberFacts
from tests.rules.activity_oracle import (
    PARIS,
    USUAL,
    naive_cap,
    naive_caps,
    naive_explanation,
    naive_misfit,
    naive_verdict,
)

TICK = timedelta(microseconds=1)
NOON = datetime(2026, 4, 15, 10, tzinfo=UTC)  # a Wednesday, noon in Paris
EDGES = [  # local midnights: of a clock change, a Monday, a month, a year
    datetime(2026, 3, 28, 23, tzinfo=UTC),
    datetime(2026, 3, 29, 22, tzinfo=UTC),
    datetime(2026, 3, 31, 22, tzinfo=UTC),
    datetime(2025, 12, 31, 23, tzinfo=UTC),
    NOON,
]
moments = st.builds(lambda edge, ticks: edge + ticks * TICK, st.sampled_from(EDGES), st.sampled_from([-1, 0]))


def rule(**changes: Any) -> ActivityRule:
    return ActivityRule.model_validate({"key": "k", "kind": "manual", "points": 5} | changes)


def member(**facts: Any) -> Doer:
    return Doer(MemberFacts(**facts))


def verdict(told: ActivityRule, occasion: Occasion | None = None, doer: Doer | None = None, **changes: Any) -> Verdict:
    given_or_not = {"taken": (), "currency": "EUR", "zone": PARIS} | changes
    return judge(told, occasion or Occasion(told.kind, NOON), doer or member(), **given_or_not)


# ---- random rules, occasions and pasts -------------------------------------------------------------------------------

periods = st.sampled_from(["day", "week", "month", "year", "lifetime"])
subjects = st.sampled_from([None, "a", "b"])
caps = st.lists(
    st.fixed_dictionaries(
        {"period": periods},
        optional={"times": st.integers(1, 3), "points": st.integers(1, 40), "per_subject": st.booleans()},
    ),
    max_size=2,
)
raw_rules = st.fixed_dictionaries(
    {"kind": st.sampled_from(sorted(USUAL)), "points": st.sampled_from([0, 5, 30]), "caps": caps},
    optional={
        "subject": st.sampled_from(["a", "b"]),
        "rate": st.sampled_from([{"points": "0", "per": "1"}, {"points": "2.5", "per": "3"}]),
        "who": st.just({"tiers": ["gold"]}),
        "when": st.sampled_from([{"from": "2026-03-29T00:00:00+01:00"}, {"to": "2026-04-01T00:00:00+02:00"}]),
        "min_amount": st.just("20"),
        "budget": periods.map(lambda period: {"points": 30, "period": period}),
        "approval": st.just("review"),
        "min_account_age_days": st.sampled_from([0, 3]),
        "verified_buyer": st.booleans(),
        "self_reported": st.booleans(),
        "reward": st.just("mug"),
        "booster": st.just({"multiplier": "2", "valid_days": 7}),
    },
)
occasions = st.builds(
    Occasion,
    st.sampled_from(sorted(USUAL)),
    moments,
    subjects,
    st.sampled_from([None, Fraction(0), Fraction(20), Fraction(2999, 100)]),
    st.sampled_from([None, "EUR", "EUR", "USD"]),
    st.booleans(),
    st.booleans(),
)
pasts = st.lists(
    st.builds(Taken, st.sampled_from(["k0", "k0", "k1", None]), subjects, moments, st.integers(0, 20)), max_size=4
)
ages = st.sampled_from([None, -timedelta(days=1), timedelta(0), timedelta(days=3) - TICK, timedelta(days=3)])


@settings(max_examples=max(250, settings.default.max_examples))
@given(
    raw_rules,
    occasions,
    pasts,
    st.sampled_from([None, "gold", "entry"]),
    ages,
    st.booleans(),
    st.sampled_from([None, -1, 0, 5, 12, 30]),
    st.sampled_from([None, None, None, 0, 12]),
)
def test_the_verdict_and_its_explanation_are_those_of_the_page(raw, done, taken, tier, age, bought, left, points):
    raw = {**raw, "key": "k0", "kind": done.kind}
    told = ActivityRule.model_validate(raw)
    joined = None if age is None else done.at - age
    doer = Doer(MemberFacts(tier=tier, joined_at=joined), bought=bought)
    assert misfit(told, done, doer, PARIS) == naive_misfit(raw, done, doer)
    ours = verdict(told, done, doer, taken=iter(taken), budget_left=left, points=points)
    theirs = naive_verdict(raw, done, doer, taken, left, points)
    assert (ours.state, ours.reason, ours.points, ours.told) == theirs
    assert ours.taken == ours.points
    said = explained(told, done, ours, version=3, currency="EUR", extra={"order": "o1"})
    assert said == {**naive_explanation(raw, done, theirs[2], theirs[3]), "order": "o1"}


@given(st.lists(raw_rules, max_size=4), occasions, st.sampled_from(["gold", "entry"]))
def test_the_first_rule_that_fits_decides_else_the_first_that_does_not_says_why(raws, done, tier):
    raws = [{**raw, "key": f"k{number}"} for number, raw in enumerate(raws)]
    doer = member(tier=tier)
    asked = [raw for raw in raws if raw["kind"] == done.kind and raw.get("subject", done.subject) == done.subject]
    wrong = [naive_misfit(raw, done, doer) for raw in asked]
    fitting = [raw["key"] for raw, why in zip(asked, wrong, strict=True) if why is None]
    found = rule_for(map(ActivityRule.model_validate, raws), done, doer, PARIS)
    assert (found if isinstance(found, str) else found.key) == [*fitting, *wrong, "no_rule"][0]


@given(raw_rules, occasions, pasts)
def test_the_room_shown_is_what_the_narrowest_cap_leaves_and_no_less_than_an_award_needs(raw, done, taken):
    raw = {**raw, "key": "k0", "kind": done.kind}
    shown = [cap for cap in naive_caps(raw) if done.subject is not None or not cap.get("per_subject")]
    lefts = [naive_cap(raw, cap, done, taken) for cap in shown]
    smallest = [
        min((left[name] for left in lefts if name in left), default=None) for name in ("times_left", "points_left")
    ]
    assert room_left(ActivityRule.model_validate(raw), done, taken, PARIS) == tuple(smallest)


# ---- by hand ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caps", "since"),
    [
        ([], NOON),
        (["day"], datetime(2026, 4, 14, 22, tzinfo=UTC)),
        (["week"], datetime(2026, 4, 12, 22, tzinfo=UTC)),
        (["month", "day"], datetime(2026, 3, 31, 22, tzinfo=UTC)),
        (["day", "year"], datetime(2025, 12, 31, 23, tzinfo=UTC)),
        (["lifetime"], datetime(1, 1, 1, tzinfo=UTC)),
    ],
    ids=str,
)
def test_earlier_activities_count_from_the_beginning_of_the_longest_period(caps, since):
    assert earliest_that_counts(rule(caps=[{"period": each, "times": 1} for each in caps]), NOON, PARIS) == since


def test_nothing_but_kind_and_time_need_be_told():
    assert Occasion("review", NOON) == ("review", NOON, None, None, None, False, False)
    assert Doer(MemberFacts()) == Doer(MemberFacts(), (), None, True)
    assert verdict(rule()) == Verdict("awarded", None, 5, {})


def test_what_is_refused_takes_nothing_and_what_waits_takes_its_points():
    assert refuse("paused", phase="paused") == Verdict("refused", "paused", 0, {"phase": "paused"})
    assert [Verdict(state, None, 7).taken for state in ("awarded", "review", "refused")] == [7, 7, 0]
    assert Verdict("awarded").points == 0


def test_points_and_rate_are_rounded_down_once():
    per_third = rule(points=4, rate={"points": "1", "per": "3"})
    assert verdict(per_third, Occasion("manual", NOON, amount=Fraction(2999, 100))).points == 4 + 9
    assert verdict(per_third).points == 4


def test_what_was_had_counts_from_the_first_moment_of_the_period_to_the_last():
    daily = rule(caps=[{"period": "day", "times": 1}])
    begin, end = datetime(2026, 4, 14, 22, tzinfo=UTC), datetime(2026, 4, 15, 22, tzinfo=UTC)
    had = [[Taken("k", None, at, 5)] for at in (begin - TICK, begin, end - TICK, end)]
    states = [verdict(daily, taken=taken).state for taken in had]
    assert states == ["awarded", "refused", "refused", "awarded"]


@pytest.mark.parametrize(
    ("left", "worth", "state"),
    [
        (31, 30, "awarded"),
        (30, 30, "awarded"),
        (29, 30, "refused"),
        (1, 0, "awarded"),
        (0, 0, "refused"),
        (-1, 0, "refused"),
    ],
)
def test_a_budget_is_spent_to_its_last_point_and_never_cut_into(left, worth, state):
    shared = rule(points=worth, reward="mug", budget={"points": 500, "period": "month"})
    told = {"budget": {"period": "month", "of": "2026-04", "points": 500, "left": left}}
    reason, points = (None, worth) if state == "awarded" else ("budget_spent", 0)
    assert verdict(shared, budget_left=left) == Verdict(state, reason, points, told)


def test_segments_and_market_are_asked_too():
    for_some = rule(who={"segments": ["vip"], "markets": ["eu"]})
    done = Occasion("manual", NOON)
    assert misfit(for_some, done, Doer(MemberFacts(), ["vip"], "eu"), PARIS) is None
    for segments, market in ((["vip"], "us"), ([], "eu"), (["vip"], None)):
        assert misfit(for_some, done, Doer(MemberFacts(), segments, market), PARIS) == "not_for_this_member"


def test_room_without_caps_has_no_limit():
    assert room_left(rule(), Occasion("manual", NOON), [], PARIS) == Room(None, None)
