"""Names that mean harm, of goods, people and everything in a programme: text, in its place, on every page and view."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.shop import carts, front, goods
from connectors.sandbox.shop.catalogue import Product
from tests.browser.aloni import open_aloni
from tests.browser.browser import run
from tests.servers import Chromium

SCREENS = Path(__file__).parent / "screens"
MARKUP = '<img src=x onerror="window.hurt=1"></script><script>window.hurt=2</script>'
LIQUID = "{{ 7 | times: 7 }}{% assign x = 1 %}"
TURNED = "\u202edlog\u2066"
EVIL = f"{MARKUP}{LIQUID}{TURNED}🫖𝔊"
WORD = "Donaudampfschifffahrt" * 9 + "sgesell𝕊"
POINTS = f"<b>p</b>{TURNED}🫖"
PROGRAMME: dict[str, Any] = {
    "name": EVIL,
    "currency": "EUR",
    "points_name": {"en": {"one": POINTS, "other": POINTS}},
    "earning": {"rate": {"points": "10", "per": "1"}},
    "tiers": [{"key": "a", "name": EVIL, "enter": "0"}, {"key": "b", "name": WORD, "enter": "500", "multiplier": "2"}],
    "activities": [
        {"key": "follow", "kind": "social_follow", "points": 50, "self_reported": True, "subject": EVIL},
        {"key": "race", "kind": "leaderboard_prize", "contest": {"by": "spend", "prizes": [500]}},
    ],
    "referrals": {"referrer_points": 200, "friend_points": 100},
    "rewards": [
        {"key": "evil", "name": EVIL, "kind": "free_shipping", "points": 100},
        {"key": "word", "name": WORD, "kind": "free_shipping", "points": 200},
        {"key": "far", "name": WORD, "kind": "free_shipping", "points": 200000},
    ],
    "display": {"faq": [{"question": EVIL, "answer": WORD}, {"question": WORD, "answer": EVIL}]},
}


def _spoilt(product: Product) -> Product:
    variants = tuple(replace(variant, name=name) for variant, name in zip(product.variants, (EVIL, WORD), strict=False))
    return replace(product, title=EVIL, kind=WORD, variants=variants, vendor=EVIL, tags=(EVIL.replace(",", ""), WORD))


@pytest.fixture(scope="module")
def seen(chromium: Chromium, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    SCREENS.mkdir(exist_ok=True)
    spoilt = tuple(_spoilt(each) if each.id == "teapot" else each for each in goods.GOODS)
    with pytest.MonkeyPatch.context() as patch:
        for module in (goods, front, carts):
            patch.setattr(module, "GOODS", spoilt)
        with open_aloni(tmp_path_factory.mktemp("aloni"), sqlite_template, PROGRAMME) as aloni:
            return run("hostile.mjs", chromium, timeout_s=200, url=aloni.url, evil=EVIL, screens=str(SCREENS))


def test_nothing_of_it_runs_or_becomes_markup(seen: Any) -> None:
    places = {**seen["pages"], **seen["views"]}
    assert {name: (each["run"], each["markup"]) for name, each in places.items()} == dict.fromkeys(places, (None, []))


def test_no_page_and_no_drawer_becomes_wider(seen: Any) -> None:
    assert {name: each["wide"] for name, each in seen["pages"].items()} == dict.fromkeys(seen["pages"], 0)
    assert {name: each["drawer"] for name, each in seen["views"].items()} == dict.fromkeys(seen["views"], 0)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        *((place, POINTS) for place in ("product", "cart", "balance", "history", "earn")),
        *((place, WORD) for place in ("cart", "rewards", "faq")),
        *((place, EVIL) for place in ("home", "rewards", "faq")),
    ],
)
def test_it_is_shown_as_it_was_written(seen: Any, place: str, name: str) -> None:
    assert name in seen["texts"][place]


def test_liquid_is_nobodys_language_here(seen: Any) -> None:
    assert not re.search(r"\b49\b", seen["texts"]["rewards"])


def test_the_console_stays_empty(seen: Any) -> None:
    assert seen["console"] == []
