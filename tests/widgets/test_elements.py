"""The elements on a shop's page, in a real browser: the shop and the server are two origins, under a strict policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.browser import run
from tests.servers import Chromium

HERE = Path(__file__).parent
DIST = HERE.parents[1] / "widgets" / "dist"


@pytest.fixture(scope="module")
def seen(chromium: Chromium) -> Any:
    return run(str(HERE / "elements.mjs"), chromium, dist=str(DIST))


def test_a_product_says_what_it_earns(seen: Any) -> None:
    plain = seen["plain"]
    assert plain["text"] == "Earn 399 points"
    (asked,) = plain["asked"]
    assert asked.pop("path") == "/widget/v1/s1/product"
    assert asked == {
        "product-id": "p1",
        "variant-id": "v1",
        "price": "19.99",
        "quantity": "2",
        "currency": "EUR",
        "tags": "a,b",
        "collections": "",
        "vendor": "V",
        "lang": "en",
    }


def test_only_the_code_of_the_elements_on_the_page_is_loaded(seen: Any) -> None:
    assert seen["plain"]["files"] == ["tessera.js"]


def test_nothing_on_the_page_moves(seen: Any) -> None:
    assert seen["plain"]["moved"] == 0
    assert seen["balance"]["moved"] == 0
    assert {name: trouble["moved"] for name, trouble in seen["troubles"].items()} == dict.fromkeys(seen["troubles"], 0)


def test_the_first_text_is_not_read_aloud_and_a_change_is(seen: Any) -> None:
    assert seen["announced"] == [["Earn 100 points", None], ["Earn 200 points", "polite"]]


def test_a_form_is_followed_and_a_burst_of_changes_is_one_question(seen: Any) -> None:
    form = seen["form"]
    assert form["first"] == "Earn 199.9 points"  # the made-up server does not round
    assert form["then"] == "Earn 1,000 points"
    assert (form["variant"], form["price"], form["quantity"], form["asked"]) == ("v2", "25", "4", 2)


def test_an_outdated_answer_is_never_shown(seen: Any) -> None:
    assert seen["outdated"] == {"text": "Earn 500 points", "console": []}


def test_the_server_is_asked_in_the_language_of_the_page(seen: Any) -> None:
    assert seen["languages"] == {lang: lang for lang in ("en-GB", "fr-CA", "xx", "")}


def test_text_that_the_page_came_with_stays_and_nothing_is_asked_until_something_changes(seen: Any) -> None:
    drawn = seen["drawn"]
    assert drawn["first"] == {"text": "Earn 199 points", "asked": 0, "moved": 0}
    assert (drawn["then"], drawn["asked"]) == ("Earn 399 points", 1)


def test_who_is_logged_in_is_asked_once_kept_in_memory_and_forgotten(seen: Any) -> None:
    session = seen["session"]
    assert session["known"] == {"text": "5 points", "paths": ["/shopper/v1/me", "/shopper/v1/product"], "sessions": 1}
    assert session["left"] == ""
    assert session["last"] == "/widget/v1/s1/product"
    assert session["kept"] == [0, 0, ""]


def test_a_reward_is_one_tap_and_two_taps_are_one(seen: Any) -> None:
    handled, typed = seen["oneTap"]["true"], seen["oneTap"]["false"]
    assert handled["offered"] == typed["offered"] == "€5 off · Use 500 points"
    assert (handled["spent"], handled["applied"]) == (1, ["TES-1"])
    assert (typed["spent"], typed["applied"], typed["shown"]) == (1, [], "€5 off · TES-1")


def test_what_became_of_a_tap_is_said_aloud_and_the_keyboard_keeps_its_place(seen: Any) -> None:
    handled, typed = seen["oneTap"]["true"], seen["oneTap"]["false"]
    assert (handled["spoken"], handled["focused"]) == ("The code is in your cart.", "small")
    assert (typed["spoken"], typed["focused"]) == ("TES-1. Type the code at the checkout.", "button")


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("no data-shop", ["data-shop is missing"]),
        ("unknown shop", ["the server says 404"]),
        ("server down", ["the server is silent"]),
        ("bad price", ["the server says 422"]),
        ("bad lines", ["the lines of the cart are not JSON"]),
        ("no token", ["token is missing"]),
        ("nothing earned", []),
    ],
)
def test_a_trouble_is_told_to_the_owner_once_and_to_the_shopper_not_at_all(
    seen: Any, trouble: str, told: list[str]
) -> None:
    found = seen["troubles"][trouble]
    assert found["console"] == [f"[tessera] {message}" for message in told]
    assert found["shown"] == "after"


def test_what_the_server_says_is_text_and_never_markup(seen: Any) -> None:
    assert seen["hostile"] == {"text": '<img src=x onerror="alert(1)">', "images": 0}


def test_a_cart_is_taken_from_the_attribute_the_script_or_the_event(seen: Any) -> None:
    cart = seen["cart"]
    assert cart["attribute"] == cart["child"] == ["This cart earns 480 points", "20 points to €5 off"]
    assert cart["sent"] == {"currency": "EUR", "lines": [{"product_id": "p1", "quantity": 2, "unit_price": "24.00"}]}
    assert cart["event"] == "p9"
    assert cart["heard"] == [480]


def test_a_balance_looks_again_until_it_changes_and_then_rests(seen: Any) -> None:
    balance = seen["balance"]
    assert balance["texts"] == [["0 points", None], ["480 points", "polite"]]
    assert balance["parts"] == ["30 points on the way", "20 points to €5 off"]
    assert (balance["looks"], balance["later"]) == (3, 0)
    assert balance["console"] == []


@pytest.mark.parametrize("arm", ["points", "none", "holdout"])
def test_an_arm_of_an_experiment_is_shown_counted_once_and_tied_to_the_cart(seen: Any, arm: str) -> None:
    found = seen["experiment"][arm]
    assert found["text"] == ("Earn 399 points" if arm == "points" else "")
    assert found["counted"] == [{"experiment": "spring", "arm": arm}]
    assert found["told"] == [f"spring:{arm}"]
    assert set(found["kept"]) == {f"spring:{arm}"}
    assert (found["moved"], found["panel"]) == (0, arm != "holdout")


def test_a_shop_may_serve_the_files_itself(seen: Any) -> None:
    assert seen["atHome"] == {"product": "Earn 399 points", "cart": "This cart earns 1 point", "files": []}


def test_it_follows_the_page_into_the_dark_and_to_the_right(seen: Any) -> None:
    assert seen["looks"] == {"colour": "rgb(255, 255, 255)", "flush": 0}
