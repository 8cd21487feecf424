"""Orders of Shopify are read at the shop: what was lost is found, and says the same as a webhook."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings

from app.platforms import comparing, reading, tokens
from connectors.contract.syncing import READ_ORDER
from connectors.shopify import documents as sent
from connectors.shopify import facts
from connectors.shopify.reader import OrderReader
from tests.fakes.shopify import documents, schema
from tests.fakes.shopify.orders import Refused
from tests.fakes.shopify.state import Node, legacy
from tests.fakes.wire import by_chance, never
from tests.platforms.at_shopify import ShopLife
from tests.platforms.world import World


@pytest.fixture
def life(world: World, admin_schema: schema.Admin) -> ShopLife:
    return ShopLife(world)


def test_what_no_webhook_told_is_found_within_an_hour(life: ShopLife) -> None:
    life.read()
    order = life.buy()
    life.lose()
    assert life.read(minutes=30) == 0
    assert life.read(minutes=31) == 1
    assert (life.target(order), life.points()) == (350, 350)
    life.read(minutes=61)
    assert life.points() == 350
    life.sound()


def test_an_order_that_is_deleted_silently_is_found_at_night(life: ShopLife) -> None:
    order = life.buy()
    life.told()
    life.platform.orders.delete(order)
    life.lose()
    life.world.pass_time(hours=25)
    comparing.run_due(life.services, limit=10_000)
    life.drain()
    assert (life.target(order), life.points()) == (0, 0)


def test_an_order_older_than_the_app_may_see_is_not_gone(life: ShopLife) -> None:
    order = life.buy()
    life.told()
    life.world.pass_time(days=61)
    reading.again(life.services, life.shop, [str(legacy(order["id"]))])
    comparing.run_due(life.services, limit=10_000)
    life.drain()
    assert life.target(order) == 350


def test_a_long_order_is_read_to_its_end(life: ShopLife) -> None:
    shirts = [life.platform.product(f"Shirt {number}", "1.00") for number in range(40)]
    order = life.platform.orders.place([(shirt, 1) for shirt in shirts], customer=life.ada)
    for line in order["lineItems"][:30]:
        life.platform.orders.refund(order, {line["id"]: 1})
    life.lose()
    life.read(minutes=61)
    assert life.target(order) == 100


# --- the same as a webhook --------------------------------------------------------------------------------------------


def test_what_is_read_says_what_a_webhook_says(life: ShopLife) -> None:
    dice = random.Random(7)
    orders = [_lived(life, dice) for _ in range(30 if settings.get_current_profile_name() != "soak" else 400)]
    reader, shop = OrderReader(), life.platform.shop
    credentials = tokens.live(life.services, life.shop)
    for order in orders:
        told = reader.order(life.services.caller, shop.domain, credentials, str(legacy(order["id"])))
        read = facts.translate(READ_ORDER, json.loads(json.dumps(told)), life.shop.settings)
        hook = facts.translate("orders/updated", documents.order(shop, order), life.shop.settings)
        assert read == (replace(hook[0], reread=True),)


def _lived(life: ShopLife, dice: random.Random) -> Node:
    """Let an order live: bought, then something happens to it."""
    orders, shop = life.platform.orders, life.platform.shop
    code = {"code": f"TEST{dice.random()}", "title": "x", "startsAt": shop.stamp()}
    gets = {"value": {"discountAmount": {"amount": "3.33"}}, "items": {"all": True}}
    from tests.fakes.shopify import redeeming

    redeeming._create(shop, "discountCodeBasicCreate", {**code, "customerGets": gets})
    who = dice.choice(({"customer": life.ada}, {"email": "guest@example.com"}, {}))
    codes = [code["code"]] if dice.random() < 0.5 else []
    bought = [(life.mug, dice.randint(1, 4)), (life.hat, dice.randint(1, 3))]
    order = orders.place(bought, codes=codes, status=dice.choice(("PAID", "PENDING", "AUTHORIZED")), **who)  # type: ignore[arg-type]
    for _ in range(dice.randint(0, 4)):
        life.world.pass_time(minutes=dice.randint(1, 600))
        line = dice.choice(order["lineItems"])
        left = line["currentQuantity"]
        step = dice.choice(("pay", "fulfil", "deliver", "refund", "money", "cancel", "remove"))
        if step == "pay":
            orders.pay(order)
        elif step == "fulfil" and not order["fulfillments"]:
            orders.fulfil(order)
        elif step == "deliver" and order["fulfillments"]:
            orders.deliver(order)
        elif step == "refund" and left:
            orders.refund(order, {line["id"]: dice.randint(1, left)}, shipping=dice.choice(("0", "4.90")))
        elif step == "money":
            orders.refund(order, money="1.50")
        elif step == "cancel":
            orders.cancel(order)
        elif step == "remove" and left > 1:
            orders.remove_units(order, line, 1)
    return order


def test_a_tip_earns_nothing_wherever_it_is_told(life: ShopLife) -> None:
    order = life.buy()
    tip = {**order["lineItems"][0], "id": life.platform.shop.gid("LineItem"), "product": None, "variant": None}
    money = {"amount": "5.00", "currencyCode": "EUR"}
    bag = {"shopMoney": money, "presentmentMoney": money}
    order["lineItems"].append({**tip, "quantity": 1, "currentQuantity": 1, "originalUnitPriceSet": bag})
    order["totalTipReceivedSet"] = bag
    life.lose()
    life.read(minutes=61)
    assert life.target(order) == 350


# --- tokens, limits, storms -------------------------------------------------------------------------------------------


def test_a_token_that_ends_in_the_middle_is_renewed(life: ShopLife) -> None:
    orders = [life.buy() for _ in range(3)]
    life.lose()
    calls = len(life.world.wire.calls)

    def dying(_: object) -> None:
        if len(life.world.wire.calls) == calls + 2:
            for token in life.platform.shop.tokens:
                token.access_until = datetime(2026, 1, 1, tzinfo=UTC)

    life.world.wire.choose = dying
    life.read(minutes=61)
    assert [life.target(order) for order in orders] == [350] * 3


def test_an_answer_by_another_version_raises_an_alarm(life: ShopLife, capsys: pytest.CaptureFixture[str]) -> None:
    life.platform.shop.answers_by = "2027-10"
    life.read(minutes=61)
    assert "2027-10" in capsys.readouterr().out


def test_a_storm_over_shopify_ends_with_its_books(world: World, admin_schema: schema.Admin) -> None:
    for seed in range(2 if settings.get_current_profile_name() != "soak" else 100):
        _storm(world, seed)


def _storm(world: World, seed: int) -> None:
    """10 % of webhooks lost, 10 % told twice, 20 % late; 7 % of calls fail, tokens last for seconds."""
    dice = random.Random(seed)
    life = ShopLife(world, domain=f"storm-{seed}.myshopify.com")
    hooks = life.platform.hooks
    hooks.lost, hooks.twice, hooks.disorder, hooks.dice = 0.1, 0.1, 0.2, dice
    life.shopify.registered.access = timedelta(seconds=5)
    world.wire.choose = by_chance(seed, before=0.05, after=0.02)
    lives = []
    for _ in range(10):
        try:
            lives.append(_lived(life, dice))
        except Refused:
            continue
        life.told()
        if dice.random() < 0.3:
            life.read(minutes=61)
    world.wire.choose = never
    world.pass_time(hours=5)
    life.told()
    life.read(minutes=61)
    world.pass_time(hours=25)
    comparing.run_due(life.services, limit=10_000)
    life.read(minutes=61)
    hooks.lost, hooks.twice, hooks.disorder = 0, 0, 0
    expected = ShopLife(world, domain=f"calm-{seed}.myshopify.com")
    for order in lives:
        document = documents.order(life.platform.shop, order)
        expected.platform.hooks.fire({"orders/updated": document})
        expected.told()
    assert [life.target(order) for order in lives] == [expected.target(order) for order in lives]
    life.sound()


def test_every_document_is_one_of_the_schema(admin_schema: schema.Admin) -> None:
    from graphql import parse, validate

    from connectors.shopify import install, reward_documents
    from connectors.shopify.client import Document

    modules = (sent, install, reward_documents)
    found = [each for module in modules for each in vars(module).values() if isinstance(each, Document)]
    assert len(found) >= 38
    for document in found:
        assert validate(admin_schema.schema, parse(document.text)) == [], document.name
