"""What a shopper's browser may do with rewards: its own, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.members import tokens
from tests.build import Tessera, order
from tests.rewards.builders import FIVE, Till, open_till

ORIGIN = "https://shop.example"


def ask(till: Till, method: str, path: str, body: Any = None, who: str = "ada", **headers: str) -> Any:
    token = tokens.make("a secret of the tests", till.shop.id, till.member(who), 600, datetime.now(UTC))[0]
    bearer = {"Authorization": f"Bearer {token}", **headers}
    return till.client.open(f"/shopper/v1{path}", method=method, json=body, headers=bearer)


@pytest.fixture
def till(tessera: Tessera) -> Till:
    opened = open_till(tessera, {**FIVE, "points": 100})
    opened.shop.tell(order(id="2001", customer={"id": "bob"}))
    return opened


def test_a_shopper_sees_rewards_redeems_one_and_gives_it_up(till: Till) -> None:
    (offer,) = ask(till, "GET", "/rewards").json["data"]
    assert (offer["key"], offer["available"], offer["missing_points"]) == ("five", True, 0)
    made = ask(till, "POST", "/redemptions", {"reward": "five"})
    assert (made.status_code, made.json["state"]) == (201, "issued")
    assert "member_id" not in made.json
    assert [one["id"] for one in ask(till, "GET", "/redemptions").json["data"]] == [made.json["id"]]
    ended = ask(till, "POST", f"/redemptions/{made.json['id']}/cancel", {})
    assert (ended.status_code, ended.json["state"]) == (200, "voided")
    assert ask(till, "POST", f"/redemptions/{made.json['id']}/cancel", {}).status_code == 409
    assert ask(till, "GET", "/entitlements").json["data"] == []
    till.sound()


def test_what_somebody_else_has_is_not_there(till: Till) -> None:
    made = ask(till, "POST", "/redemptions", {"reward": "five"}).json
    assert ask(till, "GET", "/redemptions", who="bob").json["data"] == []
    assert ask(till, "POST", f"/redemptions/{made['id']}/cancel", {}, who="bob").status_code == 404
    for strange in ("r_0", "..", "%00", "x" * 300):
        assert ask(till, "POST", f"/redemptions/{strange}/cancel", {}).status_code == 404
    assert till.state(made) == ("issued", None)


def test_a_key_makes_it_happen_once_and_is_the_shoppers_own(till: Till) -> None:
    key = {"Idempotency-Key": "k1"}
    first = ask(till, "POST", "/redemptions", {"reward": "five"}, **key).json
    assert ask(till, "POST", "/redemptions", {"reward": "five"}, **key).json["id"] == first["id"]
    other = ask(till, "POST", "/redemptions", {"reward": "five", "points": 100}, **key)
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")
    bobs = ask(till, "POST", "/redemptions", {"reward": "five"}, who="bob", **key).json
    assert bobs["id"] != first["id"]
    assert till.points()["held"] == 100


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"reward": "six"}, 422), ({"reward": "five", "member_id": "m"}, 422), ([], 400), ({"reward": 5}, 422)],
)
def test_a_wrong_request_is_told_what_is_wrong(till: Till, body: Any, status: int) -> None:
    refused = ask(till, "POST", "/redemptions", body)
    assert (refused.status_code, refused.content_type) == (status, "application/problem+json")


def test_a_browser_on_the_shops_pages_may_send_and_read(till: Till) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    allowed = till.client.options("/shopper/v1/redemptions", headers=asked)
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Idempotency-Key" in allowed.headers["Access-Control-Allow-Headers"]
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    made = ask(till, "POST", "/redemptions", {"reward": "five"}, Origin=ORIGIN)
    assert (made.status_code, made.headers["Access-Control-Allow-Origin"]) == (201, ORIGIN)
    assert ask(till, "POST", "/redemptions", {"reward": "five"}, Origin="https://evil.example").status_code == 403


def test_the_next_reward_is_one_the_member_may_have(tessera: Tessera) -> None:
    tiers = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "5000"}]
    cheap = {**FIVE, "key": "cheap", "points": 450, "who": {"tiers": ["gold"]}}
    gone = {**FIVE, "key": "gone", "points": 460, "stock": 0}
    till = open_till(tessera, cheap, gone, {**FIVE, "points": 500}, tiers=tiers)
    assert ask(till, "GET", "/me").json["next_reward"] == {
        "key": "five",
        "kind": "amount_off",
        "points": 500,
        "missing": 101,
    }
    assert till.call("GET", f"/members/{till.member()}").json["next_reward"]["key"] == "five"


def test_the_open_widget_tells_nothing_of_a_rewards_secret_or_cost(tessera: Tessera) -> None:
    secret = {"key": "a", "kind": "exclusive_content", "points": 10, "content": "https://x.example/secret"}
    till = open_till(tessera, {**secret, "cost": {"amount": "3.00", "currency": "EUR"}, "stock": 5})
    page = till.client.get(f"/widget/v1/{till.shop.id}/programme").text
    assert "secret" not in page
    assert "3.00" not in page
