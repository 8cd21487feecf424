"""Random histories by the hundred: nothing lost, nothing doubled, whatever the order of arrival."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import select

from app import shops
from app.audit import audit
from app.db import reading, transaction
from app.intake.told import Told, pseudonymise
from app.models import balances, orders
from app.orders.previews import earn_preview
from app.rules.earning import Basket, BasketLine
from app.settling import Settling
from connectors import CONNECTORS
from connectors.contract import Fact
from tests.build import Shop, Tessera, open_tessera, order, programme
from tests.histories import PLACED, deliveries, known_before, random_life, random_programme
from tests.payloads import shopify

# more than two hundred orders' lives on each database; in `make soak` more than a thousand
SOAK = settings.default.max_examples > 1_000
SHOPS, LIVES = 130 if SOAK else 25, 8
OTHERS = ("pending", "available", "held", "redeemed", "expired", "reversed", "written_off", "transferred")


def _run(tessera: Tessera, seed: int) -> Shop:
    dice = random.Random(seed)
    shop = _shop(tessera, random_programme(dice))
    lives = [random_life(dice, str(number)) for number in range(LIVES)]
    told = deliveries(dice, lives)
    cut = dice.randint(0, len(told))  # two drains, so that states meet across batches too
    shop.deliver(*told[:cut])
    shop.drain()
    shop.deliver(*told[cut:])
    outcome = shop.drain()
    assert outcome.failed == 0
    return shop


def _shop(tessera: Tessera, document: dict[str, Any]) -> Shop:
    shop = tessera.shop(document)
    for topic, told in known_before():
        shop.deliver(told, topic=topic)
    return shop


def test_in_hundreds_of_histories_everything_adds_up(tessera: Tessera) -> None:
    made = [(seed, _run(tessera, seed)) for seed in range(SHOPS)]
    with reading(tessera.engine) as connection:
        for row in connection.execute(select(balances)).mappings():
            assert row["issued"] == sum(row[name] for name in OTHERS)
            assert row["clamped"] >= 0
        policy = select(orders.c.shop_id, orders.c.target, orders.c.posted, orders.c.explanation)
        for row in connection.execute(policy):
            assert row.posted >= row.target  # above it only where the policy takes pending points alone
    assert audit(tessera.engine) == []
    _every_order_is_at_its_target(made)


def _every_order_is_at_its_target(made: list[tuple[int, Shop]]) -> None:
    """Tell every last state once more, alone, to a fresh shop: the targets agree, and so does what was posted."""
    for seed, shop in made[::10]:
        dice = random.Random(seed)
        document = random_programme(dice)
        lives = [random_life(dice, str(number)) for number in range(LIVES)]
        alone = _shop(shop.tessera, document)
        alone.deliver(*(life.last for life in lives))
        alone.drain()
        for life in lives:
            mine, theirs = shop.order(life.last["id"]), alone.order(life.last["id"])
            assert mine.target == theirs.target, seed
            if document["deficit"] != "pending_only":
                assert mine.posted == mine.target, seed


def test_the_promise_is_the_award(tessera: Tessera) -> None:
    for seed in range(60):
        dice = random.Random(seed)
        document = random_programme(dice)
        document["earning"] |= {"earn_on": "paid", "pending_days": 0}
        shop = _shop(tessera, document)
        shop.drain()
        bought = random_life(dice, "1").states[1]
        bought["currency"] = "EUR"
        with reading(tessera.engine) as connection:
            known = shops.get(connection, shop.id)
            promised, _ = earn_preview(connection, known, _basket(bought), PLACED)
        shop.tell({**bought, "customer": {"id": "a newcomer"}})
        assert shop.order("1").target == promised.target, seed


def _basket(bought: dict[str, Any]) -> Basket:
    lines = [
        BasketLine(
            product_id=line["product_id"],
            quantity=line["quantity"],
            unit_price=Decimal(line["unit_price"]),
            discount=Decimal(line["discount"]),
            tags=line["tags"],
            gift_card=line["gift_card"],
        )
        for line in bought["lines"]
    ]
    codes = [used["code"] for used in bought["discount_codes"]]
    return Basket(currency="EUR", lines=lines, country=bought["country"], discount_codes=codes)


def _seven_events() -> list[tuple[str, dict[str, Any]]]:
    """Return the life of one Shopify order in seven deliveries, two of which tell a refund alone."""
    lamps = shopify.line(quantity=4, current_quantity=4)
    fewer = shopify.line(quantity=4, current_quantity=3)
    first = shopify.refund(id=1, created_at="2026-07-02T10:00:00+02:00")
    second = shopify.refund(id=2, created_at="2026-07-05T10:00:00+02:00")
    return [
        ("orders/create", shopify.order(financial_status="pending", line_items=[lamps])),
        ("orders/paid", shopify.order(updated_at="2026-07-01T10:00:09+02:00", line_items=[lamps])),
        ("refunds/create", first),
        (
            "orders/updated",
            shopify.order(
                updated_at="2026-07-02T10:00:01+02:00",
                financial_status="partially_refunded",
                line_items=[fewer],
                refunds=[first],
            ),
        ),
        (
            "orders/cancelled",
            shopify.order(updated_at="2026-07-03T10:00:00+02:00", cancelled_at="2026-07-03T10:00:00Z"),
        ),
        (
            "orders/updated",
            shopify.order(
                updated_at="2026-07-04T10:00:00+02:00",
                financial_status="partially_refunded",
                line_items=[fewer],
                refunds=[first],
            ),
        ),
        ("refunds/create", second),
    ]


@pytest.fixture(scope="module")
def seven() -> list[tuple[str, bytes]]:
    return [(topic, json.dumps(body).encode()) for topic, body in _seven_events()]


def _facts(tessera: Tessera, shop: Shop, events: list[tuple[str, bytes]]) -> list[Told]:
    services = tessera.services
    with reading(tessera.engine) as connection:
        known = shops.get(connection, shop.id)
    pepper = known.pepper(services.vault)
    told = []
    for number, (topic, body) in enumerate(events):
        facts: tuple[Fact, ...] = CONNECTORS["shopify"].translate(topic, json.loads(body), known.settings)
        told += [replace(pseudonymise(fact, str(number), known, services.vault, pepper)) for fact in facts]
    return told


def test_any_order_of_seven_events_gives_one_balance(tmp_path: Path, seven: list[tuple[str, bytes]]) -> None:
    # nothing is written here, so one database is enough; the next test goes through both
    tessera = open_tessera(f"sqlite:///{tmp_path / 'tessera.db'}")
    shop = tessera.shop(programme(), platform="shopify")
    told = _facts(tessera, shop, seven)
    ends = set()
    with transaction(tessera.engine) as connection:
        known, now = shops.get(connection, shop.id), datetime(2026, 8, 1, tzinfo=UTC)
        every = list(itertools.permutations(told))
        for history in every if SOAK else random.Random(5).sample(every, 1_000):
            work = Settling(connection, known, now)
            work.load(told)
            for fact in history:
                work.apply(fact)
            (end,) = [a.sums["available"] for a in work.desk.book.accounts.values()] or [0]
            ends.add((end, next(iter(work.orders.values())).target))
    tessera.engine.dispose()
    # 4 × 19.99, two units back: 79.96 − 39.98
    assert ends == {(399, 399)}


def test_a_sample_of_those_orders_through_the_inbox(tessera: Tessera, seven: list[tuple[str, bytes]]) -> None:
    everything = list(itertools.permutations(seven))
    for history in random.Random(7).sample(everything, 20):
        shop = tessera.shop(programme(), platform="shopify")
        for topic, body in (*history, *history):
            shop.deliver(body, topic=topic)
        shop.drain()
        assert [sums["available"] for sums in shop.balances()] == [399]
    assert audit(tessera.engine) == []


def test_the_audit_finds_a_balance_that_was_tampered_with(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    assert audit(tessera.engine) == []
    with transaction(tessera.engine) as connection:
        connection.execute(balances.update().values(available=balances.c.available + 1))

    found = audit(tessera.engine)

    assert {difference.what for difference in found} == {"balance", "balances"}
