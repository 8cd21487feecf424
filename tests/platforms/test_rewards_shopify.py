"""Rewards as codes, gift cards and credit of a Shopify shop: they work at its checkout and exist once."""

from __future__ import annotations

import random
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import select

from app.db import reading as reading_from
from app.errors import HoldEnded, RewardUnavailable
from app.models import effects
from app.outbox import rows
from app.platforms import comparing
from app.rewards.redemptions import Redemption
from connectors.shopify import install
from tests.fakes.shopify import schema
from tests.fakes.shopify.orders import Refused, value
from tests.fakes.shopify.state import Node, legacy
from tests.fakes.wire import FAULTS, by_chance, in_turn, never
from tests.platforms.at_shopify import ShopLife
from tests.platforms.world import World

EUR5 = {"amount": "5.00", "currency": "EUR"}
FIVE = {"key": "five", "kind": "amount_off", "points": 200, "amount": EUR5, "valid_days": 30}
OWN = {**FIVE, "key": "own", "personal": True}
CARD = {"key": "card", "kind": "gift_card", "points": 100, "amount": EUR5}
CREDIT = {"key": "credit", "kind": "store_credit", "points": 100, "amount": EUR5}
MORE = ("write_gift_cards", "write_store_credit_account_transactions", "read_store_credit_accounts")


@pytest.fixture
def life(world: World, admin_schema: schema.Admin) -> ShopLife:
    """A shop in which ada has 350 points to spend."""
    return _open(world, FIVE, CARD, CREDIT, OWN)


def _open(world: World, *rewards: dict[str, Any], domain: str = "mugs.myshopify.com") -> ShopLife:
    life = ShopLife(world, domain, scopes=(*install.SCOPES, *MORE), rewards=list(rewards))
    life.buy()
    life.told()
    return life


def _redeem(life: ShopLife, reward: str, **more: Any) -> Redemption:
    return life.redeem(reward, legacy(life.ada["id"]), **more)


def _discount(life: ShopLife, one: Redemption) -> Node | None:
    shop = life.platform.shop
    node = shop.discounts.get(shop.codes.get(str(life.now(one).code), ""))
    return node["codeDiscount"] if node else None


@pytest.mark.parametrize("personal", [True, None])
def test_a_reward_becomes_a_code_is_used_and_committed(
    world: World, admin_schema: schema.Admin, personal: bool | None
) -> None:
    life = _open(world, {**FIVE, "personal": personal})
    five = _redeem(life, "five")
    assert (five.state, life.points(), life.held()) == ("held", 150, 200)
    life.work()
    assert life.now(five).state == "issued"
    order = life.buy(codes=[str(life.now(five).code)])
    life.told()
    assert (life.now(five).state, life.now(five).order_id) == ("committed", str(legacy(order["id"])))
    assert value(order["totalPriceSet"]) == value(order["currentTotalPriceSet"])
    life.sound()


def test_a_personal_code_is_its_members_alone(world: World, admin_schema: schema.Admin) -> None:
    life = _open(world, {**FIVE, "personal": True})
    five = _redeem(life, "five")
    life.work()
    discount = _discount(life, five)
    assert discount is not None
    assert discount["given"]["context"] == {"customers": {"add": [life.ada["id"]]}}
    assert discount["endsAt"] is not None
    with pytest.raises(Refused):
        life.buy(life.platform.customer("bob@example.com"), codes=[str(life.now(five).code)])


def test_the_codes_of_a_reward_share_a_discount_and_each_works_once(life: ShopLife) -> None:
    life.buy(times=40)
    life.told()
    taken = [_redeem(life, "five") for _ in range(4)]
    life.work()
    codes = [str(life.now(one).code) for one in taken]
    (discount,) = life.platform.shop.discounts.values()
    assert {one["code"] for one in discount["codeDiscount"]["codes"]} > set(codes)
    for code in codes[:2]:
        life.buy(codes=[code])
        with pytest.raises(Refused, match="usage limit"):
            life.buy(codes=[code])
    life.told()
    life.world.pass_time(minutes=2)
    life.cancel(taken[2])
    life.work()
    life.work(minutes=3)
    with pytest.raises(Refused, match="valid"):
        life.buy(codes=[codes[2]])
    life.buy(life.platform.customer("bob@example.com"), codes=[codes[3]])
    life.told()
    assert [life.now(one).state for one in taken] == ["committed", "committed", "voided", "committed"]
    life.sound()


