"""The widgets on the demo shop's pages, as shoppers meet them: still, readable, reachable by keyboard, and quiet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.programmes import templates
from tests.browser.aloni import open_aloni
from tests.browser.browser import run
from tests.servers import Chromium

SCREENS = Path(__file__).parent / "screens"
PAGES = ["home", "product", "cart", "checkout", "thanks", "account"]
WIDTHS = ["1280", "768", "390"]
WHO = ["guest", "member"]
GET_PRODUCT = "GET /widget/v1/SHOP/product"
FILES = ["GET /widgets/v1/tessera-product.css", "GET /widgets/v1/tessera.js"]
LONG_TASK_MS = 50
SORRY = "That did not work. Please try again."
MORE: dict[str, Any] = {
    "activities": [
        {"key": "follow", "kind": "social_follow", "points": 50, "self_reported": True, "subject": "instagram"},
        {"key": "birthday", "kind": "birthday", "points": 100},
        {"key": "race", "kind": "leaderboard_prize", "contest": {"by": "spend", "prizes": [500, 200]}},
    ],
    "referrals": {"referrer_points": 200, "friend_points": 100},
    "display": {"faq": [{"question": "How long are points good?", "answer": "As long as you like."}]},
}


@pytest.fixture(scope="module")
def seen(chromium: Chromium, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    SCREENS.mkdir(exist_ok=True)
    document = json.loads(templates.read("demo")) | MORE
    with open_aloni(tmp_path_factory.mktemp("aloni"), sqlite_template, document) as aloni:
        aloni.furnish(2500, "three-off", "free-shipping", "five-off")
        given = {"url": aloni.url, "shop": aloni.door.shop.id, "screens": str(SCREENS)}
        yield run("storefront.mjs", chromium, timeout_s=300, **given)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("who", WHO)
def test_nothing_moves_on_any_page_with_the_panel_or_without(seen: Any, who: str, width: str) -> None:
    shifts = seen[f"pages {who} {width}"]["shifts"]
    assert shifts == {f"{page}{panel}": 0 for page in PAGES for panel in ("", ", panel open")}


@pytest.mark.parametrize("who", WHO)
def test_no_page_and_no_view_breaks_wcag(seen: Any, who: str) -> None:
    width = {"guest": "1280", "member": "390"}[who]
    looked = [seen[f"pages {who} {width}"]["found"], seen[f"views {who}"]["found"]]
    assert [len(found) for found in looked] == [2 * len(PAGES), {"guest": 4, "member": 20}[who]]  # light and dark
    assert {name: broken for found in looked for name, broken in found.items() if broken} == {}


def test_no_view_is_wider_than_its_drawer(seen: Any) -> None:
    assert set(seen["views member"]["wide"].values()) == {0}


def test_a_name_for_the_leaderboard_is_kept_as_the_server_takes_it(seen: Any) -> None:
    assert seen["views member"]["named"] == "Ada <b>L.</b>"


@pytest.mark.parametrize("who", WHO)
def test_the_console_stays_empty(seen: Any, who: str) -> None:
    assert [said for width in WIDTHS for said in seen[f"pages {who} {width}"]["console"]] == []
    assert seen[f"views {who}"]["console"] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_product_costs_a_guest_a_style_a_script_and_one_question(seen: Any, width: str) -> None:
    assert sorted(seen[f"pages guest {width}"]["requests"]["product"]) == sorted([*FILES, GET_PRODUCT])


def test_no_task_of_ours_is_long(seen: Any) -> None:
    assert seen["effort"]["tasks"] > 10
    assert seen["effort"]["longest"] < LONG_TASK_MS


def test_the_panel_is_reached_and_left_by_keyboard(seen: Any) -> None:
    keys = seen["keyboard"]
    assert keys["first"] == [True, "Aloni Club"]
    assert {name for inside, name in keys["through"] if not inside} <= {
        "body"
    }  # the browser's own bar comes round, too
    assert keys["through"].count([True, "Close"]) >= 2
    assert keys["after"] == {"open": False, "link": True}
    assert keys["again"] == {"open": True, "logos": 1}


def test_the_way_back_closes_the_panel_and_stays_on_the_page(seen: Any) -> None:
    assert seen["keyboard"]["back"] == {"open": False, "path": "/demo/"}


def test_the_panel_reads_out_what_it_is(seen: Any) -> None:
    names = seen["keyboard"]["names"]
    for wanted in (
        'dialog "Aloni Club"',
        'heading "Aloni Club" [level=2]',
        'button "Close"',
        "progressbar",
        'button "Ways to earn"',
    ):
        assert wanted in names, names


@pytest.mark.parametrize("trouble", ["down", "broken", "blocked"])
def test_a_trouble_of_ours_is_none_of_the_shops(seen: Any, trouble: str) -> None:
    found = seen["troubles"][trouble]
    assert (found["product"], found["cart"], found["lines"]) == ("", "", 1)
    assert found["shifts"] == {"product": 0, "cart": 0}


@pytest.mark.parametrize(
    ("trouble", "said"), [("down", SORRY), ("broken", SORRY), ("blocked", None), ("no words", None)]
)
def test_a_panel_that_cannot_be_drawn_says_so_or_stays_shut(seen: Any, trouble: str, said: str | None) -> None:
    panel = seen["troubles"][trouble]["panel"]
    assert panel is None if said is None else said in panel


def test_on_a_slow_network_everything_comes_and_nothing_moves(seen: Any) -> None:
    slow = seen["slow"]
    assert "199" in slow["product"]
    assert "199" in slow["cart"]
    assert slow["shifts"] == {"product": 0, "cart": 0}


def test_a_theme_that_means_harm_leaves_everything_in_its_place_and_in_use(seen: Any) -> None:
    rude = seen["rude"]
    assert {name: fault for name, fault in rude["faults"].items() if fault} == {}
    look = rude["look"]
    assert (look["textTransform"], look["letterSpacing"], look["large"]) == ("none", "normal", False)
    assert rude["look"]["color"] != "rgb(255, 0, 0)"
    assert (rude["wide"], rude["shut"]) == (0, True)


def test_what_the_theme_drew_is_asked_for_by_nobody_and_stays_without_scripts(seen: Any) -> None:
    assert (seen["drawn"]["true"], seen["drawn"]["false"]) == ("Earn 199 points", "Earn 199 points")
    assert (seen["drawn"]["asked true"], seen["drawn"]["asked false"]) == (1, 0)  # the other product has no text


def test_from_right_to_left_everything_stands_on_its_other_side(seen: Any) -> None:
    turned = seen["turned"]
    assert turned["flush"] == 0
    assert turned["ordered"]
    assert turned["shifts"] == {"turned": 0}
