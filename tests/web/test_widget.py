"""Public facts for the storefront: cacheable, readable from anywhere, nothing personal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.build import START, Tessera, programme
from tests.edge import Door, client_of, open_door

PRODUCT = {"product": "p1", "price": "19.99", "quantity": "2", "currency": "EUR"}
LINE = {"product_id": "p1", "quantity": 2, "unit_price": "19.99"}
REWARDS = [{"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}]


@pytest.fixture
def shop(tessera: Tessera) -> Door:
    return open_door(tessera, rewards=REWARDS)


def product(shop: Door, **query: Any) -> Any:
    return shop.client.get(f"/widget/v1/{shop.shop.id}/product", query_string={**PRODUCT, **query})


def cart(shop: Door, document: object = None, **fields: Any) -> Any:
    given = {"currency": "EUR", "lines": [LINE], **fields} if document is None else document
    return shop.client.post(f"/widget/v1/{shop.shop.id}/cart", json=given)


def wrong_field(answer: Any) -> str:
    problem = answer.get_json()
    assert answer.status_code == problem["status"] == 422
    [error] = problem["errors"]
    assert error["message"]
    assert answer.content_type == "application/problem+json"
    return str(error["field"])


def test_a_product_tells_what_it_earns(shop: Door) -> None:
    assert product(shop).get_json() == {"points": 399, "about": False, "text": "Earn 399 points", "note": ""}
    assert product(shop, quantity="1").get_json()["points"] == 199
    assert product(shop, discount="4.00").get_json()["points"] == 359


def test_what_a_page_leaves_empty_counts_as_absent(shop: Door) -> None:
    empty = dict.fromkeys(("quantity", "variant", "product", "tags", "collections", "vendor", "discount"), "")
    assert product(shop, **empty).get_json()["points"] == 199


def test_a_cart_tells_what_it_earns_and_the_next_reward(shop: Door) -> None:
    reward = {"key": "five", "kind": "amount_off", "points": 500, "missing": 101}
    told = {"points": 399, "about": False, "text": "This cart earns 399 points", "next_reward": reward}
    assert cart(shop).get_json() == told | {"way": {"part": 0.798, "text": "101 points to “€5 off”"}}
    assert cart(shop, lines=[LINE, LINE]).get_json()["next_reward"] is None
    assert cart(shop, lines=[]).get_json()["points"] == 0


def test_the_programme_tells_its_name_currency_and_rewards(shop: Door) -> None:
    told = shop.client.get(f"/widget/v1/{shop.shop.id}/programme").get_json()
    assert (told["name"], told["currency"]) == ("Club", "EUR")
    assert [reward["key"] for reward in told["rewards"]] == ["five"]


# --- caching and origins ----------------------------------------------------------------------------------------------


def test_a_second_look_costs_no_body(shop: Door) -> None:
    for path in (f"/widget/v1/{shop.shop.id}/product?price=19.99&currency=EUR", f"/widget/v1/{shop.shop.id}/programme"):
        first = shop.client.get(path)
        assert "max-age" in first.headers["Cache-Control"]
        assert "public" in first.headers["Cache-Control"]
        again = shop.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Access-Control-Allow-Origin"] == "*"
        assert again.headers["ETag"] == first.headers["ETag"]


def test_an_etag_changes_with_the_programme(shop: Door) -> None:
    path = f"/widget/v1/{shop.shop.id}/product?price=19.99&currency=EUR"
    first = shop.client.get(path)
    shop.shop.publish(programme(rate={"points": "20", "per": "1"}))
    again = shop.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_json()["points"]) == (200, 399)


def test_any_origin_may_read_and_no_credentials_are_asked_for(shop: Door) -> None:
    answers = [product(shop), product(shop, price="x"), cart(shop), cart(shop, {})]
    for answer in [*answers, shop.client.get("/widget/v1/x/programme")]:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Set-Cookie" not in answer.headers


def test_what_is_taken_off_the_whole_cart_is_taken_off_its_lines_in_proportion(tessera: Tessera) -> None:
    door = open_door(tessera, products=[{"key": "a", "match": {"tag": "double"}, "multiplier": "2"}])
    lines = [{"quantity": 1, "unit_price": "20.00", "tags": ["double"]}, {"quantity": 2, "unit_price": "10.00"}]
    assert cart(door, lines=lines, order_discount="10.00").get_json()["points"] == 300 + 150
    assert cart(door, lines=lines, order_discount="50.00").get_json()["points"] == 0


def test_a_browser_may_send_a_cart_as_json(shop: Door) -> None:
    asked = {"Origin": "https://any.example", "Access-Control-Request-Method": "POST"}
    answer = shop.client.options(f"/widget/v1/{shop.shop.id}/cart", headers=asked)
    assert answer.status_code == 204
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]


def test_nothing_that_went_wrong_is_cached(shop: Door) -> None:
    for answer in (product(shop, price="x"), shop.client.get("/widget/v1/x/programme"), cart(shop, {})):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.status_code >= 400


# --- what is not there, what is wrong ---------------------------------------------------------------------------------


def test_an_unknown_shop_is_404(tessera: Tessera) -> None:
    client = client_of(tessera)
    for shop_id in ("0" * 24, "x", "%00", "a%00b", "é", "a" * 3000):
        for page in ("programme", "product?price=1&currency=EUR"):
            assert client.get(f"/widget/v1/{shop_id}/{page}").status_code == 404, shop_id
        assert client.post(f"/widget/v1/{shop_id}/cart", json={"currency": "EUR", "lines": []}).status_code == 404


def test_a_shop_without_a_programme_is_404(tessera: Tessera) -> None:
    shop = open_door(tessera, published=False)
    answers = (product(shop), cart(shop), shop.client.get(f"/widget/v1/{shop.shop.id}/programme"))
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_programme_that_begins_later_promises_nothing_yet(tessera: Tessera) -> None:
    shop = open_door(tessera, published=False)
    shop.shop.publish(programme(), START.replace(year=2030))
    assert (product(shop).status_code, cart(shop).status_code) == (404, 404)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("price", ["", "abc", "-1", "1e3", "NaN", "1,5", "٣", "9" * 50, "\x00"]),
        ("quantity", ["-1", "1.5", "x", "99999999", "1000001", "²", "\x00"]),
        ("currency", ["", "eur", "ZZZ", "EURO", "\x00"]),
        ("discount", ["abc", "-1", "1e3"]),
        ("product", ["x" * 256, "a\x00b"]),
        ("variant", ["x" * 256, "\x00"]),
        ("vendor", ["x" * 256, "\x00"]),
        ("tags", ["a,\x00", "a," * 300]),
        ("collections", ["\x00"]),
    ],
)
def test_a_bad_query_parameter_is_422_and_named(shop: Door, name: str, values: list[str]) -> None:
    for value in values:
        assert wrong_field(product(shop, **{name: value})) == name, value


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"currency": None}, "currency"),
        ({"currency": 7}, "currency"),
        ({"currency": "ZZZ"}, "currency"),
        ({"lines": None}, "lines"),
        ({"lines": {}}, "lines"),
        ({"lines": [LINE] * 501}, "lines"),
        ({"lines": [1]}, "lines.0"),
        ({"lines": [LINE, {**LINE, "quantity": "2"}]}, "lines.1.quantity"),
        ({"lines": [{**LINE, "quantity": True}]}, "lines.0.quantity"),
        ({"lines": [{**LINE, "quantity": -1}]}, "lines.0.quantity"),
        ({"lines": [{**LINE, "quantity": 1.5}]}, "lines.0.quantity"),
        ({"lines": [{**LINE, "unit_price": 19.99}]}, "lines.0.unit_price"),
        ({"lines": [{"quantity": 1}]}, "lines.0.unit_price"),
        ({"lines": [{**LINE, "discount": 0}]}, "lines.0.discount"),
        ({"lines": [{**LINE, "discount": []}]}, "lines.0.discount"),
        ({"lines": [{**LINE, "product_id": 7}]}, "lines.0.product_id"),
        ({"order_discount": 5}, "order_discount"),
        ({"order_discount": "-5"}, "order_discount"),
        ({"lines": [{**LINE, "tags": "red"}]}, "lines.0.tags"),
        ({"lines": [{**LINE, "tags": [1]}]}, "lines.0.tags"),
        ({"lines": [{**LINE, "gift_card": "yes"}]}, "lines.0.gift_card"),
    ],
)
def test_a_bad_field_of_a_cart_is_422_and_named(shop: Door, fields: dict[str, Any], named: str) -> None:
    assert wrong_field(cart(shop, **fields)) == named


UNREADABLE = [
    b"",
    b"{",
    b"[" * 100_000,
    b'{"a": NaN}',
    rb'{"a": "\ud800"}',
    rb'{"a": "\u0000"}',
    b"\x1f\x8b",
    b"[]",
    b"1",
]


def test_a_cart_that_cannot_be_read_is_400(shop: Door) -> None:
    for body in UNREADABLE:
        answer = shop.client.post(f"/widget/v1/{shop.shop.id}/cart", data=body)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_request"), body[:20]


def test_no_amount_is_too_large_to_answer(shop: Door) -> None:
    huge = {**LINE, "quantity": 1_000_000, "unit_price": "9" * 20}
    assert cart(shop, lines=[huge] * 500).status_code == 200
    assert product(shop, price="9" * 20 + ".99", quantity="1000000").status_code == 200


texts = st.text(st.characters(codec="utf-8"), max_size=20)
words = st.sampled_from(["19.99", "EUR", "1", "0", "-1", "a,b", "\x00", "\ud7ff"])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from([*PRODUCT, "tags", "variant", "x"]), texts | words, max_size=6))
def test_any_query_is_answered_below_500(shop: Door, query: dict[str, str]) -> None:
    answer = shop.client.get(f"/widget/v1/{shop.shop.id}/product", query_string=query)
    assert answer.status_code in (200, 422)


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | words, lambda inner: st.lists(inner) | st.dictionaries(words, inner)
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=st.dictionaries(st.sampled_from([*LINE, "discount", "tags", "vendor", "gift_card"]), odd, max_size=6))
def test_any_cart_is_answered_below_500(shop: Door, line: dict[str, Any]) -> None:
    body = json.dumps({"currency": "EUR", "lines": [{**LINE, **line}]})
    answer = shop.client.post(f"/widget/v1/{shop.shop.id}/cart", data=body)
    assert answer.status_code in (200, 400, 422)


# --- the files --------------------------------------------------------------------------------------------------------


def test_the_widgets_files_are_served_and_nothing_else(tessera: Tessera) -> None:
    client = client_of(tessera)
    answer = client.get("/widgets/v1/tessera.js")
    assert answer.status_code == 200
    assert "javascript" in answer.content_type
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    answer.close()
    for path in ("../src/tools.js", "%2e%2e/src/tools.js", "..%2fsrc%2ftools.js", "%00", "a%00.js", "", ".", "no.js"):
        assert client.get(f"/widgets/v1/{path}").status_code == 404, path


def test_no_answer_tells_anything_of_a_person(shop: Door) -> None:
    shop.deliver(shop.order())
    shop.shop.drain()
    told = product(shop).text + cart(shop).text + shop.client.get(f"/widget/v1/{shop.shop.id}/programme").text
    for secret in ("grace@shop.example", "cust-31", "order-7001", shop.secret, shop.shop.keys.api_key):
        assert secret not in told
