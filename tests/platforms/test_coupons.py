"""Rewards as coupons of a WooCommerce shop: they work at its checkout, exist once, and die before points return."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import select, update

from app import shops
from app.db import reading as reading_from
from app.db import transaction
from app.errors import HoldEnded, RewardUnavailable
from app.models import effects, redemptions
from app.outbox import rows, working
from app.platforms import installing, reading
from app.platforms.rewarding import EFFECTS
from app.rewards.rows import Redemption
from connectors.contract.installing import Held
from tests.fakes.wire import FAULTS, by_chance, in_turn, never
from tests.fakes.woocommerce.coupons import Refused
from tests.platforms.life import Life
from tests.platforms.world import World

EUR5 = {"amount": "5.00", "currency": "EUR"}
FIVE = {"key": "five", "kind": "amount_off", "points": 200, "amount": EUR5, "valid_days": 30}
CREDIT = {"key": "credit", "kind": "store_credit", "points": 100, "amount": EUR5}
TENTH = {"key": "tenth", "kind": "percent_off", "points": 50, "percent": "10", "combines": True, "valid_days": 30}


@pytest.fixture
def life(world: World) -> Life:
    """A shop in which customer 7 has 350 points to spend."""
    life = Life(world, rewards=[FIVE, CREDIT, TENTH])
    life.buy()
    life.told()
    return life


def test_a_reward_becomes_a_coupon_is_used_and_committed(life: Life) -> None:
    five = life.redeem("five")
    assert (five.state, life.points(), life.held()) == ("held", 150, 200)
    life.work()
    made = life.now(five)
    (coupon,) = life.coupons(five)
    assert made.state == "issued"
    assert made.lapses_at is not None
    assert coupon["date_expires_gmt"] == made.lapses_at.strftime("%Y-%m-%dT%H:%M:%S")
    assert (coupon["amount"], coupon["usage_limit"], coupon["email_restrictions"], coupon["individual_use"]) == (
        "5.00",
        1,
        ["c7@example.com"],
        True,
    )
    used = life.buy(codes=[str(made.code)])
    life.told()
    assert (life.now(five).state, life.now(five).order_id, life.held()) == ("committed", str(used["id"]), 0)
    with pytest.raises(Refused):
        life.buy(codes=[str(made.code)])
    life.sound()


def test_a_code_that_is_not_personal_is_good_for_everyone(life: Life) -> None:
    life.publish(rewards=[{**FIVE, "personal": False}])
    five = life.redeem("five")
    life.work()
    (coupon,) = life.coupons(five)
    assert coupon["email_restrictions"] == []
    life.buy(8, codes=[str(life.now(five).code)])
    life.told()
    assert life.now(five).state == "committed"
    life.sound()


def test_a_code_is_told_only_when_it_works(life: Life) -> None:
    five = life.redeem("five")
    told = _document(life, five)
    assert (told["state"], told["code"], told["usable"]) == ("held", None, False)
    life.work()
    told = _document(life, five)
    assert (told["state"], told["code"], told["usable"]) == ("issued", life.now(five).code, True)


def _document(life: Life, one: Redemption) -> dict[str, Any]:
    from app.rewards import views

    with reading_from(life.services.engine) as connection:
        now = life.services.clock.now(connection)
        found = [life.now(one)]
        return views.documents(connection, life.services.vault, life.shop, found, now)[0]


# --- kinds ------------------------------------------------------------------------------------------------------------

KINDS: dict[str, tuple[dict[str, Any], str]] = {  # what it needs, and what an order of 35.00 + 4.90 costs then
    "amount_off": ({"amount": EUR5}, "34.90"),
    "percent_off": ({"percent": "10"}, "36.40"),
    "pay_with_points": ({"points": 0, "rate": {"points": "10", "per": "1"}}, "29.90"),
    "free_shipping": ({}, "35.00"),
    "free_product": ({"product": "HAT"}, "24.90"),
    "gift_card": ({"amount": EUR5}, "34.90"),
    "store_credit": ({"amount": EUR5}, "34.90"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_takes_off_what_it_says(world: World, kind: str) -> None:
    told, total = KINDS[kind]
    life = Life(world)
    told = {name: str(life.hat["id"]) if value == "HAT" else value for name, value in told.items()}
    life.publish(rewards=[{"key": "it", "kind": kind, "points": 100, **told}])
    life.buy()
    life.told()
    made = life.redeem("it", points=100 if kind == "pay_with_points" else None)
    life.work()
    code = life.now(made).code
    assert code is not None
    assert life.buy(codes=[code])["total"] == total
    life.told()
    assert life.now(made).state == "committed"
    life.sound()


def test_a_reward_for_some_products_needs_one_of_them(world: World) -> None:
    life = Life(world)
    cap = life.store.product("Cap", "12.00", categories=["caps"])
    life.publish(rewards=[{**FIVE, "collections": ["caps"]}, {**TENTH, "products": [str(cap["id"])]}])
    life.buy()
    life.told()
    five, tenth = life.redeem("five"), life.redeem("tenth")
    life.work()
    codes = [str(life.now(one).code) for one in (five, tenth)]
    for code in codes:
        with pytest.raises(Refused):
            life.buy(codes=[code])
    bought = [(cap, 1), (life.mug, 1)]
    order = life.store.orders.checkout(bought, email="c7@example.com", customer_id=7, codes=codes[:1])
    assert [line["total"] for line in order["line_items"]] == ["7.00", "10.00"]


def test_a_percentage_with_a_most_never_takes_more_off(world: World) -> None:
    life = Life(world, rewards=[{**TENTH, "max_amount": EUR5}])
    life.buy()
    life.told()
    tenth = life.redeem("tenth")
    life.work()
    (coupon,) = life.coupons(tenth)
    assert coupon["maximum_amount"] == "50.00"  # a tenth of it is 5.00
    assert {"key": "_tessera_max_discount", "value": "5.00"} in coupon["meta_data"]


def test_a_reward_that_the_shop_cannot_make_gives_its_points_back(world: World) -> None:
    wrong = {"key": "ship", "kind": "free_shipping", "points": 100}
    life = Life(world, rewards=[wrong, {**FIVE, "collections": ["no-such"]}])
    life.store.state.free_shipping_by_coupon = False
    life.buy()
    life.told()
    made = [life.redeem("ship"), life.redeem("five")]
    life.work()
    assert [(life.now(one).state, life.now(one).flags) for one in made] == [("voided", ("platform_refused",))] * 2
    assert (life.points(), life.held(), life.store.state.coupons) == (350, 0, {})
    assert {row["reason"] for row in _effects(life)} == {
        "no shipping zone has the method Free shipping that asks for a coupon",
        "the shop has no category no-such",
    }
    life.sound()


def test_a_product_that_is_none_of_the_platform_is_refused_at_once(world: World) -> None:
    life = Life(world, rewards=[{**FIVE, "products": ["blue-mug"]}])
    life.buy()
    life.told()
    with pytest.raises(RewardUnavailable, match="blue-mug is no product"):
        life.redeem("five")


def _effects(life: Life) -> list[Any]:
    with reading_from(life.services.engine) as connection:
        return list(connection.execute(select(effects).order_by(effects.c.seq)).mappings())


# --- ending -----------------------------------------------------------------------------------------------------------


def test_points_come_back_only_after_the_code_is_dead(life: Life) -> None:
    five = life.redeem("five")
    life.work()
    life.cancel(five)
    told = _document(life, five)
    assert (told["state"], told["ending"], told["usable"], life.points()) == ("issued", True, False, 150)
    life.cancel(five)  # once more changes nothing
    life.work()
    assert (life.now(five).state, life.points(), life.held(), life.coupons(five)) == ("voided", 350, 0, [])
    life.sound()


def test_what_nobody_has_asked_the_platform_for_is_given_up_at_once(life: Life) -> None:
    five = life.redeem("five")
    life.cancel(five)
    assert (life.now(five).state, life.points()) == ("voided", 350)
    calls = len(life.world.wire.calls)
    assert life.work() == 0
    assert len(life.world.wire.calls) == calls
    life.sound()


def test_a_cancelled_order_gives_points_back_when_its_coupon_is_dead(life: Life) -> None:
    five = life.redeem("five")
    life.work()
    order = life.buy(codes=[str(life.now(five).code)])
    life.told()
    spent = life.points()
    life.store.orders.set_status(order["id"], "cancelled")
    life.told()
    assert life.coupons(five)[0]["usage_count"] == 0  # WooCommerce has revived it
    assert life.points() == spent - life.earned(order)
    life.work()
    assert (life.coupons(five), life.points()) == ([], 350)
    life.world.pass_time(minutes=1)
    life.store.orders.set_status(order["id"], "processing")
    life.told()
    assert life.points() == spent
    life.sound()


def test_a_part_that_comes_back_gives_its_share(life: Life) -> None:
    five = life.redeem("five")
    life.work()
    order = life.buy(codes=[str(life.now(five).code)])
    life.told()
    line = next(line["id"] for line in order["line_items"] if line["name"] == "Hat")
    life.store.orders.refund(order["id"], [(line, 1, "12.86")])
    life.told()
    life.read(minutes=1)  # the refund's lines
    life.work()
    with reading_from(life.services.engine) as connection:
        returned = connection.execute(select(redemptions.c.returned)).scalar_one()
    off = next(line for line in order["line_items"] if line["name"] == "Hat")
    assert returned == int((15 - float(off["total"])) / 5 * 200)
    assert life.coupons(five)[0]["date_expires_gmt"] == "2000-01-01T00:00:00"
    life.sound()


def test_a_code_that_lapses_is_ended_at_the_platform_too(life: Life) -> None:
    five = life.redeem("five")
    life.work()
    life.world.pass_time(days=31)
    life.tick()
    assert (life.now(five).state, life.held()) == ("issued", 200)
    life.work()
    assert (life.now(five).state, life.points(), life.coupons(five)) == ("voided", 350, [])
    life.tick()
    life.sound()


def test_points_wait_for_an_order_that_nobody_has_told_yet(life: Life) -> None:
    five = life.redeem("five")
    life.work()
    order = life.buy(codes=[str(life.now(five).code)])
    life.store.hooks.waiting.clear()  # lost
    life.cancel(five)
    life.work()
    assert (life.now(five).state, life.held()) == ("issued", 200)
    life.read(minutes=1)  # asked for at once
    assert (life.now(five).state, life.now(five).order_id, life.held()) == ("committed", str(order["id"]), 0)
    life.work(minutes=16)
    assert [row["state"] for row in _effects(life)] == ["done", "done"]
    life.sound()


# --- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_to_a_call_the_coupon_exists_once(life: Life, fault: str) -> None:
    five = life.redeem("five")
    life.world.wire.choose = in_turn(fault)
    for _ in range(3):
        life.work(minutes=1)
    assert life.now(five).state == "issued"
    assert len(life.coupons(five)) == 1
    life.world.wire.choose = in_turn(*[fault] * 4)
    life.cancel(five)
    for _ in range(6):
        life.work(minutes=2)
    assert (life.now(five).state, life.points(), life.coupons(five)) == ("voided", 350, [])
    life.sound()


class Killed(BaseException):
    """The worker is gone, in the middle of whatever it did."""


def _steps(life: Life, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Yield ways to die, one for each step of an effect."""
    real_act, real_end = life.world.wire._act, rows.end

    def before(request: Any) -> Any:
        raise Killed

    def after(request: Any) -> Any:
        real_act(request)
        raise Killed

    def in_the_end(*given: Any, **more: Any) -> bool:
        real_end(*given, **more)
        raise Killed

    yield lambda: monkeypatch.setattr(life.world.wire, "_act", before)
    yield lambda: monkeypatch.setattr(life.world.wire, "_act", after)
    yield lambda: monkeypatch.setattr(working.rows, "end", in_the_end)


