"""The words of the panel: in every language all that English says, with its figures, its plurals and its typography."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.rules.words import LANGUAGES, words

WIDGETS = Path(__file__).parents[2] / "widgets"
FOLDER = WIDGETS / "words"
COUNTS = [*range(1_000), 1_000_000]
_UNGLUED = re.compile(r"[^\xa0\u202f][:;!?»]|«[^\xa0\u202f]")  # French keeps a space there that does not break
# Every plural category of a language, and the whole numbers, such as points have, that take each.
_PLURALS = """
const [languages, counts] = JSON.parse(process.argv[1]);
const told = languages.map((language) => {
  const rules = new Intl.PluralRules(language);
  const taken = Object.fromEntries(rules.resolvedOptions().pluralCategories.map((one) => [one, []]));
  for (const count of counts) taken[rules.select(count)].push(count);
  return [language, taken];
});
console.log(JSON.stringify(Object.fromEntries(told)));
"""


def catalogue(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{language}.json").read_text())
    return found


def forms(text: Any) -> dict[str, str]:
    """Return the plural forms of a text; one without is the same for every number."""
    return text if isinstance(text, dict) else {"other": text}


def figures(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


ENGLISH = catalogue("en")


@pytest.fixture(scope="module")
def plurals() -> dict[str, dict[str, list[int]]]:
    asked = ["node", "-e", _PLURALS, json.dumps([LANGUAGES, COUNTS])]
    told: dict[str, dict[str, list[int]]] = json.loads(
        subprocess.run(asked, check=True, capture_output=True, timeout=30).stdout
    )
    return told


def test_every_language_has_its_catalogue_and_no_other_lies_there() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(LANGUAGES)


def test_the_elements_know_every_language() -> None:
    assert f"'{' '.join(LANGUAGES)}'" in (WIDGETS / "src" / "words.js").read_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_says_what_english_says_in_its_order(language: str) -> None:
    mine = catalogue(language)
    assert list(mine) == list(ENGLISH)
    assert {key for key in mine if isinstance(mine[key], dict)} == {
        key for key in ENGLISH if isinstance(ENGLISH[key], dict)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_has_the_figures_of_english(language: str, plurals: dict[str, dict[str, list[int]]]) -> None:
    for key, text in catalogue(language).items():
        needed = figures(forms(ENGLISH[key])["other"])
        for category, form in forms(text).items():
            alone = plurals[language][category] == [1]  # "once more" needs no number
            assert figures(form) == needed or (alone and figures(form) == needed - {"n"}), f"{key}.{category}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_counts_has_the_forms_of_its_language(
    language: str, plurals: dict[str, dict[str, list[int]]]
) -> None:
    known = plurals[language].keys()
    of_whole_numbers = {category for category, counts in plurals[language].items() if counts}
    for key, text in catalogue(language).items():
        if isinstance(text, dict):
            assert of_whole_numbers | {"other"} <= text.keys() <= known, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_points_are_called_as_the_server_calls_them(language: str, plurals: dict[str, dict[str, list[int]]]) -> None:
    named = words(language).names
    assert catalogue(language)["points"] == {each: named.get(each, named["other"]) for each in plurals[language]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_set_as_its_language_is(language: str) -> None:
    for key, text in catalogue(language).items():
        for form in forms(text).values():
            assert form == form.strip(), key
            assert form, key
            assert not set(form) & set("\"'`"), key
            assert not (language == "fr" and _UNGLUED.search(form)), key


def test_every_text_is_used_and_every_text_that_is_used_is_there() -> None:
    code = "\n".join(path.read_text() for path in sorted((WIDGETS / "src").rglob("*.js")))
    quoted, built = set(re.findall(r"'(\w+)'", code)), set(re.findall(r"'(\w+_)' \+", code))
    unused = [
        key for key in ENGLISH if key not in quoted and not key.startswith(tuple(built)) and f"words.{key}" not in code
    ]
    assert unused == []
    assert set(re.findall(r"\bsay\(\s*'(\w+)'[,)]", code)) <= ENGLISH.keys()