def test_a_use_that_only_its_count_tells_of_keeps_its_points(life: ShopLife) -> None:
    """The order is not to be found yet: once the code were taken out, nothing would tell of its use."""
    five = _redeem(life, "five")
    life.work()
    order = life.buy(codes=[str(life.now(five).code)])
    life.lose()
    life.platform.shop.orders.pop(order["id"])  # the orders' search lags behind
    life.world.pass_time(minutes=2)
    life.cancel(five)
    for _ in range(3):
        life.work(minutes=16)
    assert (life.now(five).state, life.held()) == ("issued", 200)
    life.platform.shop.orders[order["id"]] = order
    life.read(minutes=1)
    life.work(minutes=16)
    assert life.now(five).state == "committed"
    life.sound()


def test_a_discount_that_the_merchant_ended_makes_no_codes_and_costs_no_points(life: ShopLife) -> None:
    life.buy(times=20)
    life.told()
    first = _redeem(life, "five")
    life.work()
    discount = _discount(life, first)
    assert discount is not None
    discount["status"] = "EXPIRED"
    points, second = life.points(), _redeem(life, "five")
    life.work()
    assert (life.now(second).state, life.points()) == ("voided", points)
    life.cancel(life.now(first))
    life.work()
    life.work(minutes=3)
    assert life.now(first).state == "voided"
    life.platform.shop.discounts.clear()
    life.platform.shop.codes.clear()
    third = _redeem(life, "five")
    life.work()
    assert life.now(third).state == "issued"
    life.sound()


def test_a_reward_that_changes_gets_another_discount(life: ShopLife) -> None:
    life.buy(times=20)
    life.told()
    old = _redeem(life, "five")
    life.work()
    life.publish(rewards=[{**FIVE, "amount": {"amount": "6.00", "currency": "EUR"}}])
    new = _redeem(life, "five")
    life.work()
    assert [str(value(life.buy(codes=[str(life.now(one).code)])["totalPriceSet"])) for one in (old, new)] == [
        "34.90",
        "33.90",
    ]
    assert len(life.platform.shop.discounts) == 2


