"""Both platforms at once, from nothing, with everything going wrong: in the end the books are right.

A past is imported while shoppers buy, give back, redeem and change their minds; 10 % of webhooks are lost, 10 % come
twice, 20 % late; tokens last for seconds; 5 % of calls fail and 2 % act and then fail.
"""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from app.db import reading as reading_from
from app.db import retrying
from app.errors import HoldEnded, InsufficientPoints
from app.models import effects, redemptions
from app.outbox import rows
from app.platforms import comparing, goods, hooks, importing, perks, telling
from app.rewards.redemptions import Redemption
from app.shops import hold
from connectors.shopify import install
from tests.fakes.shopify import orders as shopify_orders
from tests.fakes.shopify import schema
from tests.fakes.shopify.state import legacy
from tests.fakes.wire import by_chance, never
from tests.fakes.woocommerce.coupons import Refused
from tests.platforms.at_shopify import ShopLife
from tests.platforms.life import Life
from tests.platforms.world import World

BEGINS = datetime(2026, 10, 20, tzinfo=UTC)
EUR5 = {"amount": "5.00", "currency": "EUR"}
REWARDS = [
    {"key": "five", "kind": "amount_off", "points": 200, "amount": EUR5, "valid_days": 20},
    {"key": "credit", "kind": "store_credit", "points": 100, "amount": EUR5},
]
TIERS = [
    {"key": "entry", "enter": "0"},
    {"key": "gold", "enter": "60", "perks": {"discount_percent": "10", "free_shipping": True}},
]
MORE = ("write_store_credit_account_transactions", "read_store_credit_accounts")


class Woo:
    """A WooCommerce shop and the people in it."""

    def __init__(self, world: World, past: int) -> None:
        world.store = world.new_store("storm.example")
        self.life = Life(world, host="storm.example", begins=BEGINS, rewards=REWARDS, tiers=TIERS)
        self.life.store.customer("c7@example.com", id=7)
        self.orders = [self._past(world, number) for number in range(past)]
        self.life.store.hooks.waiting.clear()
        self.taken: list[Redemption] = []

    def _past(self, world: World, number: int) -> Any:
        world.pass_time(minutes=7)
        return self.life.buy(customer=7 + number % 800)

    def weather(self, dice: random.Random) -> None:
        waiting = [each for each in self.life.store.hooks.waiting if dice.random() >= 0.1]
        waiting += [each for each in waiting if dice.random() < 0.1]
        if dice.random() < 0.2:
            dice.shuffle(waiting)
        self.life.store.hooks.waiting[:] = waiting
        self.life.told()

    def redeem(self, key: str) -> Redemption:
        return self.life.redeem(key)

    def buy(self, codes: list[str]) -> None:
        try:
            self.orders.append(self.life.buy(codes=codes))
        except Refused:
            self.orders.append(self.life.buy())

    def undo(self, dice: random.Random) -> None:
        self.life.store.orders.set_status(dice.choice(self.orders)["id"], dice.choice(("cancelled", "completed")))

    def expected(self, order: Any) -> int:
        if order["status"] not in ("processing", "completed"):
            return 0
        return floor(sum(Fraction(line["total"]) for line in order["line_items"]) * 10)

    def rewards_once(self, states: list[Redemption]) -> None:
        alive = [one for one in self.life.store.state.coupons.values() if (one["date_expires_gmt"] or "9") > "2001"]
        codes = [one["code"] for one in alive]
        assert len(codes) == len(set(codes))
        (perk,) = [one["email_restrictions"] for one in alive if one["code"].startswith("gold-")]
        assert set(perk) == _golds(self.life)
        assert not {str(one.code).lower() for one in states if one.state == "voided"} & set(codes)


class Shopify:
    """A Shopify shop and the people in it."""

    def __init__(self, world: World, past: int) -> None:
        scopes = (*install.SCOPES, *MORE)
        self.life = ShopLife(world, "storm.myshopify.com", scopes, BEGINS, rewards=REWARDS, tiers=TIERS)
        others = [self.life.platform.customer(f"c{number}@example.com") for number in range(min(past, 800))]
        self.orders = [self._past(world, others[number % len(others)]) for number in range(past)]
        self.orders.append(self.life.buy())  # ada's
        self.life.lose()
        self.life.shopify.registered.access = timedelta(seconds=5)
        self.taken: list[Redemption] = []

    def _past(self, world: World, customer: Any) -> Any:
        world.pass_time(minutes=7)
        return self.life.buy(customer)

    def weather(self, dice: random.Random) -> None:
        hooks = self.life.platform.hooks
        hooks.lost, hooks.twice, hooks.disorder, hooks.dice = 0.1, 0.1, 0.2, dice
        self.life.told()

    def redeem(self, key: str) -> Redemption:
        return self.life.redeem(key, legacy(self.life.ada["id"]))

    def buy(self, codes: list[str]) -> None:
        try:
            self.orders.append(self.life.buy(codes=codes))
        except shopify_orders.Refused:
            self.orders.append(self.life.buy())

    def undo(self, dice: random.Random) -> None:
        order = dice.choice(self.orders)
        line = dice.choice(order["lineItems"])
        if line["currentQuantity"] and not order["cancelledAt"]:
            self.life.platform.orders.refund(order, {line["id"]: 1})

    def expected(self, order: Any) -> int:
        kept = Fraction(0)
        for line in order["lineItems"]:
            whole = shopify_orders._net(line)
            kept += Fraction(whole)
        for refund in order["refunds"]:
            kept -= sum(Fraction(row["subtotalSet"]["shopMoney"]["amount"]) for row in refund["refundLineItems"])
        return floor(max(kept, Fraction(0)) * 10)

    def rewards_once(self, states: list[Redemption]) -> None:
        shop = self.life.platform.shop
        credits_ = [row for account in shop.credits.values() for row in account["transactions"]]
        assert len(credits_) == sum(one.kind == "store_credit" and one.state == "committed" for one in states)
        assert len(shop.automatic) == 2
        tagged = {one["email"] for one in shop.customers.values() if "tessera-gold" in one["tags"]}
        assert tagged == _golds(self.life) != set()
        dead = {one.code for one in states if one.state == "voided"}
        for code, node in shop.codes.items():
            assert code not in dead or shop.discounts[node]["codeDiscount"]["status"] == "EXPIRED"


