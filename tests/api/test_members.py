"""Members by REST: who is found, who is made, who may not be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from app import shops
from app.audit import audit
from app.db import transaction
from app.members import enrolling
from app.members.enrolling import Named
from tests.api.conftest import Api, open_api
from tests.build import START, Tessera, order


def test_a_new_member_is_made_and_then_found(alice: Api) -> None:
    made = alice.post("/members", {"platform_id": "c1", "email": "Ada@example.com", "email_verified": True})
    assert made.status_code == 201
    assert made.json["email"] == "Ada@example.com"
    assert made.json["claimed"] is True
    assert made.json["tier"]["key"] == "entry"
    assert made.json["points"]["available"] == 0
    assert {(each["kind"], each["value"], each["verified"]) for each in made.json["identities"]} == {
        ("platform_id", "c1", True),
        ("email", None, True),
    }
    again = alice.post("/members", {"platform_id": "c1"})
    assert (again.status_code, again.json["id"]) == (200, made.json["id"])
    assert alice.get(f"/members/{made.json['id']}").json == made.json


def test_birthday_and_tags_are_kept_and_replaced_when_sent(alice: Api) -> None:
    made = alice.member(platform_id="c1", birthday="1990-02-28", tags=["vip"])
    assert (made["birthday"], made["tags"]) == ("1990-02-28", ["vip"])
    assert alice.member(platform_id="c1")["tags"] == ["vip"]
    assert alice.member(platform_id="c1", tags=[])["tags"] == []


def test_an_unverified_email_makes_an_unclaimed_member_and_finds_only_that_one(alice: Api) -> None:
    proved = alice.member(email="ada@example.com", email_verified=True)
    guest = alice.post("/members", {"email": "ADA@example.com "})
    assert guest.status_code == 201
    assert (guest.json["claimed"], guest.json["identities"]) == (
        False,
        [{"kind": "email", "value": None, "verified": False}],
    )
    again = alice.post("/members", {"email": "ada@example.com"})
    assert (again.status_code, again.json["id"]) == (200, guest.json["id"])
    carriers = alice.get("/members?email=ada@example.com").json["data"]
    assert {each["id"] for each in carriers} == {proved["id"], guest.json["id"]}


def test_points_of_an_unclaimed_member_are_shown_as_unclaimed_until_the_email_is_verified(alice: Api) -> None:
    alice.shop.tell(order(customer={"id": None, "email": "ada@example.com"}))
    guest = alice.member(email="ada@example.com")
    assert (guest["points"]["unclaimed"], guest["points"]["available"]) == (399, 0)
    claimed = alice.post("/members", {"email": "ada@example.com", "email_verified": True})
    assert (claimed.status_code, claimed.json["id"]) == (200, guest["id"])
    assert claimed.json["claimed"] is True
    assert (claimed.json["points"]["unclaimed"], claimed.json["points"]["available"]) == (0, 399)


def test_a_verified_email_brings_the_guests_points_to_the_platforms_customer(alice: Api, tessera: Tessera) -> None:
    known = alice.member(platform_id="c1")
    alice.shop.tell(order(customer={"id": None, "email": "ada@example.com"}))
    guest = alice.member(email="ada@example.com")
    merged = alice.post("/members", {"platform_id": "c1", "email": "ada@example.com", "email_verified": True})
    assert (merged.status_code, merged.json["id"]) == (200, known["id"])
    assert merged.json["points"]["available"] == 399
    assert alice.get(f"/members/{guest['id']}").json["id"] == known["id"]
    assert [each["id"] for each in alice.get("/members").json["data"]] == [known["id"]]
    assert audit(tessera.engine, alice.shop.id) == []


def test_a_platform_id_is_added_to_the_member_of_a_verified_email(alice: Api) -> None:
    known = alice.member(email="ada@example.com", email_verified=True)
    completed = alice.post("/members", {"platform_id": "c1", "email": "ada@example.com", "email_verified": True})
    assert (completed.status_code, completed.json["id"]) == (200, known["id"])
    assert alice.get("/members?platform_id=c1").json["data"][0]["id"] == known["id"]


def test_identities_of_two_members_are_a_conflict_and_change_nothing(alice: Api) -> None:
    alice.member(platform_id="c1")
    alice.member(email="ada@example.com", email_verified=True)
    before = alice.get("/members").json
    refused = alice.post("/members", {"platform_id": "c1", "email": "ada@example.com", "email_verified": True})
    assert (refused.status_code, refused.json["code"]) == (409, "identity_conflict")
    assert alice.get("/members").json == before


def test_an_unverified_email_beside_a_platform_id_proves_nothing(alice: Api) -> None:
    owner = alice.member(email="ada@example.com", email_verified=True)
    other = alice.post("/members", {"platform_id": "c2", "email": "ada@example.com"})
    assert other.status_code == 201
    assert other.json["id"] != owner["id"]
    assert {each["id"] for each in alice.get("/members?email=ada@example.com").json["data"]} == {
        owner["id"],
        other.json["id"],
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"email": None, "platform_id": None}, ""),
        ({"email_verified": True, "platform_id": "c1"}, ""),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b\u0007c"}, "email"),
        ({"email": "a" * 321 + "@b"}, "email"),
        ({"email": 5}, "email"),
        ({"platform_id": 5}, "platform_id"),
        ({"platform_id": ""}, "platform_id"),
        ({"platform_id": " "}, "platform_id"),
        ({"platform_id": "x" * 256}, "platform_id"),
        ({"platform_id": "c1", "birthday": "1990-02-30"}, "birthday"),
        ({"platform_id": "c1", "birthday": "2999-01-01"}, "birthday"),
        ({"platform_id": "c1", "birthday": 19900101}, "birthday"),
        ({"platform_id": "c1", "tags": "vip"}, "tags"),
        ({"platform_id": "c1", "tags": [1]}, "tags.0"),
        ({"platform_id": "c1", "tags": ["x"] * 251}, "tags"),
        ({"platform_id": "c1", "email_verified": "yes"}, "email_verified"),
        ({"platform_id": "c1", "colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(alice: Api, body: object, field: str) -> None:
    refused = alice.post("/members", body)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json["errors"]] == [field]
    assert alice.get("/members").json["data"] == []


def test_lists_are_walked_by_cursor(alice: Api) -> None:
    made = {alice.member(platform_id=f"c{number}")["id"] for number in range(5)}
    found, path = [], "/members?limit=2"
    while True:
        page = alice.get(path).json
        found += [member["id"] for member in page["data"]]
        if page["next"] is None:
            break
        path = f"/members?limit=2&cursor={page['next']}"
    assert sorted(made) == found
    assert alice.get("/members?email=nobody@example.com").json == {"data": [], "next": None}
    assert alice.get("/members?platform_id=nobody").json == {"data": [], "next": None}


def test_members_of_one_email_are_walked_by_cursor(alice: Api) -> None:
    made = {alice.member(platform_id=f"c{number}", email="ada@example.com")["id"] for number in range(3)}
    first = alice.get("/members?email=ada@example.com&limit=2").json
    second = alice.get(f"/members?email=ada@example.com&limit=2&cursor={first['next']}").json
    assert {each["id"] for each in first["data"] + second["data"]} == made
    assert (len(first["data"]), second["next"]) == (2, None)


def test_points_are_shown_as_of_a_moment(alice: Api, tessera: Tessera) -> None:
    member = alice.member(platform_id="c1")
    alice.post(f"/members/{member['id']}/adjustments", {"points": 100, "reason": "hello"})
    tessera.set_clock(START + timedelta(days=1))
    alice.post(f"/members/{member['id']}/adjustments", {"points": 50, "reason": "hello"})

    def available(at: str) -> int:
        return alice.get(f"/members/{member['id']}?at={at}").json["points"]["available"]

    assert available("2026-03-01T11:59:59Z") == 0
    assert available("2026-03-01T12:00:00Z") == 100
    assert available("2026-03-01T13:00:00%2B01:00") == 100
    assert available("2026-03-03T00:00:00Z") == 150


def test_entries_are_listed_newest_first_with_their_reasons(alice: Api) -> None:
    alice.shop.tell(order(), order(updated_at="2026-03-02T10:00:00Z", lines=[]))
    (member,) = alice.get("/members?platform_id=ada").json["data"]
    entries = alice.entries(member["id"])
    assert [entry["points"] for entry in entries] == [-399, 399]
    assert entries[1]["id"] == "order:1001:1"
    assert entries[1]["kind"] == "earn"
    assert entries[1]["at"] == "2026-03-01T10:00:05Z"
    assert entries[1]["account_changes"] == {"issued": -399, "available": 399}
    assert entries[1]["source"] == {"type": "order", "id": "1001"}
    assert entries[1]["explanation"]["basis"] == "39.98"
    first = alice.get(f"/members/{member['id']}/entries?limit=1").json
    second = alice.get(f"/members/{member['id']}/entries?limit=1&cursor={first['next']}").json
    assert first["data"] + second["data"] == entries
    assert second["next"] is None


def test_points_are_given_and_taken_by_hand(alice: Api, tessera: Tessera) -> None:
    path = f"/members/{alice.member()['id']}/adjustments"
    given = alice.post(path, {"points": 500, "reason": "Sorry"})
    assert given.status_code == 201
    assert given.json["entry"]["account_changes"] == {"issued": -500, "available": 500}
    assert given.json["points"]["available"] == 500
    taken = alice.post(path, {"points": -200, "reason": "A mistake"})
    assert taken.json["entry"]["account_changes"] == {"available": -200, "written_off": 200}
    assert taken.json["points"]["available"] == 300
    refused = alice.post(path, {"points": -301, "reason": "Too much"})
    assert (refused.status_code, refused.json["code"]) == (409, "insufficient_points")
    report = alice.get("/reports/accounts").json
    assert (report["issued"], report["available"], report["written_off"]) == (500, 300, 200)
    assert audit(tessera.engine, alice.shop.id) == []


@pytest.mark.parametrize("points", [0, 10**15 + 1, -(10**15) - 1, 2**63, 1.5, 1.0, "5", True, None])
def test_points_that_are_none_are_refused(alice: Api, points: object) -> None:
    refused = alice.post(f"/members/{alice.member()['id']}/adjustments", {"points": points, "reason": "x"})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "points"


def test_a_member_is_put_into_a_tier_by_hand_and_earns_by_it(alice: Api, tessera: Tessera) -> None:
    member = alice.member(platform_id="ada")
    moved = alice.post(f"/members/{member['id']}/tier", {"key": "gold", "reason": "A friend"})
    assert moved.status_code == 200
    assert moved.json["tier"]["key"] == "gold"
    assert moved.json["tier"]["since"] == "2026-03-01T12:00:00Z"
    alice.shop.tell(order(placed_at="2026-03-01T12:00:01Z", updated_at="2026-03-01T12:00:01Z"))
    assert alice.get(f"/members/{member['id']}").json["points"]["available"] == 799
    unknown = alice.post(f"/members/{member['id']}/tier", {"key": "platinum", "reason": "A friend"})
    assert (unknown.status_code, unknown.json["errors"][0]["field"]) == (422, "key")
    assert audit(tessera.engine, alice.shop.id) == []


def test_without_a_programme_there_are_no_tiers(tessera: Tessera) -> None:
    bare = open_api(tessera, tessera.shop())
    member = bare.member()
    assert (member["tier"], member["next_reward"]) == (None, None)
    assert bare.post(f"/members/{member['id']}/tier", {"key": "gold", "reason": "x"}).status_code == 422
    assert bare.get("/programme").status_code == 404
    assert bare.post("/preview", {"currency": "EUR", "lines": []}).status_code == 404


def test_a_shopper_token_opens_the_shoppers_own_view(alice: Api) -> None:
    member = alice.member(platform_id="c1")
    made = alice.post(f"/members/{member['id']}/shopper-token", {"ttl_s": 60})
    assert made.status_code == 201
    ends = datetime.fromisoformat(made.json["expires_at"])
    assert timedelta(seconds=50) < ends - datetime.now(UTC) <= timedelta(seconds=60)
    me = alice.client.get("/shopper/v1/me", headers={"Authorization": f"Bearer {made.json['token']}"})
    assert me.json["points"]["available"] == 0
    assert alice.post(f"/members/{member['id']}/shopper-token").status_code == 201
    for ttl_s in (0, 601, "60", 1.5):
        assert alice.post(f"/members/{member['id']}/shopper-token", {"ttl_s": ttl_s}).status_code == 422


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
def test_a_shop_whose_platform_knows_its_shoppers_gets_no_tokens(tessera: Tessera, platform: str) -> None:
    shop = open_api(tessera, tessera.shop(platform=platform))
    assert shop.post(f"/members/{shop.member()['id']}/shopper-token").status_code == 403


def test_points_given_while_two_members_become_one_go_to_the_survivor(alice: Api, tessera: Tessera) -> None:
    survivor = alice.member(platform_id="c1")
    guest = alice.member(email="ada@example.com")
    named = Named(platform_id="c1", email="ada@example.com", email_verified=True)
    vault = tessera.services.vault
    with ThreadPoolExecutor(1) as pool:
        with transaction(tessera.engine) as connection:
            shop = shops.hold(connection, alice.shop.id)
            enrolling.enrol(connection, vault, shop, named, START)
            path = f"/members/{guest['id']}/adjustments"
            given = pool.submit(alice.post, path, {"points": 100, "reason": "for the guest"})
            with pytest.raises(TimeoutError):
                given.result(timeout=0.5)  # it waits for the merge
        assert given.result(timeout=30).json["member_id"] == survivor["id"]
    assert alice.get(f"/members/{guest['id']}").json["points"]["available"] == 100
    assert audit(tessera.engine, alice.shop.id) == []
