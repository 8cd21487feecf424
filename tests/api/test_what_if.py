"""What a draft would change, before it is published."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.db import reading
from app.models import entries
from tests.api.conftest import Api
from tests.build import line, order, programme


def preview(api: Api, draft: dict[str, Any], **asked: int) -> dict[str, Any]:
    assert api.put("/programme/draft", draft).status_code == 200
    answer = api.post("/programme/draft/preview", asked or None)
    assert answer.status_code == 200, answer.json
    told: dict[str, Any] = answer.json
    return told


def test_a_draft_shows_whose_orders_would_earn_what(alice: Api) -> None:
    alice.shop.tell(order(), order(id="2", customer={"id": "bob"}, lines=[line(tags=["new"])]))
    with reading(alice.shop.tessera.engine) as connection:
        before = connection.execute(select(func.count()).select_from(entries)).scalar()
    draft = programme(products=[{"key": "new", "match": {"tag": "new"}, "multiplier": "2"}])
    told = preview(alice, draft)
    bob = alice.get("/members?platform_id=bob").json["data"][0]["id"]
    assert told["version"] == 1
    assert told["orders"] == {
        "compared": 2,
        "points_before": 798,
        "points_after": 1198,
        "earning_more": 1,
        "earning_less": 0,
        "most_affected": [{"order_id": "2", "points_before": 399, "points_after": 799}],
    }
    assert told["members"] == {
        "affected": 1,
        "most_affected": [{"member_id": bob, "points_before": 399, "points_after": 799}],
    }
    changed = {row["path"]: (row["before"], row["after"]) for row in told["changed"]}
    assert changed["earning.products.new"][0] is None
    assert changed["tiers.gold"][1] is None
    assert told["tiers"] == alice.get("/programme/draft/tiers").json["moves"] != []
    with reading(alice.shop.tessera.engine) as connection:
        assert connection.execute(select(func.count()).select_from(entries)).scalar() == before


def test_an_unchanged_draft_changes_nothing(alice: Api) -> None:
    alice.shop.tell(order())
    told = preview(alice, alice.get("/programme").json)
    assert (told["changed"], told["members"]["affected"], told["orders"]["most_affected"]) == ([], 0, [])
    assert told["tiers"] == []
    assert told["orders"]["points_before"] == told["orders"]["points_after"] == 399


def test_only_the_last_orders_are_asked_about(alice: Api) -> None:
    for number in range(3):
        alice.shop.tell(order(id=str(number), placed_at=f"2026-02-0{number + 1}T10:00:00Z"))
    alice.shop.tell(order(id="old", placed_at="2025-11-01T10:00:00Z"))
    draft = programme(rate={"points": "20", "per": "1"})
    assert preview(alice, draft)["orders"]["compared"] == 3
    two = preview(alice, draft, orders=2)["orders"]
    assert {row["order_id"] for row in two["most_affected"]} == {"1", "2"}
    assert preview(alice, draft, days=27)["orders"]["compared"] == 1
    assert alice.post("/programme/draft/preview", {"orders": 1001}).status_code == 422


def test_segments_margins_and_limited_codes_of_a_draft_are_tried_on_what_is_known(alice: Api) -> None:
    variants = [{"id": "v1", "price": "20", "cost": "5"}]
    alice.shop.tell({"id": "p1", "updated_at": "2026-01-01T00:00:00Z", "variants": variants}, topic="product")
    alice.member(platform_id="ada", tags=["vip"])
    bought = {"lines": [line(variant_id="v1")], "discount_codes": [{"code": "go"}]}
    alice.shop.tell(*(order(id=str(number), **bought) for number in range(2)))
    draft = programme(
        stacking="multiply",
        margins=[{"key": "rich", "from": "0.7", "multiplier": "3"}],
        campaigns=[{"key": "first", "bonus": 1000, "coupon": "GO", "max_orders": 1}],
    )
    draft["segments"] = [{"key": "vip", "any_tag": ["vip"], "multiplier": "2"}]
    told = preview(alice, draft)
    assert told["orders"]["points_after"] == 2 * 2398 + 1000
    assert told["orders"]["most_affected"][0] == {"order_id": "0", "points_before": 399, "points_after": 3398}


def test_before_the_first_version_every_point_is_new(alice: Api) -> None:
    shop = alice.shop.tessera.shop()
    api = Api(alice.client, shop.keys.api_key, shop)
    shop.tell(order())
    told = preview(api, programme())
    assert (told["version"], told["orders"]["points_before"], told["orders"]["points_after"]) == (None, 0, 399)


def test_without_a_draft_there_is_nothing_to_preview(charlie: Api) -> None:
    assert charlie.post("/programme/draft/preview").status_code == 404
