"""Shopify: who sent it, and which shop it says it comes from."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from connectors import CONNECTORS
from connectors.contract import BadSignature

SHOPIFY = CONNECTORS["shopify"]
SECRET = "shpss_0123456789abcdef0123456789abcdef"
BODY = b'{"id": 1}'
# Made with a made-up secret, and accepted by ShopifyAPI 12.7.0, shopifyapp 1.0.2 and @shopify/shopify-api 15.0.0.
VECTOR = "lXA66NalZSixvrElUuqlgqJoHr8SC/7dFH51leCW2MM="


@pytest.mark.parametrize("family", ["x-shopify", "shopify"])
def test_a_signature_that_three_official_libraries_accept_holds(family: str) -> None:
    assert SHOPIFY.verify({f"{family}-hmac-sha256": VECTOR}, BODY, [SECRET], 0) == BODY


def test_the_old_secret_signs_for_an_hour_after_rotation() -> None:
    assert SHOPIFY.verify({"x-shopify-hmac-sha256": VECTOR}, BODY, ["new", SECRET], 0) == BODY


def test_hex_instead_of_base64_is_refused() -> None:
    hexadecimal = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    assert base64.b64encode(bytes.fromhex(hexadecimal)).decode() == VECTOR
    with pytest.raises(BadSignature):
        SHOPIFY.verify({"x-shopify-hmac-sha256": hexadecimal}, BODY, [SECRET], 0)


@pytest.mark.parametrize("family", ["x-shopify", "shopify"])
@pytest.mark.parametrize("shop", ["a.myshopify.com", "lantern-hill.myshopify.com", "0-x.myshopify.com"])
def test_the_shop_header_names_the_shop(family: str, shop: str) -> None:
    assert SHOPIFY.shop_ref({f"{family}-shop-domain": shop}) == shop


@pytest.mark.parametrize(
    "shop",
    [
        "",
        "lamps.example",
        "-a.myshopify.com",
        ".myshopify.com",
        "A.myshopify.com",
        "a.myshopify.com\n",
        "a.myshopify.com.evil.example",
        "evil.example/a.myshopify.com",
        "a_b.myshopify.com",
        "a.b.myshopify.com",
        "aXmyshopify.com",
        "é.myshopify.com",
        "a" * 300 + ".myshopify.com",
    ],
)
def test_anything_but_a_myshopify_domain_is_refused(shop: str) -> None:
    with pytest.raises(BadSignature):
        SHOPIFY.shop_ref({"x-shopify-shop-domain": shop})


@pytest.mark.parametrize("family", ["x-shopify", "shopify"])
def test_the_webhook_id_is_the_key_and_the_event_id_only_correlates(family: str) -> None:
    def headers(webhook: str) -> dict[str, str]:
        return {
            f"{family}-topic": "orders/paid",
            f"{family}-webhook-id": webhook,
            f"{family}-event-id": "one-action",
        }

    first, second = (SHOPIFY.envelope(headers(one), BODY) for one in ("w-1", "w-2"))
    assert (first.key, second.key, first.event_id, second.event_id) == ("w-1", "w-2", "one-action", "one-action")
    assert first.topic == "orders/paid"


def test_without_a_webhook_id_topic_and_body_are_the_key() -> None:
    paid, created = (
        SHOPIFY.envelope({"x-shopify-topic": topic}, BODY).key for topic in ("orders/paid", "orders/create")
    )
    assert paid.startswith("sha256:")
    assert paid != created
    assert paid == SHOPIFY.envelope({"x-shopify-topic": "orders/paid"}, BODY).key