KINDS: dict[str, tuple[dict[str, Any], str]] = {  # what it needs, and what an order of 35.00 + 4.90 costs then
    "amount_off": ({"amount": EUR5}, "34.90"),
    "percent_off": ({"percent": "10"}, "36.40"),
    "pay_with_points": ({"points": 0, "rate": {"points": "10", "per": "1"}}, "29.90"),
    "free_shipping": ({}, "35.00"),
    "free_product": ({"product": "MUG"}, "29.90"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_takes_off_what_it_says(world: World, admin_schema: schema.Admin, kind: str) -> None:
    told, total = KINDS[kind]
    life = _open(world)
    mug = str(legacy(life.mug["product"]["id"]))
    told = {name: mug if given == "MUG" else given for name, given in told.items()}
    life.publish(rewards=[{"key": "it", "kind": kind, "points": 100, **told}])
    made = _redeem(life, "it", points=100 if kind == "pay_with_points" else None)
    life.work()
    order = life.buy(codes=[str(life.now(made).code)])
    assert str(value(order["totalPriceSet"])) == total
    life.told()
    assert life.now(made).state == "committed"
    life.sound()


def test_a_reward_for_some_products_needs_one_of_them(world: World, admin_schema: schema.Admin) -> None:
    life = _open(world)
    cap = life.platform.product("Cap", "12.00")
    cap["product"]["collections"].append({"id": "gid://shopify/Collection/7", "handle": "caps"})
    variant = {"key": "v", "kind": "percent_off", "points": 50, "percent": "50", "products": [str(legacy(cap["id"]))]}
    life.publish(rewards=[{**FIVE, "collections": ["caps"]}, variant])
    five, half = _redeem(life, "five"), _redeem(life, "v")
    life.work()
    for one in (five, half):
        with pytest.raises(Refused):
            life.buy(codes=[str(life.now(one).code)])
    order = life.platform.orders.place([(cap, 2)], customer=life.ada, codes=[str(life.now(half).code)], shipping="0")
    assert str(value(order["totalPriceSet"])) == "12.00"
    life.told()
    life.sound()


def test_what_shopify_cannot_make_is_refused_before_points_move(world: World, admin_schema: schema.Admin) -> None:
    most = {"key": "most", "kind": "percent_off", "points": 50, "percent": "10", "max_amount": EUR5}
    life = ShopLife(world, rewards=[most, CARD])
    life.buy()
    life.told()
    for key, why in (("most", "knows no most"), ("card", "lacks the permission write_gift_cards")):
        with pytest.raises(RewardUnavailable, match=why):
            _redeem(life, key)
    assert life.points() == 350


def test_an_unknown_product_gives_the_points_back(world: World, admin_schema: schema.Admin) -> None:
    life = _open(world, {**FIVE, "products": ["1"]})
    five = _redeem(life, "five")
    life.work()
    assert (life.now(five).state, life.now(five).flags, life.points()) == ("voided", ("platform_refused",), 350)
    life.sound()


def test_points_come_back_only_after_the_code_is_dead_and_counted(life: ShopLife) -> None:
    five = _redeem(life, "five")
    life.work()
    life.cancel(five)
    life.work()
    assert (_discount(life, five), life.now(five).state, life.held()) == (None, "issued", 200)
    life.work(minutes=3)
    assert (life.now(five).state, life.points()) == ("voided", 350)
    life.sound()


def test_a_use_in_the_last_moment_keeps_its_points(life: ShopLife) -> None:
    five = _redeem(life, "five")
    life.work()
    order = life.buy(codes=[str(life.now(five).code)])
    life.lose()
    life.cancel(five)
    life.work()
    for _ in range(3):
        life.work(minutes=16)
        life.read(minutes=1)
    assert (life.now(five).state, life.now(five).order_id) == ("committed", str(legacy(order["id"])))
    life.work(minutes=16)
    life.sound()


def test_a_cancelled_order_gives_its_points_back(life: ShopLife) -> None:
    five = _redeem(life, "five")
    life.work()
    order = life.buy(codes=[str(life.now(five).code)])
    life.told()
    life.world.pass_time(minutes=5)
    life.platform.orders.cancel(order)
    life.told()
    assert life.points() == 150
    life.work()
    assert life.points() == 350
    life.sound()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("reward", ["five", "own", "card", "credit"])
def test_whatever_happens_to_a_call_the_reward_exists_once(life: ShopLife, reward: str, fault: str) -> None:
    one = _redeem(life, reward)
    life.world.wire.choose = in_turn(fault)
    for _ in range(4):
        life.work(minutes=3)
    assert life.now(one).state == ("issued" if reward in ("five", "own") else "committed")
    _exists_once(life, [one])
    life.sound()


def test_a_refusal_to_look_is_no_proof_that_nothing_is_there(life: ShopLife) -> None:
    """Money that may have been given is neither given again nor taken back: the merchant is asked."""
    credit = _redeem(life, "credit")
    life.world.wire.choose = in_turn("act_then_lose")
    life.work()
    life.platform.shop.scopes -= {"read_store_credit_accounts", "write_store_credit_account_transactions"}
    life.work(minutes=5)
    (told,) = life.api("GET", "/effects?state=failed").json["data"]
    assert "cannot be looked for" in told["reason"]
    assert (life.now(credit).state, life.held()) == ("held", 100)
    life.platform.shop.scopes |= set(MORE)
    life.api("POST", f"/effects/{told['id']}/retry")
    life.work()
    assert life.now(credit).state == "committed"
    _exists_once(life, [credit])


def test_a_gift_card_carries_our_code_and_credit_none(life: ShopLife) -> None:
    card, credit = _redeem(life, "card"), _redeem(life, "credit")
    life.work()
    (made,) = life.platform.shop.gift_cards.values()
    assert life.now(card).code == made["code"].upper()
    assert (made["balance"]["amount"], life.now(credit).code) == ("5.00", None)
    (account,) = life.platform.shop.credits.values()
    assert account["balance"] == {"amount": "5.00", "currencyCode": "EUR"}
    with pytest.raises(HoldEnded):
        life.cancel(card)


def test_money_that_is_on_its_way_is_not_cancelled(life: ShopLife) -> None:
    credit = _redeem(life, "credit")
    life.world.wire.choose = in_turn("act_then_lose")
    life.work()
    with pytest.raises(HoldEnded, match="being made"):
        life.cancel(credit)
    life.work(minutes=5)
    assert life.now(credit).state == "committed"


def _exists_once(life: ShopLife, taken: list[Redemption]) -> None:
    """Every reward is there once, or not at all where it was given up."""
    shop, states = life.platform.shop, [life.now(one) for one in taken]
    alive = {code for code, node in shop.codes.items() if shop.discounts[node]["codeDiscount"]["status"] == "ACTIVE"}
    for one in states:
        if one.kind == "gift_card":
            cards = [card for card in shop.gift_cards.values() if one.id in card["note"]]
            assert len(cards) == (one.state == "committed"), one
        elif one.kind == "amount_off" and one.state == "voided":
            assert one.code not in alive
    given = [row for account in shop.credits.values() for row in account["transactions"]]
    assert len(given) == sum(one.kind == "store_credit" and one.state == "committed" for one in states)


def test_a_storm_of_rewards_ends_with_each_once_and_no_point_lost(world: World, admin_schema: schema.Admin) -> None:
    for seed in range(2 if settings.get_current_profile_name() != "soak" else 100):
        _storm(world, seed)


def _storm(world: World, seed: int) -> None:
    dice = random.Random(seed)
    life = _open(world, FIVE, CARD, CREDIT, OWN, domain=f"storm-{seed}.myshopify.com")
    life.buy(times=40)
    life.told()
    life.shopify.registered.access = timedelta(seconds=5)
    hooks = life.platform.hooks
    hooks.lost, hooks.twice, hooks.disorder, hooks.dice = 0.1, 0.1, 0.2, dice
    world.wire.choose = by_chance(seed, before=0.05, after=0.05)
    taken: list[Redemption] = []
    bought: list[Node] = []
    for _ in range(25):
        step = dice.choice(("redeem", "redeem", "cancel", "buy", "buy", "undo", "work", "hear"))
        if step == "redeem" and life.points() > 200:
            taken.append(_redeem(life, dice.choice(("five", "own", "card", "credit"))))
        elif step == "cancel" and taken:
            _cancel(life, life.now(dice.choice(taken)))
        elif step == "buy":
            codes = [one.code for one in map(life.now, taken) if one.code and one.kind == "amount_off"]
            try:
                bought.append(life.buy(codes=dice.sample(codes, min(1, len(codes)))))
            except Refused:
                bought.append(life.buy())
        elif step == "undo" and bought:
            world.pass_time(minutes=1)
            life.platform.orders.cancel(dice.choice(bought))
        elif step == "work":
            life.work(minutes=dice.choice((0, 1, 6)))
        else:
            life.told()
    world.wire.choose = never
    for _ in range(3):
        life.told()
        life.read(minutes=61)
        life.work(minutes=61)
    world.pass_time(days=31)
    comparing.run_due(life.services, limit=10_000)
    for _ in range(4):
        life.tick()
        life.work(minutes=61)
        life.read(minutes=61)
    assert {life.now(one).state for one in taken} <= {"committed", "voided"}
    _exists_once(life, taken)
    assert life.held() == 0
    with reading_from(life.services.engine) as connection:
        assert rows.waiting(connection, world.real + timedelta(days=9)) == 0
        assert not connection.execute(select(effects).where(effects.c.state == "failed")).first()
    life.sound()


def _cancel(life: ShopLife, one: Redemption) -> None:
    with suppress(HoldEnded) if one.kind != "amount_off" else nullcontext():
        if one.open:
            life.cancel(one)
