"""WooCommerce's refunds in both shapes, and its other topics."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors import CONNECTORS
from connectors.contract import (
    BadFact,
    CustomerDeleted,
    CustomerTold,
    Disconnected,
    Ignored,
    OrderDeleted,
    OrderState,
    OrderTold,
    ProductTold,
    Refund,
    RefundLine,
    ShopSettings,
    Variant,
)
from tests.payloads.woocommerce import (
    customer,
    full_refund,
    lost_right,
    order,
    product,
    refund_line,
    shipping_line,
    short_refund,
)

WOO = CONNECTORS["woocommerce"]
SETTINGS = ShopSettings(platform_ref="mugs.example", currency="EUR")
D = Decimal


def state(document: Any, topic: str = "order.updated", settings: ShopSettings = SETTINGS) -> OrderState:
    (told,) = WOO.translate(topic, document, settings)
    assert isinstance(told, OrderTold)
    return told.state


def refusal(document: Any, topic: str = "order.updated") -> str:
    with pytest.raises(BadFact) as refused:
        WOO.translate(topic, document, SETTINGS)
    return str(refused.value)


def test_an_order_tells_only_the_total_of_a_refund() -> None:
    told = state(order(refunds=[short_refund(), short_refund(id=642, total="-0.00")]))
    assert told.refunds == (Refund(id="641", total=D("10.00")), Refund(id="642", total=D(0)))


def test_a_fetched_refund_tells_its_lines() -> None:
    (back,) = state(order(refunds=[full_refund()])).refunds
    assert back == Refund(
        id="641",
        at=datetime(2026, 6, 3, 8, tzinfo=UTC),
        lines=(RefundLine(line_id="301", quantity=1, amount=D("10.00")),),
    )


def test_a_fetched_refund_without_lines_is_still_known_by_its_total_only() -> None:
    (back,) = state(order(refunds=[full_refund(line_items=[])])).refunds
    assert (back.total, back.lines, back.money) == (D("10.00"), (), 0)


@pytest.mark.parametrize(("with_tax", "line_amount", "shipping"), [(True, 12, 6), (False, 10, 5)])
def test_what_no_line_of_a_refund_names_is_money_without_an_item(
    with_tax: bool, line_amount: int, shipping: int
) -> None:
    document = full_refund(
        amount="20.00",
        line_items=[refund_line() | {"total_tax": "-2.00"}],
        shipping_lines=[shipping_line(total="-5.00", total_tax="-1.00")],
    )
    (back,) = state(order(prices_include_tax=with_tax, refunds=[document])).refunds
    assert (back.lines[0].amount, back.shipping, back.money) == (line_amount, shipping, 2)


def test_only_shipping_given_back_touches_only_shipping() -> None:
    document = full_refund(amount="4.90", line_items=[], shipping_lines=[shipping_line(total="-4.90")])
    (back,) = state(order(refunds=[document])).refunds
    assert (back.shipping, back.money, back.total, back.lines) == (D("4.90"), 0, None, ())


def test_refunded_without_a_refund_is_everything() -> None:
    assert state(order(status="refunded")).all_refunded is True
    assert state(order(status="refunded", refunds=[short_refund(total="-39.90")])).all_refunded is False


def test_a_trashed_order_may_come_back() -> None:
    assert WOO.translate("order.deleted", {"id": 640}, SETTINGS) == (OrderDeleted(order_id="640", final=False),)
    (told,) = WOO.translate("order.restored", order(), SETTINGS)
    assert told == OrderTold(state=state(order()), restored=True)


def test_an_order_deleted_for_good_is_told_by_an_action() -> None:
    body = {"action": "woocommerce_delete_order", "arg": 640}
    told = WOO.translate("action.woocommerce_delete_order", body, SETTINGS)
    assert told == (OrderDeleted(order_id="640", final=False),)


@pytest.mark.parametrize(
    "topic", ["order.updated", "order.deleted", "customer.updated", "product.updated", "coupon.updated"]
)
def test_a_signed_error_instead_of_a_resource_means_we_are_disconnected(topic: str) -> None:
    with pytest.raises(Disconnected, match="woocommerce_rest_cannot_view"):
        WOO.translate(topic, lost_right(), SETTINGS)


def test_an_error_that_the_thing_is_gone_does_not() -> None:
    gone = lost_right(code="woocommerce_rest_shop_order_invalid_id", data={"status": 404})
    with pytest.raises(BadFact, match="no longer exists") as refused:
        WOO.translate("order.updated", gone, SETTINGS)
    assert not isinstance(refused.value, Disconnected)


def test_customers() -> None:
    (told,) = WOO.translate("customer.created", customer(), SETTINGS)
    assert told == CustomerTold(
        id="12",
        updated_at=datetime(2026, 6, 1, 7, tzinfo=UTC),
        email="grace@example.org",
        phone="+33 1 0",
        customer_groups=("customer",),
    )
    assert WOO.translate("customer.deleted", {"id": 12}, SETTINGS) == (CustomerDeleted(id="12"),)


def test_products_by_slug() -> None:
    (told,) = WOO.translate("product.updated", product(), SETTINGS)
    assert told == ProductTold(
        id="71",
        updated_at=datetime(2026, 5, 1, 7, tzinfo=UTC),
        variants=(Variant(id="71", price=D("10.00")),),
        tags=("hand-made",),
        collections=("table",),
    )
    (variable,) = WOO.translate("product.updated", product(price="", variations=[81, 82]), SETTINGS)
    assert [variant.id for variant in variable.variants] == ["81", "82"]


@pytest.mark.parametrize("topic", ["coupon.created", "coupon.updated", "product.deleted"])
def test_what_we_have_no_use_for_is_ignored_with_a_reason(topic: str) -> None:
    with pytest.raises(Ignored, match=topic):
        WOO.translate(topic, {"id": 5}, SETTINGS)


def test_a_refund_of_a_line_that_was_deleted_since_takes_nothing_from_the_others() -> None:
    (back,) = state(order(refunds=[full_refund(line_items=[refund_line(999), refund_line()])])).refunds
    assert [one.line_id for one in back.lines] == ["301"]
