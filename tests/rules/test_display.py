"""How a programme looks and speaks: what may be written, and which text is told in which language."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.programmes.colours import BLACK, READABLE, WHITE, contrast, text_on
from app.rules.programme import InvalidProgramme, parse_programme
from app.rules.spoken import said
from tests.build import programme

LOOK: dict[str, Any] = {
    "accent": "#C8643C",
    "logo": "https://shop.example/logo.svg",
    "radius": 8,
    "launcher": {"label": {"en": "Rewards", "fr": "Avantages"}, "side": "left", "icon": "star"},
    "announcement": {"text": "Double points", "from": "2026-03-01T00:00:00Z", "to": "2026-03-08T00:00:00Z"},
    "faq": [{"question": {"fr": "Quoi ?"}, "answer": "First line.\nSecond line."}],
}


def parsed(**display: Any) -> Any:
    return parse_programme({**programme(), "display": display}).display


def test_a_look_is_kept_as_it_was_written() -> None:
    read = parse_programme({**programme(), "display": LOOK})
    told = read.to_document()["display"]
    assert told["accent"] == "#c8643c"
    assert (told["launcher"], told["faq"]) == (LOOK["launcher"], LOOK["faq"])
    assert told["announcement"] == {**LOOK["announcement"], "link": None}
    assert parse_programme(read.to_document()) == read
    assert parse_programme(programme()).display is None


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"accent": "red"}, "accent", "not_a_colour"),
        ({"accent": "#fff"}, "accent", "not_a_colour"),
        ({"accent": "#c8643c;}"}, "accent", "not_a_colour"),
        ({"accent_dark": "#12345g"}, "accent_dark", "not_a_colour"),
        ({"logo": "http://shop.example/logo.svg"}, "logo", "not_an_address"),
        ({"logo": "javascript:alert(1)"}, "logo", "not_an_address"),
        ({"logo": 'https://shop.example/"onerror='}, "logo", "not_an_address"),
        ({"logo": "https://shop.example/a b"}, "logo", "not_an_address"),
        ({"radius": 33}, "radius", "out_of_range"),
        ({"radius": 1.5}, "radius", "wrong_type"),
        ({"launcher": {"side": "top"}}, "launcher.side", "unknown_value"),
        ({"launcher": {"icon": "<svg>"}}, "launcher.icon", "unknown_value"),
        ({"launcher": {"label": "x" * 61}}, "launcher.label", "too_long"),
        ({"announcement": {"text": ""}}, "announcement.text", "too_short"),
        ({"announcement": {"text": {"en": "a\x07"}}}, "announcement.text.en", "not_printable"),
        ({"announcement": {"text": {"English": "a"}}}, "announcement.text.English", "not_a_language"),
        ({"announcement": {"text": {"": "a"}}}, "announcement.text", "not_a_language"),
        ({"announcement": {"text": 7}}, "announcement.text", "wrong_type"),
        ({"announcement": {"text": "a", "link": "//evil.example"}}, "announcement.link", "not_an_address"),
        ({"faq": [{"question": "a", "answer": "x" * 3_001}]}, "faq.0.answer", "too_long"),
        ({"faq": [{"question": "a", "answer": {}}]}, "faq.0.answer", "too_short"),
        ({"faq": [{"question": "a", "answer": "\ud800"}]}, "faq.0.answer", None),
        ({"faq": [{"question": "a", "answer": "b"}] * 51}, "faq", "too_long"),
        ({"css": "body{}"}, "css", "unknown_key"),
    ],
)
def test_what_is_no_look_is_told_where_it_is(wrong: dict[str, Any], field: str, code: str | None) -> None:
    with pytest.raises(InvalidProgramme) as refused:
        parsed(**wrong)
    [problem] = refused.value.problems
    assert problem.field == f"display.{field}"
    assert code in (None, problem.code)


def test_an_announcement_that_ends_before_it_begins_is_refused() -> None:
    times = {"from": "2026-03-08T00:00:00Z", "to": "2026-03-01T00:00:00Z"}
    with pytest.raises(InvalidProgramme, match=r"display\.announcement"):
        parsed(announcement={"text": "a", **times})


@pytest.mark.parametrize(
    ("tag", "told"), [("fr-CA", "fr-CA"), ("fr", "fr"), ("fr-BE", "fr"), ("en", "en"), ("pl", "en"), ("", "en")]
)
def test_a_text_is_told_in_the_nearest_language(tag: str, told: str) -> None:
    assert said({"fr": "fr", "fr-CA": "fr-CA", "en": "en"}, tag) == told


def test_without_english_the_first_language_is_told_and_a_single_text_to_everybody() -> None:
    assert said({"fi": "jep", "sk": "áno"}, "pl") == "jep"
    assert said({"": "yes"}, "pl") == "yes"


@given(st.integers(0, 0xFFFFFF))
def test_the_text_on_any_colour_can_be_read(number: int) -> None:
    colour = f"#{number:06x}"
    assert contrast(colour, text_on(colour)) >= READABLE


def test_contrasts_are_those_of_the_standard() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.01)
    assert [text_on(colour) for colour in ("#767676", "#777777", "#ffff00", "#c8643c")] == [WHITE, BLACK, BLACK, BLACK]