def _golds(life: Life | ShopLife) -> set[str]:
    """Return the addresses of the members in the upper tier."""
    found, path = set[str](), "/members?tier=gold&limit=100"
    while True:
        page = life.api("GET", path).json
        found |= {one["email"] for one in page["data"]}
        if page["next"] is None:
            return found
        path = f"/members?tier=gold&limit=100&cursor={page['next']}"


@pytest.mark.parametrize("seed", range(1))
def test_a_storm_over_both_platforms_ends_with_right_books(world: World, admin_schema: schema.Admin, seed: int) -> None:
    soak = settings.get_current_profile_name() == "soak"
    past, steps = (5_000, 400) if soak else (40, 60)
    dice = random.Random(seed)
    world.real = datetime(2026, 10, 10, tzinfo=UTC) - timedelta(minutes=14 * past)
    shops: list[Woo | Shopify] = [Woo(world, past), Shopify(world, past)]
    shops[0].life.services = shops[1].life.services  # one installation, with the settings of both
    world.real = max(world.real, datetime(2026, 10, 25, tzinfo=UTC))
    for shop in shops:
        _begin_import(shop)
    world.wire.choose = by_chance(seed, before=0.05, after=0.02)
    for _ in range(steps):
        _step(dice.choice(shops), dice)
    world.wire.choose = never
    _calm(world, shops, turns=60 if soak else 8)
    for shop in shops:
        _check(shop)


def _begin_import(shop: Woo | Shopify) -> None:
    life = shop.life
    retrying(life.services.engine, lambda c: importing.begin(c, hold(c, life.shop_id), "award", life.world.real))


def _work(shop: Woo | Shopify) -> None:
    """What a worker does in a round."""
    life = shop.life
    life.read(minutes=1)
    hooks.run_due(life.services)
    goods.run_due(life.services)
    importing.run_due(life.services)
    telling.run_due(life.services)
    perks.run_due(life.services)
    life.drain()
    life.work()


def _step(shop: Woo | Shopify, dice: random.Random) -> None:
    step = dice.choice(("buy", "buy", "redeem", "cancel", "undo", "work", "work", "hear"))
    if step == "buy":
        codes = [one.code for one in map(shop.life.now, shop.taken) if one.code and one.kind == "amount_off"]
        shop.buy(dice.sample(codes, min(1, len(codes))))
    elif step == "redeem":
        with suppress(InsufficientPoints, NoResultFound):  # or nobody has told of the customer yet
            shop.taken.append(shop.redeem(dice.choice(("five", "credit"))))
    elif step == "cancel" and shop.taken:
        one = shop.life.now(dice.choice(shop.taken))
        with suppress(HoldEnded):
            if one.open:
                shop.life.cancel(one)
    elif step == "undo":
        shop.life.world.pass_time(minutes=1)
        shop.undo(dice)
    elif step == "work":
        _work(shop)
    else:
        shop.weather(dice)


def _calm(world: World, shops: list[Woo | Shopify], turns: int) -> None:
    """The weather is over: everything that is due is done, and codes lapse."""
    world.real = max(world.real, datetime.now(UTC)) + timedelta(minutes=1)  # members are told by the clock on the wall
    for _ in range(turns):
        for shop in shops:
            shop.life.told()
            _work(shop)
        world.pass_time(minutes=61)
    world.pass_time(days=21)
    for shop in shops:
        comparing.run_due(shop.life.services, limit=10_000)
        shop.life.drain()
    for _ in range(4):
        for shop in shops:
            shop.life.tick()
            _work(shop)
        world.pass_time(minutes=61)


def _check(shop: Woo | Shopify) -> None:
    life = shop.life
    with reading_from(life.services.engine) as connection:
        latest = importing.latest(connection, life.shop_id)
        assert latest is not None
        assert latest["state"] == "done", dict(latest)
        mine = effects.c.shop_id == life.shop_id
        assert connection.execute(select(effects.c.kind).where(mine, effects.c.state == "failed")).all() == []
        assert rows.waiting(connection, life.world.real + timedelta(days=9)) == 0
        spent = connection.execute(
            select(redemptions.c.points, redemptions.c.returned).where(
                redemptions.c.shop_id == life.shop_id, redemptions.c.state == "committed"
            )
        ).all()
    targets = [life.target(order) for order in shop.orders]
    assert targets == [shop.expected(order) for order in shop.orders]
    states = [life.now(one) for one in shop.taken]
    assert {one.state for one in states} <= {"committed", "voided"}
    shop.rewards_once(states)
    assert life.held() == 0
    assert life.points() == sum(targets) - sum(row.points - row.returned for row in spent)
    life.sound()
