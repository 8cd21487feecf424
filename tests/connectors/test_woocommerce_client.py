"""The client of WooCommerce against the fake shop, and the fake shop against the vendor's own client."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import woocommerce.api
from werkzeug.utils import redirect
from woocommerce import API

from connectors.contract import NotThere, PlatformDown, PlatformRefused, Unauthorized
from connectors.neutral.calling import Caller
from connectors.woocommerce.client import Client, Keys
from tests.fakes.wire import Wire, by_chance, in_turn, never
from tests.fakes.woocommerce import Store


class World:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        self.store = Store("mugs.example", lambda *_: 200, clock=lambda: self.now)
        self.key = self.store.grant()
        self.mug = self.store.product("Mug", "10.00")
        self.wire = Wire({"mugs.example": self.store.app})
        self.client = self.with_keys()

    def with_keys(self, **changes: Any) -> Client:
        told = {"url": "https://mugs.example", "consumer_key": self.key.consumer_key}
        keys = Keys(**(told | {"consumer_secret": self.key.consumer_secret} | changes))
        return Client(Caller(self.wire.session(), lambda _: None, random.Random(1)), keys)

    def buy(self) -> dict[str, Any]:
        return self.store.orders.checkout([(self.mug, 1)], email="ada@example.com")


@pytest.fixture
def world() -> World:
    return World()


def test_it_reads_makes_changes_and_deletes(world: World) -> None:
    made = world.client.post("coupons", {"code": "TES-1", "amount": "5.00"})
    assert world.client.put(f"coupons/{made['id']}", {"usage_limit": 1})["usage_limit"] == 1
    assert world.client.get("coupons", code="tes-1")[0]["id"] == made["id"]
    world.client.delete(f"coupons/{made['id']}")
    world.client.delete(f"coupons/{made['id']}")  # gone is gone
    with pytest.raises(NotThere):
        world.client.get(f"coupons/{made['id']}")


def test_a_key_may_stand_in_the_address_where_headers_get_lost(world: World) -> None:
    assert world.with_keys(by="address").get("orders") == []
    assert "cs_" not in repr(world.client.keys)


@pytest.mark.parametrize("changes", [{"consumer_key": "ck_no"}, {"consumer_secret": "cs_no"}])
def test_a_dead_key_is_told_as_such(world: World, changes: dict[str, str]) -> None:
    with pytest.raises(Unauthorized) as refused:
        world.with_keys(**changes).get("orders")
    assert refused.value.status == 401


def test_a_refusal_tells_the_shops_own_word(world: World) -> None:
    world.client.post("coupons", {"code": "x", "amount": "5.00"})
    with pytest.raises(PlatformRefused) as refused:
        world.client.post("coupons", {"code": "X", "amount": "5.00"})
    assert refused.value.code == "woocommerce_rest_coupon_code_already_exists"


def test_a_firewalls_page_is_the_shop_being_down(world: World) -> None:
    world.wire.choose = in_turn(*["garble"] * 4)
    with pytest.raises(PlatformDown, match="text/html"):
        world.client.get("orders")


def test_a_shop_that_leads_elsewhere_is_asked_for_its_final_address(world: World) -> None:
    world.wire.hosts = {"mugs.example": redirect("https://www.mugs.example/")}
    with pytest.raises(PlatformRefused, match="final address"):
        world.client.get("orders")


def test_everything_is_read_page_by_page(world: World) -> None:
    for _ in range(205):
        world.store.customer("c@example.com")
    pages = [len(page) for page in world.client.everything("customers")]
    assert pages == [100, 100, 5]


def test_what_changes_while_it_is_read_is_not_skipped(world: World) -> None:
    orders = []
    for number in range(230):
        orders.append(world.buy()["id"])
        world.now += timedelta(seconds=number % 3)  # some seconds have several
    seen: list[tuple[int, str]] = []
    begin = datetime(2026, 11, 21, 11, tzinfo=UTC)
    for page in world.client.changed("orders", begin, status="any"):
        seen += [(row["id"], row["status"]) for row in page]
        if len(seen) == 100:
            for number in orders[:40]:  # they move to the end, and all others forward
                world.store.orders.set_status(number, "completed")
    assert len(seen) == len(set(seen)) == 270
    assert {number for number, status in seen if status == "completed"} == set(orders[:40])
    assert {number for number, _ in seen} == set(orders)


def test_more_changes_in_one_second_than_a_page_holds_are_all_read(world: World) -> None:
    orders = {world.buy()["id"] for _ in range(250)}
    pages = world.client.changed("orders", datetime(2026, 11, 21, 11, tzinfo=UTC))
    assert {row["id"] for page in pages for row in page} == orders


def test_only_what_changed_since_is_read(world: World) -> None:
    world.buy()
    world.now += timedelta(minutes=5)
    late = world.buy()["id"]
    pages = world.client.changed("orders", world.now - timedelta(seconds=1))
    assert [row["id"] for page in pages for row in page] == [late]


def test_reading_survives_bad_weather(world: World) -> None:
    orders = {world.buy()["id"] for _ in range(120)}
    world.wire.choose = by_chance(3, before=0.15, after=0.1)
    for _ in range(20):
        try:
            pages = list(world.client.changed("orders", datetime(2026, 11, 21, 11, tzinfo=UTC)))
        except PlatformDown:
            continue  # the next run begins where this one began
        assert {row["id"] for page in pages for row in page} == orders
    world.wire.choose = never


def test_the_vendors_own_client_finds_the_same_shop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session = world.wire.session()
    monkeypatch.setattr(woocommerce.api, "request", session.request)
    keys = (world.key.consumer_key, world.key.consumer_secret)
    theirs = API("https://mugs.example", *keys, version="wc/v3", timeout=5)
    order = world.buy()
    assert theirs.get(f"orders/{order['id']}").json() == world.client.get(f"orders/{order['id']}")
    assert theirs.post("coupons", {"code": "Y", "amount": "1.00"}).json()["code"] == "y"
    assert theirs.get("orders", params={"per_page": 101}).status_code == 400