@pytest.mark.parametrize("step", range(3), ids=("before the call", "after the call", "before the commit"))
def test_a_worker_killed_anywhere_leaves_one_coupon_and_no_lost_points(
    life: Life, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    five = life.redeem("five")
    for ending in (False, True):
        if ending:
            life.cancel(five)
        with monkeypatch.context() as dying:
            list(_steps(life, dying))[step]()
            with pytest.raises(Killed):
                life.work()
        assert life.work(minutes=1) == 0  # the lease is not over
        life.work(minutes=5)
        if not ending:
            assert (life.now(five).state, len(life.coupons(five)), life.held()) == ("issued", 1, 200)
    assert (life.now(five).state, life.points(), life.coupons(five)) == ("voided", 350, [])
    life.sound()


def test_several_workers_make_each_coupon_once(life: Life) -> None:
    life.buy(total=20)
    life.told()
    taken = [life.redeem("tenth") for _ in range(12)]
    threads = [threading.Thread(target=life.work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    life.work()
    assert {life.now(one).state for one in taken} == {"issued"}
    assert [len(life.coupons(one)) for one in taken] == [1] * 12
    assert sum(row["attempts"] for row in _effects(life)) == 12
    life.sound()


def test_a_worker_whose_lease_is_over_writes_nothing(life: Life) -> None:
    five = life.redeem("five")
    with transaction(life.services.engine) as connection:
        slow = rows.take(connection, life.shop_id, life.world.real, list(EFFECTS))
    assert slow is not None
    life.work(minutes=6)
    assert life.now(five).state == "issued"
    life.cancel(five)
    life.work()
    working.run_one(life.services, EFFECTS[slow.kind], slow)
    assert life.now(five).state == "voided"
    assert [row["state"] for row in _effects(life)] == ["done", "done"]


def _give_up(life: Life) -> None:
    life.world.wire.choose = by_chance(1, before=1.0)
    for _ in range(100):
        life.work(minutes=60)
    life.world.wire.choose = never


def test_a_shop_that_does_not_answer_for_days_is_told_and_tried_again_by_hand(life: Life) -> None:
    five = life.redeem("five")
    _give_up(life)
    (told,) = life.api("GET", "/effects?state=failed").json["data"]
    assert (told["kind"], told["subject"], life.now(five).state, life.held()) == ("reward.make", five.id, "held", 200)
    assert told["attempts"] > 20
    assert life.api("POST", f"/effects/{told['id']}/retry").json["state"] == "waiting"
    assert life.api("POST", f"/effects/{told['id']}/retry").status_code == 409
    life.work()
    assert (life.now(five).state, len(life.coupons(five))) == ("issued", 1)


@pytest.mark.parametrize("happened", [True, False])
def test_a_merchant_says_what_happened(life: Life, happened: bool) -> None:
    five = life.redeem("five")
    _give_up(life)
    (told,) = life.api("GET", "/effects?state=failed").json["data"]
    decided = life.api("POST", f"/effects/{told['id']}/decide", {"happened": happened})
    assert decided.json["state"] == ("done" if happened else "refused")
    assert life.now(five).state == ("issued" if happened else "voided")
    assert life.points() == (150 if happened else 350)
    life.sound()


def test_a_shops_effects_are_its_own(life: Life) -> None:
    five = life.redeem("five")
    life.world.store = life.world.new_store("other.example")
    other = Life(life.world, host="other.example")
    assert other.api("GET", "/effects").json == {"data": [], "next": None}
    (mine,) = life.api("GET", "/effects").json["data"]
    assert mine["subject"] == five.id
    assert other.api("POST", f"/effects/{mine['id']}/retry").status_code == 404


def test_what_waits_for_a_locked_out_shop_happens_when_it_is_connected_again(life: Life) -> None:
    five = life.redeem("five")
    life.store.state.keys.clear()
    life.work()
    assert (life.shop.state, life.now(five).state) == ("locked_out", "held")
    assert life.work(minutes=60) == 0
    with pytest.raises(RewardUnavailable, match="not connected"):
        life.redeem("tenth")
    key = life.store.grant()
    held = Held({"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret})
    installing.connect(life.services, "woocommerce", "mugs.example", held, None)
    life.work()
    assert life.now(five).state == "issued"


def test_a_coupon_of_the_merchants_own_is_never_touched(life: Life) -> None:
    five = life.redeem("five")
    theirs = life.store.coupons.add({"code": str(five.code), "amount": "1.00"})
    life.work()
    assert (life.now(five).state, life.points()) == ("voided", 350)
    assert life.store.state.coupons == {theirs["id"]: theirs}


def test_two_coupons_of_one_code_become_one(life: Life) -> None:
    five = life.redeem("five")
    life.work()
    (coupon,) = life.coupons(five)
    life.store.coupons.add({**coupon})
    with transaction(life.services.engine) as connection:  # an answer was lost on the way
        connection.execute(update(redemptions).values(state="held"))
        connection.execute(update(effects).values(state="waiting", unsure=True))
    life.work()
    assert [one["id"] for one in life.coupons(five)] == [coupon["id"]]


# --- everything at once -----------------------------------------------------------------------------------------------


def test_a_storm_of_rewards_ends_with_each_once_and_no_point_lost(world: World) -> None:
    for seed in range(2 if settings.get_current_profile_name() != "soak" else 100):
        _storm(world, seed)


def _storm(world: World, seed: int) -> None:
    dice, host = random.Random(seed), f"storm-{seed}.example"
    world.store = world.new_store(host)
    life = Life(world, host=host, rewards=[FIVE, CREDIT, TENTH])
    life.buy(total=40)
    life.told()
    life.read()
    world.wire.choose = by_chance(seed, before=0.05, after=0.05)
    taken: list[Redemption] = []
    for _ in range(25):
        step = dice.choice(("redeem", "redeem", "cancel", "buy", "buy", "undo", "work", "hear"))
        if step == "redeem" and life.points() > 200:
            taken.append(life.redeem(dice.choice(("five", "credit", "tenth"))))
        elif step == "cancel" and taken:
            one = life.now(dice.choice(taken))
            with suppress(HoldEnded) if one.kind == "store_credit" else nullcontext():
                if one.open:
                    life.cancel(one)
        elif step == "buy":
            _buy_with_a_code(life, dice, taken)
        elif step == "undo" and life.store.state.orders:
            life.store.orders.set_status(
                dice.choice(list(life.store.state.orders)), dice.choice(("cancelled", "completed"))
            )
        elif step == "work":
            life.work(minutes=dice.choice((0, 1, 6)))
        else:
            life.told()
    world.wire.choose = never
    for _ in range(3):
        life.read(minutes=61)
        life.work(minutes=61)
    world.pass_time(days=31)
    for _ in range(3):
        life.tick()
        life.work(minutes=61)
        life.read()
    _each_once(life, taken)
    life.sound()


def _buy_with_a_code(life: Life, dice: random.Random, taken: list[Redemption]) -> None:
    codes = [code for one in taken if (code := life.now(one).code)]
    try:
        life.buy(codes=dice.sample(codes, min(1, len(codes))))
    except Refused:
        life.buy()


def _each_once(life: Life, taken: list[Redemption]) -> None:
    """Every reward is used or void; a void one has no living coupon, and its points are back."""
    alive = [one for one in life.store.state.coupons.values() if (one["date_expires_gmt"] or "9") > "2001"]
    codes = [one["code"] for one in alive]
    assert len(codes) == len(set(codes))
    states = {one.id: life.now(one) for one in taken}
    assert {one.state for one in states.values()} <= {"committed", "voided"}, {k: v.state for k, v in states.items()}
    dead = {str(one.code).lower() for one in states.values() if one.state == "voided"}
    assert not dead & set(codes)
    assert life.held() == 0
    with reading_from(life.services.engine) as connection:
        assert rows.waiting(connection, life.world.real + timedelta(days=9)) == 0
        assert not connection.execute(select(effects).where(effects.c.state == "failed")).first()
        assert shops.get(connection, life.shop_id).state == "active"
    assert reading.run_again(life.services) >= 0
