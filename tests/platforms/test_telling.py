"""What themes show of a member stands at the platform: in time, together, and again where it changed meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.db import reading as reading_from
from app.db import transaction
from app.members.views import time_text
from app.models import untold_members
from app.platforms import telling
from app.rewards import rows
from connectors.shopify import install
from tests.fakes.shopify import schema
from tests.fakes.shopify.state import legacy
from tests.fakes.wire import by_chance, in_turn, never
from tests.platforms.at_shopify import ShopLife
from tests.platforms.life import Life
from tests.platforms.world import World

TIERS = [
    {"key": "entry", "enter": "0", "perks": {"customer_tag": "club", "products": ["7"]}},
    {"key": "gold", "enter": "50", "name": "Gold", "perks": {"customer_tag": "gold-member", "early_access_days": 2}},
]
FIVE = {"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}


class Told:
    """A shop at either platform, and what it keeps of its customers for us."""

    def __init__(self, life: Life | ShopLife, read: Callable[[], Any], customer: int = 7, **more: str) -> None:
        self.life, self.read, self.customer, self.more = life, read, customer, more

    def tell(self, **span: float) -> int:
        self.life.world.real = max(self.life.world.real, datetime.now(UTC)) + timedelta(**(span or {"minutes": 1}))
        return telling.run_due(self.life.services)

    def waiting(self) -> int:
        with reading_from(self.life.services.engine) as connection:
            mine = untold_members.c.shop_id == self.life.shop_id
            return len(connection.execute(select(untold_members).where(mine)).all())


def _woocommerce(world: World) -> Told:
    life = Life(world, tiers=TIERS, rewards=[FIVE])
    customer = life.store.customer("c7@example.com", id=7)
    life.told()

    def read() -> Any:
        return {meta["key"]: meta["value"] for meta in customer["meta_data"]}.get("_tessera_member")

    return Told(life, read, shop="mugs.example")


def _shopify(world: World, scopes: tuple[str, ...] = install.SCOPES) -> Told:
    life = ShopLife(world, scopes=scopes, tiers=TIERS, rewards=[FIVE])

    def read() -> Any:
        found = life.platform.shop.metafields.get((life.ada["id"], "$app", "member"))
        return json.loads(found["value"]) if found else None

    return Told(life, read, int(life.ada["id"].rpartition("/")[2]))


@pytest.fixture(params=[_woocommerce, _shopify], ids=["woocommerce", "shopify"])
def told(request: pytest.FixtureRequest, world: World, admin_schema: schema.Admin) -> Told:
    made: Told = request.param(world)
    return made


def test_balance_tier_and_next_reward_stand_at_the_platform(told: Told) -> None:
    told.tell()
    assert told.read()["points"] == 0
    told.life.buy()
    told.life.told()
    told.tell()
    assert told.read() == {
        "points": 350,
        "pending": 0,
        "tier": {"key": "entry", "name": "entry", "perks": told.read()["tier"]["perks"], "perk_code": None},
        "next_reward": {"key": "five", "kind": "amount_off", "points": 500, "missing": 150},
        "access": {"tiers": ["entry"], "products": ["7"], "content": [], "early_access_days": 0},
        "entitlements": [],
        **told.more,
    }
    told.life.buy()
    told.life.told()
    told.tell()
    assert (told.read()["points"], told.read()["tier"]["name"]) == (700, "Gold")
    assert told.read()["tier"]["perks"]["early_access_days"] == 2
    assert told.read()["access"] == {
        "tiers": ["entry", "gold"],
        "products": ["7"],  # of the tier below
        "content": [],
        "early_access_days": 2,
    }
    assert (told.tell(), told.waiting()) == (0, 0)


def test_what_a_members_rewards_open_is_told_as_long_as_it_lasts(told: Told) -> None:
    seen = {"key": "seen", "kind": "exclusive_content", "points": 100, "content": "atelier", "valid_days": 10}
    soon = {"key": "soon", "kind": "early_access", "points": 50, "product": "17", "valid_days": 5}
    told.life.publish(tiers=TIERS, rewards=[seen, soon])
    told.life.buy()
    told.life.told()
    first, other, last = [told.life.redeem(one, told.customer) for one in ("soon", "seen", "soon")]
    told.tell()
    opened = {one["content"]: (one["product"], one["until"]) for one in told.read()["entitlements"]}
    assert opened == {None: ("17", time_text(last.lapses_at)), "atelier": (None, time_text(other.lapses_at))}
    with transaction(told.life.services.engine) as connection:
        for one in (first, last):
            rows.write(connection, told.life.shop_id, [replace(one, state="voided")])
    told.tell()
    assert [one["content"] for one in told.read()["entitlements"]] == ["atelier"]


def test_several_changes_are_told_together(told: Told) -> None:
    told.tell()
    for _ in range(3):
        told.life.buy()
        told.life.told()
    told.life.world.real = datetime.now(UTC)
    assert telling.run_due(told.life.services) == 0  # not yet
    assert told.tell() == 1
    assert told.read()["points"] == 1050


def test_a_new_programme_is_told_to_everyone(told: Told) -> None:
    told.tell()
    told.life.publish(tiers=TIERS, rewards=[{**FIVE, "points": 900}])
    assert told.waiting() >= 1
    told.tell()
    assert told.read()["next_reward"]["missing"] == 900


def test_a_platform_that_does_not_answer_is_told_later(told: Told) -> None:
    told.tell()
    told.life.buy()
    told.life.told()
    told.life.world.wire.choose = in_turn(*["fail"] * 4)
    told.tell()
    assert told.read()["points"] == 0
    told.life.world.wire.choose = by_chance(1, before=0.2, after=0.1)
    for _ in range(10):
        told.tell(minutes=3)
    told.life.world.wire.choose = never
    told.tell(minutes=3)
    assert (told.read()["points"], told.waiting()) == (350, 0)


def test_who_changes_while_it_is_told_is_told_once_more(told: Told) -> None:
    told.tell()
    told.life.buy()
    told.life.told()
    real, bought = told.life.world.wire._act, []

    def meanwhile(request: Any) -> Any:
        if not bought:
            bought.append(True)
            told.life.buy()
            told.life.told()
        return real(request)

    told.life.world.wire._act = meanwhile  # type: ignore[method-assign]
    told.tell()
    told.tell()
    assert told.read()["points"] == 700


def test_a_tier_is_a_tag_of_the_customer(world: World, admin_schema: schema.Admin) -> None:
    told = _shopify(world)
    life = told.life
    assert isinstance(life, ShopLife)
    life.ada["tags"] = ["vip"]
    life.buy()
    life.told()
    told.tell()
    assert life.ada["tags"] == ["club", "vip"]
    life.buy()
    life.told()
    told.tell()
    assert life.ada["tags"] == ["gold-member", "vip"]


def test_without_the_permission_nothing_is_told_until_it_is_granted(world: World, admin_schema: schema.Admin) -> None:
    told = _shopify(world, scopes=tuple({*install.SCOPES} - {"write_customers"}))
    life = told.life
    assert isinstance(life, ShopLife)
    life.buy()
    life.told()
    assert (told.waiting(), told.tell()) == (0, 0)
    life.platform.allow("write_customers")
    life.told()
    told.tell()
    assert told.read()["points"] == 350


def test_a_customer_who_is_gone_holds_up_no_other(told: Told) -> None:
    life = told.life
    if isinstance(life, ShopLife):
        life.buy(life.platform.customer("bob@example.com"))
    else:
        life.buy(customer=8)
    life.told()
    if isinstance(life, ShopLife):
        gone = next(one for one in life.platform.shop.customers.values() if one["email"] == "bob@example.com")
        del life.platform.shop.customers[gone["id"]]
        assert legacy(gone["id"])
    life.buy()
    life.told()
    for _ in range(2):
        told.tell(minutes=3)
    assert (told.read()["points"], told.waiting()) == (350, 0)
