"""A shopper switches messages on and off in a browser."""

from __future__ import annotations

from typing import Any

from app.audit import audit
from app.push import subscriptions
from tests.push.street import HOST, Browser, Street, b64

NO_ADDRESSES: list[Any] = [
    "http://push.example/send/phone",
    "https://push.example",
    "https://user:secret@push.example/send",
    "https://push.example/a b",
    "https://push.example:99999999/send",
    "https://push.example:0/send",
    "https://[::1]/send",
    "ftp://push.example/send",
    "//push.example/send",
    "javascript:alert(1)",
    "https://push.example/\u202e",
    f"https://{HOST}/" + "a" * 1_000,
    "",
    7,
    None,
]


def test_only_push_services_are_called_and_no_host_that_a_browser_may_name(street: Street) -> None:
    door = street.shop()
    ada = street.member(door)
    for host in ("evil.example", "fcm.googleapis.com.evil.example", "evilpush.apple.com.example"):
        sent = Browser("phone").subscription(endpoint=f"https://{host}/send")
        answer = street.ask(door, ada, "PUT", json=sent)
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "endpoint"), host
    for host in ("fcm.googleapis.com", "web.push.apple.com", "updates.push.services.mozilla.com"):
        assert subscriptions.is_service(f"https://{host}/send/x"), host


def devices(street: Street, door: Any, member_id: str) -> int:
    return int(street.ask(door, member_id, "GET").get_json()["devices"])


def test_a_browser_gets_the_key_to_subscribe_with(street: Street) -> None:
    door = street.shop()
    ada = street.member(door)
    told = street.ask(door, ada, "GET").get_json()
    assert told == {"key": street.service.known_as, "devices": 0}
    assert len(told["key"]) == 87  # 65 bytes, as `applicationServerKey` takes them


def test_messages_are_switched_on_once_and_off_again(street: Street) -> None:
    door = street.shop()
    ada = street.member(door)
    phone = street.subscribe(door, ada)
    street.subscribe(door, ada)
    street.subscribe(door, ada, "laptop")
    assert devices(street, door, ada) == 2
    for _ in range(2):
        assert street.ask(door, ada, "DELETE", json={"endpoint": phone.endpoint}).status_code == 204
    assert devices(street, door, ada) == 1
    assert street.ask(door, ada, "DELETE").status_code == 204
    assert devices(street, door, ada) == 0


def test_nobody_switches_off_anothers_device(street: Street) -> None:
    door = street.shop()
    ada, bob = street.member(door), street.member(door, "bob")
    phone = street.subscribe(door, ada)
    street.ask(door, bob, "DELETE", json={"endpoint": phone.endpoint})
    street.ask(door, bob, "DELETE")
    assert devices(street, door, ada) == 1
    other = street.shop()
    assert street.ask(other, ada, "PUT", json=phone.subscription()).status_code == 401


def test_the_oldest_devices_give_way_to_new_ones(street: Street) -> None:
    door = street.shop()
    ada = street.member(door)
    for number in range(subscriptions.MOST + 2):
        street.work(1)
        street.subscribe(door, ada, f"device-{number}")
    assert devices(street, door, ada) == subscriptions.MOST
    street.buy(door, "second")
    street.work()
    assert (street.told("device-0"), street.told("device-1")) == ([], [])
    assert len(street.told("device-2")) == 1


def test_what_is_no_address_of_a_push_service_is_refused(street: Street) -> None:
    door = street.shop()
    ada = street.member(door)
    for endpoint in NO_ADDRESSES:
        answer = street.ask(door, ada, "PUT", json=Browser("phone").subscription(endpoint=endpoint))
        assert answer.status_code == 422, endpoint
    assert devices(street, door, ada) == 0


def test_what_is_no_subscription_is_refused(street: Street) -> None:
    door = street.shop()
    ada = street.member(door)
    browser = Browser("phone")
    good = browser.subscription()["keys"]
    for keys in (
        None,
        {},
        {**good, "auth": b64(b"short")},
        {**good, "auth": "!" * 22},
        {**good, "p256dh": b64(b"\x04" + b"\x01" * 64)},  # a point beside the curve
        {**good, "p256dh": b64(browser.public[:64])},
        {**good, "p256dh": b64(b"\x00")},
        {**good, "p256dh": "é" * 87},
        {**good, "more": "a"},
    ):
        answer = street.ask(door, ada, "PUT", json=browser.subscription(keys=keys))
        assert answer.status_code == 422, keys
        assert answer.get_json()["errors"][0]["field"].startswith("keys")
    assert street.ask(door, ada, "PUT", json=browser.subscription(member="m_1")).status_code == 422
    assert street.ask(door, ada, "PUT", data=b"[]").status_code == 400
    assert street.ask(door, ada, "DELETE", data=b"{").status_code == 400
    assert devices(street, door, ada) == 0


def test_switching_messages_on_earns_what_the_programme_gives_for_it_once(street: Street) -> None:
    door = street.shop(activities=[{"key": "push", "kind": "push_opt_in", "points": 50}])
    ada = street.member(door)
    street.subscribe(door, ada)
    assert door.points() == 399 + 50
    street.ask(door, ada, "DELETE")
    street.subscribe(door, ada, "laptop")
    assert door.points() == 399 + 50
    assert audit(street.tessera.engine, door.shop.id) == []
