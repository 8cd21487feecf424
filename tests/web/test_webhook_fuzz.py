"""Whatever arrives: an answer below 500, and a drain that finishes (semantics §10)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.build import Tessera
from tests.edge import Door, open_door, payloads

few = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
# what a server lets through: no control characters but the tab, no NUL, bytes up to 255
header_text = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=60).map(str.strip)
header_name = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,30}", fullmatch=True) | st.sampled_from(
    [
        *("X-Shopify-Topic", "X-Shopify-Webhook-Id", "X-Shopify-Shop-Domain", "X-Shopify-Hmac-Sha256"),
        *("X-WC-Webhook-Topic", "X-WC-Webhook-ID", "X-WC-Webhook-Delivery-ID", "X-WC-Webhook-Signature"),
        *("Tessera-Topic", "Tessera-Delivery", "Tessera-Signature", "Shopify-Shop-Domain"),
        *("Content-Type", "Content-Encoding", "Transfer-Encoding", "Authorization", "Origin", "Host", "Accept"),
        *("X-Forwarded-For", "X-Forwarded-Host", "If-None-Match", "Expect", "Cookie"),
    ]
)
odd_headers = st.dictionaries(header_name, header_text, max_size=5)
words = st.text(max_size=12) | st.sampled_from(["-1", "1e9", "NaN"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | words
odd_json = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def finishes(door: Door) -> None:
    door.shop.drain()
    assert {row.state for row in door.kept()} <= {"done", "ignored", "failed"}


@few
@given(odd_headers, st.binary(max_size=80))
def test_unsigned_noise_is_refused(door: Door, headers: dict[str, str], body: bytes) -> None:
    answer = door.post(body, headers)
    assert answer.status_code in (400, 401)
    assert answer.get_json()["status"] == answer.status_code
    assert not door.kept()


@few
@given(odd_headers, st.binary(max_size=80) | odd_json.map(lambda one: json.dumps(one).encode()))
def test_a_signed_body_under_odd_headers_is_answered_and_finished(
    door: Door, headers: dict[str, str], body: bytes
) -> None:
    answer = door.post(body, {**headers, **door.signed(body)})
    assert answer.status_code in (200, 400, 401)
    finishes(door)


@few
@given(headers=odd_headers)
def test_the_headers_that_a_platform_does_not_sign_may_say_anything(door: Door, headers: dict[str, str]) -> None:
    body = json.dumps(door.order()).encode()
    assert door.post(body, {**door.signed(body), **headers}).status_code in (200, 400, 401, 409)
    finishes(door)


@pytest.mark.parametrize("platform", ["shopify", "woocommerce", "custom"])
@few
@given(data=st.data())
def test_an_order_with_spoilt_fields_takes_effect_or_fails_with_a_reason(
    tessera: Tessera, platform: str, data: Any
) -> None:
    door = open_door(tessera, platform)
    document = payloads(platform).order()
    for name in data.draw(st.lists(st.sampled_from(sorted(document)), min_size=1, max_size=3)):
        document[name] = data.draw(odd_json)
    body = json.dumps(document).encode()
    assert door.post(body, door.signed(body)).status_code == 200
    finishes(door)
    [row] = door.kept()
    assert row.state == "done" or row.reason
    assert "could not be settled" not in (row.reason or "")
