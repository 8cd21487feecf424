"""Orders, accounts and deliveries by REST."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tests.api.conftest import Api, open_api
from tests.build import Tessera, line, order, programme, refund


def test_an_order_tells_what_it_is_worth_and_why(alice: Api) -> None:
    alice.shop.tell(order())
    listed = alice.get("/orders?platform_id=1001").json
    assert listed["next"] is None
    (told,) = listed["data"]
    (member,) = alice.get("/members?platform_id=ada").json["data"]
    assert told["member_id"] == member["id"]
    assert {name: told[name] for name in ("platform_id", "placed_at", "programme_version", "tier", "state")} == {
        "platform_id": "1001",
        "placed_at": "2026-03-01T10:00:00Z",
        "programme_version": 1,
        "tier": "entry",
        "state": "paid",
    }
    assert (told["target"], told["posted"]) == (399, 399)
    assert told["lines"] == [{"platform_id": "l1", "basis": "39.98", "factor": "1", "points_exact": "399.8"}]
    assert told["explanation"]["points"] == 399
    assert alice.get("/orders?platform_id=nobody").json == {"data": [], "next": None}


def test_orders_are_walked_by_cursor_and_by_member(alice: Api) -> None:
    for number in range(5):
        customer = {"id": "bob" if number == 3 else "ada"}
        alice.shop.tell(order(id=f"#{number}é", customer=customer))
    found, path = [], "/orders?limit=2"
    while True:
        page = alice.get(path).json
        found += [each["id"] for each in page["data"]]
        if page["next"] is None:
            break
        path = f"/orders?limit=2&cursor={page['next']}"
    assert found == [f"#{number}é" for number in range(5)]
    (bob,) = alice.get("/members?platform_id=bob").json["data"]
    assert [each["id"] for each in alice.get(f"/orders?member_id={bob['id']}").json["data"]] == ["#3é"]


def test_the_accounts_of_a_shop_sum_up(alice: Api) -> None:
    alice.shop.tell(order())
    (member,) = alice.get("/members?platform_id=ada").json["data"]
    alice.post(f"/members/{member['id']}/adjustments", {"points": -399, "reason": "spent"})
    alice.shop.tell(order(updated_at="2026-03-02T10:00:01Z", refunds=[refund(quantity=2)]))
    report = alice.get("/reports/accounts").json
    assert report == {
        "issued": 399,
        "pending": 0,
        "available": 0,
        "held": 0,
        "redeemed": 0,
        "expired": 0,
        "reversed": 399,
        "written_off": 399,
        "transferred": 0,
        "deficit": 399,
    }
    assert alice.get(f"/members/{member['id']}").json["points"]["deficit"] == 399


def test_a_failed_delivery_is_listed_with_its_reason_and_nobody_in_it(alice: Api) -> None:
    address = {"name": "Ada Lovelace", "phone": "+44 20 7946 0000", "zip": "W1", "ip": "192.0.2.7"}
    person = {"id": "ada", "email": "ada@example.com", "email_verified": True, "address": address}
    named = {"note": "for Ada", "browser_ip": "192.0.2.7", "shipping_address": address}
    broken = order(lines=[line(quantity=-1)], customer=person, **named)
    alice.shop.tell(broken)
    (told,) = alice.get("/deliveries?state=failed").json["data"]
    assert "quantity" in told["reason"]
    assert told["state"] == "failed"
    assert told["body"]["lines"][0]["quantity"] == -1
    assert told["body"]["lines"][0]["unit_price"] == "19.99"
    assert told["body"]["currency"] == "EUR"
    assert set(told["body"]["customer"]) == {"id", "email", "email_verified", "address"}
    text = json.dumps(told)
    for secret in ("Ada", "ada@example.com", "7946", "W1", "192.0.2.7"):
        assert secret not in text


def test_bodies_that_cannot_be_shown_are_left_out(alice: Api) -> None:
    alice.shop.tell(b"{not json", order())
    alice.shop.tell(b'{"a":' * 300 + b"1" + b"}" * 300)
    alice.shop.tell(json.dumps(order(id=None, note="x" * 70_000)).encode())
    states = [(each["state"], each["body"] is None) for each in alice.get("/deliveries").json["data"]]
    assert states == [("failed", True), ("failed", False), ("done", True), ("failed", True)]


def test_a_failed_delivery_is_tried_again(tessera: Tessera) -> None:
    rung: list[str] = []
    ringing = dataclasses.replace(tessera, services=dataclasses.replace(tessera.services, ring=rung.append))
    shop = open_api(ringing, ringing.shop(programme()))
    shop.shop.tell(order(lines=[line(quantity=-1)]), order(id="1002"))
    done, failed = shop.get("/deliveries").json["data"]
    replayed = shop.post(f"/deliveries/{failed['id']}/replay")
    assert (replayed.status_code, replayed.json["state"], replayed.json["id"]) == (200, "new", failed["id"])
    assert rung == [shop.shop.id]
    assert shop.shop.drain().failed == 1
    assert shop.post(f"/deliveries/{done['id']}/replay", {}).json["state"] == "done"
    assert shop.post(f"/deliveries/{failed['id']}/replay", {"force": True}).status_code == 422


def test_deliveries_are_walked_by_cursor(alice: Api) -> None:
    alice.shop.tell(*(order(id=str(number)) for number in range(3)))
    first = alice.get("/deliveries?limit=2&state=done").json
    second = alice.get(f"/deliveries?limit=2&state=done&cursor={first['next']}").json
    everything = alice.get("/deliveries").json["data"]
    assert first["data"] + second["data"] == everything
    assert len(everything) == 3


@pytest.mark.parametrize("delivery", ["0", "999999999999999999", "9" * 19, "9" * 40, "x", "-1", "%00", "1.0"])
def test_a_delivery_that_is_not_there_is_not_found(alice: Api, delivery: str) -> None:
    assert alice.post(f"/deliveries/{delivery}/replay").status_code == 404
