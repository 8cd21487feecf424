"""The words of every language: complete, with the right plurals, and a merchant's own name for points."""

from __future__ import annotations

import re
import string
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

import app.rules.words
from app.points.sentences import of_entry
from app.rules.document import PointsName
from app.rules.explain import sentence
from app.rules.fields import ACTIVITY_KINDS
from app.rules.words import LANGUAGES, words
from tests.rules.builders import order, programme
from tests.rules.test_explain import earned

_UNGLUED = re.compile(r"[^\xa0\u202f][:;!?»]|«[^\xa0\u202f]")  # French keeps a space there that does not break
FOLDER = Path(app.rules.words.__file__).parent


def catalogue(language):
    return tomllib.loads((FOLDER / f"{language}.toml").read_text())


def figures(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_has_its_catalogue_and_no_other_lies_there():
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_says_everything_english_says_with_the_same_figures(language):
    english, mine = catalogue("en"), catalogue(language)
    assert mine.keys() == english.keys()
    for section in english.keys() - {"point"}:
        assert {key: figures(text) for key, text in mine[section].items()} == {
            key: figures(text) for key, text in english[section].items()
        }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_set_as_its_language_is(language):
    for section in catalogue(language).values():
        for key, text in section.items():
            assert text == text.strip(), key
            assert text, key
            assert not set(text) & set("\"'`"), key
            assert not (language == "fr" and _UNGLUED.search(text)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_activity_has_a_name(language):
    assert set(ACTIVITY_KINDS) <= catalogue(language)["kind"].keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_points_have_a_name_in_every_plural_whole_numbers_need(language):
    categories = {str(Locale.parse(language).plural_form(number)) for number in range(1_000)}
    assert categories <= catalogue(language)["point"].keys() | {"other"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["1 point", "2 points", "5 points", "21 points", "0.5 points", "12,399 points"]),
        ("ro", ["1 punct", "2 puncte", "5 puncte", "21 de puncte", "0,5 puncte", "12.399 de puncte"]),
        ("ru", ["1 балл", "2 балла", "5 баллов", "21 балл", "0,5 балла", "12\xa0399 баллов"]),
        ("sk", ["1 bod", "2 body", "5 bodov", "21 bodov", "0,5 bodu", "12\xa0399 bodov"]),
        ("fr", ["1 point", "2 points", "5 points", "21 points", "0,5 point", "12\u202f399 points"]),
        ("fi", ["1 piste", "2 pistettä", "5 pistettä", "21 pistettä", "0,5 pistettä", "12\xa0399 pistettä"]),
        ("de", ["1 Punkt", "2 Punkte", "5 Punkte", "21 Punkte", "0,5 Punkte", "12.399 Punkte"]),
        ("es", ["1 punto", "2 puntos", "5 puntos", "21 puntos", "0,5 puntos", "12.399 puntos"]),
        ("it", ["1 punto", "2 punti", "5 punti", "21 punti", "0,5 punti", "12.399 punti"]),
        ("nl", ["1 punt", "2 punten", "5 punten", "21 punten", "0,5 punten", "12.399 punten"]),
        ("pl", ["1 punkt", "2 punkty", "5 punktów", "21 punktów", "0,5 punktu", "12\xa0399 punktów"]),
    ],
)
def test_numbers_bend_the_word(language, said):
    assert [words(language).points(number) for number in (1, 2, 5, 21, "0.5", 12399)] == said


@pytest.mark.parametrize(
    ("language", "said"), [("es", "1.000.000 puntos"), ("fr", "1\u202f000\u202f000 points"), ("it", "1.000.000 punti")]
)
def test_a_million_is_named_as_every_other_number(language, said):
    assert words(language).points(1_000_000) == said


def test_money_has_its_currencys_decimals_and_no_fewer_than_are_known():
    english = words("en")
    assert [english.money("39.98", "EUR"), english.money("5", "EUR"), english.money("0.001", "EUR")] == [
        "€39.98",
        "€5.00",
        "€0.001",
    ]
    assert [english.money("1999", "JPY"), english.money("10/3", "KWD")] == ["¥1,999", "KWD3.333333"]


