"""Who fits a segment or a rule, when a rule runs, and which caps are usual: against naive second opinions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.document import ActivityCap, ActivityRule, Eligibility, Market, Segment, When, Who
from app.rules.eligibility import Standing, asks_of_people, old_enough, unmet, unmet_by_country
from app.rules.fields import ACTIVITY_KINDS
from app.rules.people import MemberFacts, fits, market_of, segments_of
from app.rules.usual import caps_of, once_in
from app.rules.when import Window
from tests.rules.strategies import optional, some_tags

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 4, 15, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
moments = st.sampled_from([NOON - timedelta(days=2), NOON - timedelta(days=1), NOON - TICK, NOON, NOON + TICK])
maybe_moments = st.none() | moments
members = st.builds(
    MemberFacts,
    tags=some_tags,
    country=st.sampled_from([None, "FR", "FI"]),
    customer_groups=some_tags,
    tier=st.sampled_from([None, "gold", "entry"]),
    joined_at=maybe_moments,
    orders=st.integers(0, 3),
    spent=st.sampled_from([Fraction(0), Fraction(999, 100), Fraction(10)]),
    last_order_at=maybe_moments,
)


# ---- segments --------------------------------------------------------------------------------------------------------

CONDITIONS = {  # what is written → whether a member has it
    "any_tag": lambda wanted, member: not wanted or bool(set(wanted) & set(member.tags)),
    "no_tag": lambda wanted, member: not set(wanted) & set(member.tags),
    "countries": lambda wanted, member: not wanted or member.country in wanted,
    "customer_groups": lambda wanted, member: not wanted or bool(set(wanted) & set(member.customer_groups)),
    "tiers": lambda wanted, member: not wanted or member.tier in wanted,
    "orders_at_least": lambda least, member: member.orders >= least,
    "orders_at_most": lambda most, member: member.orders <= most,
    "spent_at_least": lambda least, member: member.spent >= Fraction(least),
    "inactive_days": lambda days, member: away(member, days),
    "joined_from": lambda first, member: bool(member.joined_at and member.joined_at >= datetime.fromisoformat(first)),
    "joined_to": lambda end, member: bool(member.joined_at and member.joined_at < datetime.fromisoformat(end)),
}


def away(member: MemberFacts, days: int) -> bool:
    since = member.last_order_at or member.joined_at
    return since is not None and since + timedelta(days=days) <= NOON


VALUES = {
    "any_tag": some_tags,
    "no_tag": some_tags,
    "countries": st.sampled_from([[], ["FR"]]),
    "customer_groups": some_tags,
    "tiers": st.sampled_from([[], ["gold"]]),
    "orders_at_least": st.integers(0, 3),
    "orders_at_most": st.integers(0, 3),
    "spent_at_least": st.sampled_from(["0", "9.99", "10"]),
    "inactive_days": st.integers(1, 2),
    "joined_from": moments.map(datetime.isoformat),
    "joined_to": moments.map(datetime.isoformat),
}


@pytest.mark.parametrize("condition", CONDITIONS)
@settings(max_examples=40)
@given(data=st.data(), member=members)
def test_a_condition_of_a_segment_means_what_it_says(condition, data, member):
    value = data.draw(VALUES[condition])
    segment = Segment.model_validate({"key": "s", condition: value})
    assert segments_of([segment], member, NOON) == (("s",) if CONDITIONS[condition](value, member) else ())


@given(st.lists(optional(**VALUES), max_size=3), members)
def test_a_member_is_in_every_segment_whose_conditions_all_hold_in_the_documents_order(raws, member):
    raws = [{**raw, "key": f"s{number}"} for number, raw in enumerate(raws)]
    held = tuple(
        raw["key"] for raw in raws if all(CONDITIONS[name](raw[name], member) for name in raw if name != "key")
    )
    assert segments_of(map(Segment.model_validate, raws), member, NOON) == held


def test_nothing_is_known_of_a_member_unless_told():
    assert MemberFacts() == MemberFacts(
        tags=(),
        country=None,
        customer_groups=(),
        tier=None,
        joined_at=None,
        orders=0,
        spent=Fraction(0),
        last_order_at=None,
    )
    strangers = Segment(key="s", orders_at_most=0, spent_at_least="0")
    assert segments_of([strangers], MemberFacts(), NOON) == ("s",)


@given(
    optional(segments=some_tags, tiers=st.just(["gold"]), markets=st.sampled_from([[], ["eu"]]), any_tag=some_tags),
    members,
    some_tags,
    st.sampled_from([None, "eu", "us"]),
)
def test_a_rule_is_for_who_has_one_of_each_list(who, member, segments, market):
    has = {"segments": segments, "tiers": [member.tier], "markets": [market], "any_tag": member.tags}
    wanted = all(not wants or set(wants) & set(has[name]) for name, wants in who.items())
    assert fits(Who.model_validate(who), member, segments, market) is wanted


def test_the_first_market_that_names_the_country_counts():
    markets = [Market(key=key, countries=countries) for key, countries in (("a", ["FR"]), ("b", ["FR", "FI"]))]
    assert [found and found.key for found in (market_of(markets, each) for each in ("FR", "FI", "DE", None))] == [
        "a",
        "b",
        None,
        None,
    ]


# ---- eligibility -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "standing", "missing"),
    [
        ({}, Standing(enrolled=False), None),
        ({"enrol": "on_request"}, Standing(), None),
        ({"enrol": "on_request", "min_age": 18}, Standing(enrolled=False), "enrol"),
        ({"min_age": 18}, Standing(), "min_age"),
        ({"min_age": 18}, Standing(of_age=False), "min_age"),
        ({"min_age": 18}, Standing(of_age=True), None),
        ({"any_tag": ["a", "x"]}, Standing(), None),
        ({"any_tag": ["g"]}, Standing(), "any_tag"),
        ({"customer_groups": ["g"]}, Standing(), None),
        ({"customer_groups": ["a"]}, Standing(), "customer_groups"),
        ({"exclude_tags": ["a"]}, Standing(), "exclude_tags"),
        ({"exclude_tags": ["g"]}, Standing(), None),
        ({"exclude_customer_groups": ["g", "x"]}, Standing(), "exclude_customer_groups"),
        ({"exclude_customer_groups": ["a"]}, Standing(), None),
    ],
    ids=str,
)
def test_the_first_condition_that_is_not_met_is_named(asked, standing, missing):
    facts = MemberFacts(tags=["a", "b"], customer_groups=["g"])
    assert unmet(Eligibility.model_validate(asked), facts, standing) == missing


@pytest.mark.parametrize(
    ("asked", "country", "missing"),
    [
        ({}, None, None),
        ({"countries": ["FR"]}, "FR", None),
        ({"countries": ["FR"]}, "FI", "countries"),
        ({"countries": ["FR"]}, None, "countries"),
        ({"exclude_countries": ["FR"]}, "FR", "exclude_countries"),
        ({"exclude_countries": ["FR"]}, "FI", None),
        ({"exclude_countries": ["FR"]}, None, None),
    ],
)
def test_an_orders_country_may_earn_or_not(asked, country, missing):
    eligibility = Eligibility.model_validate(asked)
    assert unmet_by_country(eligibility, country) == missing
    assert not asks_of_people(eligibility)
    assert asks_of_people(eligibility.model_copy(update={"min_age": 18}))


@pytest.mark.parametrize(
    ("born", "at", "enough"),
    [
        ("2008-04-15", "2026-04-14T21:59:59Z", False),
        ("2008-04-15", "2026-04-14T22:00:00Z", True),  # midnight in Paris
        ("2008-05-01", "2026-04-30T12:00:00Z", False),
        ("2008-02-29", "2026-02-28T12:00:00Z", False),
        ("2008-02-29", "2026-03-01T12:00:00Z", True),
        ("2007-12-31", "2026-01-01T12:00:00Z", True),
    ],
)
def test_a_birthday_comes_with_the_shops_day(born, at, enough):
    assert old_enough(date.fromisoformat(born), 18, datetime.fromisoformat(at), PARIS) is enough


# ---- when ------------------------------------------------------------------------------------------------------------

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MONDAY = datetime(2026, 4, 13, tzinfo=PARIS)  # in summer time; no clock changes near
EDGE = datetime(2026, 4, 15, 12, tzinfo=PARIS)
HOURS = (["09:30", "18:00"], ["22:00", "02:30"], ["00:00", "00:01"], ["18:00", "24:00"], ["23:59", "00:00"])
CLOCK_TIMES = sorted({each for hours in HOURS for each in hours} | {"12:00"})


def minutes(text: str) -> timedelta:
    return timedelta(hours=int(text[:2]), minutes=int(text[3:]))


@pytest.mark.parametrize("hours", [None, *HOURS], ids=str)
@pytest.mark.parametrize("weekdays", [None, ["mon"], ["wed", "thu", "sun"]], ids=str)
def test_a_window_is_open_from_its_hour_on_its_days_for_as_long_as_it_lasts(hours, weekdays):
    first, end = map(minutes, hours or ["00:00", "24:00"])
    lasts = end - first if first < end else end - first + timedelta(days=1)
    open_days = [day for day in range(-7, 14) if weekdays is None or DAYS[day % 7] in weekdays]
    whole = {"hours": hours, "weekdays": weekdays}
    dates = ({}, {"from": EDGE.isoformat()}, {"to": EDGE.isoformat()})
    windows = [Window.of(When.model_validate(whole | each)) for each in dates]
    for day, clock_time, off in product(range(-1, 8), CLOCK_TIMES, (-TICK, timedelta(0), TICK)):
        local = MONDAY + timedelta(days=day) + minutes(clock_time) + off
        starts = (MONDAY + timedelta(days=each) + first for each in open_days)
        is_open = any(start <= local < start + lasts for start in starts)
        expected = [is_open, is_open and local >= EDGE, is_open and local < EDGE]
        assert [window.runs_at(local.astimezone(UTC), PARIS) for window in windows] == expected


# ---- usual caps ------------------------------------------------------------------------------------------------------

ONCE = ActivityCap(period="lifetime", times=1)
EACH = ActivityCap(period="lifetime", times=1, per_subject=True)
DAILY = ActivityCap(period="day", times=1)


def rule(kind: str, **changes: object) -> ActivityRule:
    return ActivityRule.model_validate({"key": "k", "kind": kind, **changes})


CAPS = {  # docs/activities.md, "Kinds"
    "sign_up newsletter push_opt_in product_set": (ONCE,),
    "profile_field social_connect social_follow review photo_review question answer receipt survey contest": (EACH,),
    "social_share site_visit in_store_scan": (DAILY,),
    "email_open email_click": (EACH, DAILY),
    "wishlist_add": (EACH, ActivityCap(period="day", times=5)),
}


@pytest.mark.parametrize("kind", [*ACTIVITY_KINDS, "custom:dance"])
def test_the_usual_caps_are_those_of_the_docs_and_a_browsers_once_a_day(kind):
    caps = next((caps for kinds, caps in CAPS.items() if kind in kinds.split()), ())
    assert tuple(caps_of(rule(kind))) == caps
    assert set(caps_of(rule(kind, self_reported=True))) == {*caps, DAILY}
    assert len(caps_of(rule(kind, self_reported=True))) == len({*caps, DAILY})
    own = ActivityCap(period="month", times=3)
    assert caps_of(rule(kind, self_reported=True, caps=[own.model_dump()])) == (own,)


@pytest.mark.parametrize(
    ("told", "limits"),
    [
        (rule("birthday"), [("year", 1, False)]),
        (rule("first_purchase_anniversary"), [("year", 1, False)]),
        (rule("member_anniversary"), [("year", 1, False)]),
        (rule("order_count_milestone"), [("lifetime", 1, True)]),
        (rule("spend_milestone"), [("lifetime", 1, True)]),
        (rule("review"), [("lifetime", 1, True)]),
        (rule("sign_up"), [("lifetime", 1, False)]),
        (rule("site_visit"), []),
        (rule("manual", caps=[{"period": "lifetime", "points": 50}]), []),
        (
            rule("manual", caps=[{"period": "year", "times": 2}, {"period": "lifetime", "times": 7}]),
            [("lifetime", 7, False)],
        ),
    ],
)
def test_what_is_had_only_so_often_is_so_after_a_merge_too(told, limits):
    assert list(once_in(told)) == limits
