"""The earn table over HTTP: what a page draws from it is what the widgets would have been told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import shops
from app.db import reading
from app.orders.previews import earn_preview
from app.rules.earning import Basket, BasketLine
from tests.build import START, Tessera, programme
from tests.edge import Door, open_door
from tests.rules.strategies import documents, lines, rich_documents
from tests.rules.table_reader import Sold, drawn

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
some = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
GOLD = [{"key": "entry", "enter": "0"}, {"key": "gold", "name": "Gold", "enter": "1", "multiplier": "2"}]


def table(door: Door, query: str = "") -> Any:
    return door.client.get(f"/widget/v1/{door.shop.id}/table{query}")


@some
@given(
    document=documents | rich_documents(),
    line=lines(0, kinds=("item", "item", "gift_card")),
    currency=st.sampled_from(["EUR", "EUR", "USD", "JPY"]),
)
def test_a_page_draws_what_the_preview_promises_in_every_tier(
    tessera: Tessera, document: Any, line: Any, currency: str
) -> None:
    door = open_door(tessera, published=False)
    document["campaigns"] = [  # most would only be asked for
        {key: value for key, value in campaign.items() if key != "min_basis"}
        for campaign in document.get("campaigns", [])
    ]
    door.shop.publish(document, JANUARY)
    told = table(door).get_json()
    assert (told["v"], told["version"]) == (1, 1)
    minor = 0 if currency == "JPY" else 2
    price = Decimal(1234)
    facts = {
        "product": (line.product_id,) if line.product_id else (),
        "variant": (line.variant_id,) if line.variant_id else (),
        "vendor": (line.vendor,) if line.vendor else (),
        "tag": tuple(line.tags),
        "collection": tuple(line.collections),
    }
    sold = Sold(currency, int(price.scaleb(minor)), facts, line.kind == "gift_card")
    basket_line = BasketLine(
        quantity=1,
        unit_price=price,
        product_id=line.product_id,
        variant_id=line.variant_id,
        vendor=line.vendor,
        tags=line.tags,
        collections=line.collections,
        gift_card=sold.gift_card,
    )
    with reading(tessera.engine) as connection:
        shop = shops.get(connection, door.shop.id)
        for tier in (None, "entry", "gold") if document.get("tiers") else (None,):
            points = drawn(told, sold, START.timestamp(), tier or "")
            if points is not None:
                basket = Basket(currency=currency, lines=[basket_line])
                earned, _ = earn_preview(connection, shop, basket, START, tier)
                assert (points, False) == (earned.target, earned.about)


def test_a_second_look_costs_no_body_and_a_new_version_changes_it(tessera: Tessera) -> None:
    door = open_door(tessera)
    first = table(door)
    assert "max-age" in first.headers["Cache-Control"]
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    path = f"/widget/v1/{door.shop.id}/table"
    again = door.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    door.shop.publish(programme(rate={"points": "20", "per": "1"}))
    changed = door.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.get_json()["rates"] == {"EUR": [1, 5]}


def test_the_next_version_is_announced(tessera: Tessera) -> None:
    door = open_door(tessera)
    later = START + timedelta(days=1)
    door.shop.publish(programme(rate={"points": "20", "per": "1"}), later)
    told = table(door).get_json()
    assert (told["version"], told["until"], told["rates"]) == (1, later.timestamp(), {"EUR": [1, 10]})
    tessera.set_clock(later)
    told = table(door).get_json()
    tessera.set_clock(START)
    assert (told["version"], told["until"], told["rates"]) == (2, None, {"EUR": [1, 5]})


def test_before_the_first_programme_nothing_is_drawn(tessera: Tessera) -> None:
    door = open_door(tessera, published=False)
    told = table(door).get_json()
    assert (told["version"], told["ask"], told["rates"], told["until"]) == (0, False, {}, None)
    door.shop.publish(programme(), START + timedelta(days=1))
    assert table(door).get_json()["until"] == (START + timedelta(days=1)).timestamp()


def test_languages_are_told_as_asked_for_and_a_whole_answer_is_small(tessera: Tessera) -> None:
    door = open_door(tessera, tiers=GOLD)
    assert table(door, "?lang=fr,xx,en").get_json()["text"].keys() == {"fr", "en"}
    assert len(table(door).data) < 4_200
    assert table(door, "?lang=" + "fr," * 5000).status_code == 200


def test_other_shops_and_hidden_tiers_are_not_told(tessera: Tessera) -> None:
    hidden = {"key": "black", "name": "Noir", "enter": "9", "multiplier": "5", "hidden": True}
    door, other = open_door(tessera, tiers=[*GOLD, hidden]), open_door(tessera)
    assert b"lack" not in table(door).data
    assert b"Noir" not in table(door).data
    assert table(other).get_json()["tiers"] == {}
    assert door.client.get("/widget/v1/nobody/table").status_code == 404
