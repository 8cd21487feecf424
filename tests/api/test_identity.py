"""Merging, erasing and the whole history, as a shop's server sees them."""

from __future__ import annotations

from app.audit import audit
from tests.api.conftest import Api
from tests.build import Tessera, order

GUEST = {"id": None, "email": "gus@example.com"}


def test_two_members_become_one(alice: Api, tessera: Tessera) -> None:
    alice.shop.tell(order(), order(id="2", customer={"id": "bob"}))
    ada, bob = (alice.get(f"/members?platform_id={name}").json["data"][0]["id"] for name in ("ada", "bob"))
    merged = alice.post("/members/merge", {"from": bob, "into": ada})
    assert (merged.status_code, merged.json["id"], merged.json["points"]["available"]) == (200, ada, 798)
    assert alice.post("/members/merge", {"from": bob, "into": ada}).json == merged.json
    assert alice.get(f"/members/{bob}").json["id"] == ada
    assert alice.post("/members/merge", {"from": ada, "into": ada}).status_code == 422
    assert alice.post("/members/merge", {"from": ada, "into": "m_00000000000000000000"}).status_code == 404
    assert audit(tessera.engine, alice.shop.id) == []


def test_the_tier_by_hand_and_the_whole_history_are_seen_after_a_merge(alice: Api) -> None:
    alice.shop.tell(order(), order(id="2", customer={"id": "bob"}))
    ada, bob = (alice.get(f"/members?platform_id={name}").json["data"][0]["id"] for name in ("ada", "bob"))
    alice.post("/members/merge", {"from": bob, "into": ada})
    entries = alice.entries(ada)
    assert alice.entries(bob) == entries
    assert sorted(entry["member_id"] for entry in entries) == sorted([ada, ada, bob, bob])
    assert sum(entry["account_changes"].get("available", 0) for entry in entries) == 798
    assert alice.get(f"/members/{ada}?at=2026-03-01T11:00:00Z").json["points"]["available"] == 798
    first = alice.get(f"/members/{ada}/entries?limit=3").json
    last = alice.get(f"/members/{ada}/entries?limit=3&cursor={first['next']}").json
    assert [*first["data"], *last["data"]] == entries
    assert last["next"] is None


def test_a_claim_shows_what_the_guest_had_earned(alice: Api) -> None:
    alice.shop.tell(order(customer=GUEST))
    alice.shop.tell(order(id="2", customer={**GUEST, "id": "gus", "email_verified": True}))
    member = alice.get("/members?platform_id=gus").json["data"][0]
    assert member["points"]["available"] == 798
    assert len([entry for entry in alice.entries(member["id"]) if entry["kind"] == "earn"]) == 2


def test_a_person_is_erased(alice: Api, tessera: Tessera) -> None:
    alice.shop.tell(order(customer={"id": "ada", "email": "ada@example.com", "email_verified": True}))
    ada = alice.get("/members?platform_id=ada").json["data"][0]["id"]
    answer = alice.post(f"/members/{ada}/erasure", key="erase-ada")
    assert (answer.status_code, answer.json) == (200, {"id": ada})
    assert alice.post(f"/members/{ada}/erasure", key="erase-ada").json == {"id": ada}
    shown = alice.get(f"/members/{ada}").json
    assert (shown["email"], shown["identities"], shown["points"]["available"]) == (None, [], 399)
    assert alice.get("/members?email=ada@example.com").json["data"] == []
    assert alice.post("/members/merge", {"from": alice.member(platform_id="z")["id"], "into": ada}).status_code == 409
    assert audit(tessera.engine, alice.shop.id) == []


def test_nothing_is_noted_any_more_of_somebody_who_was_erased(alice: Api) -> None:
    ada = f"/members/{alice.member()['id']}"
    assert alice.post(f"{ada}/erasure").status_code == 200
    letter = {"kind": "manual", "evidence": {"text": "I am Ada, of Main Street"}}
    asked = [
        alice.post(f"{ada}/fingerprints", {"address": "Main Street"}),
        alice.post(f"{ada}/activities", letter),
        alice.post(f"{ada}/shopper-token"),
        alice.post(f"{ada}/verification", {"email": "ada@example.com"}),
        alice.get(f"{ada}/referral"),
    ]
    assert [answer.status_code for answer in asked] == [409] * 5
    assert alice.get(f"{ada}/activities").json["data"] == []


def test_what_a_merged_member_bought_is_found_by_either_id(alice: Api) -> None:
    alice.shop.tell(order())
    ada, bob = alice.get("/members?platform_id=ada").json["data"][0]["id"], alice.member(platform_id="bob")["id"]
    alice.post("/members/merge", {"from": ada, "into": bob})
    found = [[row["id"] for row in alice.get(f"/orders?member_id={each}").json["data"]] for each in (ada, bob)]
    assert found == [["1001"], ["1001"]]
    assert alice.get(f"/referrals?member_id={ada}").status_code == 200
    assert [alice.get(f"/{what}?member_id=m_nobody").status_code for what in ("orders", "referrals")] == [404, 404]
