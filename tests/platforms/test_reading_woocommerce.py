"""Whatever WooCommerce loses, repeats, delays or hides: after a reading the ledger says what the shop says."""

from __future__ import annotations

import random
import threading
import time
from decimal import Decimal
from unittest.mock import Mock

import pytest
from hypothesis import settings
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.audit import audit
from app.db import reading as reading_from
from app.intake import inbox
from app.models import connections as connections_table
from app.models import inbox as inbox_table
from app.models import orders
from app.platforms import comparing, hooks, installing, reading
from app.worker import Worker
from connectors.contract.installing import Held
from connectors.contract.syncing import OURS
from tests.fakes.wire import by_chance, in_turn, never
from tests.fakes.woocommerce import Doc
from tests.platforms.life import Life
from tests.platforms.world import World

PAID = ("processing", "completed", "refunded")


@pytest.fixture
def life(world: World) -> Life:
    return Life(world)


def test_what_no_webhook_told_is_found(life: Life) -> None:
    order = life.buy()
    life.store.hooks.waiting.clear()  # lost
    life.read()
    assert (life.target(order), life.points()) == (350, 350)
    life.read()
    assert life.points() == 350


def test_a_stale_delivery_is_put_right_within_minutes(life: Life) -> None:
    order = life.buy(status="on-hold")
    life.told()

    life.store.orders.set_status(order["id"], "processing")
    real, on_the_way = life.store.hooks.post, iter([lambda: life.store.orders.set_status(order["id"], "cancelled")])
    life.store.hooks.post = lambda *told: (next(on_the_way, int)(), real(*told))[1]
    life.store.hooks.visit(one_process=True)
    life.store.hooks.post = real
    life.drain()
    assert life.target(order) == 350  # both deliveries told the old state
    life.read(minutes=1)
    assert life.target(order) == 0


def test_an_order_whose_points_moved_is_read_once(life: Life) -> None:
    life.buy()
    life.told()
    assert reading.run_again(life.services) == 1
    life.drain()
    assert reading.run_again(life.services) == 0


def test_a_refunds_lines_take_the_place_of_its_total(life: Life) -> None:
    order = life.buy()
    line = next(line["id"] for line in order["line_items"] if line["name"] == "Hat")
    life.store.orders.refund(order["id"], [(line, 1, "15.00")])
    life.told()
    assert life.target(order) == 350 - 150 * 350 // 350  # items 35.00, a total of 15.00
    life.store.orders.refund(order["id"], amount="4.90", why="shipping")
    life.told()
    life.read(minutes=1)
    with reading_from(life.services.engine) as connection:
        held = connection.execute(select(orders.c.held).where(orders.c.id == str(order["id"]))).scalar_one()
    assert [len(refund.get("lines", ())) for refund in held["full"]["refunds"]] == [1, 0]


def test_a_refund_that_is_deleted_silently_gives_its_points_back(life: Life) -> None:
    order = life.buy()
    back = life.store.orders.refund(order["id"], amount="35.00")
    life.told()
    life.read(minutes=1)
    assert life.target(order) < 350
    life.store.orders.delete_refund(order["id"], back["id"])
    reading.again(life.services, life.shop, [str(order["id"])])
    life.drain()
    assert life.target(order) == 350


def test_an_order_deleted_for_good_is_found_to_be_gone(life: Life) -> None:
    order = life.buy()
    life.told()
    life.store.orders.delete_for_good(order["id"])
    life.store.hooks.waiting.clear()
    reading.again(life.services, life.shop, [str(order["id"]), "no-number"])
    life.drain()
    assert (life.target(order), life.points()) == (0, 0)


def test_an_order_that_is_gone_or_cannot_be_understood_is_not_asked_for_without_end(life: Life) -> None:
    gone, odd = life.buy(), life.buy(customer=8)
    life.told()
    life.store.orders.delete_for_good(gone["id"])
    life.store.hooks.waiting.clear()
    life.store.state.orders[odd["id"]]["currency"] = "no currency"
    for _ in range(3):
        reading.run_again(life.services)
        life.drain()
    assert life.target(gone) == 0
    calls = len(life.world.wire.calls)
    reading.run_again(life.services)
    assert len(life.world.wire.calls) == calls


