"""What happens to a member is told on the devices that asked: once, in the member's language, and to nobody else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from app import schedules, shops
from app.audit import audit
from app.db import reading, transaction
from app.models import effects, tier_changes
from app.outbox import rows
from app.push.sealing import Keys, decode, encode, seal
from app.push.sending import MESSAGES, Push
from app.worker import Worker
from connectors.neutral.calling import Caller, public_session
from tests.app.test_erasing import erase
from tests.app.test_referrals import member_of, merge
from tests.build import START, Tessera
from tests.edge import client_of
from tests.fakes.wire import in_turn
from tests.push.street import Browser, Street
from tests.worker.together import wait_until

TIERS = [{"key": "entry", "enter": "0"}, {"key": "gold", "name": "Gold", "enter": "70"}]


def test_points_that_are_earned_are_told_on_the_device_that_asked(street: Street) -> None:
    door = street.shop()
    ada = street.member(door)
    street.subscribe(door, ada)
    assert street.work() == 0
    street.buy(door, "second")
    assert street.work() == 1
    [(browser, topic, message)] = street.service.taken
    assert (browser, topic) == ("phone", message["tag"])
    assert message == {"title": "Club", "body": "You earned 399 points", "tag": topic, "lang": "en", "icon": None}
    assert street.work() == 0
    assert street.waiting(door) == []


def test_nothing_personal_stands_in_the_outbox_and_the_address_is_sealed(street: Street) -> None:
    door = street.shop()
    ada = street.member(door)
    browser = street.subscribe(door, ada)
    street.buy(door, "second")
    kept = repr(street.waiting(door)) + repr(street.devices(door))
    for secret in (browser.endpoint, "grace@shop.example", "push.example", encode(browser.auth)):
        assert secret not in kept


def test_points_that_must_wait_are_told_as_such(street: Street) -> None:
    door = street.shop(pending_days=14)
    street.subscribe(door, street.member(door))
    street.buy(door, "second")
    street.work()
    assert street.told() == ["399 points on the way"]


def test_a_tier_is_told_on_the_way_up_and_not_on_the_way_down(street: Street) -> None:
    door = street.shop(tiers=TIERS)
    street.subscribe(door, street.member(door))
    street.buy(door, "second")
    street.work()
    assert sorted(street.told()) == ["You are Gold now", "You earned 399 points"]
    told = {"updated_at": "2026-05-05T10:00:00Z", "financial_status": "voided"}
    door.deliver(door.order(id="second", customer={"id": "ada"}, **told))
    door.shop.drain()
    with reading(street.tessera.engine) as connection:
        path = select(tier_changes.c.tier).where(tier_changes.c.shop_id == door.shop.id).order_by(tier_changes.c.n)
        assert list(connection.execute(path).scalars()) == ["gold", "entry"]
    street.work()
    assert len(street.told()) == 2


def test_points_about_to_expire_are_told_by_day_and_once_for_each_warning(street: Street) -> None:
    door = street.shop(expiry={"kind": "days", "days": 60})
    street.subscribe(door, street.member(door))
    try:
        for day in (90, 96, 97, 118, 119):
            street.tessera.set_clock(START + timedelta(days=day))
            schedules.tick(street.tessera.engine, street.tessera.services.clock)
        street.real = datetime(2026, 6, 27, 22, 30, tzinfo=UTC)  # half past midnight in Paris
        assert street.work() > 0
        assert street.told() == []
        assert street.work(9 * 3600) > 0
        assert street.told() == ["Use them while you can: 399 points, until July 3, 2026"] * 2
        assert len({topic for _, topic, _ in street.service.taken}) == 2
    finally:
        street.tessera.set_clock(START)


def test_what_a_late_run_finds_expired_is_no_news(street: Street) -> None:
    door = street.shop(expiry={"kind": "days", "days": 60})
    street.subscribe(door, street.member(door))
    try:
        street.tessera.set_clock(START + timedelta(days=200))
        schedules.tick(street.tessera.engine, street.tessera.services.clock)
    finally:
        street.tessera.set_clock(START)
    assert door.shop.balance()["expired"] == 399
    assert street.waiting(door) == []


def test_orders_of_long_ago_are_no_news(street: Street) -> None:
    door = street.shop()
    street.subscribe(door, street.member(door))
    old = {"placed_at": "2026-01-05T10:00:00Z", "updated_at": "2026-01-05T10:00:00Z"}
    door.deliver(door.order(id="old", customer={"id": "ada"}, **old))
    door.shop.drain()
    assert door.points() == 2 * 399
    assert street.waiting(door) == []


@pytest.mark.parametrize(("language", "body"), [("fi", "Sinulle kertyi 399"), ("ru-RU,en;q=0.5", "Начислено: 399")])
def test_a_message_is_in_the_language_of_the_page_or_the_one_the_member_chose(
    street: Street, language: str, body: str
) -> None:
    door = street.shop()
    ada = street.member(door)
    street.subscribe(door, ada, language=language)
    street.buy(door, "second")
    street.work()
    street.ask(door, ada, "PATCH", "settings", json={"language": "fr"})
    street.buy(door, "third")
    street.work()
    assert street.told()[0].startswith(body)
    assert street.told()[1] == "Vous avez gagné 399 points"


def test_whoever_has_switched_a_kind_of_news_off_is_not_told(street: Street) -> None:
    door = street.shop(tiers=TIERS)
    ada = street.member(door)
    street.subscribe(door, ada)
    street.ask(door, ada, "PATCH", "settings", json={"push": {"points": False}})
    street.buy(door, "second")
    assert [row.body["event"] for row in street.waiting(door)] == ["tier"]
    street.ask(door, ada, "PATCH", "settings", json={"push": {"tier": False}})
    street.work()
    assert street.told() == []


def test_every_device_of_the_member_is_told_and_nobody_elses(street: Street) -> None:
    door = street.shop()
    ada, bob = street.member(door), street.member(door, "bob")
    street.subscribe(door, ada, "phone")
    street.subscribe(door, ada, "laptop")
    street.subscribe(door, bob, "bobs")
    street.buy(door, "second")
    street.work()
    assert [len(street.told(name)) for name in ("phone", "laptop", "bobs")] == [1, 1, 0]


def test_a_browser_that_another_member_uses_now_gets_nothing_of_the_first(street: Street) -> None:
    door = street.shop()
    ada, bob = street.member(door), street.member(door, "bob")
    street.subscribe(door, ada)
    street.buy(door, "second")
    street.subscribe(door, bob)
    street.work()
    assert street.told() == []
    street.buy(door, "bobs", "bob")
    street.work()
    assert len(street.told()) == 1


def test_after_a_merge_the_survivor_is_told_on_both_devices(street: Street) -> None:
    door = street.shop()
    ada, bob = street.member(door), street.member(door, "bob")
    street.subscribe(door, ada, "phone")
    street.subscribe(door, bob, "bobs")
    merge(door.shop, bob, ada)
    street.buy(door, "second", "bob")
    street.work()
    assert [len(street.told(name)) for name in ("phone", "bobs")] == [1, 1]
    assert audit(street.tessera.engine, door.shop.id) == []


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(street: Street, status: int) -> None:
    door = street.shop()
    street.subscribe(door, street.member(door))
    street.service.answers["phone"] = [(status, {})]
    for order_id in ("second", "third"):
        street.buy(door, order_id)
    street.work()
    assert (street.devices(door), street.told(), street.waiting(door)) == ([], [], [])
    street.buy(door, "fourth")
    assert street.waiting(door) == []


@pytest.mark.parametrize(("status", "pause_s"), [(429, 120), (503, 5), (500, 5)])
def test_a_push_service_that_is_busy_is_asked_again_later(street: Street, status: int, pause_s: int) -> None:
    door = street.shop()
    street.subscribe(door, street.member(door))
    street.service.answers["phone"] = [(status, {"Retry-After": "120"} if pause_s == 120 else {})]
    street.buy(door, "second")
    assert street.work() == 0
    assert street.work(pause_s / 3) == 0
    assert street.work(pause_s) == 1
    assert street.told() == ["You earned 399 points"]
    assert len(street.wire.calls) == 2


def test_a_message_that_nobody_takes_for_a_day_is_dropped_and_troubles_nobody(street: Street) -> None:
    door = street.shop()
    street.subscribe(door, street.member(door))
    street.service.answers["phone"] = [(500, {})] * 100
    street.buy(door, "second")
    for _ in range(40):
        street.work(3600)
    assert street.waiting(door) == []
    assert 10 < len(street.wire.calls) < 40
    key = {"Authorization": f"Bearer {door.shop.keys.api_key}"}
    assert door.client.get("/api/v1/effects", headers=key).get_json()["data"] == []
    assert len(street.devices(door)) == 1


def test_a_message_that_is_refused_is_not_sent_again(street: Street) -> None:
    door = street.shop()
    street.subscribe(door, street.member(door))
    street.service.answers["phone"] = [(413, {})]
    street.buy(door, "second")
    street.work()
    assert (street.work(3600), street.told(), len(street.devices(door))) == (0, [], 1)


def test_an_answer_that_is_lost_leads_to_a_second_message_that_takes_the_firsts_place(street: Street) -> None:
    door = street.shop()
    street.subscribe(door, street.member(door))
    street.wire.choose = in_turn("act_then_lose", None)
    street.buy(door, "second")
    street.work()
    street.work(60)
    assert len(street.service.taken) == 2
    assert len({topic for _, topic, _ in street.service.taken}) == 1
    assert len({message["tag"] for _, _, message in street.service.taken}) == 1


def test_a_worker_that_dies_after_sending_leaves_one_message_to_see(street: Street) -> None:
    door = street.shop()
    street.subscribe(door, street.member(door))
    street.buy(door, "second")
    services = street.tessera.services
    with transaction(services.engine) as connection:
        taken = rows.take(connection, door.shop.id, street.real, list(MESSAGES))
    assert taken is not None
    with reading(services.engine) as connection:
        shop = shops.get(connection, door.shop.id)
    Push().call(services, shop, taken)  # and here it dies
    assert street.work() == 0
    assert street.work(3600) == 1
    assert [topic for _, topic, _ in street.service.taken] == [taken.body["tag"]] * 2
    assert street.waiting(door) == []


def test_what_is_rolled_back_was_never_announced(street: Street) -> None:
    door = street.shop()
    ada = street.member(door)
    street.subscribe(door, ada)
    door.deliver(door.order(id="bad", customer={"id": "ada"}, currency="nothing"))
    door.deliver(door.order(id="second", customer={"id": "ada"}))
    door.shop.drain()  # the batch fails, and each delivery is tried alone
    assert len(street.waiting(door)) == 1


def test_an_inside_address_is_never_called(street: Street) -> None:
    door = street.shop()
    ada = street.member(door)
    street.tessera = Tessera(replace(street.tessera.services, pusher=Caller(public_session(), lambda _: None)))
    inside = Browser("phone").subscription(endpoint="https://127.0.0.1:9/send/phone")
    assert street.ask(door, ada, "PUT", json=inside).status_code == 204
    street.buy(door, "second")
    street.work()
    services = street.tessera.services
    with reading(services.engine) as connection:
        mine = select(effects.c.state, effects.c.reason).where(effects.c.shop_id == door.shop.id)
        [told] = connection.execute(mine)
    assert (told.state, "cannot be called" in told.reason) == ("refused", True)


def test_an_installation_without_a_key_sends_nothing(street: Street) -> None:
    door = street.shop()
    street.subscribe(door, street.member(door))
    street.buy(door, "second")
    services = street.tessera.services
    street.tessera = Tessera(replace(services, config=replace(services.config, vapid_private_key=None)))
    street.work()
    assert (street.told(), street.waiting(door)) == ([], [])
    door = replace(door, client=client_of(street.tessera))
    assert street.ask(door, member_of(door.shop, "ada"), "GET").get_json() == {"key": None, "devices": 1}
    body = street.service.browsers["phone"].subscription()
    assert street.ask(door, member_of(door.shop, "ada"), "PUT", json=body).status_code == 503


def test_an_erased_members_devices_are_forgotten(street: Street) -> None:
    door = street.shop()
    ada = street.member(door)
    street.subscribe(door, ada)
    street.buy(door, "second")
    erase(door.shop, ada)
    street.work()
    assert (street.devices(door), street.told(), street.waiting(door)) == ([], [], [])


def test_a_running_worker_sends_messages_and_those_of_yesterday_are_dropped(street: Street) -> None:
    door = street.shop()
    street.subscribe(door, street.member(door))
    street.buy(door, "second")
    worker = Worker(street.tessera.services, sweep_s=0.02)
    worker.start()
    try:
        wait_until(lambda: street.told() == ["You earned 399 points"])
    finally:
        worker.stop()
    with transaction(street.tessera.engine) as connection:
        mine = select(effects.c.state).where(effects.c.shop_id == door.shop.id)
        for hours, left in ((23, ["done"]), (25, [])):
            rows.forget(connection, street.real + timedelta(hours=hours))
            assert list(connection.execute(mine).scalars()) == left


def test_messages_change_nothing_in_the_books(street: Street) -> None:
    door = street.shop(tiers=TIERS, expiry={"kind": "days", "days": 60})
    street.subscribe(door, street.member(door))
    street.buy(door, "second")
    street.work()
    assert audit(street.tessera.engine, door.shop.id) == []


# --- the letter of the standard ---------------------------------------------------------------------------------------


def test_the_example_of_the_standard_is_sealed_as_it_says() -> None:
    """Source: RFC 8291, 5 and appendix A."""
    own = ec.derive_private_key(int.from_bytes(decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1())
    p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    keys = Keys(decode(p256dh), decode("BTBZMqHH6r4Tts7J_aSIgg"))
    sealed = seal(keys, b"When I grow up, I want to be a watermelon", own, decode("DGv6ra1nlYgDCS1FRnbzlw"))
    assert encode(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_longest_message_fits_into_one_record(street: Street) -> None:
    tier = {"key": "gold", "name": "𝕏" * 200, "enter": "70"}
    door = street.shop(tiers=[{"key": "entry", "enter": "0"}, tier])
    street.subscribe(door, street.member(door))
    street.buy(door, "second")
    street.work()
    assert max(len(json.dumps(message)) for _, _, message in street.service.taken) > 2_000
