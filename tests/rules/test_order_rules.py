"""Markets, margins, segments, eligibility, and which of several campaigns count."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from app.rules.bands import band_of, margin_of
from app.rules.earning import Context, ProductFacts
from app.rules.eligibility import Standing, old_enough, unmet
from app.rules.people import MemberFacts
from app.rules.programme import parse_programme
from connectors.contract import DiscountCode
from tests.rules.builders import document, earned, line, order, programme, rate, target

TEN = (line("10.00", 1),)


def campaigns(*rows: dict) -> list[dict]:
    return [{"key": str(number), **row} for number, row in enumerate(rows)]


# ---- markets ---------------------------------------------------------------------------------------------------------


def test_the_first_market_that_names_the_country_has_the_order():
    rows = [
        {"key": "a", "countries": ["FR", "BE"], "rate": rate("20")},
        {"key": "b", "countries": ["BE", "NL"], "rate": rate("30")},
    ]
    rules = programme(markets=rows)
    assert [target(order(*TEN, country=one), rules) for one in ("FR", "BE", "NL", "DE", None)] == [
        200,
        200,
        300,
        100,
        100,
    ]


def test_a_market_without_a_rate_keeps_the_programmes_and_adds_its_own_currencies():
    rules = programme(markets=[{"key": "a", "countries": ["JP"], "rates": {"JPY": rate("1", "2")}}])
    yen = order(line("1000", 1), currency="JPY")
    assert target(order(*TEN, country="JP"), rules) == 100
    assert [target(order(*yen.lines, currency="JPY", country=one), rules) for one in ("JP", "FR")] == [500, 0]


def test_a_product_rules_rate_counts_in_every_market():
    rules = programme(
        markets=[{"key": "a", "countries": ["FR"], "rate": rate("20")}],
        products=[{"key": "p", "match": {"product": "x"}, "rate": rate("5")}],
    )
    assert target(order(line("10.00", 1, product_id="x"), country="FR"), rules) == 50


# ---- margins ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "cost", "margin"),
    [
        ("20", "8", Fraction(3, 5)),
        ("3", "1", Fraction(2, 3)),
        ("10", "10", Fraction(0)),
        ("10", "15", Fraction(-1, 2)),
        ("10", "0", Fraction(1)),
        ("0", "0", None),
        (None, "8", None),
        ("20", None, None),
    ],
)
def test_a_margin_is_an_exact_share_of_the_price(price, cost, margin):
    numbers = [None if each is None else Decimal(each) for each in (price, cost)]
    assert margin_of(*numbers) == margin


def test_bands_begin_with_from_and_end_before_to():
    rows = [{"key": "low", "to": "0.4", "multiplier": "0"}, {"key": "high", "from": "0.4", "multiplier": "2"}]
    bands = programme(margins=rows).compiled.bands
    costs = {"60.01": "low", "60": "high", "200": "low", "0": "high"}
    assert {cost: band_of(bands, Decimal(100), Decimal(cost)) for cost in costs} == costs
    assert band_of(bands, Decimal(100), None) is None


@pytest.mark.parametrize(("stacking", "points"), [("add", 350), ("multiply", 450), ("best", 300)])
def test_a_margins_factor_joins_like_any_other(stacking, points):
    rules = programme(
        stacking=stacking,
        margins=[{"key": "high", "from": "0.4", "multiplier": "1.5"}],
        products=[{"key": "p", "multiplier": "3"}],
    )
    context = Context(lines={"l1": ProductFacts(band="high")})
    assert target(order(*TEN), rules, context) == points
    told = earned(order(*TEN), rules, context).explanation["lines"][0]
    assert (told["multiplier"]["rule"], told["margin"]["rule"]) == ("p", "high")


def test_a_margins_factor_counts_where_no_product_has_a_rule():
    rules = programme(margins=[{"key": "high", "from": "0.4", "multiplier": "1.5"}])
    assert target(order(*TEN), rules, Context(lines={"l1": ProductFacts(band="high")})) == 150


def test_a_band_that_the_version_lacks_says_nothing():
    assert target(order(*TEN), programme(), Context(lines={"l1": ProductFacts(band="gone")})) == 100


# ---- segments --------------------------------------------------------------------------------------------------------


def test_each_segment_of_the_member_adds_its_multiplier():
    text = document()
    text["segments"] = [{"key": "a", "multiplier": "2"}, {"key": "b", "multiplier": "3"}, {"key": "c"}]
    rules = parse_programme(text)
    assert target(order(*TEN), rules, Context(segments=["a", "b", "c", "gone"])) == 400
    told = earned(order(*TEN), rules, Context(segments=["b"])).explanation["multipliers"]
    assert told == [{"kind": "segment", "rule": "b", "version": None, "multiplier": "3"}]


# ---- campaigns -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "points"),
    [
        ([{"bonus": 1}, {"bonus": 2}], 103),
        ([{"bonus": 1, "stackable": False}, {"bonus": 2}], 101),  # of equal priority, the first of the document
        ([{"bonus": 1}, {"bonus": 2, "stackable": False}], 101),
        ([{"bonus": 1}, {"bonus": 2, "stackable": False, "priority": 1}], 102),
        ([{"bonus": 1}, {"bonus": 2, "stackable": False, "priority": -1}, {"bonus": 4}], 105),
        ([{"bonus": 1, "priority": 1}, {"bonus": 2, "priority": 3, "coupon": "x", "stackable": False}], 101),
    ],
)
def test_of_several_campaigns_the_highest_counts_alone_unless_it_shares(rows, points):
    assert target(order(*TEN), programme(campaigns=campaigns(*rows))) == points


@pytest.mark.parametrize(("code", "counts"), [("Spring", True), ("SPRING", True), ("spring ", True), ("sprin", False)])
def test_a_coupon_is_compared_in_any_case(code, counts):
    rules = programme(campaigns=campaigns({"bonus": 5, "coupon": "sPring"}))
    bought = order(*TEN, discount_codes=(DiscountCode(code="other"), DiscountCode(code=code)))
    assert target(bought, rules) == (105 if counts else 100)


def test_a_limited_campaign_waits_for_its_place():
    rules = programme(campaigns=campaigns({"bonus": 5, "max_orders": 1}))
    open_ = earned(order(*TEN), rules)
    assert (open_.undecided, open_.counts, open_.target) == (["0"], True, 105)
    told = {place: earned(order(*TEN), rules, Context(places={"0": place})) for place in (True, False)}
    assert [(each.target, each.undecided) for each in told.values()] == [(105, []), (100, [])]
    assert told[False].explanation["places"] == {"0": False}
    assert earned(order(*TEN, paid="none"), rules).counts is False


# ---- eligibility -----------------------------------------------------------------------------------------------------


def test_what_a_member_did_not_meet_leaves_nothing_and_is_named():
    told = earned(order(*TEN), context=Context(unmet="min_age"))
    assert (told.target, told.kept_basis, told.earned_at, told.counts) == (0, 0, None, False)
    assert (told.explanation["nothing_because"], told.explanation["condition"]) == ("not_eligible", "min_age")


@pytest.mark.parametrize(
    ("rules", "country", "condition"),
    [
        ({"countries": ["FR"]}, "FR", None),
        ({"countries": ["FR"]}, None, "countries"),
        ({"exclude_countries": ["FR"]}, "FR", "exclude_countries"),
        ({"exclude_countries": ["FR"]}, None, None),
    ],
)
def test_where_an_order_goes_decides_with_each_state(rules, country, condition):
    programme_ = parse_programme(document() | {"eligibility": rules})
    told = earned(order(*TEN, country=country), programme_)
    assert (told.target, told.explanation.get("condition")) == ((0, condition) if condition else (100, None))


def test_the_first_condition_that_is_not_met_is_named():
    rules = parse_programme(
        document() | {"eligibility": {"enrol": "on_request", "min_age": 18, "exclude_tags": ["staff"]}}
    ).eligibility
    staff = MemberFacts(tags=("staff",))
    assert unmet(rules, staff, Standing(enrolled=False, of_age=False)) == "enrol"
    assert unmet(rules, staff, Standing(enrolled=True, of_age=None)) == "min_age"
    assert unmet(rules, staff, Standing(enrolled=True, of_age=True)) == "exclude_tags"
    assert unmet(rules, MemberFacts(), Standing(enrolled=True, of_age=True)) is None


@pytest.mark.parametrize(
    ("born", "today", "old"),
    [
        ((2008, 3, 1), "2026-02-28T22:59:59Z", False),
        ((2008, 3, 1), "2026-02-28T23:00:00Z", True),  # the shop's day, not UTC's
        ((2008, 2, 29), "2026-02-28T12:00:00Z", False),
        ((2008, 2, 29), "2026-03-01T12:00:00Z", True),
        ((2007, 12, 31), "2026-01-01T12:00:00Z", True),
    ],
)
def test_an_age_is_reached_on_the_shops_day(born, today, old):
    moment = datetime.fromisoformat(today).astimezone(UTC)
    assert old_enough(date(*born), 18, moment, ZoneInfo("Europe/Paris")) is old
