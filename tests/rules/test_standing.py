"""Where a member stands, all things taken together: the measure, a bought membership, a merge; and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from app.rules.document import Membership, Tier, TierMeasure
from app.rules.memberships import Bought, Term, bought, terms
from app.rules.programme import parse_programme
from app.rules.projection import Keep, Next, Projection, project, sentence
from app.rules.standing import Life, Recorded, Standing, passed, standing
from app.rules.tiers import Event, Ladder
from tests.rules.builders import after, back, document, line, order, refund

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = Membership(key="year", product="card", tier="gold", months=12)
WEEK = Membership(key="week", product="trial", tier="silver", days=7)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


# ---- what an order holds of a membership -----------------------------------------------------------------------------

CARD = line("20.00", 3, id="a", product_id="card")
OF_YEAR = Bought("year", "gold", 12, 0, 3)


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (order(CARD), (OF_YEAR,)),
        (order(CARD, paid="part"), ()),
        (order(CARD, paid="none"), ()),
        (order(CARD, all_refunded=True), ()),
        (order(CARD, line("5.00", 1, id="b")), (OF_YEAR,)),
        (order(line("5.00", 1, product_id="other")), ()),
        (order(replace(CARD, product_id="other", variant_id="card")), (OF_YEAR,)),
        (order(replace(CARD, variant_id="trial")), (Bought("week", "silver", 0, 7, 3),)),
        (order(CARD, line("0.00", 2, id="b", product_id="card")), (OF_YEAR._replace(units=5),)),
        (order(line("1.00", 1, id="b", product_id="trial"), CARD), (OF_YEAR, Bought("week", "silver", 0, 7, 1))),
        (order(replace(CARD, removed=1)), (OF_YEAR._replace(units=2),)),
        (after(order(CARD), refund(back(1, "20.00", "a"))), (OF_YEAR._replace(units=2),)),
        (after(order(CARD), refund(back(3, "60.00", "a"))), ()),
        (after(order(CARD), refund(back(3, "59.00", "a"))), ()),
        (after(order(CARD), refund(back(0, "60.00", "a"))), ()),
        (after(order(CARD), refund(back(0, "59.00", "a"))), (OF_YEAR,)),
        (after(order(CARD), refund(money="59.99")), (OF_YEAR,)),
        (after(order(CARD), refund(money="60.00")), ()),
    ],
)
def test_each_unit_that_is_kept_of_an_order_paid_in_full_is_a_term(state, found):
    assert bought(state, [YEAR, WEEK]) == found
    assert bought(state, []) == ()


def test_a_purchase_during_a_term_adds_to_it_and_a_later_one_begins_anew():
    first, days = Bought("year", "gold", 1, 0, 1), Bought("week", "silver", 0, 7, 2)
    assert terms([(at("2026-01-31T12:00"), first)], PARIS) == [
        Term("gold", at("2026-01-31T12:00"), at("2026-03-01T00:00"))
    ]
    # counted from the first day: February shortens no later month
    renewed = [(at("2026-01-31T12:00"), first), (at("2026-02-28T23:59"), first)]
    assert terms(renewed, PARIS) == [Term("gold", at("2026-01-31T12:00"), at("2026-04-01T00:00"))]
    too_late = [(at("2026-01-31T12:00"), first), (at("2026-03-01T00:00"), first)]
    assert terms(too_late, PARIS) == [
        Term("gold", at("2026-01-31T12:00"), at("2026-03-01T00:00")),
        Term("gold", at("2026-03-01T00:00"), at("2026-04-02T00:00")),
    ]
    into_the_second = [*too_late, (at("2026-04-01T23:59"), first)]
    assert [each.ends for each in terms(into_the_second, PARIS)] == [at("2026-03-01T00:00"), at("2026-05-02T00:00")]
    assert terms([(at("2026-03-01T23:30"), days)], PARIS) == [
        Term("silver", at("2026-03-01T23:30"), at("2026-03-16T00:00"))
    ]
    # another membership, or the same key in another tier, is a chain of its own
    mixed = [(NOON, first), (NOON, days), (NOON, first._replace(tier="silver", units=2))]
    assert [(each.tier, each.ends) for each in terms(mixed, PARIS)] == [
        ("gold", at("2026-04-02T00:00")),
        ("silver", at("2026-03-16T00:00")),
        ("silver", at("2026-05-02T00:00")),
    ]


def test_no_calendar_needs_to_hold_more_than_a_thousand_years():
    for endless in (Bought("year", "gold", 1200, 0, 999), Bought("year", "gold", 12_001, 0, 1)):
        assert terms([(NOON, endless)], PARIS)[0].ends == at("3026-03-02T00:00")
    assert terms([(NOON, Bought("week", "gold", 0, 3650, 999))], PARIS)[0].ends == at("3011-10-25")


# ---- all together ----------------------------------------------------------------------------------------------------

LADDER = Ladder.of(
    [
        Tier(key="entry", enter="0"),
        Tier(key="silver", enter="200"),
        Tier(key="gold", enter="500"),
        Tier(key="club", enter=None),
    ],
    TierMeasure(window="calendar_year"),
)
FOR_EVER = replace(LADDER, window="lifetime")
HEIGHT = {"entry": 0, "silver": 1, "gold": 2, "club": 3}
SPANS = [(NOON + begins * DAY, NOON + ends * DAY) for begins, ends in ((-1, 1), (0, 1), (-2, 0), (1, 2), (-1, 3))]
SPANS += [(NOON - DAY, at("2028-01-01")), (NOON - DAY, at("2030-01-01"))]
TERMS = [Term(tier, *span) for tier in ("silver", "gold", "gone") for span in SPANS]
LASTS = [
    Recorded(NOON - DAY, tier, keeps_until, source)
    for tier in ("entry", "silver", "gold", "gone")
    for keeps_until in (None, NOON, NOON + DAY, NOON + 3 * DAY, at("2028-01-01"))
    for source in ("manual", "merge", "measure")
]


def lives() -> Iterator[Life]:
    """Yield a life for every term beside every last change, and for every two terms."""
    for events in ([], [Event(NOON - 9 * DAY, Fraction(200))]):
        for opened, last in product(([], *([each] for each in TERMS)), (None, *LASTS)):
            yield Life(events, opened, last)
            yield Life(events, opened, last, lowered=True)
        yield from (Life(events, list(two), None) for two in product(TERMS, TERMS))


def naive_standing(ladder: Ladder, life: Life) -> Standing:
    last = life.last
    stays = last is not None and last.tier in HEIGHT and (last.keeps_until is None or last.keeps_until > NOON)
    if stays and last.source == "manual":
        return Standing(last.tier, last.keeps_until, "manual", last.keeps_until, "set by hand")
    until = at("2028-01-01") if ladder is LADDER else None
    reached = Standing("silver", until, "measure", None, "the threshold is reached")
    may = [reached if life.events else Standing("entry", None, "measure", None, "nothing reached")]
    may += [
        Standing(t.tier, t.ends, "membership", None, "a membership") for t in life.terms if t.begins <= NOON < t.ends
    ]
    ends = [may[0].keeps_until, *(each for t in life.terms for each in (t.begins, t.ends))]
    if stays and last.source == "merge" and not life.lowered:
        may.append(Standing(last.tier, last.keeps_until, "merge", None, "of a joined account"))
        ends.append(last.keeps_until)
    far = datetime.max.replace(tzinfo=UTC)
    best = max(may, key=lambda each: (HEIGHT.get(each.tier, -1), each.keeps_until or far))
    return best._replace(review_at=min((end for end in ends if end is not None and end > NOON), default=None))


@pytest.mark.parametrize("ladder", [LADDER, FOR_EVER], ids=["calendar_year", "lifetime"])
def test_the_highest_counts_and_of_equal_tiers_the_longest(ladder):
    for life in lives():
        assert standing(ladder, life, NOON, PARIS) == naive_standing(ladder, life), life


def test_a_merge_holds_as_long_as_nobody_says_that_something_became_less():
    merged = Recorded(NOON - DAY, "gold", None, "merge")
    assert standing(LADDER, Life([], [], merged), NOON, PARIS).source == "merge"
    assert standing(LADDER, Life([], [], merged, lowered=True), NOON, PARIS).source == "measure"


def test_every_tier_that_was_open_is_remembered():
    told = [Event(NOON - 2 * DAY, Fraction(200)), Event(NOON + DAY, Fraction(300))]
    opened = [Term("club", NOON, NOON + DAY), Term("entry", NOON + DAY, NOON + 2 * DAY)]
    assert passed(LADDER, Life(told, opened, None), NOON, PARIS) == {"silver", "club"}
    assert passed(LADDER, Life([], [], None), NOON, PARIS) == set()


# ---- what is missing -------------------------------------------------------------------------------------------------


def club(window: str = "calendar_year", by: str = "spend", keep: str | None = "400", **measure: object):
    tiers = [
        {"key": "entry", "name": "Friend", "enter": "0"},
        {"key": "gold", "name": "Gold", "enter": "500", "keep": keep},
        {"key": "secret", "enter": "600", "hidden": True},
        {"key": "paid", "enter": None},
        {"key": "top", "enter": "1000"},
    ]
    return parse_programme(document(tiers=tiers) | {"tier_measure": {"by": by, "window": window, **measure}})


def life(*told: tuple[str, str]) -> Life:
    return Life([Event(at(moment), Fraction(value)) for moment, value in told], [], None)


def asked(rules, key: str, told: Life, now: str, source: str = "measure") -> Projection:
    return project(rules, key, source, told, at(now), PARIS)


BOUGHT = life(("2026-03-01", "500.25"), ("2027-02-01", "160"))


def test_the_next_tier_is_the_first_above_that_is_shown_and_can_be_reached():
    start = asked(club(), "entry", life(("2026-02-01", "99.5")), "2026-03-01")
    assert start == Projection("spend", Fraction(199, 2), Next("gold", "Gold", Fraction(801, 2)), None)
    assert start.next.points == 401
    assert asked(club(), "gold", BOUGHT, "2026-03-01").next == Next("top", "top", Fraction(1999, 4))
    assert asked(club(), "top", life(("2026-02-01", "5")), "2026-03-01").next is None
    assert asked(club(), "entry", life(("2026-02-01", "700")), "2026-03-01").next == Next("gold", "Gold", Fraction(0))


def test_a_term_says_what_keeps_the_tier_in_the_window_that_ends_with_it():
    year = (at("2027-01-01"), at("2028-01-01"), at("2029-01-01"))
    assert asked(club(), "gold", BOUGHT, "2026-03-01").to_keep == Keep(Fraction(240), *year)
    assert asked(club(), "gold", BOUGHT, "2027-02-01").to_keep == Keep(Fraction(240), *year)
    enough = life(("2026-03-01", "500"), ("2027-02-01", "450"))
    assert asked(club(), "gold", enough, "2027-02-01").to_keep == Keep(Fraction(0), *year)
    rolling = asked(club("rolling_12_months"), "gold", life(("2026-03-01", "500")), "2026-06-01").to_keep
    assert rolling == Keep(Fraction(400), at("2026-03-02"), at("2027-03-02"), at("2028-03-02"))


def test_in_the_days_of_grace_the_tier_is_entered_again():
    late = asked(club(grace_days=30), "gold", life(("2026-03-01", "500"), ("2028-01-05", "120")), "2028-01-10")
    assert late.measured == 120
    assert late.to_keep == Keep(Fraction(380), at("2028-01-01"), at("2028-01-31"), at("2030-01-01"))


def test_nothing_keeps_the_entry_tier_one_for_life_or_one_that_has_another_reason():
    assert asked(club(), "entry", life(), "2026-03-01").to_keep is None
    assert asked(club("lifetime", keep=None), "gold", BOUGHT, "2026-03-01").to_keep is None
    assert asked(club(), "gold", BOUGHT, "2026-03-01", "membership").to_keep is None


@pytest.mark.parametrize(
    ("by", "next_value", "keep_value", "said"),
    [
        ("spend", "12.5", None, "€12.50 to Top"),
        ("points", "12.5", None, "13 points to Top"),
        ("orders", "3", None, "orders: 3 to Top"),
        ("points", None, "0", "Gold is yours until December 31, 2028"),
        ("points", None, "1.5", "2 points by December 31, 2027 to stay Gold until December 31, 2028"),
        ("points", "7", "0", "Gold is yours until December 31, 2028; 7 points to Top"),
        ("points", None, None, "You are Gold"),
    ],
)
def test_it_is_said_in_one_sentence(by, next_value, keep_value, said):
    further = None if next_value is None else Next("top", "Top", Fraction(next_value))
    ends = (at("2027-01-01"), at("2028-01-01"), at("2029-01-01"))
    keep = None if keep_value is None else Keep(Fraction(Decimal(keep_value)), *ends)
    assert sentence(Projection(by, Fraction(0), further, keep), club(), "gold", PARIS) == said


def test_a_tier_without_a_name_or_gone_from_the_programme_is_called_by_its_key():
    for key in ("secret", "gone"):
        assert sentence(Projection("spend", Fraction(0), None, None), club(), key, PARIS) == f"You are {key}"
