"""PHP's sum over the earn table is the sum that the table stands for, to the point; its plurals are the Unicode's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connectors.woocommerce.plugin import SOURCE
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


def expected(told: dict[str, Any], item: dict[str, Any], tier: str) -> int | None:
    """Return what the table stands for, in exact fractions."""
    if item["currency"] not in told["rates"]:
        return None
    minor = Fraction(item["price"]) * 10 ** told["digits"][item["currency"]]
    if minor.denominator != 1:
        return None
    rules = [rule for rule in told["rules"] if matches(rule, item)]
    if not minor or any(rule.get("exclude") for rule in rules):
        return 0
    rates = [rule["rates"][item["currency"]] for rule in rules if item["currency"] in rule.get("rates", {})]
    rate = (rates or [told["rates"][item["currency"]]])[0]
    row = told["factors"].get(tier, told["factors"][""])
    factor = row[next((rule["m"] for rule in rules if "m" in rule), 0)]
    exact = minor * Fraction(*rate) * Fraction(*factor)
    whole = {"floor": floor(exact), "ceil": ceil(exact), "half_up": floor(exact + Fraction(1, 2))}[told["rounding"]]
    points = whole + told["bonus"] + next((rule["bonus"] for rule in rules if "bonus" in rule), 0)
    return points if told["cap"] is None else min(points, told["cap"])


def matches(rule: dict[str, Any], item: dict[str, Any]) -> bool:
    of = {"variant": [item["variant"]], "product": [item["product"]], "vendor": [item["vendor"]]}
    of |= {"collection": item["collections"], "tag": item["tags"]}
    return all(rule[kind] in of[kind] for kind in of if kind in rule)


names = st.sampled_from(["1", "2", "new", "cups", "Ünï"])
pairs = st.tuples(st.integers(0, 10_000), st.integers(1, 10_000)).map(list)
prices = st.decimals(0, 100_000, places=2).map(str) | st.sampled_from(["10", "0", "0.00", "19.990", "1.005", "7.5"])


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["variant", "product", "collection", "tag", "vendor", ""]))
    says = {
        "rates": st.builds(lambda pair: {"EUR": pair}, pairs),
        "m": st.integers(1, 2),
        "bonus": st.integers(1, 500),
        "exclude": st.just(True),
    }
    said = draw(st.sets(st.sampled_from(list(says)), min_size=1, max_size=3))
    return ({kind: draw(names)} if kind else {}) | {name: draw(says[name]) for name in said}


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    factors = st.lists(pairs, min_size=3, max_size=3)
    told = table(
        rounding=draw(st.sampled_from(["floor", "half_up", "ceil"])),
        cap=draw(st.none() | st.integers(0, 5000)),
        bonus=draw(st.integers(0, 100)),
        rates={"EUR": draw(pairs)},
        rules=draw(st.lists(rules(), max_size=5)),
        factors={"": draw(factors), "gold": draw(factors)},
    )
    item = {
        "product": draw(names),
        "variant": draw(names | st.just("")),
        "vendor": "",
        "tags": draw(st.lists(names, max_size=2)),
        "collections": draw(st.lists(names, max_size=2)),
        "price": draw(prices),
        "currency": draw(st.sampled_from(["EUR", "EUR", "USD"])),
    }
    return {"table": told, "item": item, "tier": draw(st.sampled_from(["", "gold", "gone"])), "locale": "en_US"}


ITEM = {"product": "1", "variant": "", "vendor": "", "tags": [], "collections": [], "price": "10", "currency": "EUR"}


@hypothesis_settings(max_examples=150)
@given(case=cases())
@example({"table": table(rates={"EUR": [1, 2000]}, rounding="half_up"), "item": ITEM, "tier": "", "locale": "en"})
@example(
    {
        "table": table(rules=[{"tag": "new", "bonus": 5}]),
        "item": ITEM | {"tags": ["new"], "price": "0"},
        "tier": "",
        "locale": "en",
    }
)
def test_php_and_exact_fractions_agree(ask: Ask, case: dict[str, Any]) -> None:
    assert ask(case)[0] == expected(case["table"], case["item"], case["tier"])


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
