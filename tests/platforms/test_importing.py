"""A shop's past is imported once, earns or only counts, and goes on wherever it broke off."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from app import shops
from app.db import reading as reading_from
from app.db import retrying
from app.errors import Conflict
from app.models import activities, members, orders
from app.platforms import goods, importing
from app.platforms.importing import Choice
from tests.fakes.shopify import schema
from tests.fakes.wire import by_chance, in_turn, never
from tests.platforms.at_shopify import ShopLife
from tests.platforms.life import Life
from tests.platforms.world import World

OPENED = datetime(2026, 11, 1, tzinfo=UTC)  # when the programme begins
TIERS = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "100"}]
SIGN_UP = [{"key": "hello", "kind": "sign_up", "points": 50}]


class Past:
    """A shop with customers and orders from before it came to us, at either platform."""

    def __init__(self, life: Life | ShopLife, orders: list[Any]) -> None:
        self.life, self.orders = life, orders

    def begin(self, choice: Choice = "award") -> None:
        def work(connection: Connection) -> None:
            importing.begin(connection, shops.hold(connection, self.life.shop_id), choice, self.life.world.real)

        retrying(self.life.services.engine, work)

    def run(self, turns: int = 12) -> None:
        for _ in range(turns):
            goods.run_due(self.life.services)
            importing.run_due(self.life.services)
            self.life.drain()
            self.life.world.pass_time(minutes=1)

    def row(self) -> Any:
        with reading_from(self.life.services.engine) as connection:
            return importing.latest(connection, self.life.shop_id)

    def targets(self) -> list[int]:
        return [self.life.target(order) for order in self.orders]

    def tier(self) -> str:
        who = self.life.api("GET", "/members").json["data"][0]
        return str(who["tier"]["key"])


def _woocommerce(world: World, count: int = 3, **rules: Any) -> Past:
    world.real = datetime(2026, 1, 10, tzinfo=UTC)
    life = Life(world, begins=OPENED, tiers=TIERS, **rules)
    life.store.customer("c7@example.com", id=7)
    made = []
    for _ in range(count):
        made.append(life.buy())
        world.pass_time(hours=5)
    life.store.hooks.waiting.clear()
    world.real = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return Past(life, made)


def _shopify(world: World, count: int = 3, **rules: Any) -> Past:
    world.real = datetime(2026, 10, 1, tzinfo=UTC)
    life = ShopLife(world, begins=OPENED, tiers=TIERS, **rules)
    made = []
    for _ in range(count):
        made.append(life.buy())
        world.pass_time(hours=5)
    life.lose()
    world.real = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return Past(life, made)


@pytest.fixture(params=[_woocommerce, _shopify], ids=["woocommerce", "shopify"])
def make(request: pytest.FixtureRequest, admin_schema: schema.Admin) -> Callable[..., Past]:
    return request.param  # type: ignore[no-any-return]


def test_past_orders_earn_by_the_first_programme_from_now_on(world: World, make: Callable[..., Past]) -> None:
    past = make(world, expiry={"kind": "days", "days": 365})
    past.begin()
    past.run()
    assert past.targets() == [350, 350, 350]
    assert past.life.points() == 1050
    row = past.row()
    assert (row["state"], row["orders"], row["orders_in_all"]) == ("done", 3, 3)
    entries = past.life.api("GET", f"/members/{past.life.api('GET', '/members').json['data'][0]['id']}/entries").json
    assert {entry["at"][:10] for entry in entries["data"]} == {"2026-11-21"}  # they live from the import on
    expiring = past.life.api("GET", "/members").json["data"][0]["points"]["expiring"]
    assert all(each["at"].startswith("2027-11-2") for each in expiring)
    past.life.sound()


def test_past_orders_may_count_for_tiers_alone(world: World, make: Callable[..., Past]) -> None:
    past = make(world)
    past.begin("tiers")
    past.run()
    assert (past.targets(), past.life.points(), past.tier()) == ([0, 0, 0], 0, "gold")
    told = past.life.api("GET", "/orders").json["data"][0]
    assert told["explanation"] == {"reason": "it was imported to count for tiers, and earns no points"}
    past.life.sound()


def test_an_order_that_counts_alone_never_earns_whatever_is_told_of_it(world: World) -> None:
    past = _woocommerce(world)
    past.begin("tiers")
    past.run()
    life = past.life
    assert isinstance(life, Life)
    life.store.orders.set_status(past.orders[0]["id"], "completed")
    life.told()
    life.read()
    assert (past.targets(), life.points()) == ([0, 0, 0], 0)
    new = life.buy()
    life.told()
    assert life.target(new) == 350
    life.sound()


def test_a_refund_of_an_awarded_past_order_takes_its_points_back(world: World) -> None:
    past = _woocommerce(world)
    past.begin()
    past.run()
    life = past.life
    assert isinstance(life, Life)
    life.store.orders.set_status(past.orders[0]["id"], "cancelled")
    life.told()
    assert (past.targets(), life.points()) == ([0, 350, 350], 700)
    life.sound()


def test_who_was_there_before_has_not_just_signed_up(world: World, make: Callable[..., Past]) -> None:
    past = make(world, activities=SIGN_UP)
    past.begin("tiers")
    past.run()
    life = past.life
    with reading_from(life.services.engine) as connection:
        mine = activities.c.shop_id == life.shop_id
        assert connection.execute(select(activities.c.kind).where(mine)).all() == []
        assert connection.execute(select(members.c.told_at).where(members.c.shop_id == life.shop_id)).scalar()


def test_a_live_delivery_beside_the_import_stays_as_it_is(world: World, make: Callable[..., Past]) -> None:
    past = make(world)
    life = past.life
    now = life.buy()
    life.told()
    past.begin("tiers")
    past.run()
    assert life.target(now) == 350
    assert past.targets() == [0, 0, 0]
    life.sound()


def test_an_import_waits_while_many_live_deliveries_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    past = _woocommerce(world)
    past.begin()
    monkeypatch.setattr(importing, "MANY", 1)
    assert isinstance(past.life, Life)
    past.life.buy()
    past.life.store.hooks.visit()
    assert importing.run_due(past.life.services) == 0
    past.life.drain()
    past.run()
    assert past.targets() == [350] * 3


@pytest.mark.parametrize("seed", range(3))
def test_calls_that_fail_break_no_import(world: World, make: Callable[..., Past], seed: int) -> None:
    past = make(world, count=150)
    past.life.world.wire.choose = by_chance(seed, before=0.05, after=0.02)
    past.begin()
    past.run(turns=40)
    past.life.world.wire.choose = never
    past.run(turns=5)
    assert past.row()["state"] == "done"
    assert past.targets() == [350] * 150
    assert past.life.points() == 150 * 350
    past.life.sound()


@pytest.mark.parametrize("cut", ["another file", "within a line", "after a line"])
def test_a_file_that_is_cut_off_is_not_taken_for_the_end(world: World, admin_schema: schema.Admin, cut: str) -> None:
    past = _shopify(world, count=130)
    past.begin()
    real, spoilt = past.life.world.wire._act, [2]

    def cutting(request: Any) -> Any:
        answer = real(request)
        if "/bulk/" in str(request.url) and spoilt[0]:
            spoilt[0] -= 1
            whole = answer.raw.read()
            half = whole[: len(whole) // 2]
            ends = half[: half.rfind(b"\n") + 1]
            answer.raw = io.BytesIO({"another file": b"<html>", "within a line": ends[:-20]}.get(cut, ends))
        return answer

    past.life.world.wire._act = cutting  # type: ignore[method-assign]
    past.run(turns=20)
    assert (past.row()["state"], past.row()["orders"], past.life.points()) == ("done", 130, 130 * 350)


class Killed(BaseException):
    """The worker is gone."""


def test_a_worker_killed_anywhere_leaves_an_import_that_goes_on(
    world: World, make: Callable[..., Past], monkeypatch: pytest.MonkeyPatch
) -> None:
    past, dice = make(world, count=230), random.Random(1)
    for _ in range(3):
        goods.run_due(past.life.services)
        past.life.drain()
        past.life.world.pass_time(minutes=1)
    real, steps = past.life.world.wire._act, iter([dice.randint(0, 6) for _ in range(8)])
    left = [next(steps)]

    def dying(request: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            left[0] = next(steps, 10**9)
            raise Killed
        return real(request)

    monkeypatch.setattr(past.life.world.wire, "_act", dying)
    past.begin()
    for _ in range(30):
        try:
            importing.run_due(past.life.services)
        except Killed:
            past.life.world.pass_time(minutes=6)  # its lease is over
        past.life.drain()
        past.life.world.pass_time(minutes=1)
    assert (past.row()["state"], past.life.points()) == ("done", 230 * 350)
    past.life.sound()


def test_an_import_is_stopped_and_goes_on(world: World) -> None:
    past = _woocommerce(world, count=120)
    past.begin()
    life = past.life
    life.world.wire.choose = in_turn(*[None] * 4, *["fail"] * 4)
    importing.run_due(life.services)
    life.drain()

    def hold(then: Callable[..., None], *more: Any) -> None:
        retrying(life.services.engine, lambda c: then(c, shops.hold(c, life.shop_id), *more))

    hold(importing.stop, life.world.real)
    life.world.pass_time(minutes=5)
    assert importing.run_due(life.services) == 0
    hold(importing.go_on)
    past.run()
    assert (past.row()["state"], past.life.points()) == ("done", 120 * 350)


def test_one_import_runs_at_a_time_and_needs_a_programme(world: World) -> None:
    past = _woocommerce(world)
    past.begin()
    with pytest.raises(Conflict, match="running"):
        past.begin()
    world.store = world.new_store("new.example")
    new = Life(world, host="new.example", begins=None)
    with pytest.raises(Conflict, match="publish a programme"):
        Past(new, []).begin()


def test_progress_tells_rate_and_time_left(world: World) -> None:
    past = _woocommerce(world, count=120)
    past.begin()
    past.life.world.wire.choose = in_turn(*[None] * 4, *["fail"] * 4)
    importing.run_due(past.life.services)
    told = importing.progress(past.row())
    assert told.in_all in (None, 121)
    past.life.world.wire.choose = never
    past.run()
    told = importing.progress(past.row())
    assert (told.done, told.in_all, told.left_s) == (121, 121, 0)
    assert told.rate is not None
    assert told.rate > 0


def test_the_api_begins_tells_stops_and_goes_on(world: World) -> None:
    past = _woocommerce(world)
    api = past.life.api
    assert api("GET", "/import").status_code == 404
    assert api("POST", "/import", {"orders": "all"}).status_code == 422
    begun = api("POST", "/import", {"orders": "tiers"})
    assert (begun.status_code, begun.json["state"], begun.json["done"]) == (201, "running", 0)
    assert api("POST", "/import", {"orders": "tiers"}).status_code == 409
    assert api("POST", "/import/stop").json["state"] == "stopped"
    past.run()
    assert past.row()["orders"] == 0
    assert api("POST", "/import/continue").json["state"] == "running"
    past.run()
    told = api("GET", "/import").json
    assert (told["state"], told["done"], told["in_all"], told["seconds_left"]) == ("done", 4, 4, None)


def test_an_order_that_was_read_before_the_import_is_awarded_all_the_same(world: World) -> None:
    """The nightly comparison reads what no programme was there for yet: nothing was decided about it then."""
    past = _woocommerce(world)
    life = past.life
    life.services.clock.real()
    from app.platforms import comparing

    comparing.compare(life.services, life.shop, life.world.real - timedelta(days=400))
    life.drain()
    assert past.targets() == [0, 0, 0]
    past.begin()
    past.run()
    assert past.targets() == [350] * 3
    with reading_from(life.services.engine) as connection:
        mine = orders.c.shop_id == life.shop_id
        assert set(connection.execute(select(orders.c.past).where(mine)).scalars()) == {"award"}