def test_a_doubted_order_is_read_when_the_shop_answers_again(life: Life) -> None:
    life.buy()
    life.told()
    life.world.wire.choose = in_turn(*["fail"] * 4)
    assert reading.run_again(life.services) == 0
    assert reading.run_again(life.services) == 1


def test_what_happened_while_a_shop_was_locked_out_is_read_when_it_is_connected_again(life: Life) -> None:
    life.read()
    life.store.state.keys.clear()
    life.read()
    lost = life.buy()
    life.store.hooks.waiting.clear()
    life.world.pass_time(days=3)
    key = life.store.grant()
    held = Held({"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret})
    installing.connect(life.services, "woocommerce", "mugs.example", held, None)
    life.read()
    assert life.target(lost) == 350


def test_a_shop_that_is_to_be_read_at_once_is_read_before_the_others(world: World) -> None:
    lives = []
    for number in range(3):
        world.store = world.new_store(f"shop-{number}.example")
        lives.append(Life(world, host=f"shop-{number}.example"))
    for life in lives:
        life.read()
    lost = lives[1].buy()
    world.pass_time(minutes=11)
    reading.soon(world.tessera.services, [lives[1].shop_id])
    assert reading.run_due(world.tessera.services, limit=1) == 1
    lives[1].drain()
    assert lives[1].target(lost) == 350


def test_a_merchant_asks_for_a_reconciliation(life: Life) -> None:
    life.read()
    order = life.buy()
    life.told()
    life.store.state.orders.pop(order["id"])  # silently
    assert comparing.run_due(life.services, limit=10_000) == 0
    assert life.api("POST", "/reconcile").json == {"asked": True}
    assert comparing.run_due(life.services, limit=10_000) == 1
    life.drain()
    assert life.target(order) == 0


def test_a_trashed_order_that_is_back_is_back(life: Life) -> None:
    order = life.buy()
    life.told()
    life.store.orders.trash(order["id"])
    life.told()
    assert life.target(order) == 0
    life.world.pass_time(seconds=5)
    life.store.orders.restore(order["id"])
    life.store.hooks.waiting.clear()
    life.read()
    assert life.target(order) == 350


def test_a_draft_and_a_garbled_answer_move_nothing(life: Life) -> None:
    life.buy(status="checkout-draft")
    life.read()
    assert life.points() == 0
    life.buy()
    life.store.hooks.waiting.clear()
    life.world.wire.choose = in_turn(*["garble"] * 9)
    assert life.read() == 0
    life.world.wire.choose = never
    life.read()
    assert life.points() == 350


def test_a_key_that_was_revoked_marks_the_shop_and_is_not_tried_again(life: Life) -> None:
    life.store.state.keys.clear()
    life.read()
    assert life.shop.state == "locked_out"
    life.buy()
    life.told()  # deliveries go on without the key; they do not mean that we may read again
    assert life.shop.state == "locked_out"
    calls = len(life.world.wire.calls)
    life.read()
    assert len(life.world.wire.calls) == calls


def test_shops_that_are_locked_out_take_no_other_shops_turn(life: Life) -> None:
    life.buy()
    life.told()  # its points moved: to be read again
    others = []
    for number in range(3):
        store = life.world.new_store(f"shop-{number}.example")
        key = store.grant()
        held = Held({"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret})
        others.append(installing.connect(life.services, "woocommerce", f"shop-{number}.example", held, None))
    life.store.state.keys.clear()
    life.world.pass_time(minutes=11)
    for _ in range(6):
        reading.run_due(life.services, limit=1)
        reading.run_again(life.services)
    assert life.shop.state == "locked_out"
    with reading_from(life.services.engine) as connection:
        found = connection.execute(select(connections_table.c.read_until)).scalars().all()
    assert sum(moment is not None for moment in found) == len(others)


def test_two_workers_do_not_read_one_shop_at_once(life: Life) -> None:
    assert life.read() == 1
    assert reading.run_due(life.services) == 0  # not before ten minutes have passed


def test_only_what_is_needed_is_read(life: Life) -> None:
    life.buy(billing={"email": "x@example.com", "country": "FR", "first_name": "Ada", "address_1": "Rue 1"})
    life.store.hooks.waiting.clear()
    life.world.wire.calls.clear()
    life.read()
    asked = [url for _, url, _ in life.world.wire.calls if "/orders?" in url]
    assert asked
    assert all("_fields=" in url for url in asked)
    assert not any("customer_ip_address" in url or "first_name" in url for url in asked)


def test_a_webhook_that_was_switched_off_is_switched_on_and_what_it_missed_is_read(life: Life) -> None:
    life.world.pass_time(hours=2)
    assert hooks.run_due(life.services) == 0  # all is well
    calls = len(life.world.wire.calls)
    assert hooks.run_due(life.services) == 0  # within the hour nobody looks
    assert len(life.world.wire.calls) == calls

    real, life.store.hooks.post = life.store.hooks.post, lambda *_: 503
    order = life.buy()
    for _ in range(8):
        life.store.orders.set_status(order["id"], "processing")
        life.store.hooks.visit()
    life.store.hooks.post = real
    gone = next(life.store.hooks.of_topic("order.created"))
    del life.store.state.webhooks[gone["id"]]
    life.read()
    late = life.buy(customer=8)
    life.store.hooks.visit()
    life.world.pass_time(hours=1)
    assert hooks.run_due(life.services) == 2  # order.updated was off, order.created gone
    assert {hook["status"] for hook in life.store.state.webhooks.values()} == {"active"}
    reading.run_due(life.services)  # at once, whatever was read when
    life.drain()
    assert life.target(late) == 350


def test_what_was_answered_503_is_read_as_soon_as_the_database_is_back(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.read()
    lost = life.buy()
    with monkeypatch.context() as away:
        away.setattr(inbox, "accept", Mock(side_effect=OperationalError("", {}, Exception("it is away"))))
        life.store.hooks.visit()
    assert {hook["failure_count"] for hook in life.store.hooks.of_topic("order.updated")} == {1}
    assert reading.run_due(life.services) == 0  # it was read a moment ago
    life.buy(customer=8)
    life.told()  # the database is back
    assert reading.run_due(life.services) == 1
    life.drain()
    assert life.target(lost) == 350


def test_a_night_finds_what_nothing_tells(life: Life) -> None:
    kept, gone, regretted, missed = (life.buy(customer=number) for number in range(1, 5))
    back = life.store.orders.refund(regretted["id"], amount="35.00")
    life.store.orders.refund(kept["id"], amount="10.00")
    life.store.hooks.waiting = [job for job in life.store.hooks.waiting if job.argument != missed["id"]]
    life.told()
    reading.run_again(life.services)
    life.drain()
    life.store.orders.delete_for_good(gone["id"])
    life.store.orders.delete_refund(regretted["id"], back["id"])
    life.store.hooks.waiting.clear()
    before = life.points()

    life.world.pass_time(hours=25)
    assert comparing.run_due(life.services, limit=10_000) == 3
    life.drain()
    assert [life.target(order) for order in (gone, regretted, missed)] == [0, 350, 350]
    assert life.points() == before - 350 + 350 + 350
    assert comparing.run_due(life.services, limit=10_000) == 0
    life.world.pass_time(hours=25)
    assert comparing.run_due(life.services, limit=10_000) == 0  # nothing is new
    assert audit(life.services.engine) == []


def test_a_shop_that_hangs_holds_up_no_points(life: Life) -> None:
    asked, enough = threading.Event(), threading.Event()

    def hangs(_: object) -> None:
        asked.set()
        enough.wait(20)

    life.world.wire.choose = hangs
    worker = Worker(life.services, sweep_s=0.05)
    worker.start()
    try:
        assert asked.wait(20)
        life.buy()
        life.store.hooks.visit()
        worker.ring()
        until = time.monotonic() + 20
        while life.points() != 350 and time.monotonic() < until:
            time.sleep(0.05)
        assert life.points() == 350
    finally:
        enough.set()
        worker.stop()


@pytest.mark.parametrize("topic", OURS)
def test_no_delivery_from_outside_passes_for_a_reading(life: Life, topic: str) -> None:
    """The topic's header is not signed: with it an old body could be made to win over a newer state."""
    real = life.store.hooks.post

    def forged(url: str, headers: dict[str, str], body: bytes) -> int:
        return real(url, headers | {"X-WC-Webhook-Topic": topic}, body)

    order = life.buy()
    life.store.hooks.post = forged
    life.told()
    assert life.target(order) == 0
    with reading_from(life.services.engine) as connection:
        assert "unknown" in connection.execute(select(inbox_table.c.topic)).scalars().all()


def _expected(life: Life, order: Doc) -> int:
    """Return what an order is worth by the shop's own books: items, less what was given back of them."""
    now = life.store.state.orders.get(order["id"])
    if now is None or now["status"] not in PAID:
        return 0
    whole = sum((Decimal(line["total"]) for line in now["line_items"]), Decimal(0))
    back = Decimal(0)
    for refund in life.store.state.refunds.get(order["id"], []):
        of_lines = sum((-Decimal(line["total"]) for line in refund["line_items"]), Decimal(0))
        back += of_lines or Decimal(refund["amount"])
    return max(0, int((whole - back) * 10))


@pytest.mark.parametrize("seed", range(200 if settings.default.max_examples > 1_000 else 3))
def test_after_a_storm_the_ledger_says_what_the_shop_says(life: Life, seed: int) -> None:
    """A tenth of the deliveries lost, some late and in disorder, some repeated, some stale; calls that fail; orders
    deleted for good and refunds taken back, which nothing tells."""
    dice = random.Random(seed)
    life.world.wire.choose = by_chance(seed, before=0.05, after=0.02)
    hooks, placed = life.store.hooks, list[Doc]()
    for _ in range(40):
        life.world.pass_time(seconds=dice.choice((0, 1, 30)))
        _do_something(life, dice, placed)
        if dice.random() < 0.5:
            hooks.waiting = [job for job in hooks.waiting if dice.random() > 0.1]
            dice.shuffle(hooks.waiting)
            hooks.waiting += [job for job in hooks.waiting if dice.random() < 0.1]
            hooks.visit(one_process=dice.random() < 0.5)
            life.drain()
        if dice.random() < 0.2:
            life.read(minutes=1)
    life.world.wire.choose = never
    for _ in range(2):
        life.read()
    life.world.pass_time(hours=25)
    comparing.run_due(life.services, limit=10_000)
    life.drain()
    for order in placed:
        assert life.target(order) == _expected(life, order), life.store.state.orders.get(order["id"])
    assert audit(life.services.engine) == []


def _do_something(life: Life, dice: random.Random, placed: list[Doc]) -> None:
    """Buy, change, refund, trash or restore."""
    if not placed or dice.random() < 0.35:
        placed.append(life.buy(customer=dice.randint(1, 4), status=dice.choice(("pending", "processing"))))
        return
    order = dice.choice(placed)
    now = life.store.state.orders.get(order["id"])
    if now is None:
        return
    refunds = life.store.state.refunds.get(order["id"], [])
    what = dice.choice(("pay", "complete", "cancel", "line", "money", "trash", "delete", "take back"))
    if what == "delete" and dice.random() < 0.3:
        life.store.orders.delete_for_good(order["id"])
    elif what == "take back" and refunds and now["status"] != "refunded":
        life.store.orders.delete_refund(order["id"], refunds[0]["id"])
    elif now["status"] == "trash":
        life.store.orders.restore(order["id"])
    elif what == "trash":
        life.store.orders.trash(order["id"])
    elif what in ("line", "money") and now["status"] in ("processing", "completed"):
        if not refunds:
            lines = [(now["line_items"][0]["id"], 1, "10.00")]
            life.store.orders.refund(order["id"], lines if what == "line" else (), amount="" if lines else "3.00")
    elif what in ("pay", "complete", "cancel") and now["status"] != "refunded":
        status = {"pay": "processing", "complete": "completed", "cancel": "cancelled"}[what]
        life.store.orders.set_status(order["id"], status)
