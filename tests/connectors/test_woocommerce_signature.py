"""WooCommerce: who sent it, the ping, and what makes a delivery unique."""

from __future__ import annotations

import base64
import hashlib
import hmac
from decimal import Decimal

import pytest

from connectors import CONNECTORS
from connectors.contract import (
    BadSignature,
    Ping,
    ShopSettings,
)

WOO = CONNECTORS["woocommerce"]
SETTINGS = ShopSettings(platform_ref="mugs.example", currency="EUR")
D = Decimal


def test_a_signature_over_the_raw_bytes_holds() -> None:
    body = rb'{"id":640,"url":"https:\/\/mugs.example"}'
    signature = base64.b64encode(hmac.new(b"hook-secret", body, hashlib.sha256).digest()).decode()
    headers = {"x-wc-webhook-signature": signature, "x-wc-webhook-topic": "order.updated"}
    assert WOO.verify(headers, body, ["hook-secret"], 0) == body
    with pytest.raises(BadSignature):  # the same JSON written anew is not what was signed
        WOO.verify(headers, body.replace(rb"\/", b"/"), ["hook-secret"], 0)


def test_the_unsigned_try_out_of_a_new_hook_is_a_ping() -> None:
    with pytest.raises(Ping):
        WOO.verify({"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=17", ["hook-secret"], 0)


@pytest.mark.parametrize("body", [b"webhook_id=", b"webhook_id=17&x=1", b"webhook_id=17\n", b"webhook_id=x", b""])
def test_nothing_else_unsigned_is_one(body: bytes) -> None:
    with pytest.raises(BadSignature):
        WOO.verify({}, body, ["hook-secret"], 0)


def test_the_delivery_id_alone_is_not_unique_so_the_body_counts() -> None:
    headers = {"x-wc-webhook-id": "2", "x-wc-webhook-delivery-id": "same-second", "x-wc-webhook-topic": "order.updated"}
    one, two = (WOO.envelope(headers, body) for body in (b'{"id":1}', b'{"id":2}'))
    other_hook = WOO.envelope(headers | {"x-wc-webhook-id": "3"}, b'{"id":1}')
    assert len({one.key, two.key, other_hook.key}) == 3
    assert one.key.startswith("2:same-second:")
    assert one.same_bytes is False


def test_a_signed_body_that_looks_like_one_must_hold_its_signature() -> None:
    with pytest.raises(BadSignature):
        WOO.verify({"x-wc-webhook-signature": "AAAA"}, b"webhook_id=17", ["hook-secret"], 0)
