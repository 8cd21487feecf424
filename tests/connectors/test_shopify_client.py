"""The client of Shopify's Admin API against the fake shop with its real schema."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import NotThere, PlatformDown, PlatformRefused, Unauthorized
from connectors.neutral.buckets import OwnBuckets
from connectors.neutral.calling import Caller
from connectors.shopify.client import API_VERSION, Client, Document
from tests.fakes.shopify import Platform, schema
from tests.fakes.shopify.oauth import App
from tests.fakes.wire import Wire, in_turn

SHOP = Document("query Shop { shop { currencyCode } }", repeatable=True)
MANY = Document("query Many($n: Int!) { orders(first: $n) { nodes { id } } }", repeatable=True)
PAGES = Document(
    """query Pages($after: String) { orders(first: 2, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } }""",
    repeatable=True,
)
TAGS = Document(
    'mutation Tags($id: ID!) { tagsAdd(id: $id, tags: ["gold"]) { userErrors { message } } }', repeatable=False
)


class World:
    """An installed shop, our client, and a clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        self.slept, self.seconds, self.versions = list[float](), 0.0, list[str]()
        app = App("key", "hush" * 8, frozenset(("read_orders", "read_customers", "write_customers")))
        self.platform = Platform("mugs.myshopify.com", app, lambda *_: 200, clock=lambda: self.now)
        self.platform.install()
        self.wire = Wire(self.platform.hosts)
        self.token = app.new_pair(self.platform.shop, app.scopes)["access_token"]
        self.asked_anew = 0
        caller = Caller(self.wire.session(), self.sleep, random.Random(1))
        self.client = Client(
            caller,
            "mugs.myshopify.com",
            self.give,
            OwnBuckets(lambda: self.seconds),
            self.versions.append,
            self.sleep,
            random.Random(1),
        )

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        bucket = self.platform.endpoint.bucket
        bucket.at -= seconds  # their clock goes on with ours

    def give(self, refused: str | None) -> str:
        if refused is not None:
            self.asked_anew += 1
            self.token = self.platform.registered.new_pair(self.platform.shop, frozenset(("read_orders",)))[
                "access_token"
            ]
        return self.token


@pytest.fixture
def world(admin_schema: schema.Admin) -> World:
    return World()


def test_it_asks_and_learns_what_it_costs(world: World) -> None:
    assert world.client.ask(SHOP) == {"shop": {"currencyCode": "EUR"}}
    assert world.client.costs == {"Shop": 1.0}


def test_a_token_that_is_refused_is_asked_for_anew_once(world: World) -> None:
    world.now += timedelta(minutes=61)
    assert world.client.ask(SHOP)["shop"]
    assert world.asked_anew == 1
    world.platform.uninstall()
    with pytest.raises(Unauthorized):
        world.client.ask(SHOP)


def test_it_waits_rather_than_being_throttled(world: World) -> None:
    world.platform.endpoint.bucket.restores = 100
    for _ in range(40):
        world.client.ask(MANY, n=200)
    errors = [call for call in world.wire.calls if call[2]]
    assert len(world.wire.calls) == 40
    assert not errors
    assert 40 < sum(world.slept) < 120  # 8,000 points at 100 a second, the bucket's 2,000 given


def test_who_is_throttled_by_other_callers_waits_and_asks_again(world: World) -> None:
    world.client.ask(MANY, n=200)
    world.platform.endpoint.bucket.level = 10  # somebody else has emptied it
    assert world.client.ask(MANY, n=200) == {"orders": {"nodes": []}}
    assert len(world.wire.calls) > 2


def test_a_bucket_that_stays_empty_is_the_platform_being_down(world: World) -> None:
    world.client.ask(MANY, n=200)
    world.platform.endpoint.bucket.level = world.platform.endpoint.bucket.restores = 0
    with pytest.raises(PlatformDown) as down:
        world.client.ask(MANY, n=200)
    assert (down.value.acted, (down.value.after_s or 0) >= 30) == (False, True)


def test_all_pages_are_read(world: World) -> None:
    mug = world.platform.product("Mug", "10.00")
    placed = [world.platform.orders.place([(mug, 1)], email="a@example.com")["id"] for _ in range(5)]
    pages = list(world.client.pages(PAGES, "orders"))
    assert [[node["id"] for node in page] for page in pages] == [placed[:2], placed[2:4], placed[4:]]


def test_a_refusal_names_its_code(world: World) -> None:
    with pytest.raises(PlatformRefused, match="Cannot query field"):
        world.client.ask(Document("query Wrong { nosuch }", repeatable=True))
    credit = Document("query C { giftCards(first: 1) { nodes { id } } }", repeatable=True)
    with pytest.raises(PlatformRefused) as refused:
        world.client.ask(credit)
    assert refused.value.code == "ACCESS_DENIED"


@pytest.mark.parametrize("fault", ["act_then_fail", "act_then_lose"])
def test_what_may_have_acted_is_not_repeated_but_told(world: World, fault: str) -> None:
    ada = world.platform.customer("ada@example.com")
    world.wire.choose = in_turn(fault)
    with pytest.raises(PlatformDown) as down:
        world.client.ask(TAGS, id=ada["id"])
    assert (down.value.acted, len(world.wire.calls)) == (None, 1)
    assert world.platform.shop.customers[ada["id"]]["tags"] == ["gold"]


def test_another_version_of_the_api_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.client.ask(SHOP)
    assert world.versions == []
    monkeypatch.setattr("connectors.shopify.client.API_VERSION", "2027-01")
    monkeypatch.setattr(schema, "VERSION", "2026-10")
    world.client.ask(SHOP)
    assert world.versions == ["2026-10"]


def test_a_shop_that_is_gone_is_told_as_such(world: World) -> None:
    from werkzeug.wrappers import Response

    world.wire.hosts = {"mugs.myshopify.com": Response(status=404)}
    with pytest.raises(NotThere):
        world.client.ask(SHOP)


def test_the_version_is_the_one_the_schema_is_of() -> None:
    assert API_VERSION == schema.VERSION


def test_shops_do_not_share_a_bucket_and_each_fills_by_time() -> None:
    seconds = 0.0
    buckets = OwnBuckets(lambda: seconds)
    buckets.told("a", 0, 2000, 100)
    assert buckets.wait_s("b", 50) == 0
    assert buckets.wait_s("a", 50) == pytest.approx(4.5)  # 50 and the reserve of 400, at 100 a second
    seconds = 60
    assert buckets.wait_s("a", 50) == 0
