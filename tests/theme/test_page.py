"""A product page of a theme in a real browser: drawn before any script, and following what the theme tells."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browser import run
from tests.servers import Chromium
from tests.theme.liquid_pages import EXTENSION, Page, schema
from tests.theme.test_liquid import document, item, table_of

HERE = Path(__file__).parent
DIST = EXTENSION.parents[2] / "dist"
ANNOUNCED = {"text": {"default": "Double points"}, "link": "https://shop.example/now"}
LINES = '{"currency": "EUR", "lines": [{"quantity": 1, "unit_price": "9.99"}]}'
OURS = {"id": "s1", "script": "http://tessera.test/widgets/v1/tessera.js", "announcement": ANNOUNCED}


@pytest.fixture(scope="module")
def seen(chromium: Chromium) -> Any:
    page = Page(table=table_of(document()), cart={"items": [item()]}, ours=OURS, settings={"launcher": False})
    blocks = {block: page.draw(block) for block in ("product", "cart", "bar", "embed")}
    blocks["member"] = replace(page, member={}).draw("embed")
    blocks["hers"] = replace(page, member={}).draw("cart")
    blocks["drawer"] = f"<aside hidden>{blocks['hers']}</aside>"
    blocks["mini"] = f"<tessera-cart mini lines='{LINES}'></tessera-cart>"
    blocks["launcher"] = replace(page, settings={}).draw("embed")
    blocks["balance"] = replace(page, member={"points": 1234}).draw("balance")
    blocks["empty"] = replace(page, cart={"items": []}).draw("cart")
    untold = replace(page, table=None)
    blocks["blank"], blocks["untold"] = untold.draw("product"), untold.draw("embed")
    styles = {block: schema(block).get("stylesheet") for block in ("product", "cart", "balance", "bar")}
    styles |= {"empty": styles["cart"], "hers": styles["cart"], "drawer": styles["cart"], "blank": styles["product"]}
    assets = str(EXTENSION / "assets")
    return run(str(HERE / "page.mjs"), chromium, dist=str(DIST), assets=assets, blocks=blocks, styles=styles)


def test_a_product_page_loads_little_before_the_first_touch(seen: Any) -> None:
    """And asks nothing: Liquid has drawn the points, and the button is a link."""
    weights = seen["weights"]
    assert sorted(weights["product"]) == ["tessera-product.css", "tessera-shop.js"]
    assert sum(weights["product"].values()) <= 1500
    assert weights["asked"] == 0


def test_what_comes_later_finds_the_page_as_if_it_had_always_been_there(seen: Any) -> None:
    weights = seen["weights"]
    assert weights["changed"] == [["12", "2"], []]
    assert weights["pressed"] == [True, "Earn 199 points", []]


def test_only_what_liquid_could_not_draw_wants_the_loader(seen: Any) -> None:
    assert sorted(seen["weights"]["balance"]) == ["tessera-shop.js", "tessera.css"]


def test_where_the_points_have_to_be_asked_for_a_product_page_loads_no_more_than_it_may(seen: Any) -> None:
    """What comes later does not ask again."""
    weights = seen["weights"]
    assert sorted(weights["untold"]) == ["tessera-product.css", "tessera-shop-product.js"]
    assert sorted(weights["blank"]) == ["tessera-product.css", "tessera-product.js", "tessera-shop.js"]
    assert all(sum(weights[name].values()) <= 1500 for name in ("untold", "blank"))
    assert weights["blankTouched"] == [[1, []], [1, []]]


def test_a_guests_cart_is_drawn_too_and_a_members_has_its_button_at_once(seen: Any) -> None:
    weights = seen["weights"]
    assert sorted(weights["cart"]) == ["tessera-cart.css", "tessera-shop.js"]
    assert weights["drawn"] == ["This cart earns 100 points", 0]
    full, empty = weights["member"]
    assert sorted(full) == ["tessera-cart.css", "tessera-cart.js", "tessera-shop.js"]
    assert sum(full.values()) <= 2500
    assert sorted(empty) == ["tessera-cart.css", "tessera-shop.js"]
    assert weights["used"] == ["5 € off · 500 points", "The code is in your cart.", ["five-9"], []]
    assert weights["usedMoved"] == 0
    assert weights["moved"] == []


def test_a_members_cart_in_a_closed_drawer_waits_until_it_is_opened(seen: Any) -> None:
    closed, opened, wrong = seen["weights"]["drawer"]
    assert sorted(closed) == ["tessera-cart.css", "tessera-product.css", "tessera-shop.js"]
    assert (sorted({*opened} - {*closed}), wrong) == (["tessera-cart.js"], [])


def test_a_small_cart_takes_a_small_script(seen: Any) -> None:
    files, asked, wrong, aloud = seen["weights"]["mini"]
    assert sorted(files) == ["tessera-cart-mini.js", "tessera-shop.js"]
    assert (asked, wrong) == ([json.loads(LINES)], [])
    assert aloud is None, "what has not changed is not read out"


def test_what_was_drawn_for_another_cart_does_not_stay(seen: Any) -> None:
    """And an element whose code comes only then finds the new cart."""
    assert seen["carts"]["stale"] == [["This cart earns 100 points", 1], [None, 2]]


def test_an_announcement_is_drawn_closed_and_stays_closed(seen: Any) -> None:
    bars = seen["bars"]
    assert (bars["text"], bars["link"]) == ("Double points", "https://shop.example/now")
    assert sorted(bars["files"]) == ["tessera-bar.css", "tessera-shop.js"]
    assert (bars["moved"], bars["wrong"]) == (0, [])
    assert (bars["closed"], bars["again"]) == ([False, True], [False, True])


def test_the_points_are_there_without_any_script_and_nothing_moves(seen: Any) -> None:
    drawn = seen["drawn"]
    assert drawn["off"] == ["Earn 199 points", True]
    assert drawn["gone"] == ["Earn 199 points", 0]
    assert (drawn["moved"], drawn["wrong"]) == (0, [])


def test_what_is_drawn_is_not_asked_for(seen: Any) -> None:
    assert seen["drawn"]["asked"] == []


def test_a_variant_is_followed_by_standard_events(seen: Any) -> None:
    attributes, asked, wrong = seen["variants"]["events"]
    assert (attributes, asked, wrong) == ({"variant-id": "12", "price": "25.5"}, "25.5", [])
    assert seen["variants"]["text"] == "Earn 777 points"


def test_a_variant_is_followed_by_a_themes_own_messages(seen: Any) -> None:
    assert seen["variants"]["pubsub"] == {"variant-id": "12", "price": "26.00"}


def test_what_was_drawn_for_another_variant_does_not_stay(seen: Any) -> None:
    """Not even where our server is silent."""
    assert (seen["variants"]["before"], seen["variants"]["after"]) == ("Earn 199 points", "")


def test_a_variant_and_a_quantity_are_followed_where_a_theme_tells_nothing(seen: Any) -> None:
    assert seen["variants"]["dom"] == [{"variant-id": "12", "price": "25.00", "quantity": "3"}, []]
    assert seen["variants"]["back"] == {"variant-id": "12", "price": "25.00"}


def test_what_happens_while_the_code_that_hears_it_is_on_its_way_is_heard(seen: Any) -> None:
    assert seen["late"]["chosen"] == [{"variant-id": "12", "price": "25.00"}, []]


def test_code_that_did_not_come_is_asked_for_again(seen: Any) -> None:
    assert seen["late"]["again"] == []


def test_a_touch_alone_changes_nothing(seen: Any) -> None:
    assert seen["late"]["still"] == ["Earn 199 points", 0]


def test_points_that_come_late_are_not_another_variants(seen: Any) -> None:
    assert seen["late"]["stale"] == ""


def test_a_cart_that_changes_is_told_once_with_its_discounts(seen: Any) -> None:
    (heard,), wrong = seen["carts"]["events"]
    line = {"variant_id": "11", "quantity": 2, "unit_price": "19.99", "gift_card": False, "vendor": "V"}
    first, second = {"product_id": "1", "discount": "2.99"}, {"product_id": "2", "discount": "39.98"}
    assert heard == {"currency": "EUR", "discount_codes": [], "lines": [{**line, **first}, {**line, **second}]}
    assert wrong == []
    assert (seen["carts"]["pubsub"], seen["carts"]["silent"]) == (1, 1)


def test_a_code_is_put_beside_those_that_are_there(seen: Any) -> None:
    asks = seen["asks"]
    answer, (sent, *_) = asks["plain"]
    assert (answer, sent) == ([True, None], {"path": "/fr/cart/update.js", "discount": "SPRING,five-1"})
    assert asks["refused"] == [False, None]
    assert asks["acting"] == [[False, "Too many codes"], [{"discountCodes": ["five-1"]}]]
    assert asks["gone"] == [False, None]


def test_the_arm_and_a_friends_code_are_written_on_the_cart(seen: Any) -> None:
    friend = {"_tessera_referral": "KXW3N-T7PQ9"}
    assert seen["asks"]["friend"] == {"path": "/fr/cart/update.js", "attributes": friend}
    assert seen["asks"]["arm"] == {"path": "/fr/cart/update.js", "attributes": {"_tessera_arm": "a.b"}}
    assert seen["asks"]["notes"] == 2  # each once
