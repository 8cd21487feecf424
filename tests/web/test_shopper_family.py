"""What the further elements of a page ask: an order of one's own, a gate, a friend's code, what a way brings."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from app.db import reading
from app.models import members
from tests.build import START, Tessera, programme
from tests.edge import Door, open_door
from tests.web.test_shopper import token_of

CLUB = {
    **programme(
        tiers=[
            {"key": "entry", "enter": "0"},
            {
                "key": "gold",
                "name": "Gold",
                "enter": "30",
                "perks": {"early_access_days": 2, "products": ["p9"], "content": ["c9"]},
            },
            {"key": "black", "enter": "9000", "hidden": True, "perks": {"products": ["p0"]}},
        ],
        rewards=[
            {"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}},
            {"key": "cup", "kind": "exclusive_product", "points": 10, "product": "p7", "valid_days": 30},
        ],
        activities=[
            {"key": "survey", "kind": "survey", "points": 50, "self_reported": True},
            {"key": "seen", "kind": "site_visit", "points": 5, "self_reported": True, "approval": "review"},
            {"key": "receipt", "kind": "receipt", "rate": {"points": "2", "per": "1"}},
        ],
    ),
    "referrals": {"referrer_points": 500, "friend_points": 200, "friend_reward": "five"},
}


@pytest.fixture
def shop(tessera: Tessera) -> Door:
    door = open_door(tessera, published=False)
    door.shop.publish(CLUB, START - timedelta(days=60))
    return door


def buy(door: Door, order_id: str, customer: str, price: str = "39.90", **fields: Any) -> None:
    lines = [{"id": "l1", "product_id": "p1", "variant_id": "v1", "quantity": 1, "unit_price": price}]
    buyer = {"id": customer, "email": f"{customer}@example.com", "email_verified": True}
    assert door.deliver(door.order(id=order_id, customer=buyer, lines=lines, **fields)).status_code == 200
    door.shop.drain()


def token(door: Door, order_id: str) -> str:
    """Return a token of who bought an order."""
    with reading(door.tessera.engine) as connection:
        mine = select(members.c.id).where(members.c.shop_id == door.shop.id)
        assert list(connection.execute(mine))
    return token_of(door, str(door.shop.order(order_id).member_id))


def ask(door: Door, path: str, token: str, **query: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return door.client.get(f"/shopper/v1/{path}", headers=headers, query_string=query)


def public(door: Door, path: str, **query: str) -> Any:
    return door.client.get(f"/widget/v1/{door.shop.id}/{path}", query_string=query)


# --- an order ---------------------------------------------------------------------------------------------------------


def test_an_order_tells_its_buyer_what_it_earned_and_why(shop: Door) -> None:
    buy(shop, "1001", "ada")
    told = ask(shop, "orders/1001", token(shop, "1001"), lang="en").get_json()
    assert told == {
        "id": "1001",
        "state": "earned",
        "points": 399,
        "at": None,
        "text": "You earned 399 points",
        "note": "",
        "why": "€39.90 × 10 points per €1.00 = 399 points",
        "delivered": False,
    }


PAST, FUTURE = "2026-03-01T11:00:00Z", "2040-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("changes", "delivered"),
    [
        ({"delivered_at": PAST}, True),
        ({"delivered_at": FUTURE}, False),
        ({"fulfilled_at": PAST}, False),
        ({"delivered_at": PAST, "status": "cancelled", "cancelled_at": PAST}, False),
        ({"delivered_at": PAST, "financial_status": "refunded"}, False),
    ],
)
def test_an_order_says_whether_it_has_been_delivered(shop: Door, changes: dict[str, Any], delivered: bool) -> None:
    buy(shop, "1001", "ada", **({"financial_status": "paid"} | changes))
    assert ask(shop, "orders/1001", token(shop, "1001")).get_json()["delivered"] is delivered


def test_points_that_cannot_be_spent_yet_come_with_their_day(tessera: Tessera) -> None:
    door = open_door(tessera, pending_days=14)
    buy(door, "1001", "ada")
    told = ask(door, "orders/1001", token(door, "1001"), lang="fr").get_json()
    assert (told["state"], told["text"], told["note"][-4:]) == ("coming", "Vous gagnerez 399 points", "2026")
    assert told["at"] == "2026-05-18T22:00:00Z"


def test_an_order_that_is_not_paid_says_what_is_missing_and_a_cancelled_one_nothing(shop: Door) -> None:
    buy(shop, "1001", "ada", financial_status="pending")
    told = ask(shop, "orders/1001", token(shop, "1001"), lang="en").get_json()
    assert (told["state"], told["text"]) == ("waiting", "Not counted yet: the order is not paid")
    buy(shop, "1002", "ada", financial_status="paid", cancelled_at="2026-03-01T11:00:00Z", status="cancelled")
    told = ask(shop, "orders/1002", token(shop, "1001"), lang="en").get_json()
    assert (told["state"], told["text"]) == ("nothing", "")


def test_an_order_is_shown_to_its_buyer_alone(shop: Door, tessera: Tessera) -> None:
    elsewhere = open_door(tessera)
    buy(shop, "1001", "ada")
    buy(shop, "1002", "bob")
    buy(elsewhere, "1003", "ada")
    ada = token(shop, "1001")
    assert ask(shop, "orders/1002", ada).status_code == 404  # another member's
    assert ask(shop, "orders/1003", ada).status_code == 404  # another shop's
    assert ask(shop, "orders/1004", ada).status_code == 404  # nobody's
    assert ask(shop, "orders/1001", token(elsewhere, "1003")).status_code == 404


def test_who_waits_for_an_order_cannot_tell_a_strangers_from_none(shop: Door) -> None:
    buy(shop, "1001", "ada")
    buy(shop, "1002", "bob")
    ada = token(shop, "1001")
    strange, none = (ask(shop, f"orders/{one}", ada, wait="1") for one in ("1002", "1004"))
    assert (strange.status_code, strange.get_json()["state"]) == (200, "unknown")
    assert strange.get_json() | {"id": ""} == none.get_json() | {"id": ""}


@pytest.mark.parametrize("name", ["%00", "a%00b", "x" * 300, "%0a", "../me", "gid://x/1", "'; drop", "\u202e1"])
def test_no_name_of_an_order_breaks_anything(shop: Door, name: str) -> None:
    buy(shop, "1001", "ada")
    answer = ask(shop, f"orders/{name if '%' in name else quote(name, safe='/:')}", token(shop, "1001"))
    assert answer.status_code in (200, 404)
    assert answer.status_code == 404 or "points" in answer.get_json()


# --- a gate -----------------------------------------------------------------------------------------------------------


def test_a_gate_for_a_tier_opens_to_it_and_names_it_to_others(shop: Door) -> None:
    buy(shop, "1001", "ada")  # gold
    buy(shop, "1002", "bob", "5.00")
    closed = {"open": False, "opens_at": None, "text": "For Gold members", "note": "", "enter": None}
    assert ask(shop, "gate", token(shop, "1001"), tier="gold").get_json()["open"]
    assert ask(shop, "gate", token(shop, "1002"), tier="gold", lang="en").get_json() == closed
    assert public(shop, "gate", tier="gold", lang="en").get_json() == {**closed, "enter": "Log in"}
    assert public(shop, "gate", tier="gold", lang="de").get_json()["text"] == "Für Mitglieder: Gold"


def test_a_gate_opens_by_what_the_tier_may_buy_or_see(shop: Door) -> None:
    buy(shop, "1001", "ada")
    ada = token(shop, "1001")
    assert ask(shop, "gate", ada, product="p9").get_json()["open"]
    assert ask(shop, "gate", ada, content="c9").get_json()["open"]
    assert not ask(shop, "gate", ada, content="p9").get_json()["open"]
    assert not ask(shop, "gate", ada, product="p0").get_json()["open"]
    assert ask(shop, "gate", ada, product="p0", content="c9").get_json()["open"]  # any of them


def test_a_hidden_tier_and_one_there_is_not_are_not_named(shop: Door) -> None:
    for asked in ({"tier": "black"}, {"product": "p0"}, {"tier": "nobody"}, {"content": "guess"}):
        assert public(shop, "gate", lang="en", **asked).get_json()["text"] == "For members"


def test_a_reward_opens_its_product(shop: Door) -> None:
    buy(shop, "1002", "bob", "5.00")
    bob = token(shop, "1002")
    assert not ask(shop, "gate", bob, product="p7").get_json()["open"]
    headers = {"Authorization": f"Bearer {bob}", "Idempotency-Key": "k1"}
    made = shop.client.post("/shopper/v1/redemptions", json={"reward": "cup"}, headers=headers)
    assert made.status_code == 201, made.text
    assert ask(shop, "gate", bob, product="p7").get_json()["open"]


def test_early_is_early_for_who_has_the_perk(shop: Door) -> None:
    buy(shop, "1001", "ada")
    buy(shop, "1002", "bob", "5.00")
    tomorrow = (START + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    later = (START + timedelta(days=5)).isoformat().replace("+00:00", "Z")
    assert ask(shop, "gate", token(shop, "1001"), early=tomorrow).get_json()["open"]
    bob = ask(shop, "gate", token(shop, "1002"), early=tomorrow, lang="en").get_json()
    assert (bob["open"], bob["opens_at"], bob["text"]) == (False, tomorrow, "For everyone from March 2, 2026")
    ada = ask(shop, "gate", token(shop, "1001"), early=later, lang="en").get_json()
    assert (ada["open"], ada["text"]) == (False, "For you from March 4, 2026")
    assert public(shop, "gate", early=START.isoformat()).get_json()["open"]  # now


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"early": "soon"},
        {"early": "2026-12-01"},
        {"early": "0001-01-01T00:00:00Z"},
        {"tier": "\x00"},
        {"product": "x" * 300},
    ],
)
def test_a_gate_that_makes_no_sense_is_refused(shop: Door, query: dict[str, str]) -> None:
    assert public(shop, "gate", **query).status_code == 422


# --- a friend's code --------------------------------------------------------------------------------------------------


def code_of(door: Door, order_id: str) -> str:
    return str(ask(door, "referral", token(door, order_id)).get_json()["code"])


def test_a_friends_code_tells_what_it_brings_and_not_whose_it_is(shop: Door) -> None:
    buy(shop, "1001", "ada")
    buy(shop, "1002", "bob")
    codes = [code_of(shop, "1001"), code_of(shop, "1002")]
    first, second = (public(shop, f"referral/{code}", lang="en") for code in codes)
    assert first.get_json() == {"code": codes[0], "text": "A gift from your friend: 200 points + €5 off"}
    assert {**first.get_json(), "code": ""} == {**second.get_json(), "code": ""}
    assert public(shop, f"referral/{codes[0].lower().replace('-', ' ')}").get_json()["code"] == codes[0]


@pytest.mark.parametrize("code", ["BCDFG-HJKMN", "x", "%00", "a" * 500, "<script>", "a/../b"])
def test_any_other_code_is_answered_alike(shop: Door, code: str) -> None:
    answer = public(shop, f"referral/{code}")
    assert (answer.status_code, answer.get_json()) == (200, {"code": None, "text": ""})


def test_a_code_is_good_in_its_own_shop_only(shop: Door, tessera: Tessera) -> None:
    buy(shop, "1001", "ada")
    code, elsewhere = code_of(shop, "1001"), open_door(tessera, published=False)
    elsewhere.shop.publish(CLUB, START - timedelta(days=60))
    assert public(elsewhere, f"referral/{code}").get_json()["code"] is None


# --- ways to earn -----------------------------------------------------------------------------------------------------


def test_each_way_says_what_it_brings(shop: Door) -> None:
    ways = public(shop, "programme", lang="en").get_json()["ways"]
    assert [each["text"] for each in ways] == ["+50 points", "+5 points", "2 points per €1"]


def test_who_tells_of_an_activity_is_thanked_with_what_it_earned(shop: Door) -> None:
    buy(shop, "1001", "ada")
    headers = {"Authorization": f"Bearer {token(shop, '1001')}"}

    def tell(kind: str) -> Any:
        body = json.dumps({"kind": kind, "subject": "s1", "evidence": {"how": "well"}})
        return shop.client.post("/shopper/v1/activities?lang=en", data=body, headers=headers).get_json()["text"]

    assert tell("survey") == "You earned 50 points"
    assert tell("site_visit") == "Thank you. The shop takes a look first."


def test_it_is_said_over_which_time_levels_are_counted(tessera: Tessera) -> None:
    door = open_door(tessera, published=False)
    measure = {"by": "spend", "window": "calendar_year"}
    door.shop.publish({**CLUB, "tier_measure": measure}, START - timedelta(days=60))
    told = public(door, "programme", lang="fr").get_json()["tier_measure"]
    assert told == {**measure, "sentence": "Remis à zéro à chaque année civile"}
