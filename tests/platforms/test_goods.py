"""The catalogue is what the platform says, collections and costs too, whoever changed them and however silently."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from app import catalogue
from app.db import reading as reading_from
from app.models import inbox
from app.platforms import goods
from tests.fakes.shopify import schema
from tests.fakes.shopify.state import legacy
from tests.fakes.wire import by_chance, in_turn, never
from tests.platforms.at_shopify import ShopLife
from tests.platforms.life import Life
from tests.platforms.world import World


def read(life: Life | ShopLife, minutes: float = 61, turns: int = 4) -> None:
    life.world.pass_time(minutes=minutes)
    for _ in range(turns):
        goods.run_due(life.services)
        life.drain()
        life.world.pass_time(minutes=1)


def product(life: Life | ShopLife, number: int) -> catalogue.Product:
    with reading_from(life.services.engine) as connection:
        return catalogue.of_ids(connection, life.shop_id, [str(number)])[str(number)]


def stored(life: Life | ShopLife) -> int:
    with reading_from(life.services.engine) as connection:
        mine = select(func.count()).where(inbox.c.shop_id == life.shop_id, inbox.c.topic == "read.product")
        return connection.execute(mine).scalar_one()


@pytest.fixture
def woo(world: World) -> Life:
    life = Life(world)
    life.told()
    return life


@pytest.fixture
def shopify(world: World, admin_schema: schema.Admin) -> ShopLife:
    return ShopLife(world)


def test_a_shops_products_are_known_when_it_is_connected(woo: Life) -> None:
    made = woo.store.product("Cap", "12.00", categories=["caps"], tags=["new"])
    made["cost_of_goods_sold"] = {"values": [{"defined_value": 4.5}], "total_value": 4.5}
    red = woo.store.variation(woo.mug, "9.00") | {"cost_of_goods_sold": {"total_value": 3}}
    woo.store.state.variations[woo.mug["id"]] = [red]
    woo.store.hooks.waiting.clear()
    read(woo)
    cap, mug = product(woo, made["id"]), product(woo, woo.mug["id"])
    assert (cap.facts.tags, cap.facts.collections) == (("new",), ("caps",))
    assert cap.price_and_cost(None) == (Decimal("12.00"), Decimal("4.5"))
    assert mug.variants == {str(red["id"]): (Decimal("9.00"), Decimal("3"))}
    woo.sound()


def test_shopifys_collections_and_costs_are_read(shopify: ShopLife) -> None:
    cap = shopify.platform.product("Cap", "12.00", cost="4.50", tags=("new",))
    cap["product"]["collections"] = [{"__typename": "Collection", "id": "gid://shopify/Collection/7", "handle": "caps"}]
    shopify.told()
    number = legacy(cap["product"]["id"])
    assert product(shopify, number).facts.collections == ()
    read(shopify)
    known = product(shopify, number)
    assert (known.facts.tags, known.facts.collections, known.facts.vendor) == (("new",), ("caps", "7"), "Mugs & Co")
    assert known.price_and_cost(str(legacy(cap["id"]))) == (Decimal("12.00"), Decimal("4.50"))
    shopify.platform.hooks.fire({"products/update": _webhook(shopify, cap)})
    shopify.told()
    assert product(shopify, number).facts.collections == ("caps", "7")  # a webhook does not tell them
    shopify.sound()


def _webhook(life: ShopLife, variant: Any) -> Any:
    from tests.fakes.shopify import documents

    return documents.product(life.platform.shop, variant["product"])


def test_what_changes_silently_is_found_at_night_and_nothing_is_written_twice(shopify: ShopLife) -> None:
    read(shopify)
    before = stored(shopify)
    caps = {"__typename": "Collection", "id": "gid://shopify/Collection/7", "handle": "caps"}
    for membership in ([caps], [], [caps]):  # a rule of the collection; the product's own time stays
        shopify.mug["product"]["collections"] = membership
        read(shopify, minutes=25 * 60)
        want = ("caps", "7") if membership else ()
        assert product(shopify, legacy(shopify.mug["product"]["id"])).facts.collections == want
    assert stored(shopify) == before + 3
    read(shopify, minutes=25 * 60)
    assert stored(shopify) == before + 3
    shopify.sound()


def test_a_change_that_no_webhook_told_is_found_within_the_hour(woo: Life) -> None:
    read(woo)
    woo.world.pass_time(minutes=5)
    woo.mug["price"] = "8.00"
    woo.store.state.stamp(woo.mug, "date_modified")
    read(woo)
    assert product(woo, woo.mug["id"]).price_and_cost(None)[0] == Decimal("8.00")


@pytest.mark.parametrize("make", ["woo", "shopify"])
def test_a_large_catalogue_is_read_whole_whatever_fails(
    make: str, request: pytest.FixtureRequest, world: World, admin_schema: schema.Admin
) -> None:
    life: Life | ShopLife = request.getfixturevalue(make)
    add: Callable[..., Any] = life.store.product if isinstance(life, Life) else life.platform.product
    made = [add(f"Thing {number}", "1.00", tags=("thing",)) for number in range(230)]
    if isinstance(life, Life):
        life.store.hooks.waiting.clear()
    else:
        life.lose()
    world.wire.choose = by_chance(3, before=0.1)
    read(life, turns=25)
    world.wire.choose = never
    read(life, turns=5)
    ids = [one["id"] if isinstance(life, Life) else legacy(one["product"]["id"]) for one in made]
    with reading_from(life.services.engine) as connection:
        known = catalogue.of_ids(connection, life.shop_id, map(str, ids))
    assert len(known) == 230
    assert {each.facts.tags for each in known.values()} == {("thing",)}


def test_a_reading_that_fails_is_repeated(woo: Life) -> None:
    read(woo)
    woo.world.pass_time(minutes=5)
    woo.mug["price"] = "8.00"
    woo.store.state.stamp(woo.mug, "date_modified")
    woo.world.wire.choose = in_turn(*["fail"] * 4)
    read(woo, turns=1)
    read(woo, minutes=6, turns=1)
    assert product(woo, woo.mug["id"]).price_and_cost(None)[0] == Decimal("8.00")
