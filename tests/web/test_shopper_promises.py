"""What a page promises to the member who is logged in: their own tier, their own caps, a reward in one tap."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from tests.build import Tessera, programme
from tests.edge import Door, open_door
from tests.rules.strategies import documents
from tests.web.test_promise import awarded, baskets, in_cart, some
from tests.web.test_shopper import member_ids, token_of

PRODUCT = {"price": "19.99", "quantity": "2", "currency": "EUR"}
CART = {"currency": "EUR", "lines": [{"product_id": "p1", "quantity": 2, "unit_price": "19.99"}]}
TIERS = [{"key": "entry", "enter": "0"}, {"key": "gold", "name": "Gold", "enter": "30", "multiplier": "2"}]
REWARDS = [
    {"key": "two", "kind": "amount_off", "points": 200, "amount": {"amount": "2.00", "currency": "EUR"}},
    {
        "key": "three",
        "kind": "amount_off",
        "points": 300,
        "amount": {"amount": "3.00", "currency": "EUR"},
        "min_basket": {"amount": "50.00", "currency": "EUR"},
    },
    {"key": "ten", "kind": "amount_off", "points": 2000, "amount": {"amount": "10.00", "currency": "EUR"}},
]


class Shopper:
    """A member with one order behind: 399 points, and gold from now on."""

    def __init__(self, door: Door) -> None:
        door.deliver(door.order())
        door.shop.drain()
        self.door = door
        [self.member_id] = member_ids(door)
        self.headers = {"Authorization": f"Bearer {token_of(door, self.member_id)}"}

    def product(self, **query: Any) -> Any:
        return self.door.client.get("/shopper/v1/product", query_string=PRODUCT | query, headers=self.headers)

    def cart(self, document: Any = CART, **query: Any) -> Any:
        return self.door.client.post("/shopper/v1/cart", json=document, query_string=query, headers=self.headers)

    def redeem(self, reward: str) -> Any:
        return self.door.client.post("/shopper/v1/redemptions", json={"reward": reward}, headers=self.headers)


@pytest.fixture
def ada(tessera: Tessera) -> Shopper:
    return Shopper(open_door(tessera, tiers=TIERS, rewards=REWARDS))


def test_a_member_is_promised_what_their_tier_earns_and_told_so(ada: Shopper) -> None:
    told = ada.product().get_json()
    assert told == {"points": 799, "about": False, "text": "Earn 799 points", "note": "×2 for Gold"}
    everyone = ada.door.client.get(f"/widget/v1/{ada.door.shop.id}/product", query_string=PRODUCT).get_json()
    assert (everyone["points"], everyone["note"]) == (399, "")


def test_it_is_said_in_the_language_of_the_page_and_with_the_merchants_name(ada: Shopper) -> None:
    assert ada.product(lang="fr").get_json()["text"].replace("\u202f", " ") == "Gagnez 799 points"
    names = {"fr": {"one": "perle", "other": "perles"}}
    ada.door.shop.publish(programme(tiers=TIERS) | {"points_name": names})
    assert ada.product(lang="fr-CA").get_json()["text"] == "Gagnez 799 perles"


def test_a_cart_counts_what_the_member_has_on_the_way_to_a_reward(ada: Shopper) -> None:
    told = ada.cart().get_json()
    assert told["points"] == 799
    assert told["next_reward"]["missing"] == 2000 - 399 - 799
    assert told["way"] == {"part": 0.599, "text": "802 points to “€10 off”"}


def test_the_dearest_reward_that_fits_the_cart_is_one_tap_away(ada: Shopper) -> None:
    assert ada.cart().get_json()["use"] == {"reward": "two", "title": "€2 off", "text": "Use 200 points"}
    large = {"currency": "EUR", "lines": [{"quantity": 1, "unit_price": "60.00", "discount": "10.00"}]}
    assert ada.cart(large).get_json()["use"]["reward"] == "three"
    small = {"currency": "EUR", "lines": [{"quantity": 1, "unit_price": "60.00", "discount": "10.01"}]}
    assert ada.cart(small).get_json()["use"]["reward"] == "two"
    assert ada.cart({"currency": "EUR", "lines": []}).get_json()["use"] is None


def test_a_code_they_have_is_used_before_points_are(ada: Shopper) -> None:
    code = ada.redeem("two").get_json()["code"]
    assert ada.cart().get_json()["use"] == {"code": code, "title": "€2 off"}
    assert ada.cart(CART | {"discount_codes": [code.lower()]}).get_json()["use"] is None


def test_nobody_elses_code_is_offered(ada: Shopper) -> None:
    ada.redeem("two")
    ada.door.deliver(ada.door.order(id="bobs", customer={"id": "bob"}))
    ada.door.shop.drain()
    [bob] = set(member_ids(ada.door)) - {ada.member_id}
    headers = {"Authorization": f"Bearer {token_of(ada.door, bob)}"}
    told = ada.door.client.post("/shopper/v1/cart", json=CART, headers=headers).get_json()
    assert told["use"] == {"reward": "two", "title": "€2 off", "text": "Use 200 points"}


def test_without_a_token_nothing_personal_is_told(ada: Shopper) -> None:
    for method, path in (("GET", "product"), ("POST", "cart")):
        assert ada.door.client.open(f"/shopper/v1/{path}", method=method, json=CART).status_code == 401


def test_what_is_wrong_is_named(ada: Shopper) -> None:
    assert ada.product(price="x").get_json()["errors"][0]["field"] == "price"
    assert ada.cart({"currency": "EUR", "lines": [{"quantity": -1}]}).get_json()["errors"][0]["field"]
    assert ada.cart([]).status_code == 400


def test_the_balance_says_what_comes_when_and_in_words(tessera: Tessera) -> None:
    shopper = Shopper(open_door(tessera, pending_days=14))
    me = shopper.door.client.get("/shopper/v1/me", headers=shopper.headers).get_json()
    [coming] = me["points"]["coming"]
    assert (coming["points"], coming["at"][:10]) == (399, "2026-05-18")
    assert me["text"] == {"available": "0 points", "note": "399 points on the way"}


@some
@given(document=documents, basket=baskets)
def test_a_member_earns_what_the_cart_promised_them(tessera: Tessera, document: Any, basket: Any) -> None:
    door = open_door(tessera, published=False)
    door.shop.publish(document, datetime(2026, 1, 1, tzinfo=UTC))
    before = door.order(id="before", customer={"id": "buyer of o1"})
    door.deliver(before)
    door.shop.drain()
    [member_id] = member_ids(door)
    cart = [in_cart(line) for line in basket]
    headers = {"Authorization": f"Bearer {token_of(door, member_id)}"}
    body = json.dumps({"currency": "EUR", "lines": cart})
    promised = door.client.post("/shopper/v1/cart", data=body, headers=headers).get_json()
    earned = awarded(door, cart, "o1")
    assert promised["about"] or promised["points"] == earned
