"""Referrals as a shop's server sees them."""

from __future__ import annotations

import pytest

from app import schedules, shops
from app.audit import audit
from app.db import reading
from tests.api.conftest import Api, open_api
from tests.build import START, Tessera, order, programme
from tests.edge import client_of

TERMS = {"referrer_points": 500, "friend_points": 200, "pending_days": 0, "landing_url": "https://shop.example/hi"}


@pytest.fixture
def alice(tessera: Tessera) -> Api:
    """A shop with referrals; ada has bought there."""
    opened = open_api(tessera, tessera.shop({**programme(), "referrals": TERMS}))
    opened.shop.tell(order())
    return opened


def ada(api: Api) -> dict:
    return api.get("/members?platform_id=ada").json["data"][0]


def link(api: Api) -> dict:
    return api.get(f"/members/{ada(api)['id']}/referral").json


def test_a_member_has_a_link_that_stays(alice: Api) -> None:
    told = link(alice)
    assert told["url"] == f"https://shop.example/hi?ref={told['code']}"
    assert set(told["counts"].values()) == {0}
    assert link(alice) == told


def test_a_friend_told_is_welcomed_and_counted(alice: Api) -> None:
    told = alice.post("/referrals", {"code": link(alice)["code"], "friend": {"email": "bob@example.com"}})
    assert (told.status_code, told.json["state"]) == (201, "open")
    assert told.json["points"] == {"referrer": 0, "friend": 200}
    assert alice.get(f"/members/{told.json['friend_id']}").json["points"]["unclaimed"] == 200
    assert (
        alice.post("/referrals", {"code": link(alice)["code"], "friend": {"email": "BOB@example.com"}}).status_code
        == 200
    )
    assert link(alice)["counts"]["open"] == 1


def test_the_queue_of_those_held_is_decided(alice: Api, tessera: Tessera) -> None:
    sent = {"code": link(alice)["code"], "friend": {"platform_id": "bob"}, "fingerprints": {"device": "d1"}}
    assert alice.post(f"/members/{ada(alice)['id']}/fingerprints", {"device": "d1"}).status_code == 200
    assert alice.post("/referrals", sent).json["reasons"] == ["same_device"]
    (held,) = alice.get("/referrals?state=review").json["data"]
    assert held["points"] == {"referrer": 0, "friend": 0}
    approved = alice.post(f"/referrals/{held['id']}/approve", {"reason": "brothers"})
    assert (approved.json["state"], approved.json["points"]["friend"]) == ("open", 200)
    assert alice.post(f"/referrals/{held['id']}/approve", {"reason": "brothers"}).status_code == 200
    assert alice.get("/referrals?state=review").json["data"] == []
    alice.shop.tell(
        order(id="2", customer={"id": "bob"}, placed_at="2026-03-01T13:00:00Z", updated_at="2026-03-01T13:00:00Z")
    )
    tessera.set_clock(START.replace(hour=14))
    with reading(tessera.engine) as connection:
        shop = shops.get(connection, alice.shop.id)
    schedules.tick_shop(tessera.engine, tessera.services.clock, shop, schedules.Ticked())
    (rewarded,) = alice.get(f"/referrals?member_id={ada(alice)['id']}").json["data"]
    assert (rewarded["state"], rewarded["points"]) == ("rewarded", {"referrer": 500, "friend": 200})
    rejected = alice.post(f"/referrals/{held['id']}/reject", {"reason": "not brothers"}).json
    assert (rejected["state"], rejected["points"]) == ("rejected", {"referrer": 0, "friend": 0})
    assert audit(tessera.engine, alice.shop.id) == []


def test_what_is_wrong_is_named(alice: Api) -> None:
    code = link(alice)["code"]
    for sent, field in (
        ({"code": "BBBBB-BBBBB", "friend": {"platform_id": "bob"}}, "code"),
        ({"code": code, "friend": {}}, "friend"),
        ({"code": code, "friend": {"platform_id": "bob"}, "at": "2027-01-01T00:00:00Z"}, "at"),
        ({"code": code, "friend": {"platform_id": "bob"}, "at": "2025-01-01T00:00:00Z"}, "at"),
        ({"code": code, "friend": {"platform_id": "bob"}, "fingerprints": {"shoe": "42"}}, "fingerprints.shoe"),
    ):
        answer = alice.post("/referrals", sent)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["field"] == field
    assert alice.post(f"/referrals/{ada(alice)['id']}/approve", {"reason": "?"}).status_code == 404


def test_a_programme_without_referrals_has_no_links(charlie: Api) -> None:
    member = charlie.member()
    assert charlie.get(f"/members/{member['id']}/referral").status_code == 404


def test_only_what_is_held_can_be_approved(alice: Api) -> None:
    told = alice.post("/referrals", {"code": link(alice)["code"], "friend": {"platform_id": "bob"}}).json
    refused = alice.post(f"/referrals/{told['id']}/approve", {"reason": "?"})
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")


def test_referrals_are_paged(alice: Api) -> None:
    code = link(alice)["code"]
    ids = sorted(
        alice.post("/referrals", {"code": code, "friend": {"platform_id": f"f{n}"}}).json["id"] for n in range(5)
    )
    seen, path = [], "/referrals?limit=2"
    while True:
        shown = alice.get(path).json
        seen += [row["id"] for row in shown["data"]]
        if shown["next"] is None:
            break
        path = f"/referrals?limit=2&cursor={shown['next']}"
    assert seen == ids


def test_a_shopper_reads_the_own_link(alice: Api, tessera: Tessera) -> None:
    token = alice.post(f"/members/{ada(alice)['id']}/shopper-token", {}).json["token"]
    told = client_of(tessera).get("/shopper/v1/referral", headers={"Authorization": f"Bearer {token}"})
    assert (told.status_code, told.json) == (200, link(alice))
