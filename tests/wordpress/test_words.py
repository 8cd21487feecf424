"""The plugin's own words are in every language, with the places for what is put in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from connectors.woocommerce.plugin import SOURCE
from tests.wordpress.site import Site

TEMPLATE = SOURCE / "languages" / "tessera-loyalty.pot"
LANGUAGES = sorted((SOURCE / "languages").glob("*.po"))
SAID = re.compile(r"(?:__|esc_html__|esc_attr__)\(\s*'((?:[^'\\]|\\.)*)',\s*'tessera-loyalty'\s*\)")
PLACE = re.compile(r"%(?:\d\$)?s")


def written(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def test_the_template_holds_what_the_code_says() -> None:
    said = {each for path in SOURCE.rglob("*.php") for each in SAID.findall(path.read_text(encoding="utf-8"))}
    assert set(written(TEMPLATE)) == said


def test_there_are_ten_languages_beside_english() -> None:
    assert [path.stem.removeprefix("tessera-loyalty-")[:2] for path in LANGUAGES] == sorted(
        ("de", "es", "fi", "fr", "it", "nl", "pl", "ro", "ru", "sk")
    )


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem[-5:])
def test_every_sentence_is_translated_with_its_places(path: Path) -> None:
    words = written(path)
    assert set(words) == set(written(TEMPLATE))
    assert all(words.values())
    assert {said: sorted(PLACE.findall(told)) for said, told in words.items()} == {
        said: sorted(PLACE.findall(said)) for said in words
    }


def test_a_shop_in_another_language_reads_its_own(paired: Site) -> None:
    told = paired.run(
        """
        add_filter('locale', fn() => 'de_DE');
        unload_textdomain('tessera-loyalty');
        (new TesseraLoyalty\\Compatibility())->words();
        return __('Points', 'tessera-loyalty');
        """
    )
    assert told == "Punkte"
