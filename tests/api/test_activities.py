"""Activities through the API: told once, capped, reviewed; and what a shopper's browser may tell."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.audit import audit
from tests.api.conftest import Api, open_api
from tests.build import START, Tessera, order, programme
from tests.worker.together import together

RULES = [
    {"key": "review", "kind": "review", "points": 50},
    {"key": "photo", "kind": "photo_review", "points": 100, "approval": "review"},
    {"key": "receipt", "kind": "receipt", "points": 5, "rate": {"points": "1", "per": "3"}},
    {"key": "follow", "kind": "social_follow", "points": 20, "self_reported": True},
    {"key": "visit", "kind": "site_visit", "points": 1, "self_reported": True},
    {"key": "scan", "kind": "in_store_scan", "points": 10, "caps": [{"period": "day", "points": 25}]},
    {"key": "survey", "kind": "survey", "points": 40, "budget": {"points": 100, "period": "month"}},
    {"key": "joined", "kind": "sign_up", "points": 7},
    {"key": "birthday-told", "kind": "profile_field", "subject": "birthday", "points": 3},
]


def open_shop(tessera: Tessera, rules: list[dict[str, Any]] = RULES) -> Api:
    return open_api(tessera, tessera.shop(programme(activities=rules)))


@pytest.fixture
def api(tessera: Tessera) -> Api:
    return open_shop(tessera)


def ada(api: Api) -> str:
    return str(api.member(platform_id="ada")["id"])


def tell(api: Api, kind: str, member: str | None = None, **told: Any) -> TestResponse:
    return api.post(f"/members/{member or ada(api)}/activities", {"kind": kind, **told})


def short(response: TestResponse) -> tuple[str, str | None, int]:
    assert response.status_code in (200, 201), response.json
    return response.json["state"], response.json["reason"], response.json["points"]


def sound(api: Api) -> bool:
    assert audit(api.shop.tessera.engine, api.shop.id) == []
    return True


def test_an_activity_is_awarded_and_explained(api: Api) -> None:
    made = tell(api, "review", subject="p1", id="r-1", evidence={"text": "Lovely", "stars": 5})
    assert short(made) == ("awarded", None, 50)
    assert made.json["entry"] == made.json["id"] == "activity:r-1"
    (shown,) = [each for each in api.get(f"/members/{ada(api)}/activities").json["data"] if each["kind"] == "review"]
    assert shown["evidence"] == {"text": "Lovely", "stars": 5}
    (entry,) = [each for each in api.entries(ada(api)) if each["id"] == "activity:r-1"]
    assert "Lovely" not in str(entry)
    assert entry["explanation"]["caps"]["rule"][0]["times_left"] == 1
    assert sound(api)


def test_the_same_id_is_the_same_activity(api: Api) -> None:
    first = tell(api, "review", subject="p1", id="r-1")
    assert tell(api, "review", subject="p1", id="r-1").json == first.json
    assert tell(api, "review", subject="p2", id="r-1").status_code == 409
    bob = api.member(platform_id="bob")["id"]
    assert tell(api, "review", bob, subject="p1", id="r-1").status_code == 409
    assert sound(api)


def test_the_idempotency_key_is_the_id_where_there_is_none(api: Api) -> None:
    path = f"/members/{ada(api)}/activities"
    made = api.post(path, {"kind": "review", "subject": "p1"}, key="k-1")
    assert made.json["id"] == "activity:k-1"
    assert api.post(path, {"kind": "review", "subject": "p1"}, key="k-1").data == made.data


def test_money_earns_exactly_rounded_down_once(api: Api) -> None:
    assert short(tell(api, "receipt", subject="n1", evidence={"amount": "29.99", "currency": "EUR"})) == (
        "awarded",
        None,
        5 + 9,
    )
    assert short(tell(api, "receipt", subject="n1", evidence={"amount": "29.99"}))[1] == "cap_reached"
    assert short(tell(api, "receipt", subject="n2", evidence={"amount": "29.99", "currency": "USD"}))[1] == (
        "currency_without_rate"
    )
    assert sound(api)


def test_a_cap_on_points_leaves_what_room_there_is(api: Api) -> None:
    assert [short(tell(api, "in_store_scan")) for _ in range(4)] == [
        ("awarded", None, 10),
        ("awarded", None, 10),
        ("awarded", None, 5),
        ("refused", "cap_reached", 0),
    ]
    api.shop.tessera.set_clock(START + timedelta(days=1))
    assert short(tell(api, "in_store_scan"))[2] == 10
    assert sound(api)


def test_what_waits_is_approved_at_the_worth_it_was_told(api: Api) -> None:
    made = tell(api, "photo_review", subject="p1", id="ph-1", evidence={"picture_url": "https://x.example/1.jpg"})
    assert short(made) == ("review", "approval", 100)
    assert tell(api, "photo_review", subject="p1").json["reason"] == "cap_reached"
    (waiting,) = api.get("/activities?state=review").json["data"]
    assert (waiting["id"], waiting["evidence"]) == ("activity:ph-1", {"picture_url": "https://x.example/1.jpg"})
    assert short(api.post("/activities/activity:ph-1/approve")) == ("awarded", None, 100)
    assert short(api.post("/activities/activity:ph-1/approve")) == ("awarded", None, 100)
    assert api.get("/activities").json["data"] == []
    assert api.get(f"/members/{ada(api)}").json["points"]["available"] == 107
    assert sound(api)


def test_what_is_rejected_is_reversed_and_gives_its_room_back(api: Api) -> None:
    tell(api, "review", subject="p1", id="r-1")
    tell(api, "photo_review", subject="p1", id="ph/1 ü")
    for name in ("r-1", "ph/1 ü"):
        answer = api.post(f"/activities/activity:{name}/reject", {"reason": "Copied"})
        if name == "r-1":
            assert short(answer) == ("refused", "rejected", 0)
    assert api.post("/activities/activity:r-1/approve").status_code == 409
    assert short(tell(api, "review", subject="p1")) == ("awarded", None, 50)
    assert api.get(f"/members/{ada(api)}").json["points"]["available"] == 57
    assert sound(api)


def test_the_queue_is_told_page_by_page_oldest_first(api: Api) -> None:
    names = [f"ph-{number}" for number in range(5)]
    for name in reversed(names):
        tell(api, "photo_review", subject=name, id=name, at=f"2026-02-0{1 + int(name[-1])}T00:00:00.5Z")
    seen, cursor = [], ""
    while cursor is not None:
        answer = api.get(f"/activities?limit=2{cursor and '&cursor=' + cursor}").json
        seen += [each["id"] for each in answer["data"]]
        cursor = answer["next"]
    assert seen == [f"activity:{name}" for name in names]


def test_a_budget_is_for_all_members_and_comes_back_with_a_rejection(api: Api) -> None:
    outcomes = [short(tell(api, "survey", api.member(platform_id=f"c{n}")["id"], id=f"s{n}")) for n in range(3)]
    assert outcomes == [("awarded", None, 40), ("awarded", None, 40), ("refused", "budget_spent", 0)]
    api.post("/activities/activity:s0/reject", {"reason": "x"})
    assert short(tell(api, "survey", api.member(platform_id="c9")["id"])) == ("awarded", None, 40)
    assert sound(api)


def test_what_nobody_tells_is_named(api: Api) -> None:
    for kind in ("birthday", "order_count_milestone", "min_spend", "surprise"):
        assert tell(api, kind).status_code == 422
    assert tell(api, "dance").status_code == 422
    assert tell(api, "review", at="2026-03-01T12:00:01Z").status_code == 422
    assert short(tell(api, "wishlist_add")) == ("refused", "no_rule", 0)
    assert short(tell(api, "review", at="2025-12-31T12:00:00Z")) == ("refused", "no_programme", 0)
    assert sound(api)


def test_signing_up_earns_once_however_the_member_came(api: Api) -> None:
    member = api.member(platform_id="bob", birthday="1990-01-02")
    assert member["points"]["available"] == 10
    assert api.member(platform_id="bob", birthday="1990-01-02")["points"]["available"] == 10
    customer = {"id": "bob", "updated_at": "2026-03-01T10:00:00Z", "birthday": "1990-01-02"}
    api.shop.tell(customer, topic="customer")
    assert api.member(platform_id="bob")["points"]["available"] == 10
    unclaimed = api.member(email="eve@example.com")
    assert unclaimed["points"]["unclaimed"] == 0
    assert api.member(email="eve@example.com", email_verified=True)["points"]["available"] == 7
    assert sound(api)


def browser(api: Api, member: str, method: str, body: Any = None) -> TestResponse:
    token = api.post(f"/members/{member}/shopper-token").json["token"]
    headers = {"Authorization": f"Bearer {token}", "Origin": "https://shop.example"}
    return api.client.open("/shopper/v1/activities", method=method, json=body, headers=headers)


def test_a_browser_tells_only_what_the_programme_lets_it(api: Api) -> None:
    member = ada(api)
    told = browser(api, member, "POST", {"kind": "social_follow", "subject": "facebook"})
    assert (told.status_code, told.json["state"], told.json["points"]) == (200, "awarded", 20)
    assert told.json["verified"] is False
    again = browser(api, member, "POST", {"kind": "social_follow", "subject": "instagram"})
    assert (again.json["state"], again.json["reason"]) == ("refused", "cap_reached")
    for kind in ("review", "receipt", "birthday", "min_spend", "survey", "question", "custom:dance"):
        assert browser(api, member, "POST", {"kind": kind}).status_code == 403
    assert browser(api, member, "POST", {"kind": "social_follow", "subject": "my name is"}).status_code == 422
    assert browser(api, member, "POST", {"kind": "social_follow", "at": "2026-03-01T10:00:00Z"}).status_code == 422
    assert len(api.get(f"/members/{member}/activities").json["data"]) == 2  # signing up, and the one
    assert sound(api)


def test_a_shopper_sees_the_ways_to_earn_and_what_is_still_open(api: Api) -> None:
    member = ada(api)
    browser(api, member, "POST", {"kind": "site_visit"})
    shown = {each["key"]: each for each in browser(api, member, "GET").json["data"]}
    assert list(shown) == [rule["key"] for rule in RULES]
    assert (shown["visit"]["open"], shown["visit"]["left"], shown["visit"]["done"]) == (False, 0, 1)
    assert (shown["review"]["open"], shown["review"]["self_reported"]) == (True, False)
    assert shown["receipt"]["rate"] == {"points": "1", "per": "3"}
    assert shown["joined"]["reason"] == "cap_reached"


@pytest.mark.parametrize(
    ("rule", "top", "reason"),
    [
        ({"budget": {"points": 10}}, {}, "budget_spent"),
        ({"min_account_age_days": 1}, {}, "account_too_new"),
        ({"verified_buyer": True}, {}, "not_a_buyer"),
        ({}, {"phase": {"kind": "paused"}}, "paused"),
        ({}, {"eligibility": {"any_tag": ["vip"]}}, "not_eligible"),
        ({}, {"eligibility": {"min_age": 18}}, "not_eligible"),
    ],
)
def test_a_way_is_shown_closed_for_the_reason_that_telling_of_it_answers(
    tessera: Tessera, rule: dict[str, Any], top: dict[str, Any], reason: str
) -> None:
    survey = {"key": "survey", "kind": "survey", "points": 10, "self_reported": True, **rule}
    api = open_api(tessera, tessera.shop(programme(activities=[survey], **top)))
    browser(api, api.member(platform_id="first")["id"], "POST", {"kind": "survey"})
    member = api.member(platform_id="ada")["id"]
    (way,) = browser(api, member, "GET").json["data"]
    told = browser(api, member, "POST", {"kind": "survey"}).json
    assert (way["open"], way["reason"], told["state"], told["reason"]) == (False, reason, "refused", reason)


@pytest.mark.parametrize(
    "rule", [{"caps": [{"period": "day", "times": 3}]}, {"caps": [{"period": "week", "points": 30}]}]
)
def test_caps_hold_however_many_tell_at_the_same_time(tessera: Tessera, rule: dict[str, Any]) -> None:
    api = open_shop(tessera, [{"key": "scan", "kind": "in_store_scan", "points": 10, **rule}])
    member = ada(api)
    works = [partial(tell, Api(tessera.client(), api.key, api.shop), "in_store_scan", member) for _ in range(20)]
    answers = [short(answer)[0] for answer in together(works)]
    assert (answers.count("awarded"), answers.count("refused")) == (3, 17)
    assert api.get(f"/members/{member}").json["points"]["available"] == 30
    assert sound(api)


def test_a_budget_holds_however_many_members_earn_at_the_same_time(tessera: Tessera) -> None:
    api = open_shop(tessera, [{"key": "scan", "kind": "in_store_scan", "points": 10, "budget": {"points": 50}}])
    members = [str(api.member(platform_id=f"c{number}")["id"]) for number in range(20)]
    works = [partial(tell, Api(tessera.client(), api.key, api.shop), "in_store_scan", member) for member in members]
    answers = [short(answer)[0] for answer in together(works)]
    assert answers.count("awarded") == 5
    assert sound(api)


def test_one_text_told_by_many_at_the_same_time_is_awarded_once(tessera: Tessera) -> None:
    api = open_shop(tessera, [{"key": "review", "kind": "review", "points": 10}])
    members = [str(api.member(platform_id=f"c{number}")["id"]) for number in range(8)]
    told = {"subject": "p1", "evidence": {"text": "Best shop ever"}}
    works = [partial(tell, Api(tessera.client(), api.key, api.shop), "review", member, **told) for member in members]
    answers = [short(answer)[0] for answer in together(works)]
    assert (answers.count("awarded"), answers.count("review")) == (1, 7)
    assert sound(api)


def test_another_shop_sees_and_decides_nothing(api: Api, charlie: Api) -> None:
    tell(api, "photo_review", subject="p1", id="ph-1")
    assert charlie.get("/activities").json["data"] == []
    assert charlie.get(f"/members/{ada(api)}/activities").status_code == 404
    assert charlie.post("/activities/activity:ph-1/approve").status_code == 404
    assert charlie.post("/activities/activity:ph-1/reject", {"reason": "x"}).status_code == 404


def test_a_large_order_earns_and_comes_back_with_its_refund(tessera: Tessera) -> None:
    rules = [
        {"key": "big", "kind": "min_spend", "min_amount": "50", "points": 9, "rate": {"points": "1", "per": "10"}},
        {"key": "some", "kind": "min_spend", "min_amount": "30", "points": 2},
    ]
    api = open_shop(tessera, rules)
    api.shop.tell(order(), order(id="1002", lines=[{"id": "l1", "quantity": 1, "unit_price": "59.99"}]))
    member = ada(api)
    assert [each["points"] for each in api.entries(member) if each["kind"] == "activity"] == [9 + 5, 2]
    api.shop.tell(order(id="1002", financial_status="voided", updated_at="2026-03-02T10:00:00Z"))
    assert api.get(f"/members/{member}").json["points"]["available"] == 399 + 2
    assert sound(api)
