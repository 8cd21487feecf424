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
        "product": "p1",
        "variant": "v1",
        "price": "19.99",
        "quantity": "2",
        "currency": "EUR",
        "tags": "a,b",
        "collections": "",
        "vendor": "V",
    }


def test_only_the_code_of_the_elements_on_the_page_is_loaded(seen: Any) -> None:
    assert seen["plain"]["files"] == ["tessera.js", "product.js"]


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


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en-GB", ["Earn 1 point", "Earn 3 points", "Earn 20 points", "Earn 1,234 points"]),
        ("fi", ["Ansaitset 1 piste", "Ansaitset 3 pistettä", "Ansaitset 20 pistettä", "Ansaitset 1 234 pistettä"]),
        ("fr-CA", ["Gagnez 1 point", "Gagnez 3 points", "Gagnez 20 points", "Gagnez 1 234 points"]),
        ("ro", ["Câștigi 1 punct", "Câștigi 3 puncte", "Câștigi 20 de puncte", "Câștigi 1.234 de puncte"]),
        ("ru", ["Вы получите 1 балл", "Вы получите 3 балла", "Вы получите 20 баллов", "Вы получите 1 234 балла"]),
        ("sk", ["Získate 1 bod", "Získate 3 body", "Získate 20 bodov", "Získate 1 234 bodov"]),
        ("xx", ["Earn 1 point", "Earn 3 points", "Earn 20 points", "Earn 1,234 points"]),
        ("", ["Earn 1 point", "Earn 3 points", "Earn 20 points", "Earn 1,234 points"]),
    ],
)
def test_it_speaks_the_language_of_the_page(seen: Any, lang: str, said: list[str]) -> None:
    spaces = str.maketrans("\u00a0\u202f", "  ")
    assert [text.translate(spaces) for text in seen["languages"][lang]] == said


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("no data-shop", ["data-shop is missing"]),
        ("unknown shop", ["the server says 404"]),
        ("server down", ["the server is silent"]),
        ("bad price", ["price must be like 19.99"]),
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


def test_a_known_shopper_is_as_much_nearer_to_the_reward(seen: Any) -> None:
    assert seen["cart"]["known"] == ["This cart earns 480 points", "5 points to €5 off"]


def test_a_balance_looks_again_until_it_changes_and_then_rests(seen: Any) -> None:
    balance = seen["balance"]
    assert balance["texts"] == [["0 points", None], ["480 points", "polite"]]
    assert balance["parts"] == ["30 points on the way", "20 points to your next reward"]
    assert (balance["looks"], balance["later"]) == (3, 0)
    assert balance["console"] == []


def test_who_has_reached_every_reward_has_enough(seen: Any) -> None:
    assert seen["enough"] == {"some": "Enough for a reward", "none": ""}


def test_it_follows_the_page_into_the_dark_and_to_the_right(seen: Any) -> None:
    assert seen["looks"] == {"colour": "rgb(255, 255, 255)", "flush": 0}
