"""Shopify's own pages of a customer, her account and the thanks for an order, read her points by Shopify's session."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from app.platforms import leaving
from tests.fakes.shopify.state import legacy
from tests.platforms.at_shopify import MUGS, ShopLife
from tests.platforms.test_proxy import life
from tests.platforms.world import OURS

__all__ = ["life"]

LINES = [{"product_id": "1", "quantity": 1, "unit_price": "19.99"}]


def session(life: ShopLife, *, secret: str = "hush" * 8, **changes: Any) -> str:
    now = int(life.world.real.timestamp())
    claims = {
        "dest": MUGS,
        "aud": "key",
        "exp": now + 300,
        "nbf": now,
        "iat": now,
        "jti": "1",
        "sub": f"gid://shopify/Customer/{legacy(life.ada['id'])}",
        **changes,
    }
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, secret, algorithm="HS256")


def ask(life: ShopLife, path: str = "me", body: Any = None, platform: str = "shopify", **changes: Any) -> Any:
    token = changes.pop("token", None) or session(life, **changes)
    headers = {"Authorization": f"Bearer {token}", "Origin": "https://extensions.shopifycdn.com"}
    client, url = life.world.app.test_client(), f"/customer/v1/{platform}/{path}?lang=fr"
    if body is None:
        return client.get(url, base_url=OURS, headers=headers)
    return client.post(url, base_url=OURS, headers=headers, json=body)


def test_a_customer_reads_her_points_in_her_language(life: ShopLife) -> None:
    told = ask(life)
    assert (told.json["points"]["available"], told.json["text"]["available"]) == (350, "350 points")
    assert told.headers["Access-Control-Allow-Origin"] == "*"
    assert told.headers["Cache-Control"] == "no-store"
    (entry,) = ask(life, "entries").json["data"]
    assert entry["points"] == 350


def test_an_order_just_placed_tells_what_it_will_earn(life: ShopLife) -> None:
    told = ask(life, "earned", {"currency": "EUR", "lines": LINES})
    assert told.json == {"points": 199, "about": False, "text": told.json["text"], "join": False}
    assert "199 points" in told.json["text"]
    assert ask(life, "earned", {"currency": "EUR", "lines": []}).json["text"] == ""
    assert ask(life, "earned", {"currency": "EUR", "lines": "all"}).status_code == 422


def test_a_guest_reads_what_the_order_brings_to_who_joins(life: ShopLife) -> None:
    body = {"currency": "EUR", "lines": LINES}
    told = ask(life, "earned", body, sub=None)
    assert (told.status_code, told.json["points"], told.json["join"]) == (200, 199, True)
    assert "199 points" in told.json["text"]
    free = [{**LINES[0], "unit_price": "0"}]
    assert ask(life, "earned", {"currency": "EUR", "lines": free}, sub=None).json["join"] is False


@pytest.mark.parametrize("who", [None, "gid://shopify/Customer/1"])
def test_who_is_no_member_yet_is_promised_nothing_that_not_everyone_gets(life: ShopLife, who: str | None) -> None:
    life.publish(eligibility={"any_tag": ["club"]})
    told = ask(life, "earned", {"currency": "EUR", "lines": LINES}, sub=who).json
    assert (told["points"], told["text"], told["join"]) == (0, "", False)


def test_a_customer_whom_we_do_not_know_yet_need_not_join(life: ShopLife) -> None:
    told = ask(life, "earned", {"currency": "EUR", "lines": LINES}, sub="gid://shopify/Customer/1").json
    assert (told["points"], told["join"]) == (199, False)


def test_only_a_platforms_own_session_asks_for_a_guest(life: ShopLife) -> None:
    body = {"currency": "EUR", "lines": LINES}
    refused = [
        (given, status)
        for given, status in REFUSED
        if given not in ({"sub": None}, {"sub": "gid://shopify/Customer/1"})
    ]
    assert [ask(life, "earned", body, **given).status_code for given, _ in refused] == [status for _, status in refused]
    assert ask(life, "earned", {"currency": "EUR", "lines": "x" * 200_000}, sub=None).status_code in (413, 422)


def test_a_browser_may_ask_before_it_asks(life: ShopLife) -> None:
    answer = life.world.app.test_client().options("/customer/v1/shopify/me", base_url=OURS)
    assert answer.status_code == 200
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"secret": "another" * 8}, 401),
    ({"aud": "another app"}, 401),
    ({"exp": 1}, 401),
    ({"nbf": 4_000_000_000}, 401),
    ({"nbf": "soon"}, 401),
    ({"sub": None}, 401),  # nobody is logged in
    ({"sub": "42"}, 401),  # staff
    ({"sub": "gid://shopify/Customer/1"}, 404),
    ({"sub": "gid://shopify/Customer/1\n"}, 401),
    ({"sub": 7}, 401),
    ({"dest": "others.myshopify.com"}, 404),
    ({"dest": "https://mugs.myshopify.com.evil.example"}, 401),
    ({"token": "no token"}, 401),
    ({"platform": "custom"}, 404),
    ({"platform": "woocommerce"}, 401),
    ({"platform": "nobody"}, 404),
]


def test_nobody_else_is_let_in(life: ShopLife) -> None:
    assert [ask(life, **changes).status_code for changes, _ in REFUSED] == [status for _, status in REFUSED]
    assert ask(life, dest=f"https://{MUGS}").status_code == 200


def test_staff_have_no_points_and_customers_no_admin(life: ShopLife) -> None:
    staff = life.shopify.registered.session_token(life.platform.shop)
    assert ask(life, token=staff).status_code == 401
    headers = {"Authorization": f"Bearer {session(life)}"}
    assert life.world.app.test_client().get("/admin/", base_url=OURS, headers=headers).status_code == 401


def test_a_shopper_token_is_no_session_and_a_session_no_shopper_token(life: ShopLife) -> None:
    headers = {"Authorization": f"Bearer {session(life)}"}
    assert life.world.app.test_client().get("/shopper/v1/me", base_url=OURS, headers=headers).status_code == 401


def test_a_shop_that_has_left_lets_nobody_in(life: ShopLife) -> None:
    leaving.leave(life.services, life.shop)
    assert ask(life).status_code == 404
