"""What is signed but not to be believed: kept as `failed` with its reason, listed, replayable (semantics §10)."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from sqlalchemy import update

from app.db import transaction
from app.models import inbox, shops
from app.vault import Vault
from tests.build import FERNET
from tests.edge import ORDER_POINTS, Door, payloads

BROKEN: dict[str, bytes] = {
    "100,000 lists deep": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "never closed": b"[" * 100_000,
    "NaN": b'{"id": NaN}',
    "Infinity": b'{"id": -Infinity}',
    "beyond a double": b'{"id": 1e999}',
    "lone surrogate": rb'{"id": "\ud800"}',
    "lone surrogate as a key": rb'{"\udfff": 1}',
    "U+0000": rb'{"id": "\u0000"}',
    "U+0000 as a key": rb'{"\u0000": 1}',
    "a raw NUL": b'{"id": "\x00"}',
    "duplicate keys": b'{"id": 1, "id": 2}',
    "duplicate keys, one escaped": rb'{"id": 1, "\u0069d": 2}',
    "UTF-16": '{"id": 1}'.encode("utf-16"),
    "byte order mark": '{"id": 1}'.encode("utf-8-sig"),
    "latin-1": '{"id": "é"}'.encode("latin-1"),
    "gzip": gzip.compress(b'{"id": 1}'),
    "a gzip bomb": gzip.compress(b" " * 50_000_000),
    "empty": b"",
    "blank": b"  \n",
    "cut off": b'{"id": 1',
    "two documents": b'{"id": 1}{"id": 2}',
    "not an object": b"[1]",
    "null": b"null",
    "a form": b"id=1&name=2",
}


def test_a_signed_body_that_is_no_json_is_kept_as_failed_with_a_reason(door: Door) -> None:
    for body in BROKEN.values():
        assert door.deliver(body).status_code == 200
    assert [door.tessera.services.vault.open(door.shop.id, row.body) for row in door.kept()] == list(BROKEN.values())
    for name, (state, reason) in zip(BROKEN, door.verdicts(), strict=True):
        assert (state, bool(reason)) == ("failed", True), name
        assert "could not be settled" not in reason, f"{name}: nobody foresaw it"
    assert door.shop.balances() == []


SPOILS = {
    "NaN": "NaN",
    "beyond a double": "-1e999",
    "a lone surrogate": r'"\ud800"',
    "U+0000": r'"a\u0000b"',
    "a key twice": '{"a": 1, "a": 2}',
    "a key twice, once escaped": r'{"a:b": 1, "a\u003ab": 2}',
    "2,000 deep": "[" * 2000 + "]" * 2000,
}


def test_what_no_two_parsers_read_alike_is_failed_even_where_nobody_looks(door: Door) -> None:
    whole = json.dumps(door.order())
    for spoilt in SPOILS.values():
        door.deliver(f'{whole[:-1]}, "a field that nobody reads": {spoilt}}}'.encode())
    for name, (state, reason) in zip(SPOILS, door.verdicts(), strict=True):
        assert (state, bool(reason)) == ("failed", True), name
    door.deliver(f'{whole[:-1]}, "a field that nobody reads": null}}'.encode())
    assert door.verdicts()[-1] == ("done", None)


def test_a_broken_delivery_fails_alone(door: Door) -> None:
    for body in (b"[" * 100_000, json.dumps(door.order()).encode(), rb'{"id": "\ud800"}'):
        door.deliver(body)
    assert [state for state, _ in door.verdicts()] == ["failed", "done", "failed"]
    assert door.points() == ORDER_POINTS[door.platform]


def test_a_failed_delivery_can_be_replayed_and_fails_again_with_its_reason(door: Door) -> None:
    door.deliver(b"{")
    [(_, reason)] = door.verdicts()
    door.replay(door.kept()[0].id)
    assert [(row.state, row.reason) for row in door.kept()] == [("new", None)]
    assert door.verdicts() == [("failed", reason)]


def test_a_delivery_that_took_effect_is_not_replayed(door: Door) -> None:
    door.deliver(door.order())
    assert door.verdicts() == [("done", None)]
    door.replay(door.kept()[0].id)
    assert [row.state for row in door.kept()] == ["done"]


def test_a_failed_delivery_takes_effect_when_it_is_replayed_after_the_fix(door: Door) -> None:
    """Its body is sealed with a key that is lost; then the key is found."""
    door.deliver(door.order())
    [row] = door.kept()
    lost = Vault(["Zm9yZ290dGVuLWtleS1mb3Jnb3R0ZW4ta2V5LTEyMzQ="]).seal(door.shop.id, b"{}")
    mine = (inbox.c.shop_id == door.shop.id) & (inbox.c.id == row.id)
    with transaction(door.tessera.engine) as connection:
        connection.execute(update(inbox).where(mine).values(body=lost))
    [(state, reason)] = door.verdicts()
    assert state == "failed"
    assert "ENCRYPTION_KEYS" in reason
    with transaction(door.tessera.engine) as connection:
        connection.execute(update(inbox).where(mine).values(body=Vault([FERNET]).seal(door.shop.id, _body(door))))
    door.replay(row.id)
    assert door.verdicts() == [("done", None)]
    assert door.points() == ORDER_POINTS[door.platform]


def _body(door: Door) -> bytes:
    return json.dumps(door.order()).encode()


# --- amounts, currencies, units ---------------------------------------------------------------------------------------


def bad_orders(platform: str) -> dict[str, dict[str, Any]]:
    """Return orders, newer than the good one, that nobody can believe."""
    of = payloads(platform)
    if platform == "shopify":
        later = {"updated_at": "2026-07-05T10:00:00+02:00"}
        return {
            "negative amount": of.order(line_items=[of.line(price="-1.00")], **later),
            "NaN": of.order(line_items=[of.line(price="NaN")], **later),
            "infinite": of.order(line_items=[of.line(price="Infinity")], **later),
            "no ISO currency": of.order(currency="ZZZ", presentment_currency="ZZZ", **later),
            "more back than bought": of.order(refunds=[of.refund(refund_line_items=[of.refund_line(3)])], **later),
            "a text for a list": of.order(line_items="lamp", **later),
        }
    if platform == "woocommerce":
        later = {"date_modified_gmt": "2026-06-05T12:00:00"}
        return {
            "negative amount": of.order(line_items=[of.line(subtotal="-1.00", total="-1.00")], **later),
            "NaN": of.order(line_items=[of.line(total="NaN")], **later),
            "infinite": of.order(line_items=[of.line(total="INF")], **later),
            "no ISO currency": of.order(currency="ZZZ", **later),
            "more back than bought": of.order(
                refunds=[of.full_refund(line_items=[of.refund_line(quantity=-3)])], **later
            ),
            "a text for a list": of.order(line_items="mug", **later),
        }
    later = {"updated_at": "2026-05-07T09:30:00Z"}
    return {
        "negative amount": of.order(lines=[of.line(unit_price="-1.00")], **later),
        "NaN": of.order(lines=[of.line(unit_price="NaN")], **later),
        "infinite": of.order(lines=[of.line(unit_price="1e999")], **later),
        "a number": of.order(lines=[of.line(unit_price=19.99)], **later),
        "no ISO currency": of.order(currency="ZZZ", **later),
        "more back than bought": of.order(refunds=[of.refund(lines=[{"line_id": "line-1", "quantity": 3}])], **later),
        "a text for a list": of.order(lines="lamp", **later),
    }


def test_an_order_nobody_can_believe_is_failed_and_leaves_the_ledger_alone(door: Door) -> None:
    door.deliver(door.order())
    door.shop.drain()
    before = (door.shop.balances(), door.shop.entries())
    bad = bad_orders(door.platform)
    for document in bad.values():
        assert door.deliver(document).status_code == 200
    for name, (state, reason) in zip(bad, door.verdicts()[1:], strict=True):
        assert (state, bool(reason)) == ("failed", True), name
        assert "could not be settled" not in reason, f"{name}: nobody foresaw it"
    assert (door.shop.balances(), door.shop.entries()) == before
    assert door.points() == ORDER_POINTS[door.platform]


# --- topics -----------------------------------------------------------------------------------------------------------


def test_an_unknown_topic_is_kept_as_ignored(door: Door) -> None:
    for topic in ("unknown", "orders/exploded", "action.evil"):
        assert door.deliver({"id": 1}, topic).status_code == 200
    for state, reason in door.verdicts():
        assert state == "ignored"
        assert reason


def test_every_sample_of_a_platform_takes_effect(door: Door) -> None:
    samples = payloads(door.platform).SAMPLES
    uninstalled = [topic for topic in samples if topic == "app/uninstalled"]
    for topic, document in samples.items():
        if topic not in uninstalled:
            assert door.deliver(document, topic).status_code == 200
    assert {state for state, _ in door.verdicts()} == {"done"}


# --- Shopify: the body names its shop ---------------------------------------------------------------------------------


def test_a_body_that_names_another_shop_is_found_in_the_drain(shopify: Door) -> None:
    body = {"id": 1, "domain": "lamps.example", "myshopify_domain": "somebody-else.myshopify.com"}
    assert shopify.deliver(body, "app/uninstalled").status_code == 200
    [(state, reason)] = shopify.verdicts()
    assert state == "failed"
    assert "another shop" in reason
    assert shopify.state() == "active"


def test_after_the_app_is_removed_deliveries_are_ignored_and_can_be_replayed(shopify: Door) -> None:
    shopify.deliver({"id": 1, "myshopify_domain": shopify.ref}, "app/uninstalled")
    shopify.shop.drain()
    assert shopify.state() == "uninstalled"
    assert shopify.deliver(shopify.order()).status_code == 200
    assert [state for state, _ in shopify.verdicts()] == ["done", "ignored"]
    with transaction(shopify.tessera.engine) as connection:
        connection.execute(update(shops).where(shops.c.id == shopify.shop.id).values(state="active"))
    shopify.replay(shopify.kept()[1].id)
    assert [state for state, _ in shopify.verdicts()] == ["done", "done"]
    assert shopify.points() == ORDER_POINTS["shopify"]


# --- WooCommerce: a signed error instead of the resource --------------------------------------------------------------


def test_a_signed_error_is_failed_and_the_shop_is_marked_disconnected(woocommerce: Door) -> None:
    assert woocommerce.deliver(payloads("woocommerce").lost_right()).status_code == 200
    [(state, reason)] = woocommerce.verdicts()
    assert state == "failed"
    assert "woocommerce_rest_cannot_view" in reason
    assert woocommerce.state() == "disconnected"
    assert woocommerce.shop.balances() == []


@pytest.mark.parametrize("status", [404, 410])
def test_an_error_about_something_gone_is_failed_and_disconnects_nobody(woocommerce: Door, status: int) -> None:
    gone = payloads("woocommerce").lost_right(code="woocommerce_rest_invalid_id", data={"status": status})
    woocommerce.deliver(gone)
    assert [state for state, _ in woocommerce.verdicts()] == ["failed"]
    assert woocommerce.state() == "active"


def test_a_disconnected_shop_is_still_heard(woocommerce: Door) -> None:
    woocommerce.deliver(payloads("woocommerce").lost_right())
    woocommerce.deliver(woocommerce.order())
    assert [state for state, _ in woocommerce.verdicts()] == ["failed", "done"]
    assert woocommerce.points() == ORDER_POINTS["woocommerce"]


def test_a_resource_after_the_error_connects_the_shop_again(woocommerce: Door) -> None:
    order, lost = woocommerce.order(), payloads("woocommerce").lost_right()
    told = [(order, "active"), (lost, "disconnected"), (lost, "disconnected"), (order, "active")]
    for document, state in told:
        woocommerce.deliver(document)
        woocommerce.shop.drain()
        assert woocommerce.state() == state


@pytest.mark.parametrize("state", ["active", "disconnected"])
def test_of_many_deliveries_drained_together_the_last_tells_whether_we_may_read(woocommerce: Door, state: str) -> None:
    for document in [woocommerce.order(), payloads("woocommerce").lost_right()] * 2:
        woocommerce.deliver(document)
    if state == "active":
        woocommerce.deliver(woocommerce.order())
    woocommerce.shop.drain()
    assert woocommerce.state() == state


def test_what_needs_no_right_to_read_connects_nobody_again(woocommerce: Door) -> None:
    woocommerce.deliver(payloads("woocommerce").lost_right())
    for topic, document in (
        ("order.deleted", {"id": 1}),
        ("customer.deleted", {"id": 1}),
        ("order.updated", {"id": "not a number"}),
        ("coupon.updated", {"id": 1}),
    ):
        woocommerce.deliver(document, topic)
    assert [state for state, _ in woocommerce.verdicts()] == ["failed", "done", "done", "failed", "ignored"]
    assert woocommerce.state() == "disconnected"


def test_a_shop_that_has_removed_the_app_is_not_connected_by_what_comes_late(shopify: Door) -> None:
    shopify.deliver({"id": 1, "myshopify_domain": shopify.ref}, "app/uninstalled")
    shopify.deliver(shopify.order())
    shopify.shop.drain()
    shopify.deliver(shopify.order())
    shopify.shop.drain()
    assert shopify.state() == "uninstalled"
