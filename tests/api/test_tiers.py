"""Tiers through the API: set by hand, read with what is missing, their history, and the draft's moves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api, open_api
from tests.build import START, Tessera, line, order, programme

PERKS = {
    "entry_points": 50,
    "discount_percent": "5",
    "free_shipping": True,
    "early_access_days": 2,
    "content": ["blog"],
}
LADDER = [
    {"key": "entry", "enter": "0", "name": "Welcome"},
    {"key": "gold", "enter": "500", "keep": "400", "multiplier": "2", "name": "Gold", "perks": PERKS},
    {"key": "secret", "enter": "800", "hidden": True},
    {"key": "platinum", "enter": "1000.50", "name": "Platinum"},
]
YEAR = {"by": "spend", "window": "calendar_year"}


def club(tessera: Tessera, **changes: Any) -> Api:
    return open_api(tessera, tessera.shop(programme() | {"tiers": LADDER, "tier_measure": YEAR} | changes))


def bought(api: Api, price: str, order_id: str = "1") -> dict[str, Any]:
    api.shop.tell(order(id=order_id, customer={"id": "c1"}, lines=[line(quantity=1, unit_price=price)]))
    return api.member()


def test_a_newcomer_reads_what_is_missing_to_the_next_tier(tessera: Tessera) -> None:
    tier = bought(club(tessera), "39.98")["tier"]
    assert (tier["key"], tier["name"], tier["keeps_until"], tier["to_keep"]) == ("entry", "Welcome", None, None)
    assert (tier["points_to_next"], tier["next"]["missing"], tier["next"]["key"]) == (461, "460.02", "gold")
    assert tier["sentence"] == "€460.02 to Gold"


def test_a_member_reads_what_keeps_the_tier_until_when_and_what_it_brings(tessera: Tessera) -> None:
    api = club(tessera)
    tier = bought(api, "500.00")["tier"]
    assert (tier["key"], tier["source"], tier["keeps_until"]) == ("gold", "measure", "2027-12-31T23:00:00Z")
    assert tier["to_keep"] == {
        "by": "spend",
        "missing": "400",
        "from": "2026-12-31T23:00:00Z",
        "until": "2027-12-31T23:00:00Z",
        "keeps_until_then": "2028-12-31T23:00:00Z",
    }
    assert tier["next"] == {"key": "platinum", "name": "Platinum", "by": "spend", "missing": "500.5"}  # not the secret
    assert tier["points_to_next"] == 501
    words = "€400 by December 31, 2027 to stay Gold until December 31, 2028; €500.50 to Platinum"
    assert tier["sentence"].replace("€400.00", "€400") == words
    assert tier["perks"] | PERKS == tier["perks"]


def test_points_and_orders_are_told_in_their_own_words(tessera: Tessera) -> None:
    ladder = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "1000"}]
    points = bought(club(tessera, tiers=ladder, tier_measure={"by": "points"}), "39.98")["tier"]
    assert (points["points_to_next"], points["sentence"]) == (601, "601 points to gold")
    orders = bought(club(tessera, tiers=ladder, tier_measure={"by": "orders"}), "39.98")["tier"]
    assert (orders["points_to_next"], orders["sentence"]) == (999, "orders: 999 to gold")


def test_shoppers_read_their_tier_in_their_language(tessera: Tessera) -> None:
    api = club(tessera)
    member = bought(api, "500.00")
    token = api.post(f"/members/{member['id']}/shopper-token", {}).json["token"]
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "fr"}
    tier = api.client.get("/shopper/v1/me", headers=headers).json["tier"]
    assert tier["key"] == "gold"
    assert "pour rester Gold jusqu’au 31 décembre 2028" in tier["sentence"]
    assert tier["perks"]["free_shipping"] is True


def test_a_tier_set_by_hand_tells_no_projection_until_its_date(tessera: Tessera) -> None:
    api = club(tessera)
    member = bought(api, "39.98")
    body = {"key": "platinum", "reason": "A friend of the house", "keeps_until": "2026-06-01T00:00:00Z"}
    tier = api.post(f"/members/{member['id']}/tier", body).json["tier"]
    assert (tier["key"], tier["source"], tier["keeps_until"]) == ("platinum", "manual", "2026-06-01T00:00:00Z")
    assert (tier["points_to_next"], tier["next"], tier["to_keep"], tier["sentence"]) == (None, None, None, None)
    tessera.set_clock(START.replace(month=7))
    assert api.get(f"/members/{member['id']}").json["tier"]["key"] == "entry"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"key": "none", "reason": "x"}, "key"),
        ({"key": "gold", "reason": "x", "keeps_until": "2026-01-01T00:00:00Z"}, "keeps_until"),
        ({"key": "gold", "reason": "x", "keeps_until": "tomorrow"}, "keeps_until"),
        ({"key": "gold"}, "reason"),
        ({"key": "gold", "reason": "x", "until": None}, "until"),
    ],
)
def test_a_wrong_wish_is_refused_with_its_field(tessera: Tessera, body: dict[str, Any], field: str) -> None:
    api = club(tessera)
    refused = api.post(f"/members/{api.member()['id']}/tier", body)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)


def test_the_history_is_listed_newest_first_and_in_pages(tessera: Tessera) -> None:
    api = club(tessera)
    member = bought(api, "500.00")
    for key in ("platinum", "entry"):
        api.post(f"/members/{member['id']}/tier", {"key": key, "reason": f"to {key}"})
    path = f"/members/{member['id']}/tiers"
    first = api.get(f"{path}?limit=2").json
    assert [(each["n"], each["tier"], each["source"]) for each in first["data"]] == [
        (3, "entry", "manual"),
        (2, "platinum", "manual"),
    ]
    rest = api.get(f"{path}?limit=2&cursor={first['next']}").json
    assert [(each["tier"], each["reason"]) for each in rest["data"]] == [("gold", "the threshold is reached")]
    assert rest["next"] is None


def test_the_tier_as_of_a_moment(tessera: Tessera) -> None:
    api = club(tessera)
    member = bought(api, "500.00")
    at = f"/members/{member['id']}?at="
    assert api.get(at + "2026-03-01T10:00:04Z").json["tier"]["key"] == "entry"
    then = api.get(at + "2026-03-01T10:00:05Z").json["tier"]
    assert (then["key"], then["points_to_next"], then["since"]) == ("gold", None, "2026-03-01T10:00:05Z")


def test_members_of_one_tier(tessera: Tessera) -> None:
    api = club(tessera)
    for number, price in enumerate(["10.00", "500.00", "600.00"]):
        lines = [line(quantity=1, unit_price=price)]
        api.shop.tell(order(id=str(number), customer={"id": f"c{number}"}, lines=lines))
    api.member(platform_id="never-bought")
    assert {each["tier"]["key"] for each in api.get("/members?tier=gold").json["data"]} == {"gold"}
    assert len(api.get("/members?tier=gold").json["data"]) == 2
    assert len(api.get("/members?tier=entry").json["data"]) == 2
    assert api.get("/members?tier=nobody").json["data"] == []
    assert api.get("/members?tier=gold&platform_id=c1").status_code == 422


def test_the_draft_tells_who_would_move(tessera: Tessera) -> None:
    api = club(tessera)
    assert api.get("/programme/draft/tiers").status_code == 404
    member = bought(api, "450.00")
    draft = programme() | {"tiers": [LADDER[0], {**LADDER[1], "enter": "450"}], "tier_measure": YEAR}
    assert api.put("/programme/draft", draft).status_code == 200
    told = api.get("/programme/draft/tiers").json
    assert told["moves"] == [{"before": "entry", "after": "gold", "members": 1, "first": [member["id"]]}]
    assert api.get(f"/members/{member['id']}").json["tier"]["key"] == "entry"


def test_another_shop_sees_none_of_it(tessera: Tessera, charlie: Api) -> None:
    member = bought(club(tessera), "500.00")
    assert charlie.get(f"/members/{member['id']}/tiers").status_code == 404
    assert charlie.post(f"/members/{member['id']}/tier", {"key": "gold", "reason": "x"}).status_code == 404
