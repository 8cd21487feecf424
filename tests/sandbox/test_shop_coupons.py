"""Codes of the points programme at the demo shop: what they take off, and what its orders tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.shop import Shop
from connectors.sandbox.shop.carts import Cart, price_cart
from connectors.sandbox.shop.coupons import Coupon, coupon_of, title
from connectors.sandbox.shop.documents import order_document
from connectors.sandbox.shop.goods import GOODS
from tests.sandbox.builders import NOWHERE, Browser, Ear, open_shop
from tests.sandbox.test_shop_orders import ADA, believed, database
from tests.sandbox.test_shop_orders import VARIANTS as ALL

CODE = "TES-AAAA-CCCC-DDDD"
CUP, MUG, DISH = "morning-cup-sea", "harbour-mug-night", "olive-dish-salt"  # 24.00, 19.99, 16.00


def told(kind: str = "amount_off", usable: bool = True, **value: Any) -> dict[str, Any]:
    return {"code": CODE, "kind": kind, "usable": usable, "value": value}


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def cart(items: dict[str, int], kind: str = "amount_off", **value: Any) -> Cart:
    return price_cart(items, CODE, coupon_of(told(kind, **value)))


def cuts(priced: Cart) -> list[int]:
    return [line.discount_cents for line in priced.lines]


def test_an_amount_is_shared_out_over_the_lines_to_the_cent() -> None:
    assert cuts(cart({CUP: 1, DISH: 1}, amount=eur("5.00"))) == [300, 200]
    assert sum(cuts(cart({CUP: 1, MUG: 1, DISH: 2}, amount=eur("4.99")))) == 499
    assert cuts(cart({DISH: 1}, amount=eur("50.00"))) == [1600]  # never below nothing
    assert cuts(cart({CUP: 1, "gift-card-25": 1}, amount=eur("5.00"))) == [500, 0]


def test_a_percentage_has_its_maximum() -> None:
    assert sum(cuts(cart({CUP: 2}, "percent_off", percent="10"))) == 480
    assert sum(cuts(cart({CUP: 2}, "percent_off", percent="10", max_amount=eur("2.00")))) == 200


def test_free_shipping_is_told_as_what_it_takes_off_the_shipping() -> None:
    priced = cart({CUP: 1}, "free_shipping")
    assert (priced.shipping_cents, priced.shipping_off_cents, priced.code_works) == (0, 490, True)
    with database() as db:
        from connectors.sandbox.shop.orders import place_order

        (code,) = order_document(place_order(db, priced, ADA, paid=True), "EUR")["discount_codes"]
    assert code == {"code": CODE, "lines": [], "shipping": "4.90"}


def test_a_free_product_is_one_unit_of_it_and_has_to_be_in_the_cart() -> None:
    assert cuts(cart({CUP: 1, MUG: 2}, "free_product", product="harbour-mug")) == [0, 1999]
    without = cart({CUP: 1}, "free_product", product="harbour-mug")
    assert (without.code_works, "Harbour mug" in without.note) == (False, True)


def test_a_code_has_its_least_basket_before_discounts() -> None:
    least = {"amount": eur("5.00"), "min_basket": eur("40.00")}
    assert cart({CUP: 1}, **least).note == "This code is for carts from 40.00."
    assert cart({CUP: 1, DISH: 1}, **least).code_works


def test_a_code_for_some_goods_leaves_the_others_alone() -> None:
    assert cuts(cart({CUP: 1, DISH: 1}, amount=eur("5.00"), products=["olive-dish"])) == [0, 500]
    assert cart({CUP: 1}, amount=eur("5.00"), collections=["vases"]).note == "This code is for other goods."


def test_a_code_that_is_not_usable_is_none() -> None:
    assert coupon_of(told(usable=False, amount=eur("5.00"))) is None


coupons = st.sampled_from(
    [
        told(amount=eur("5.00")),
        told("percent_off", percent="12.5", max_amount=eur("9.00")),
        told("free_shipping"),
        told("free_product", product="harbour-mug"),
        told("pay_with_points", amount=eur("0.07")),
    ]
).map(coupon_of)


@given(items=st.dictionaries(st.sampled_from(ALL), st.integers(1, 5), min_size=1, max_size=4), coupon=coupons)
def test_what_an_order_tells_of_a_code_is_exactly_what_it_took_off(items: dict[str, int], coupon: Coupon) -> None:
    from connectors.sandbox.shop.orders import place_order

    priced = price_cart(items, CODE, coupon)
    with database() as db:
        placed = place_order(db, priced, ADA, paid=True)
    state = believed(placed)
    off = sum(line.discount for line in state.lines)
    (code,) = state.discount_codes or (None,)
    assert (code is not None) == priced.code_works
    if code is not None:
        assert sum(code.lines.values()) == off
        assert code.shipping * 100 == priced.shipping_off_cents


def test_every_kind_has_a_title() -> None:
    assert title({"name": None, "kind": "amount_off", "value": {"amount": eur("5.00")}}, "€") == "€5 off"
    assert title({"name": None, "kind": "free_product", "value": {"product": GOODS[0].id}}, "€") == "A free Morning cup"
    assert title({"name": "Gift", "kind": "donation", "value": {}}, "€") == "Gift"
    assert title({"name": None, "kind": "contest_entry", "value": {}}, "€") == "Contest entry"


# --- at the till ------------------------------------------------------------------------------------------------------


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def browser(tmp_path: Path, ear: Ear) -> Iterator[Browser]:
    with open_shop(tmp_path, ear) as shop:
        assert isinstance(shop, Shop)
        yield Browser(shop)


def answers(*data: dict[str, Any]) -> None:
    responses.get(f"{NOWHERE}/api/v1/redemptions", json={"data": list(data), "next": None})


@responses.activate
def test_the_till_asks_what_a_code_is_good_for_and_the_order_tells_of_it(browser: Browser, ear: Ear) -> None:
    answers(told(amount=eur("5.00")))
    browser.post("/cart/add", variant=CUP, quantity="1")
    browser.post("/cart/code", page="/cart", code=CODE.lower())
    assert "−€5.00" in browser.get("/cart").text
    browser.buy()
    ear.wait(ear.documents)
    (code,) = ear.documents()[0]["discount_codes"]
    assert code == {"code": CODE, "lines": [{"line_id": "1001-1", "amount": "5.00"}], "shipping": "0.00"}


@responses.activate
def test_a_code_that_ended_since_it_was_put_in_stops_the_checkout(browser: Browser, ear: Ear) -> None:
    answers(told(amount=eur("5.00")))
    browser.post("/cart/add", variant=CUP, quantity="1")
    browser.post("/cart/code", page="/cart", code=CODE)
    browser.get("/checkout")
    responses.reset()
    answers(told(usable=False))
    who = {"name": "Ada", "email": "ada@example.com"}
    refused = browser.post("/checkout", page="/cart", **who)
    assert refused.location.endswith("/cart")
    assert "no longer good" in browser.get("/cart").text
    assert ear.documents() == []


@responses.activate
def test_a_code_that_an_order_of_ours_has_is_not_taken_twice(browser: Browser) -> None:
    answers(told(amount=eur("5.00")))  # the webhook of the first order is still on its way
    for works in (True, False):
        browser.post("/cart/add", variant=CUP, quantity="1")
        browser.post("/cart/code", page="/cart", code=CODE)
        assert ("−€5.00" in browser.get("/cart").text) is works
        browser.buy()


@responses.activate
def test_the_account_redeems_once_and_gives_up(browser: Browser) -> None:
    responses.get(f"{NOWHERE}/api/v1/members", json={"data": [{"id": "m1"}], "next": None})
    responses.post(f"{NOWHERE}/api/v1/members/m1/shopper-token", json={"token": "tok"})
    responses.get(f"{NOWHERE}/shopper/v1/entries", json={"data": []})
    offer = {"key": "five", "name": None, "kind": "amount_off", "points": 500, "rate": None, "min_basket": None}
    state = {"missing_points": 0, "available": True, "reasons": [], "value": {"amount": eur("5.00")}}
    responses.get(f"{NOWHERE}/shopper/v1/rewards", json={"data": [offer | state]})
    ticket = {**told(amount=eur("5.00")), "id": "r_1", "name": None, "lapses_at": "2026-06-01T00:00:00Z"}
    responses.get(f"{NOWHERE}/shopper/v1/redemptions", json={"data": [ticket]})
    made = responses.post(f"{NOWHERE}/shopper/v1/redemptions", json=ticket, status=201)
    ended = responses.post(f"{NOWHERE}/shopper/v1/redemptions/r_1/cancel", json={}, status=409)
    browser.post("/login", customer="c1")
    page = browser.get("/account").text
    assert "€5 off" in page
    assert CODE in page
    assert "until 31 May 2026" in page
    browser.post("/account/redeem", page="/account", reward="five", key="k1")
    sent = made.calls[0].request
    assert (sent.headers["Idempotency-Key"], sent.headers["Authorization"]) == ("k1", "Bearer tok")
    assert f"Your code is {CODE}" in browser.get("/account").text
    browser.post("/account/redemptions/r_1/cancel", page="/account")
    assert (ended.call_count, "has been used already" in browser.get("/account").text) == (1, True)
