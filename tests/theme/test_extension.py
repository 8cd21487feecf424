"""The theme app extension as Shopify takes it: its linter finds nothing, limits are kept, every language is there.

https://shopify.dev/docs/apps/build/online-store/theme-app-extensions/configuration
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from app.rules.words import LANGUAGES
from connectors.shopify import install
from tests.theme.liquid_pages import EXTENSION, locale, schema

HERE = Path(__file__).parent
RULES = HERE / "node_modules" / "@shopify" / "theme-check-docs-updater" / "data"
BLOCKS = sorted(path.stem for path in (EXTENSION / "blocks").iterdir())
ALL = ("en", "ro", "ru", "sk", "fr", "fi", "de", "es", "it", "nl", "pl")
KEYS = {
    "name",
    "target",
    "javascript",
    "stylesheet",
    "enabled_on",
    "disabled_on",
    "class",
    "tag",
    "settings",
    "available_if",
}


@pytest.fixture(scope="session")
def rules() -> Path:
    if not RULES.is_dir():
        pytest.skip("theme-check is not installed: `npm ci` in tests/theme")
    return RULES


WRONG = (
    "{{ nobody | unheard_of }}{% render 'missing' %}{{ 'no.key' | t }}<script src='https://x.example/x.js'></script>"
)


@pytest.fixture(scope="module")
def offenses(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Check the extension, and a copy of it with a wrong block, in one run: half of a run is its start."""
    spoilt = tmp_path_factory.mktemp("spoilt") / "tessera"
    shutil.copytree(EXTENSION, spoilt)
    (spoilt / "blocks" / "wrong.liquid").write_text(WRONG)
    command = ["node", "check.mjs", str(EXTENSION), str(spoilt)]
    done = subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout)


def names_in(language: str) -> Any:
    default = ".default" if language == "en" else ""
    return json.loads((EXTENSION / "locales" / f"{language}{default}.schema.json").read_text("utf-8"))


def shape(document: Any) -> Any:
    return {key: shape(value) for key, value in document.items()} if isinstance(document, dict) else None


def labels(block: Any) -> list[str]:
    """Return everything in a schema that merchants read."""
    rows = [block, *block.get("settings", ())]
    rows += [option for row in rows for option in row.get("options", ())]
    return [row[key] for row in rows for key in ("name", "label", "info", "content") if key in row]


def test_theme_check_finds_nothing(offenses: Any) -> None:
    assert offenses[0] == []


def test_theme_check_would_find_what_is_wrong(offenses: Any) -> None:
    found = {one["check"] for one in offenses[1]}
    assert {"UndefinedObject", "UnknownFilter", "MissingTemplate", "TranslationKeyExists", "RemoteAsset"} <= found


@pytest.mark.parametrize("block", BLOCKS)
def test_a_schema_is_what_the_theme_editor_takes(rules: Path, block: str) -> None:
    told = schema(block)
    assert told.keys() <= KEYS
    assert told["target"] in ("section", "body", "head", "compliance_head")

    def read(name: str) -> Resource[Any]:
        return Resource.from_contents(json.loads((rules / name.rpartition("/")[2]).read_text("utf-8")))

    validator = Draft7Validator({"$ref": "theme/settings.json"}, registry=Registry(retrieve=read))  # type: ignore[call-arg]
    # "autofill" is for blocks of apps alone, and the schema is for all themes
    settings = [{key: value for key, value in one.items() if key != "autofill"} for one in told["settings"]]
    assert list(validator.iter_errors(settings)) == []
    assert list(validator.iter_errors([{"type": "no such type", "id": "a", "label": "b"}]))
    ids = [one["id"] for one in told["settings"]]
    assert len(ids) == len(set(ids))


def test_it_stays_inside_the_limits() -> None:
    liquid = list(EXTENSION.rglob("*.liquid"))
    assert sum(path.stat().st_size for path in liquid) <= 100_000
    assert sum(path.stat().st_size for path in EXTENSION.rglob("*") if path.is_file()) <= 10_000_000
    assert len(BLOCKS) <= 30
    locales = list((EXTENSION / "locales").iterdir())
    assert len(locales) <= 100
    assert max(path.stat().st_size for path in locales) <= 15_000


def test_it_holds_nothing_but_what_shopify_knows() -> None:
    assert {path.name for path in EXTENSION.iterdir()} == {
        "assets",
        "blocks",
        "locales",
        "shopify.extension.toml",
        "snippets",
    }
    told = tomllib.loads((EXTENSION / "shopify.extension.toml").read_text())
    assert (told["type"], told["handle"]) == ("theme", "tessera")


@pytest.mark.parametrize("language", ALL)
def test_every_language_says_everything(language: str) -> None:
    assert shape(names_in(language)) == shape(names_in("en"))
    mine = locale(language)
    assert mine["language"] == language
    assert mine.keys() == locale("en").keys()
    assert all(category == name for category, name in mine["plural"].items())
    assert {"one", "other"} <= mine["plural"].keys()
    assert set(LANGUAGES) <= set(ALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_what_merchants_read_is_there_in_every_language_and_short_enough(block: str) -> None:
    told = schema(block)
    for language in ALL:
        for label in labels(told):
            text: Any = names_in(language)
            for key in label.removeprefix("t:").split("."):
                text = text[key] if label.startswith("t:") else label
            assert text
            if label == told["name"]:
                assert len(text) <= 25


def test_the_merchants_page_leads_to_blocks_that_there_are() -> None:
    spots = install.Install().places("mugs.myshopify.com", {"SHOPIFY_API_KEY": "k1"})
    account = tomllib.loads((EXTENSION.parent / "tessera-account" / "shopify.extension.toml").read_text())
    targets = {one["target"] for one in account["extensions"][0]["targeting"]}
    for spot in spots:
        query = parse_qs(urlsplit(spot.address).query)
        ((key, _, block),) = [
            told.partition("/") for name in ("activateAppId", "addAppBlockId", "app") for told in query.get(name, [])
        ]
        assert key == "k1"
        assert "k1" not in spot.added
        if block:
            assert spot.block == block
            assert schema(block)["target"] == ("section" if "addAppBlockId" in query else "body")
        else:
            assert spot.block in targets
    assert len(spots) == 7
