"""What PHP works out from the earn table is what the table stands for, to the point; its plurals are the Unicode's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.rules.money import decimals_of
from app.rules.programme import parse_programme
from app.rules.table import Occasions, earn_table
from connectors.woocommerce.plugin import SOURCE
from tests.rules.builders import NOON
from tests.rules.table_reader import Sold, drawn, drawn_cart, said, said_of_cart
from tests.rules.test_table import PARIS, solds, timed
from tests.wordpress.conftest import table

HERE = Path(__file__).parent
LANGUAGES = ("en", "ro", "ru", "sk", "fr", "fi", "de", "es", "it", "nl", "pl")
Ask = Callable[[dict[str, Any]], list[Any]]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Return points and sentence as PHP works them out."""
    if not (HERE / "node_modules").is_dir():
        pytest.skip("no PHP: `npm ci` in tests/wordpress")
    pipe = subprocess.PIPE
    command = ["node", str(HERE / "points.mjs"), str(SOURCE)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told, heard = process.stdin, process.stdout

        def answer(document: dict[str, Any]) -> list[Any]:
            told.write(json.dumps(document) + "\n")
            told.flush()
            return list(json.loads(heard.readline()))

        yield answer
        told.close()


ITEM = {"product": "1", "variant": "", "vendor": "", "tags": [], "collections": [], "price": "10", "currency": "EUR"}


def item_of(sold: Sold) -> dict[str, Any]:
    one = {kind: next(iter(sold.facts.get(kind, ())), "") for kind in ("variant", "product", "vendor")}
    item = {**one, "tags": sold.facts.get("tag", ()), "collections": sold.facts.get("collection", ())}
    return {
        **item,
        "price": str(Decimal(sold.minor).scaleb(-decimals_of(sold.currency))),
        "currency": sold.currency,
    }


@given(
    document=timed(),
    lines=st.lists(solds, min_size=1, max_size=3),
    tier=st.sampled_from(["", "gold"]),
)
def test_php_draws_of_a_cart_what_the_table_stands_for(
    ask: Ask, document: dict[str, Any], lines: list[Sold], tier: str
) -> None:
    told = earn_table(1, parse_programme(document), Occasions(NOON, PARIS), ("en",))
    lines = [replace(line, currency=lines[0].currency, gift_card=False) for line in lines]
    items = [item_of(line) for line in lines]
    points, sentence = ask({"table": told, "items": items, "tier": tier, "locale": "en_US"})
    assert points == drawn_cart(told | {"until": None}, lines, 0, tier)
    assert sentence == (said_of_cart(told, points, "en", Locale("en").plural_form(points)) if points else "")


@pytest.mark.parametrize(
    ("changes", "prices", "points"),
    [
        ({}, ["10.05", "10.05"], 201),  # rounded once
        ({"rules": [{"tag": "new", "bonus": 5}], "bonus": 30}, ["10.05", "10.05", "0"], 241),
        ({"cap": 60}, ["10.05"], 60),
        ({}, ["0", "0"], 0),
        ({}, ["9000000", "1000000.01"], None),
        ({"rules": [{"tag": "new", "rates": {"EUR": [1, 7]}}]}, ["7", "7"], 200),
    ],
)
def test_a_carts_lines_are_added_up(ask: Ask, changes: dict[str, Any], prices: list[str], points: int | None) -> None:
    items = [ITEM | {"tags": ["new"], "price": price} for price in prices]
    assert ask({"table": table(**changes), "items": items, "tier": "", "locale": "en"})[0] == points


def test_lines_of_two_denominators_are_left_to_the_server(ask: Ask) -> None:
    told = table(rates={"EUR": [1, 10]}, rules=[{"tag": "new", "rates": {"EUR": [1, 7]}}])
    items = [ITEM, ITEM | {"tags": ["new"]}]
    assert ask({"table": told, "items": items, "tier": "", "locale": "en"}) == [None, ""]


@hypothesis_settings(max_examples=150)
@given(document=timed(), sold=solds, tier=st.sampled_from(["", "entry", "gold", "gone"]), languages=st.just(("en",)))
def test_php_draws_what_the_table_stands_for(
    ask: Ask, document: dict[str, Any], sold: Sold, tier: str, languages: tuple[str, ...]
) -> None:
    told = earn_table(1, parse_programme(document), Occasions(NOON, PARIS), languages)
    sold = replace(sold, gift_card=False)  # WooCommerce knows none
    points, sentence = ask({"table": told, "item": item_of(sold), "tier": tier, "locale": "en_US"})
    expected = drawn(told | {"until": None}, sold, 0, tier)
    assert points == (None if told["ask"] else expected)
    if points:
        category = Locale("en").plural_form(points)
        assert sentence == said(told, points, "en", category)


@pytest.mark.parametrize(
    ("changes", "price", "points"),
    [
        ({"rates": {"EUR": [1, 2000]}, "rounding": "half_up"}, "10", 1),  # a half
        ({"rates": {"EUR": [1, 2000]}, "rounding": "half_up"}, "9.99", 0),
        ({"rules": [{"tag": "new", "bonus": 5}], "bonus": 7}, "0.00", 0),  # what earns nothing has no bonus
        ({"rules": [{"tag": "new", "bonus": 5}], "bonus": 7}, "0.01", 12),
    ],
)
def test_halves_and_nothings(ask: Ask, changes: dict[str, Any], price: str, points: int) -> None:
    item = ITEM | {"tags": ["new"], "price": price}
    assert ask({"table": table(**changes), "item": item, "tier": "", "locale": "en"})[0] == points


@pytest.mark.parametrize("price", ["", "-1", "1e3", "1,50", "10000000.01", "99999999999", " 1", "1.0.0", "x\n"])
def test_what_is_no_price_or_too_dear_earns_nothing_that_php_could_tell(ask: Ask, price: str) -> None:
    assert ask({"table": table(), "item": ITEM | {"price": price}, "tier": "", "locale": "en"}) == [None, ""]


def test_a_sum_too_large_for_php_is_not_told(ask: Ask) -> None:
    told = table(rates={"EUR": [2**40, 1]}, factors={"": [[2**30, 1]]})
    assert ask({"table": told, "item": ITEM, "tier": "", "locale": "en"}) == [None, ""]


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_are_those_of_the_unicode(ask: Ask, language: str) -> None:
    plural = Locale(language).plural_form
    forms = {each: each + " {n}" for each in ("one", "few", "many", "other")}
    text = {language: {"group": " ", "earn": forms}}
    for points in (1, 2, 4, 5, 11, 12, 14, 19, 20, 21, 22, 25, 100, 101, 111, 112, 1000, 1_000_000, 1_234_567):
        told = table(rates={"EUR": [points, 1000]}, text=text)
        grouped = f"{points:,}".replace(",", " ")
        assert (
            ask({"table": told, "item": ITEM, "tier": "", "locale": f"{language}_XX"})[1]
            == f"{plural(points)} {grouped}"
        )


def test_a_language_that_nobody_has_words_for_is_english(ask: Ask) -> None:
    assert ask({"table": table(), "item": ITEM, "tier": "", "locale": "ja"}) == [100, "Earn 100 points"]
