"""The fake WooCommerce does what was seen of the real one: each oddity that Tessera has to live with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.fakes.woocommerce import Doc, Key, Store
from tests.fakes.woocommerce.coupons import Refused

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored", "action.woocommerce_delete_order")


@dataclass
class World:
    """A shop with our hooks, and what they brought."""

    now: datetime = datetime(2026, 11, 21, 12, tzinfo=UTC)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: Callable[[], int] = lambda: 200

    def __post_init__(self) -> None:
        self.store = Store("mugs.example", self._post, clock=lambda: self.now)
        self.key = self.store.grant()
        self.mug = self.store.product("Mug", "10.00", categories=("cups",))

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        self.got.append((headers, body))
        return self.answers()

    def call(self, method: str, path: str, body: Any = None, key: Key | None = None, **more: Any) -> TestResponse:
        key = key or self.key
        basic = base64.b64encode(f"{key.consumer_key}:{key.consumer_secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}"} | more.pop("headers", {})
        return self.store.app.test_client().open(
            f"/wp-json/wc/v3{path}", method=method, json=body, headers=headers, base_url="https://mugs.example", **more
        )

    def subscribe(self, *topics: str) -> None:
        for topic in topics:
            hook = {"topic": topic, "delivery_url": "https://tessera.example/h", "secret": "s3cret"}
            assert self.call("POST", "/webhooks", hook).status_code == 201
        self.got.clear()  # the pings

    def told(self) -> list[tuple[str, Doc]]:
        return [(headers["X-WC-Webhook-Topic"], json.loads(body)) for headers, body in self.got]

    def buy(self, **given: Any) -> Doc:
        return self.store.orders.checkout([(self.mug, 2)], **{"email": "ada@example.com", **given})


@pytest.fixture
def world() -> World:
    made = World()
    made.subscribe(*TOPICS)
    return made


def test_a_purchase_is_told_signed_over_the_raw_bytes(world: World) -> None:
    order = world.buy(customer_id=7)
    world.store.hooks.visit()
    (headers, body), _ = world.got
    signature = base64.b64encode(hmac.new(b"s3cret", body, hashlib.sha256).digest()).decode()
    assert headers["X-WC-Webhook-Signature"] == signature
    assert (
        rb"https:\/\/mugs.example\/" in body
    )  # as PHP writes it: signed again from the parsed text it would not match
    told = json.loads(body)
    assert (told["id"], told["status"], told["total"], told["customer_id"]) == (order["id"], "processing", "24.90", 7)
    assert [(line["quantity"], line["total"], line["price"]) for line in told["line_items"]] == [(2, "20.00", 10)]


def test_nothing_is_sent_before_somebody_visits_and_updates_come_before_creation(world: World) -> None:
    world.buy()
    assert world.got == []
    world.store.hooks.visit()
    assert [topic for topic, _ in world.told()] == ["order.updated", "order.created"]


def test_changes_before_the_delivery_are_told_as_one(world: World) -> None:
    order = world.buy(status="pending")
    for status in ("on-hold", "processing", "completed"):
        world.store.orders.set_status(order["id"], status)
    world.store.hooks.visit()
    assert [(topic, doc["status"]) for topic, doc in world.told()] == [
        ("order.updated", "completed"),
        ("order.created", "completed"),
    ]


def test_deliveries_of_one_second_share_an_id(world: World) -> None:
    for _ in range(3):
        world.buy()
    world.store.hooks.visit()
    ids = [headers["X-WC-Webhook-Delivery-ID"] for headers, _ in world.got]
    assert len(ids) == 6
    assert len(set(ids)) == 2  # one for each hook


def test_a_delivery_in_the_same_process_tells_the_old_state_and_nothing_follows(world: World) -> None:
    order = world.buy()
    world.store.hooks.visit()
    world.got.clear()
    world.store.orders.set_status(order["id"], "on-hold")

    def change_it() -> int:
        if len(world.got) == 1:
            world.store.orders.set_status(order["id"], "completed")
        return 200

    world.answers = change_it
    assert world.store.hooks.visit(one_process=True) == 2
    assert [doc["status"] for _, doc in world.told()] == ["on-hold", "on-hold"]
    assert world.store.hooks.visit() == 0


def test_a_failed_delivery_is_lost_and_the_seventh_in_a_row_switches_the_hook_off(world: World) -> None:
    hook = next(world.store.hooks.of_topic("order.updated"))
    world.answers = lambda: 503
    order = world.buy()
    for _ in range(8):
        world.store.hooks.visit()
        world.store.orders.set_status(order["id"], "processing")
    assert (hook["status"], hook["failure_count"]) == ("disabled", 6)

    world.call("PUT", f"/webhooks/{hook['id']}", {"status": "active"})
    world.store.orders.set_status(order["id"], "completed")
    world.store.hooks.visit()
    assert hook["status"] == "disabled"  # one more is enough now

    world.call("PUT", f"/webhooks/{hook['id']}", {"status": "active"})
    world.answers = lambda: 302  # counts as arrived
    world.store.orders.set_status(order["id"], "completed")
    world.store.hooks.visit()
    assert (hook["status"], hook["failure_count"]) == ("active", 0)


def test_deleting_for_good_and_deleting_a_refund_are_silent_but_for_one_hook(world: World) -> None:
    order = world.buy()
    back = world.store.orders.refund(order["id"], amount="5.00")
    world.store.hooks.visit()
    world.got.clear()
    world.store.orders.delete_refund(order["id"], back["id"])
    assert world.store.hooks.visit() == 0
    world.store.orders.delete_for_good(order["id"])
    world.store.hooks.visit()
    told = ("action.woocommerce_delete_order", {"action": "woocommerce_delete_order", "arg": order["id"]})
    assert world.told() == [told]
    assert world.call("GET", f"/orders/{order['id']}").json["code"] == "woocommerce_rest_shop_order_invalid_id"


def test_a_trashed_order_is_told_by_its_number_alone(world: World) -> None:
    order = world.buy()
    world.store.hooks.visit()
    world.got.clear()
    world.store.orders.trash(order["id"])
    world.store.orders.restore(order["id"])
    world.store.hooks.visit()
    (gone, only_the_id), (back, whole) = world.told()
    assert (gone, only_the_id) == ("order.deleted", {"id": order["id"]})
    assert (back, whole["status"]) == ("order.restored", "processing")


def test_a_refund_is_a_total_in_the_order_and_has_lines_at_its_own_address(world: World) -> None:
    order = world.buy()
    line = order["line_items"][0]["id"]
    world.store.orders.refund(order["id"], [(line, 1, "10.00")], why="broken")
    (short,) = world.call("GET", f"/orders/{order['id']}").json["refunds"]
    (full,) = world.call("GET", f"/orders/{order['id']}/refunds").json
    assert (short["reason"], short["total"]) == ("broken", "-10.00")
    assert "line_items" not in short
    (back,) = full["line_items"]
    assert (back["quantity"], back["total"], back["meta_data"][0]["value"]) == (-1, "-10.00", str(line))
    assert world.call("GET", f"/orders/{order['id']}").json["total"] == "24.90"  # never changes


def test_a_user_who_lost_the_role_sends_signed_errors_and_may_not_call(world: World) -> None:
    world.buy()
    world.store.state.users["boss"] = "subscriber"
    world.store.hooks.visit()
    assert {doc.get("code") for _, doc in world.told()} == {"woocommerce_rest_cannot_view"}
    assert world.call("GET", "/orders").status_code == 403


def test_hooks_go_on_when_the_key_is_gone(world: World) -> None:
    world.store.state.keys.clear()
    world.buy()
    assert world.store.hooks.visit() == 2
    assert world.call("GET", "/orders").json["code"] == "woocommerce_rest_cannot_view"


def test_codes_are_folded_and_may_be_made_twice_only_by_parallel_creates(world: World) -> None:
    made = world.call("POST", "/coupons", {"code": "TES-9K", "amount": "5.00", "usage_limit": 1})
    assert (made.status_code, made.json["code"]) == (201, "tes-9k")
    again = world.call("POST", "/coupons", {"code": "tes-9K", "amount": "5.00"})
    assert (again.status_code, again.json["code"]) == (400, "woocommerce_rest_coupon_code_already_exists")
    world.store.state.parallel_creates = True
    assert world.call("POST", "/coupons", {"code": "tes-9k", "amount": "5.00"}).status_code == 201
    assert len(world.call("GET", "/coupons?code=TES-9K").json) == 2


def test_cancelling_revives_a_coupon_and_refunding_does_not(world: World) -> None:
    (coupon_id,) = [world.call("POST", "/coupons", {"code": "x5", "amount": "5.00", "usage_limit": 1}).json["id"]]
    order = world.buy(codes=["X5"])
    assert order["coupon_lines"][0]["discount"] == "5.00"
    with pytest.raises(Refused, match="usage limit"):
        world.buy(codes=["x5"])

    def uses() -> int:
        return world.call("GET", f"/coupons/{coupon_id}").json["usage_count"]

    world.store.orders.set_status(order["id"], "cancelled")
    assert uses() == 0
    world.store.orders.set_status(order["id"], "processing")
    assert uses() == 1
    world.store.orders.set_status(order["id"], "refunded")
    assert uses() == 1
    assert world.store.orders.refunded(order["id"]) == Decimal("19.90")  # all of it: the status makes the refund


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"email_restrictions": ["bob@example.com"]}, "valid email"),
        ({"minimum_amount": "50.00"}, "minimum spend"),
        ({"date_expires_gmt": "2026-11-21T11:00:00"}, "expired"),
        ({"product_ids": [1]}, "not applicable"),
    ],
)
def test_a_coupon_is_only_for_whom_and_what_it_is_for(world: World, given: Doc, refusal: str) -> None:
    world.call("POST", "/coupons", {"code": "x5", "amount": "5.00"} | given)
    with pytest.raises(Refused, match=refusal):
        world.buy(codes=["x5"])


def test_a_fixed_amount_never_exceeds_the_items(world: World) -> None:
    world.call("POST", "/coupons", {"code": "big", "amount": "500.00"})
    order = world.buy(codes=["big"])
    assert (order["discount_total"], order["total"]) == ("20.00", "4.90")


def test_lists_are_cut_counted_and_filtered_by_the_time_of_change(world: World) -> None:
    orders = []
    for _ in range(5):
        orders.append(world.buy()["id"])
        world.now += timedelta(minutes=1)
    query = "/orders?modified_after=2026-11-21T12:01:30&dates_are_gmt=true&orderby=modified&order=asc&per_page=2"
    page = world.call("GET", query + "&page=2&_fields=id,status")
    assert (page.headers["X-WP-Total"], page.headers["X-WP-TotalPages"]) == ("3", "2")
    assert page.json == [{"id": orders[4], "status": "processing"}]
    assert world.call("GET", "/orders?per_page=101").json["code"] == "rest_invalid_param"


def test_a_key_is_taken_over_tls_only_and_only_for_what_it_was_granted(world: World) -> None:
    reader = world.store.grant("read")
    assert world.call("GET", "/orders", key=reader).status_code == 200
    assert world.call("POST", "/coupons", {"code": "x"}, key=reader).status_code == 401
    query = f"consumer_key={reader.consumer_key}&consumer_secret={reader.consumer_secret}"
    client = world.store.app.test_client()
    assert client.get(f"/wp-json/wc/v3/orders?{query}", base_url="https://mugs.example").status_code == 200
    assert client.get(f"/wp-json/wc/v3/orders?{query}", base_url="http://mugs.example").status_code == 401


GRANT = {
    "app_name": "Tessera",
    "scope": "read_write",
    "user_id": "once-1",
    "return_url": "https://tessera.example/back",
    "callback_url": "https://tessera.example/callback?x=1",
}


def test_a_key_is_granted_by_a_call_that_names_no_shop_and_is_signed_by_nobody(world: World) -> None:
    browser = world.store.app.test_client()
    at = {"base_url": "https://mugs.example", "query_string": GRANT}
    assert browser.get("/wc-auth/v1/authorize", **at).location.startswith("/wc-auth/v1/login/")
    browser.post("/wc-auth/v1/login/", data={"username": "boss"}, **at)
    assert b"read_write" in browser.get("/wc-auth/v1/authorize", **at).data
    back = browser.post("/wc-auth/v1/access_granted/", **at)
    assert back.location == "https://tessera.example/back?success=1&user_id=once-1"
    ((headers, body),) = world.got
    told = json.loads(body)
    assert told.keys() == {"key_id", "user_id", "consumer_key", "consumer_secret", "key_permissions"}
    assert headers["User-Agent"].endswith("; https://mugs.example")
    assert world.store.state.keys[-1].consumer_secret == told["consumer_secret"]


@pytest.mark.parametrize("status", [201, 204, 302, 500])
def test_any_answer_but_200_takes_the_key_away_again(world: World, status: int) -> None:
    browser = world.store.app.test_client()
    at = {"base_url": "https://mugs.example", "query_string": GRANT}
    browser.post("/wc-auth/v1/login/", data={"username": "boss"}, **at)
    world.answers = lambda: status
    assert b"Access denied" in browser.post("/wc-auth/v1/access_granted/", **at).data
    assert len(world.store.state.keys) == 1


def test_a_callback_without_tls_and_a_customer_are_refused(world: World) -> None:
    browser = world.store.app.test_client()
    at = {"base_url": "https://mugs.example", "query_string": GRANT | {"callback_url": "http://tessera.example/c"}}
    assert browser.get("/wc-auth/v1/authorize", **at).status_code == 401
    world.store.state.users["eve"] = "customer"
    at["query_string"] = GRANT
    browser.post("/wc-auth/v1/login/", data={"username": "eve"}, **at)
    assert browser.post("/wc-auth/v1/access_granted/", **at).status_code == 401
