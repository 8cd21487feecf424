"""What a basket would earn."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.rules.earning import Basket, BasketLine, Context, preview
from app.rules.programme import parse_programme
from tests.rules.builders import HOUR, NOBODY, NOON, document, programme


def basket(*lines: BasketLine, **changes) -> Basket:
    plain = BasketLine(quantity=2, unit_price=Decimal("19.99"))
    return Basket(**{"currency": "EUR", "lines": lines or (plain,)} | changes)


def test_two_at_19_99_promise_399():
    seen = preview(basket(), programme(), NOBODY, now=NOON)
    assert (seen.target, seen.about) == (399, False)
    assert [(each.id, each.basis) for each in seen.lines] == [("1", Decimal("39.98"))]


def test_discount_is_the_whole_lines():
    line = BasketLine(quantity=2, unit_price=Decimal("19.99"), discount=Decimal("4.00"))
    assert preview(basket(line), programme(), NOBODY, now=NOON).target == 359


def test_product_rules_see_the_baskets_own_facts():
    rules = programme(products=[{"key": "a", "match": {"collection": "new"}, "multiplier": "2"}])
    line = BasketLine(quantity=1, unit_price=Decimal(10), collections=("new",))
    assert preview(basket(line), rules, NOBODY, now=NOON).target == 200


def test_campaigns_are_those_of_now_and_the_tier_is_the_members():
    rules = programme(
        campaigns=[{"key": "a", "multiplier": "3", "from": "2026-03-01T13:00:00Z"}],
        tiers=[{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "1", "multiplier": "2"}],
    )
    assert preview(basket(), rules, Context(tier="gold"), now=NOON).target == 799
    assert preview(basket(), rules, Context(tier="gold"), now=NOON + HOUR).target == 1599


@pytest.mark.parametrize("moment", ["paid", "fulfilled", "completed", "delivered"])
def test_the_promise_is_for_when_the_earn_moment_is_reached(moment):
    assert preview(basket(), programme(earn_on=moment), NOBODY, now=NOON).target == 399


@pytest.mark.parametrize(
    ("switch", "included", "about"),
    [
        ("displayed", None, False),
        ("excluded", None, True),
        ("excluded", True, True),
        ("excluded", False, False),
        ("included", True, False),
        ("included", False, True),
    ],
)
def test_it_says_about_where_tax_is_switched(switch, included, about):
    seen = preview(basket(prices_include_tax=included), programme(basis={"tax": switch}), NOBODY, now=NOON)
    assert (seen.target, seen.about) == (399, about)


def test_without_a_rate_for_the_currency_it_promises_nothing_and_says_about():
    seen = preview(basket(currency="CHF"), programme(), NOBODY, now=NOON)
    assert (seen.target, seen.about, seen.flags) == (0, True, ("no_rate",))


def test_gift_cards_and_empty_baskets_promise_nothing():
    card = BasketLine(quantity=1, unit_price=Decimal(50), gift_card=True)
    assert preview(basket(card), programme(), NOBODY, now=NOON).target == 0
    assert preview(Basket(currency="EUR", lines=()), programme(), NOBODY, now=NOON).target == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"markets": [{"key": "fr", "countries": ["FR"], "rate": {"points": "20", "per": "1"}}]},
        {"eligibility": {"countries": ["FR"]}},
        {"eligibility": {"exclude_countries": ["DE"]}},
    ],
)
def test_it_says_about_where_points_depend_on_a_country_that_nobody_told(changes):
    earning = {"rate": {"points": "10", "per": "1"}, "markets": changes.get("markets", [])}
    rules = parse_programme(document() | {"earning": earning, "eligibility": changes.get("eligibility")})
    assert preview(basket(), rules, NOBODY, now=NOON).about is True
    assert preview(basket(country="FR"), rules, NOBODY, now=NOON).about is False
    assert preview(basket(), programme(), NOBODY, now=NOON).about is False
