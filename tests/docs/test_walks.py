"""Every example of the docs, published in a shop and walked through by a shopper."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import schedules
from app.audit import audit
from tests.api.conftest import Api, open_api
from tests.build import Shop, Tessera, line, order

EXAMPLES = Path(__file__).parent.parent.parent / "docs" / "examples"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def open_shop(tessera: Tessera, name: str) -> tuple[Shop, Api]:
    shop = tessera.shop(json.loads((EXAMPLES / f"{name}.json").read_text()))
    return shop, open_api(tessera, shop)


def bought(number: int, day: int, **changes: Any) -> dict[str, Any]:
    placed = f"2026-03-{day:02}T10:00:00Z"
    return order(id=str(number), placed_at=placed, updated_at=placed, **changes)


def basket(*lines: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        line(id=f"l{place}", product_id=product, quantity=1, unit_price=price)
        for place, (product, price) in enumerate(lines)
    ]


def ada(api: Api) -> dict[str, Any]:
    return api.get("/members?platform_id=ada").json["data"][0]


def gifts(api: Api) -> list[str]:
    told = api.get(f"/redemptions?member_id={ada(api)['id']}").json["data"]
    return sorted(each["reward"] for each in told)


@pytest.fixture
def now(tessera: Tessera) -> Tessera:
    tessera.set_clock(datetime(2026, 3, 20, 12, tzinfo=UTC))
    return tessera


def test_adults_collect_and_joining_brings_a_key_ring(now: Tessera) -> None:
    shop, api = open_shop(now, "collectors-club")
    api.member(platform_id="ada", birthday="1990-05-01")
    api.member(platform_id="bob", birthday="2015-05-01")
    assert gifts(api) == ["key-ring"]
    shop.tell(bought(1, 2), bought(2, 3, customer={"id": "bob"}))
    assert [shop.order(number).target for number in ("1", "2")] == [39, 0]
    assert ada(api)["points"]["pending"] == 0  # fourteen days have passed
    assert ada(api)["points"]["available"] == 39
    assert audit(now.engine, shop.id) == []


def test_a_bought_card_opens_its_tier_and_earns_nothing_itself(now: Tessera) -> None:
    shop, api = open_shop(now, "paid-card")
    shop.tell(bought(1, 2, lines=basket(("style-card", "25.00"))), bought(2, 3))
    assert [shop.order(number).target for number in ("1", "2")] == [0, 79]
    assert ada(api)["tier"]["key"] == "card"
    assert audit(now.engine, shop.id) == []


def test_a_card_holder_has_a_birthday_discount_and_others_have_none(tessera: Tessera) -> None:
    shop, api = open_shop(tessera, "paid-card")
    api.member(platform_id="ada", birthday="1990-06-15")
    api.member(platform_id="bob", birthday="1990-06-15")
    shop.tell(bought(1, 1, lines=basket(("style-card", "25.00"))))
    tessera.set_clock(datetime(2026, 6, 16, 12, tzinfo=UTC))
    schedules.tick(tessera.engine, tessera.services.clock)
    assert gifts(api) == ["birthday-15"]
    bob = api.get("/members?platform_id=bob").json["data"][0]
    assert api.get(f"/redemptions?member_id={bob['id']}").json["data"] == []
    assert audit(tessera.engine, shop.id) == []


def test_the_fourth_cup_brings_biscuits_and_the_tenth_a_cup(now: Tessera) -> None:
    shop, api = open_shop(now, "fourth-and-tenth-purchase")
    shop.tell(*(bought(number, number) for number in range(1, 11)))
    assert gifts(api) == ["big-gift", "small-gift"]
    assert ada(api)["points"]["available"] == 50
    assert audit(now.engine, shop.id) == []


def test_tiers_bring_their_gifts_at_the_door(now: Tessera) -> None:
    shop, api = open_shop(now, "tiers-with-entry-gift")
    shop.tell(bought(1, 1, lines=basket(("coat", "320.00"))), bought(2, 2, lines=basket(("boots", "600.00"))))
    assert [shop.order(number).target for number in ("1", "2")] == [1600, 3750]
    assert (ada(api)["tier"]["key"], gifts(api)) == ("autumn", ["harvest-box"])
    assert ada(api)["points"]["lifetime_earned"] == 1600 + 3750 + 50 + 200
    assert audit(now.engine, shop.id) == []


def test_weekends_friday_nights_and_the_first_with_the_code_earn_more(now: Tessera) -> None:
    shop, _ = open_shop(now, "weekend-with-codes")
    friday_night = {"placed_at": "2026-03-06T22:30:00Z", "updated_at": "2026-03-06T22:30:00Z"}
    code = {"placed_at": "2026-06-02T10:00:00Z", "updated_at": "2026-06-02T10:00:00Z"}
    quick = {"discount_codes": [{"code": "quick"}]}
    shop.tell(
        bought(1, 3),  # a Tuesday
        bought(2, 7),  # a Saturday
        {**bought(3, 6), **friday_night},
        {**bought(4, 6), **code, **quick},
        {**bought(5, 6), **code, **quick},  # once for each member
    )
    assert [shop.order(str(number)).target for number in range(1, 6)] == [399, 799, 1199, 1999, 399]
    assert audit(now.engine, shop.id) == []


def test_a_like_once_a_share_a_week_a_large_basket_and_sets(now: Tessera) -> None:
    shop, api = open_shop(now, "social-and-sets")
    member = api.member(platform_id="ada")["id"]
    for kind, subject in (("social_follow", "facebook"), ("social_follow", "facebook"), ("social_share", "facebook")):
        api.post(f"/members/{member}/activities", {"kind": kind, "subject": subject})
    assert ada(api)["points"]["available"] == 35
    shop.tell(bought(1, 2, lines=basket(("plate", "40.00"), ("bowl", "20.00"), ("mug", "15.00"))))
    shop.tell(bought(2, 3, lines=basket(("soap", "5.00"))), bought(3, 4, lines=basket(("oil", "5.00"))))
    assert ada(api)["points"]["available"] == 35 + 75 + 50 + 120 + 5 + 5 + 40
    assert audit(now.engine, shop.id) == []


def test_a_community_joins_reads_reviews_and_brings_friends(now: Tessera) -> None:
    shop, api = open_shop(now, "community")
    member = api.member(platform_id="ada", birthday="1990-05-01")["id"]
    news = {"id": "ada", "updated_at": "2026-03-20T11:00:00Z", "accepts_marketing": True}
    shop.tell(news, topic="customer")
    assert ada(api)["points"]["available"] == 150
    refused = api.post(f"/members/{member}/activities", {"kind": "review", "subject": "p1"}).json
    assert refused["state"] == "refused"
    shop.tell(bought(1, 2))
    api.post(
        f"/members/{member}/activities", {"kind": "review", "subject": "p1", "id": "r1", "evidence": {"text": "Good"}}
    )
    assert ada(api)["points"]["available"] == 150 + 199 + 50
    code = api.get(f"/members/{member}/referral").json["code"]
    friend = {"code": code, "friend": {"platform_id": "eve"}}
    assert api.post("/referrals", friend).status_code in (200, 201)
    shop.tell(bought(2, 21, customer={"id": "eve"}))
    now.set_clock(datetime(2026, 4, 20, 12, tzinfo=UTC))
    schedules.tick(now.engine, now.services.clock)
    assert any(each["source"]["id"].startswith("referral:") for each in api.entries(member))
    assert audit(now.engine, shop.id) == []


def test_each_product_has_its_value_and_points_end_with_next_year(now: Tessera) -> None:
    shop, api = open_shop(now, "value-per-product")
    lines = [
        line(id="a", product_id="oven", quantity=1, unit_price="100.00"),
        line(id="b", product_id="pan", quantity=1, unit_price="10.00", vendor="Home & Hearth"),
        line(id="c", product_id="rest", quantity=1, unit_price="10.00", tags=["sale"]),
    ]
    shop.tell(bought(1, 2, lines=lines))
    assert ada(api)["points"]["available"] == 100 + 500 + 30
    assert ada(api)["points"]["expiring"] == [{"points": 630, "at": "2027-12-31T23:00:00Z"}]
    assert audit(now.engine, shop.id) == []


def test_more_is_more_in_the_north_for_regulars_and_in_pounds(now: Tessera) -> None:
    shop, api = open_shop(now, "more-is-more")
    shop.tell(
        bought(1, 2, lines=basket(("a", "10.00"))),
        bought(2, 3, lines=basket(("a", "10.00")), country="FI"),
        bought(3, 4, lines=basket(("a", "10.00")), currency="GBP"),
        *(bought(number, number, lines=basket(("a", "10.00"))) for number in range(5, 8)),
    )
    assert [shop.order(str(number)).target for number in (1, 2, 3, 5, 6, 7)] == [150, 200, 180, 150, 150, 180]
    assert ada(api)["points"]["available"] == 1010
    assert audit(now.engine, shop.id) == []
