"""The earn table: what a page works out from it is what the one function says, wherever it does not say "ask"."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.earning import Basket, BasketLine, Context, preview
from app.rules.money import decimals_of
from app.rules.programme import Programme, parse_programme
from app.rules.table import DEAREST, MOST_BYTES, Occasions, earn_table, no_table
from app.rules.when import WEEKDAYS, Window
from app.rules.words import LANGUAGES, words
from tests.rules.builders import NOON, document, programme
from tests.rules.strategies import documents, keyed, multipliers, names, optional, rich_documents
from tests.rules.table_reader import Sold, drawn, drawn_cart, said, said_of_cart

PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
GOLD = [{"key": "entry", "enter": "0"}, {"key": "gold", "name": "Gold", "enter": "1", "multiplier": "2"}]
MUG: dict[str, tuple[str, ...]] = {"product": ("p",), "variant": ("v",)}

hours = st.tuples(st.sampled_from(["00:00", "02:30", "11:00", "12:00"]), st.sampled_from(["00:15", "03:00", "12:30"]))
windows = optional(
    weekdays=st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=6, unique=True), hours=hours.map(list)
)


@st.composite
def timed(draw: st.DrawFn) -> dict:
    """A programme whose campaigns run at some hours, for everyone or for one tier."""
    document = draw(documents)
    document["tiers"] = GOLD
    extras = optional(who=st.sampled_from([{}, {"tiers": ["gold"]}, {"tiers": ["entry"]}]), stackable=st.booleans())
    rows = st.lists(st.tuples(campaign_parts, windows, extras), max_size=3)
    document["campaigns"] = keyed([{**parts, **window, **extra} for parts, window, extra in draw(rows)])
    document["earning"].get("basis", {}).pop("tax", None)
    return document


campaign_parts = st.fixed_dictionaries({"multiplier": multipliers}) | st.fixed_dictionaries({"bonus": st.just(7)})
minors = st.integers(0, 999_99) | st.integers(0, 10**9)
solds = st.builds(
    Sold,
    currency=st.sampled_from(["EUR", "EUR", "EUR", "USD", "JPY", "CHF"]),
    minor=minors,
    facts=st.fixed_dictionaries(
        {
            **{kind: st.lists(names, max_size=1).map(tuple) for kind in ("variant", "product", "vendor")},
            **{kind: st.lists(names, max_size=2).map(tuple) for kind in ("tag", "collection")},
        }
    ),
    gift_card=st.sampled_from([False] * 4 + [True]),
)


def promised(rules: Programme, lines: Sequence[Sold], now: datetime, zone: ZoneInfo, tier: str) -> Any:
    """Return what the one function says of a cart, which may be one unit of a product."""
    cap = rules.earning.caps.member
    basket = Basket(currency=lines[0].currency, lines=[line_of(sold) for sold in lines])
    room = None if cap is None else cap.points
    return preview(basket, rules, Context(tier or "entry"), now=now, room=room, zone=zone)


def line_of(sold: Sold) -> BasketLine:
    facts = {kind: next(iter(sold.facts.get(kind, ())), None) for kind in ("variant", "product", "vendor")}
    return BasketLine(
        quantity=1,
        unit_price=Decimal(sold.minor).scaleb(-decimals_of(sold.currency)),
        product_id=facts["product"],
        variant_id=facts["variant"],
        vendor=facts["vendor"],
        tags=sold.facts.get("tag", ()),
        collections=sold.facts.get("collection", ()),
        gift_card=sold.gift_card,
    )


@given(timed() | rich_documents(), solds, st.sampled_from(["", "entry", "gold"]), ZONES, st.integers(0, 40_000))
def test_a_page_draws_what_the_one_function_says(document: Any, sold: Sold, tier: str, zone: str, minutes: int) -> None:
    rules, now = parse_programme(document), datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(minutes=minutes)
    table = earn_table(1, rules, Occasions(now, ZoneInfo(zone)))
    until = now if table["until"] is None else datetime.fromtimestamp(table["until"], UTC) - timedelta(microseconds=1)
    for moment in {now, max(now, until)}:  # it holds to the last moment that it says
        points = drawn(table, sold, moment.timestamp(), tier)
        if points is None:
            return
        earned = promised(rules, [sold], moment, ZoneInfo(zone), tier)
        assert (points, False) == (earned.target, earned.about)


@given(timed() | documents, st.lists(solds, min_size=1, max_size=4), st.sampled_from(["", "gold"]))
def test_a_page_draws_of_a_cart_what_the_one_function_says(document: Any, lines: list[Sold], tier: str) -> None:
    lines = [replace(line, currency=lines[0].currency, minor=line.minor // 4) for line in lines]
    rules = parse_programme(document)
    points = drawn_cart(earn_table(1, rules, Occasions(NOON, PARIS)), lines, NOON.timestamp(), tier)
    if points is not None:
        earned = promised(rules, lines, NOON, PARIS, tier)
        assert (points, False) == (earned.target, earned.about)


def test_a_carts_lines_are_rounded_together_and_each_brings_its_own_bonus() -> None:
    extra = {"key": "e", "match": {"tag": "extra"}, "bonus": 7}
    quick = {"key": "q", "match": {"tag": "quick"}, "rate": {"points": "1", "per": "3"}}
    rules = programme(products=[extra, quick], campaigns=[{"key": "f", "bonus": 30}])
    table = earn_table(1, rules, Occasions(NOON, PARIS))
    plain, more = Sold("EUR", 1995, {}), Sold("EUR", 1995, {"tag": ("extra",)})
    free, card, other = replace(more, minor=0), replace(more, gift_card=True), replace(plain, facts={"tag": ("quick",)})

    def both(*lines: Sold) -> int | None:
        points = drawn_cart(table, lines, NOON.timestamp())
        assert points == promised(rules, lines, NOON, PARIS, "").target
        return points

    assert [both(plain), both(plain, plain), both(more, more, free, card)] == [229, 429, 443]
    assert [both(free), both(card, free)] == [0, 0]
    assert drawn_cart(table, [plain, other], NOON.timestamp()) is None, "two denominators"
    assert drawn_cart(table, [plain], NOON.timestamp(), codes=["SPRING"]) is None
    assert drawn_cart(table, [replace(plain, minor=DEAREST), plain], NOON.timestamp()) is None
    assert said_of_cart(table, 1429, "en", "other") == "This cart earns 1,429 points"


@given(documents, solds)
def test_a_plain_programme_never_asks_and_has_an_answer_wherever_there_is_a_rate(document: Any, sold: Sold) -> None:
    document["earning"].pop("basis", None)
    document.pop("campaigns", None)
    table = earn_table(1, parse_programme(document), Occasions(NOON, PARIS))
    assert not table["ask"]
    assert (drawn(table, sold, NOON.timestamp()) is None) == (sold.currency not in table["rates"])


def test_a_mug_earns_the_same_in_the_table() -> None:
    rules = programme(tiers=GOLD, products=[{"key": "a", "match": {"tag": "x"}, "multiplier": "3", "bonus": 5}])
    table = earn_table(7, rules, Occasions(NOON, PARIS))
    mug = Sold("EUR", 1999, MUG)
    assert (table["version"], table["until"], table["ask"]) == (7, None, False)
    assert drawn(table, mug, NOON.timestamp()) == drawn(table, mug, NOON.timestamp(), "entry") == 199
    assert drawn(table, mug, NOON.timestamp(), "gold") == 399
    assert drawn(table, replace(mug, facts={"tag": ("x",)}), NOON.timestamp(), "gold") == 799 + 5
    assert drawn(table, mug, NOON.timestamp(), "platinum") is None
    entry = {"name": "entry", "factor": "1"}
    assert table["tiers"] == {"entry": entry, "gold": {"name": "Gold", "factor": "2"}}
    json.dumps(table)


def points(rules: Programme, tier: str = "", minor: int = 1000, currency: str = "EUR", **facts: str) -> int | None:
    table = earn_table(1, rules, Occasions(NOON, PARIS))
    assert not table["ask"]
    return drawn(table, Sold(currency, minor, {kind: (name,) for kind, name in facts.items()}), NOON.timestamp(), tier)


def test_rules_say_each_what_is_theirs() -> None:
    rules = programme(
        tiers=GOLD,
        rates={"USD": {"points": "3", "per": "1"}},
        products=[
            {"key": "a", "match": {"tag": "rate"}, "rate": {"points": "20", "per": "1"}},
            {"key": "b", "match": {"tag": "double"}, "multiplier": "2"},
            {"key": "c", "match": {"tag": "half"}, "multiplier": "0.5"},
            {"key": "d", "match": {"vendor": "out"}, "exclude": True, "bonus": 9},
            {"key": "e", "match": {"tag": "extra"}, "bonus": 7},
        ],
        campaigns=[{"key": "f", "bonus": 30}],
    )
    assert [points(rules), points(rules, "gold"), points(rules, minor=0)] == [130, 230, 0]
    assert [points(rules, tag="rate"), points(rules, tag="rate", currency="USD")] == [230, 60]
    assert [points(rules, tag="double"), points(rules, tag="half"), points(rules, "gold", tag="half")] == [230, 80, 180]
    assert [points(rules, tag="extra"), points(rules, vendor="out"), points(rules, tag="extra", vendor="out")] == [
        137,
        0,
        0,
    ]


def test_a_cap_and_each_rounding_are_kept() -> None:
    def told(rounding: str, **caps: Any) -> int | None:
        return points(programme(rate={"points": "1", "per": "4"}, rounding=rounding, caps=caps), minor=1000)

    assert [told("floor"), told("half_up"), told("ceil"), told("ceil", order=2)] == [2, 3, 3, 2]


@given(documents)
def test_no_reader_of_64_bits_runs_over(rules: Any) -> None:
    rules["campaigns"], rules["earning"]["basis"] = [], {}
    table = earn_table(1, parse_programme(rules), Occasions(NOON, PARIS))
    rates = [*table["rates"].values(), *(pair for rule in table["rules"] for pair in rule.get("rates", {}).values())]
    factors = [pair for row in table["factors"].values() for pair in row]
    for rate, factor in itertools.product(rates, factors):
        over, under = 100 * DEAREST * rate[0] * factor[0], 100 * rate[1] * factor[1]
        assert 2 * over + under < 2**63 or table["ask"]


HUGE: list[dict[str, Any]] = [
    {"rate": {"points": "100000000000", "per": "1"}},
    {"rate": {"points": "1", "per": "100000000000000000"}},
    {"products": [{"key": "a", "rate": {"points": "100000000000", "per": "1"}}]},
    {"products": [{"key": "a", "multiplier": "100000000000"}]},
    {"products": [{"key": "a", "multiplier": "0.000000000000000001"}]},
    {"products": [{"key": "a", "bonus": 2**61}]},
    {"campaigns": [{"key": "a", "bonus": 2**61}]},
]


@pytest.mark.parametrize("more", HUGE, ids=range(len(HUGE)))
def test_numbers_too_large_for_a_reader_are_asked_for(more: dict[str, Any]) -> None:
    assert earn_table(1, programme(**more), Occasions(NOON, PARIS))["ask"]


ASKS: dict[str, dict[str, Any]] = {
    "margins": {"earning": {"margins": [{"key": "b", "multiplier": "2"}]}},
    "markets": {"earning": {"markets": [{"key": "m", "countries": ["FI"], "rate": {"points": "2", "per": "1"}}]}},
    "tax": {"earning": {"basis": {"tax": "excluded"}}},
    "member cap": {"earning": {"caps": {"member": {"period": "day", "points": 100}}}},
    "segments": {"segments": [{"key": "s", "any_tag": ["vip"], "multiplier": "2"}]},
    "eligibility": {"eligibility": {"min_age": 18}},
    "countries": {"eligibility": {"countries": ["FR"]}},
    "tagged": {"campaigns": [{"key": "c", "multiplier": "2", "who": {"any_tag": ["vip"]}}]},
    "least basis": {"campaigns": [{"key": "c", "multiplier": "2", "min_basis": "50"}]},
    "limited": {"campaigns": [{"key": "c", "multiplier": "2", "max_orders": 5}]},
    "first orders": {"campaigns": [{"key": "c", "multiplier": "2", "max_orders_per_member": 1}]},
    "a bonus for some": {"tiers": GOLD, "campaigns": [{"key": "c", "bonus": 9, "who": {"tiers": ["gold"]}}]},
    "endless digits": {"earning": {"rate": {"points": "0.1234567890123456787", "per": "0.9876543210987654321"}}},
}


@pytest.mark.parametrize("more", ASKS.values(), ids=ASKS)
def test_what_hangs_on_more_than_product_price_and_tier_is_asked_for(more: dict[str, Any]) -> None:
    asked = document()
    asked = {**asked, **more, "earning": {**asked["earning"], **more.get("earning", {})}}
    table = earn_table(1, parse_programme(asked), Occasions(NOON, PARIS))
    assert table["ask"]
    assert (table["rates"], table["rules"], table["factors"]) == ({}, [], {})
    assert not earn_table(1, parse_programme(document()), Occasions(NOON, PARIS))["ask"]


def test_a_campaign_is_asked_for_only_while_it_runs() -> None:
    campaign = {"key": "c", "multiplier": "2", "min_basis": "50", "from": "2026-03-02T00:00:00Z"}
    rules = programme(campaigns=[{**campaign, "to": "2026-03-03T00:00:00Z"}])
    told = [earn_table(1, rules, Occasions(NOON + timedelta(days=day), PARIS)) for day in range(3)]
    assert [table["ask"] for table in told] == [False, True, False]
    first, second = (int(datetime(2026, 3, day, tzinfo=UTC).timestamp()) for day in (2, 3))
    assert [table["until"] for table in told] == [first, second, None]


def test_while_some_visitors_are_to_see_no_points_nobodys_are_drawn() -> None:
    trial = {"key": "t", "kind": "points_display", "share": "0.5", "from": "2026-03-02T00:00:00Z"}
    rules = parse_programme({**document(), "experiments": [{**trial, "to": "2026-03-03T00:00:00Z"}]})
    told = [earn_table(1, rules, Occasions(NOON + timedelta(days=day), PARIS)) for day in range(3)]
    assert [(table["ask"], table["until"] is None) for table in told] == [(False, False), (True, False), (False, True)]


def test_codes_wait_for_the_cart() -> None:
    rules = programme(campaigns=[{"key": "c", "multiplier": "2", "coupon": "go", "to": "2026-03-02T00:00:00Z"}])
    table = earn_table(1, rules, Occasions(NOON, PARIS))
    assert (table["ask"], table["until"], drawn(table, Sold("EUR", 100, MUG), 0)) == (False, None, 10)


def test_the_next_version_ends_the_table() -> None:
    later = NOON + timedelta(days=1)
    rules = programme(campaigns=[{"key": "c", "multiplier": "2", "to": "2026-03-09T00:00:00Z"}])
    assert earn_table(1, rules, Occasions(NOON, PARIS, later))["until"] == later.timestamp()
    assert no_table(Occasions(NOON, PARIS, later))["until"] == later.timestamp()
    assert drawn(no_table(Occasions(NOON, PARIS)), Sold("EUR", 100, MUG), 0) is None


def test_a_programme_that_does_not_run_draws_nothing_and_asks_nothing() -> None:
    paused = parse_programme({**document(), "phase": {"kind": "paused"}})
    table = earn_table(1, paused, Occasions(NOON, PARIS))
    assert (table["ask"], drawn(table, Sold("EUR", 100, MUG), 0)) == (False, None)


def test_a_hidden_tier_is_told_only_where_nobody_else_reads() -> None:
    tiers = [*GOLD, {"key": "black", "enter": "9", "multiplier": "5", "hidden": True}]
    public = earn_table(1, programme(tiers=tiers), Occasions(NOON, PARIS))
    assert "black" not in json.dumps(public)
    kept = earn_table(1, programme(tiers=tiers), Occasions(NOON, PARIS), hidden=True)
    assert drawn(kept, Sold("EUR", 100, MUG), 0, "black") == 50


def test_a_table_too_large_to_keep_is_asked_for() -> None:
    rows = [{"key": f"k{n}", "match": {"product": f"product-{n}"}, "multiplier": "2"} for n in range(1000)]
    table = earn_table(1, programme(products=rows), Occasions(NOON, PARIS))
    assert table["ask"]
    assert len(json.dumps(table, ensure_ascii=False).encode()) < MOST_BYTES
    tiers = [{"key": f"t{n}", "enter": str(n), "multiplier": "2"} for n in range(100)]
    mixed = [{**row, "multiplier": str(n)} for n, row in enumerate(rows[:50])]
    assert earn_table(1, programme(products=mixed, tiers=tiers), Occasions(NOON, PARIS))["ask"]


@given(windows, ZONES, st.integers(0, 400 * 24 * 60))
def test_a_window_changes_when_it_says_and_not_before(window: Any, zone: str, minutes: int) -> None:
    rules = programme(campaigns=[{"key": "c", "bonus": 1, **window}])
    own: Window = rules.compiled.campaigns[0].window
    at, here = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes), ZoneInfo(zone)
    turn = own.changes_at(at, here)
    before = turn - timedelta(microseconds=1) if turn else at + timedelta(days=8)
    steps = [at + (before - at) * part / 60 for part in range(61)]
    assert {own.runs_at(step, here) for step in steps} == {own.runs_at(at, here)}
    if turn:
        assert own.runs_at(turn, here) != own.runs_at(at, here)


@given(st.integers(0, 10**9), st.sampled_from(LANGUAGES))
def test_its_sentences_are_those_of_the_server(points: int, language: str) -> None:
    rules = parse_programme({**document(), "points_name": {"fr": {"one": "étoile", "other": "étoiles"}}})
    table = earn_table(1, rules, Occasions(NOON, PARIS))
    mine = words(language, rules.points_name)
    text = said(table, points, language, str(mine.locale.plural_form(points)))
    assert mine.points(points) in text


def test_only_the_languages_that_are_asked_for_are_told() -> None:
    rules = parse_programme({**document(), "points_name": {"fr": {"one": "étoile", "other": "étoiles"}}})
    table = earn_table(1, rules, Occasions(NOON, PARIS), ("fr", "xx", "", "fr"))
    assert table["text"].keys() == {"fr"}
    assert table["text"]["fr"]["earn"]["other"] == "Gagnez {n} étoiles"
    assert table["text"]["fr"]["times"] == "×{factor} pour {tier}"
