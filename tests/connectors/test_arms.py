"""The arm of an experiment that an order tells: a shopper's browser wrote it, so it may be anything."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import CONNECTORS
from connectors.contract import OrderTold, ShopSettings
from tests.payloads import custom, shopify, woocommerce

SETTINGS = ShopSettings(platform_ref=shopify.SHOP, currency="EUR")
NAME = "_tessera_arm"


def told(platform: str, value: object) -> dict[str, Any]:
    """Return an order that tells an arm, among what else stands beside it."""
    if platform == "shopify":
        return shopify.order(note_attributes=[{"name": "gift", "value": "For Ada"}, {"name": NAME, "value": value}])
    if platform == "woocommerce":
        return woocommerce.order(
            meta_data=[{"id": 1, "key": "_x", "value": {}}, {"id": 2, "key": NAME, "value": value}]
        )
    return custom.order(experiment_arm=value)


TOPICS = {"shopify": "orders/updated", "woocommerce": "order.updated", "custom": "order", "sandbox": "order"}


def arm_of(platform: str, document: dict[str, Any]) -> str | None:
    (fact,) = CONNECTORS[platform].translate(TOPICS[platform], document, SETTINGS)
    assert isinstance(fact, OrderTold)
    return fact.state.arm


@pytest.mark.parametrize("platform", TOPICS)
def test_an_order_tells_the_arm_of_its_shopper(platform: str) -> None:
    assert arm_of(platform, told(platform, "spring:points")) == "spring:points"
    longest = "A-b_c.9" * 14 + "xx:holdout"
    assert arm_of(platform, told(platform, longest)) == longest


@pytest.mark.parametrize("platform", TOPICS)
@pytest.mark.parametrize(
    "odd",
    [
        "spring",
        "spring:",
        ":points",
        "spring:points:points",
        "spring:points\n",
        "ada@example.com:points",
        "x" * 101 + ":points",
        "x" * 1_000_000,
        "spring:\x00",
        "été:points",
        7,
        True,
        ["spring:points"],
        {"experiment": "spring"},
    ],
    ids=lambda odd: repr(odd)[:20],
)
def test_what_is_no_arm_fails_no_order_and_is_not_kept(platform: str, odd: object) -> None:
    assert arm_of(platform, told(platform, odd)) == ""


def test_without_one_there_is_none() -> None:
    assert arm_of("shopify", shopify.order()) is None
    assert arm_of("woocommerce", woocommerce.order()) is None
    assert arm_of("custom", custom.order()) is None
    assert arm_of("custom", custom.order(experiment_arm=None)) is None


@pytest.mark.parametrize("odd", [None, {}, "x", [7, None, {}, {"name": 7}]])
def test_odd_attributes_of_a_cart_fail_no_order(odd: object) -> None:
    assert arm_of("shopify", shopify.order(note_attributes=odd)) is None


def test_the_first_of_two_counts() -> None:
    twice = [{"name": NAME, "value": "spring:none"}, {"name": NAME, "value": "spring:points"}]
    assert arm_of("shopify", shopify.order(note_attributes=twice)) == "spring:none"
