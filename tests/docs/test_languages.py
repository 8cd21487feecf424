"""What docs/languages.md says of each language is what its words do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from babel import Locale

from app.rules.programme import parse_programme
from app.rules.words import LANGUAGES, words
from tests.build import programme

PAGE = (Path(__file__).parent.parent.parent / "docs" / "languages.md").read_text()
ROWS = re.findall(r"^\| (`.*?) \| (.*) \|$", PAGE, re.M)
COUNTED = {tag.strip("`"): re.findall(r"(\d+) ([^,|]+)", row) for tag, row in ROWS[: len(LANGUAGES)]}
FORMS = {tag: row for tags, row in ROWS[len(LANGUAGES) :] for tag in re.findall(r"`(\w+)`", tags)}
NAMES = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.S)[0])["points_name"]


def test_it_names_every_language() -> None:
    assert tuple(COUNTED) == LANGUAGES
    assert set(FORMS) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_points_are_called_as_it_says(language: str) -> None:
    assert COUNTED[language]
    for number, name in COUNTED[language]:
        assert words(language).points(int(number)) == f"{number} {name.strip()}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_every_form_that_numbers_take(language: str) -> None:
    locale = Locale.parse(language)
    told = set(re.findall(r"`(\w+)`", FORMS[language]))
    assert {str(locale.plural_form(number)) for number in range(1_000)} <= told <= {*locale.plural_form.tags, "other"}


def test_its_names_for_points_are_taken_and_complete() -> None:
    parse_programme({**programme(), "points_name": NAMES})
    for tag, forms in NAMES.items():
        locale = Locale.parse(tag.partition("-")[0])
        assert {str(locale.plural_form(number)) for number in range(1_000)} <= forms.keys()