def test_a_price_has_no_empty_decimals():
    said = [words("en").price(*each) for each in (("5.00", "EUR"), ("4.5", "EUR"), ("1500", "JPY"), ("0", "USD"))]
    assert said == ["€5", "€4.50", "¥1,500", "$0"]
    assert [words(each).price("1234", "EUR") for each in ("de", "nl", "ro")] == [
        "1.234\xa0€",
        "€\xa01.234",
        "1.234\xa0EUR",
    ]


def test_a_percentage_is_written_as_the_language_does():
    assert [words(each).percent("12.5") for each in ("en", "de", "it")] == ["12.5%", "12,5\xa0%", "12,5%"]


def test_the_merchants_name_for_points_goes_first():
    names = {"en": PointsName(one="star", other="stars"), "ru": PointsName(one="звезда", few="звезды", other="звёзд")}
    assert [words("en", names).points(1), words("en", names).points(2)] == ["1 star", "2 stars"]
    assert [words("ru", names).points(number) for number in (1, 2, 5)] == ["1 звезда", "2 звезды", "5 звёзд"]
    assert words("fi", names).points(2) == "2 pistettä"


def test_a_name_is_that_of_the_region_else_of_the_language():
    names = {"fr-CA": PointsName(other="étoiles"), "fr": PointsName(other="perles")}
    assert [words(tag, names).points(2) for tag in ("fr-CA", "fr-BE", "fr")] == ["2 étoiles", "2 perles", "2 perles"]
    assert [words(tag, {"fr-CA": names["fr-CA"]}).points(2) for tag in ("fr-CA", "fr")] == ["2 étoiles", "2 points"]
    assert words("fr", names).names == {"other": "perles"}


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        (None, "en"),
        ("", "en"),
        ("sv", "en"),
        ("de-AT", "de"),
        ("fr-CA,fr;q=0.8,en;q=0.5", "fr"),
        ("sv;q=0.9, ro;q=0.4, sk;q=0.7", "sk"),
        ("en;q=0.1,fi", "fi"),
        ("RU", "ru"),
        ("*", "en"),
        (";;;,,q=q", "en"),
        ("fr;q=1.2.3,fi;q=0.9", "fr"),
        ("fr;q=0.9,fi;q=1.2.3", "fi"),
        ("," * 498 + "fr", "fr"),
        ("," * 499 + "fr", "en"),  # cut off
    ],
)
def test_the_most_wanted_language_that_is_known_is_spoken(wanted, spoken):
    assert words(wanted).language == spoken


@given(st.text(max_size=60))
def test_no_wish_for_a_language_is_an_error(wanted):
    assert words(wanted).language in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_how_an_order_earned(language):
    told = earned(order(), programme(campaigns=[{"key": "a", "multiplier": "2", "bonus": 5}])).explanation
    said = sentence(told, words(language))
    assert "39" in said
    assert words(language).points(804) in said


def test_a_sentence_in_slovak_and_finnish():
    told = earned(order()).explanation
    assert sentence(told, words("sk")) == "39,98\xa0€ × 10 bodov za 1,00\xa0€ = 399 bodov, zaokrúhlené nadol"
    assert sentence(told, words("fi")) == "39,98\xa0€ × 10 pistettä / 1,00\xa0€ = 399 pistettä, pyöristetty alaspäin"


@pytest.mark.parametrize("kind", [*ACTIVITY_KINDS, "tier_entry", "custom:coffee_tasting"])
def test_an_activity_is_named_and_counted(kind):
    said = of_entry("activity", 50, {"rule": "r", "kind": kind, "points": 50})
    assert said.endswith(": 50 points")


def test_an_activity_by_rate_says_how():
    told = {
        "rule": "receipts",
        "kind": "receipt",
        "amount": "12.50",
        "currency": "EUR",
        "rate": {"points": "2", "per": "1"},
    }
    assert of_entry("activity", 25, told) == "Receipt: €12.50 × 2 points per €1.00 = 25 points"
    assert of_entry("reversal", -25, told) == "Receipt: no longer counts"


def test_a_day_is_the_local_one():
    moment = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    assert words("fr").day(moment, ZoneInfo("Europe/Paris")) == "1 avril 2026"
    assert words("en").day(moment, ZoneInfo("America/New_York")) == "March 31, 2026"


def test_an_order_before_any_programme_says_so():
    assert sentence({"reason": "no programme"}) == "No points: no programme was running when the order was placed"
