"""What purchases bring about beside their points, and a member's own rhythm: against naive second opinions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.document import ActivityRule
from app.rules.document.activities import WinBack
from app.rules.milestones import MOST, Buy, Due, dues_of
from app.rules.rhythm import Rhythm, away_on, rhythm_of, runs_of

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SPENDS = (None, Fraction(0), Fraction(5), Fraction(25, 2), Fraction(30))
SETS = [frozenset(each) for each in ("", "a", "ab", "c")]


def histories(*, spends=(Fraction(5),), sets=(frozenset(),)) -> Iterator[list[Buy]]:
    """Yield every history of up to three purchases of these kinds."""
    for length in range(4):
        for rows in product(product(spends, sets), repeat=length):
            yield [Buy(f"o{number}", NOON + number * DAY, *row) for number, row in enumerate(rows)]


def rule(kind: str, **changes: object) -> ActivityRule:
    return ActivityRule.model_validate({"key": "k", "kind": kind, **changes})


def dues(kind: str, buys: list[Buy], **changes: object) -> list[tuple[str, str, bool]]:
    return [(due.subject, due.buy.order_id, due.of_order) for due in dues_of(rule(kind, **changes), buys)]


def milestones(ats: Iterable[str], everys: Iterable[str]) -> list[dict[str, str]]:
    told = ({"at": at, "every": every} for at, every in product((None, *ats), (None, *everys)))
    return [{name: value for name, value in each.items() if value is not None} for each in told]


def test_the_nth_order_and_every_nth_are_due_once_each():
    buys = [Buy(f"o{number}", NOON, None) for number in range(7)]
    for milestone in milestones("15", "123"):
        at, every = int(milestone.get("at", 0)), int(milestone.get("every", 99))
        due = [(str(n), buy.order_id, False) for n, buy in enumerate(buys, 1) if n == at or n % every == 0]
        assert dues("order_count_milestone", buys, milestone=milestone) == due


@pytest.mark.parametrize("milestone", milestones(["5", "17.5", "60"], ["5", "17.5", "20"]), ids=str)
def test_a_sum_and_every_such_sum_are_due_by_the_order_that_reaches_them(milestone):
    sums = [Fraction(milestone["at"])] if "at" in milestone else []
    sums += [Fraction(milestone["every"]) * times for times in range(1, 20)] if "every" in milestone else []
    for buys in histories(spends=SPENDS):
        spent, found = Fraction(0), {}
        for buy in buys:
            spent += buy.spend or 0
            found = {reached: buy.order_id for reached in sums if reached <= spent} | found
        due = sorted((f"{float(reached):g}", order_id, False) for reached, order_id in found.items())
        assert sorted(dues("spend_milestone", buys, milestone=milestone)) == due


@pytest.mark.parametrize("in_one_order", [True, False])
@pytest.mark.parametrize(("wanted", "at_least"), [("a", None), ("ab", None), ("ab", 1), ("abc", 2), ("abc", 3)])
def test_a_set_is_complete_in_one_order_or_over_time(wanted, at_least, in_one_order):
    told = {"products": list(wanted), "in_one_order": in_one_order, "at_least": at_least}
    for buys in histories(sets=SETS):
        have, due = set(), []
        for buy in buys:
            have = (set() if in_one_order else have) | set(buy.products) & set(wanted)
            if len(have) >= (at_least or len(wanted)):
                due.append((buy.order_id if in_one_order else "set", buy.order_id, in_one_order))
        assert dues("product_set", buys, product_set=told) == (due if in_one_order else due[:1])


@pytest.mark.parametrize("least", [None, "12.5", "12.51"])
def test_an_order_of_at_least_so_much_is_due_and_one_in_unknown_money_never(least):
    for buys in histories(spends=SPENDS):
        large = [buy.order_id for buy in buys if buy.spend is not None and buy.spend >= Fraction(least or 0)]
        assert dues("min_spend", buys, min_amount=least) == [(order_id, order_id, True) for order_id in large]


@pytest.mark.parametrize("kind", ["order_count_milestone", "spend_milestone", "product_set"])
def test_without_its_setting_nothing_is_due(kind):
    assert dues_of(rule(kind), [Buy("o", NOON, Fraction(9), frozenset("a"))]) == []


def test_a_member_has_a_thousand_dues_of_a_rule_at_most():
    one = Buy("o", NOON, Fraction(5000))
    found = dues_of(rule("spend_milestone", milestone={"every": "1"}), [one])
    assert found == [Due(str(number), one, False) for number in range(1, 1001)]
    assert MOST == 1000


# ---- rhythm ----------------------------------------------------------------------------------------------------------


def test_three_orders_make_a_rhythm():
    assert rhythm_of([]) == Rhythm() == Rhythm(first_order_at=None, last_order_at=None, orders=0, last_visit_at=None)
    two, three = rhythm_of([NOON, NOON + 3 * DAY]), rhythm_of([NOON, NOON + DAY, NOON + 5 * DAY])
    assert three == Rhythm(first_order_at=NOON, last_order_at=NOON + 5 * DAY, orders=3)
    assert (two.gap, two.gap_days) == (None, None)
    assert (three.gap, three.gap_days) == (Fraction(5 * 24 * 3600 * 10**6, 2), 2)
    assert [Rhythm(orders=3, **one).gap for one in ({"first_order_at": NOON}, {"last_order_at": NOON})] == [None, None]


FOUR = Rhythm(first_order_at=NOON - 30 * DAY, last_order_at=NOON, orders=4, last_visit_at=NOON + 2 * DAY)


@pytest.mark.parametrize(
    ("told", "rhythm", "day"),
    [
        ({"days_without_order": 10}, FOUR, "2026-03-11"),
        ({"days_without_order": 10}, Rhythm(last_visit_at=NOON), None),
        ({"days_without_visit": 10}, FOUR, "2026-03-13"),
        ({"days_without_visit": 10}, Rhythm(last_order_at=NOON, orders=1), None),
        ({"days_without_order": 10, "days_without_visit": 5}, FOUR, "2026-03-11"),
        ({"days_without_order": 10, "days_without_visit": 9}, FOUR, "2026-03-12"),
        ({"days_without_order": 10, "days_without_visit": 9}, Rhythm(last_order_at=NOON), None),
        ({"days_without_order": 10, "only_after_orders": 4}, FOUR, "2026-03-11"),
        ({"days_without_order": 10, "only_after_orders": 3}, FOUR, None),
        ({"only_after_orders": 4}, FOUR, None),
        ({"rhythm": "1.5"}, FOUR, "2026-03-17"),  # 15 days later at 13 o'clock: the next day begins after it
        ({"rhythm": "1.5"}, Rhythm(last_order_at=NOON, orders=2), None),
    ],
    ids=str,
)
def test_a_member_is_away_on_the_first_day_on_which_all_that_is_set_holds(told, rhythm, day):
    assert away_on(WinBack.model_validate(told), rhythm, PARIS) == (day and date.fromisoformat(day))


def test_a_day_that_begins_exactly_out_of_rhythm_is_the_day():
    midnight = datetime(2026, 3, 1, 23, tzinfo=UTC)
    even = Rhythm(first_order_at=midnight - 4 * DAY, last_order_at=midnight, orders=3)
    assert away_on(WinBack(rhythm="1"), even, PARIS) == date(2026, 3, 4)
    later = Rhythm(first_order_at=midnight - 4 * DAY - timedelta(microseconds=1), last_order_at=midnight, orders=3)
    assert away_on(WinBack(rhythm="1"), later, PARIS) == date(2026, 3, 5)


@given(st.lists(st.integers(1, 12)), st.lists(st.tuples(st.integers(1, 12), st.integers(1, 5)), max_size=3))
def test_runs_are_the_longest_rows_of_two_periods_or_more(periods, spans):
    known = [(first, first + length) for first, length in spans]
    every = sorted({*periods, *(each for first, last in known for each in range(first, last + 1))})
    starts = [each for each in every if each - 1 not in every]
    ends = [each for each in every if each + 1 not in every]
    assert runs_of(periods, known) == {run for run in zip(starts, ends, strict=True) if run[0] < run[1]}
