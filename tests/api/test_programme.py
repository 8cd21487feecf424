"""The programme by REST: draft, publish, versions, preview."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.conftest import Api, open_api
from tests.build import START, Tessera, order, programme


def test_a_draft_is_saved_published_and_read_back(tessera: Tessera) -> None:
    shop = open_api(tessera, tessera.shop())
    assert shop.get("/programme").status_code == 404
    assert shop.get("/programme/draft").status_code == 404
    assert shop.post("/programme/publish", {}).status_code == 404
    saved = shop.put("/programme/draft", programme())
    assert saved.status_code == 200
    assert saved.json["earning"]["rounding"] == "floor"
    assert shop.get("/programme/draft").json == saved.json
    assert shop.get("/programme").status_code == 404
    published = shop.post("/programme/publish", {"effective_from": "2026-01-01T00:00:00Z"})
    assert (published.status_code, published.json) == (201, {"version": 1, "effective_from": "2026-01-01T00:00:00Z"})
    read = shop.get("/programme")
    assert read.json == saved.json
    assert read.headers["Programme-Version"] == "1"
    assert shop.put("/programme/draft", read.json).status_code == 200


def test_versions_are_kept_for_ever_and_only_the_first_reaches_back(alice: Api, tessera: Tessera) -> None:
    alice.put("/programme/draft", programme(rate={"points": "20", "per": "1"}))
    past = alice.post("/programme/publish", {"effective_from": "2026-02-28T00:00:00Z"})
    assert (past.status_code, past.json["errors"][0]["field"]) == (422, "effective_from")
    tomorrow = alice.post("/programme/publish", {"effective_from": "2026-03-02T13:00:00+01:00"})
    assert tomorrow.json == {"version": 2, "effective_from": "2026-03-02T12:00:00Z"}
    assert alice.get("/programme").json["earning"]["rate"]["points"] == "10"
    versions = alice.get("/programme/versions").json
    assert [each["version"] for each in versions["data"]] == [1, 2]
    assert versions["data"][1]["programme"]["earning"]["rate"]["points"] == "20"
    first = alice.get("/programme/versions?limit=1").json
    assert alice.get(f"/programme/versions?limit=1&cursor={first['next']}").json["data"] == versions["data"][1:]
    tessera.set_clock(START + timedelta(days=2))
    assert alice.get("/programme").json["earning"]["rate"]["points"] == "20"


def test_publishing_without_a_body_means_now(alice: Api) -> None:
    alice.put("/programme/draft", programme())
    assert alice.post("/programme/publish").json == {"version": 2, "effective_from": "2026-03-01T12:00:00Z"}


def test_every_error_of_a_draft_is_told(alice: Api) -> None:
    wrong = {"name": "", "currency": "EURO", "earning": {"rate": {"points": 10, "per": "0"}}, "colour": "red"}
    refused = alice.put("/programme/draft", wrong)
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json["errors"]} >= {
        "name",
        "currency",
        "earning.rate.points",
        "earning.rate.per",
        "colour",
    }


@pytest.mark.parametrize("document", [[], "programme", 5, None, True])
def test_a_draft_that_is_no_object_is_refused(alice: Api, document: object) -> None:
    body = {None: b"null"}.get(document) if document is None else document
    assert alice.put("/programme/draft", body).status_code == 422


LINE = {"product_id": "p1", "quantity": 2, "unit_price": "19.99"}


def test_a_preview_promises_what_the_order_then_earns(alice: Api) -> None:
    told = alice.post("/preview", {"currency": "EUR", "lines": [{**LINE, "discount": "4.00"}]})
    assert told.status_code == 200
    assert (told.json["points"], told.json["about"]) == (359, False)
    (line,) = told.json["lines"]
    assert (line["product_id"], line["basis"], line["points_exact"]) == ("p1", "35.98", "359.8")
    assert told.json["explanation"]["rounding"] == "floor"
    alice.shop.tell(order(lines=[{"id": "l1", **LINE, "discount": "4.00"}]))
    assert alice.get("/orders?platform_id=1001").json["data"][0]["target"] == 359


def test_a_preview_for_a_member_is_in_their_tier(alice: Api, charlie: Api) -> None:
    member = alice.member()
    alice.post(f"/members/{member['id']}/tier", {"key": "gold", "reason": "x"})
    basket = {"currency": "EUR", "lines": [LINE], "member_id": member["id"]}
    assert alice.post("/preview", basket).json["points"] == 799
    assert charlie.post("/preview", basket).status_code == 404
    assert alice.post("/preview", {**basket, "member_id": "nobody"}).status_code == 404


def test_a_currency_without_a_rate_is_said_to_be_about(alice: Api) -> None:
    told = alice.post("/preview", {"currency": "JPY", "lines": [{**LINE, "unit_price": "1999"}]})
    assert (told.json["points"], told.json["about"]) == (0, True)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"unit_price": 19.99}, "lines.0.unit_price"),
        ({"unit_price": "-1"}, "lines.0.unit_price"),
        ({"unit_price": "1e5"}, "lines.0.unit_price"),
        ({"unit_price": "NaN"}, "lines.0.unit_price"),
        ({"unit_price": "9" * 50}, "lines.0.unit_price"),
        ({"quantity": -1}, "lines.0.quantity"),
        ({"quantity": 10**30}, "lines.0.quantity"),
        ({"quantity": "2"}, "lines.0.quantity"),
        ({"discount": 4}, "lines.0.discount"),
        ({"tags": "shoes"}, "lines.0.tags"),
        ({"product_id": 5}, "lines.0.product_id"),
        ({"colour": "red"}, "lines.0.colour"),
    ],
)
def test_a_wrong_line_is_named(alice: Api, line: dict[str, object], field: str) -> None:
    refused = alice.post("/preview", {"currency": "EUR", "lines": [{**LINE, **line}]})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == field
