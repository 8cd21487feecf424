"""What a WooCommerce order means."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors import CONNECTORS
from connectors.contract import (
    BadFact,
    Charge,
    CustomerRef,
    DiscountCode,
    Ignored,
    OrderState,
    OrderTold,
    ShopSettings,
)
from tests.payloads.woocommerce import (
    coupon_line,
    fee_line,
    full_refund,
    hat,
    line,
    order,
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


def test_two_mugs_and_a_hat() -> None:
    told = state(order())
    assert (told.id, told.status, told.paid, told.currency) == ("640", "processing", "full", "EUR")
    assert [(x.id, x.quantity, x.gross, x.discount, x.tax) for x in told.lines] == [
        ("301", 2, D("20.00"), D(0), D(0)),
        ("302", 1, D("15.00"), D(0), D(0)),
    ]
    assert told.lines[0].product_id == "71"
    assert told.lines[0].variant_id is None
    assert told.charges == (Charge(kind="shipping", amount=D("4.90")),)
    assert told.total == D("39.90")


def test_the_gmt_times_are_read_and_the_local_ones_are_not() -> None:
    told = state(order())
    assert told.placed_at == datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
    assert told.updated_at == told.paid_at == datetime(2026, 6, 2, 12, 0, 9, tzinfo=UTC)


def test_the_price_of_a_line_is_never_used() -> None:
    assert state(order(line_items=[line(price=999), hat(price="x")])).lines == state(order()).lines


def test_a_coupon_is_a_discount_on_the_lines() -> None:
    told = state(order(line_items=[line(total="14.00")], coupon_lines=[coupon_line()], total="18.90"))
    assert (told.lines[0].gross, told.lines[0].discount) == (D("20.00"), D("6.00"))
    assert told.discount_codes == (DiscountCode(code="welcome-9f", total=D(6)),)


@pytest.mark.parametrize(("with_tax", "gross", "discount", "shipping"), [(True, 24, 6, 6), (False, 20, 5, 5)])
def test_tax_counts_where_the_shop_displays_it(with_tax: bool, gross: int, discount: int, shipping: int) -> None:
    taxed = line(subtotal="20.00", subtotal_tax="4.00", total="15.00", total_tax="3.00")
    parcel = shipping_line(total="5.00", total_tax="1.00")
    told = state(order(prices_include_tax=with_tax, line_items=[taxed], shipping_lines=[parcel]))
    assert (told.lines[0].gross, told.lines[0].discount, told.lines[0].tax) == (gross, discount, 3)
    assert told.charges == (Charge(kind="shipping", amount=D(shipping), tax=D(1)),)


@pytest.mark.parametrize(("with_tax", "discount"), [(True, 6), (False, 5)])
def test_a_negative_fee_is_a_discount_of_the_order(with_tax: bool, discount: int) -> None:
    fees = [fee_line(total="-5.00", total_tax="-1.00"), fee_line(id=306, total="2.00", total_tax="0.40")]
    told = state(order(prices_include_tax=with_tax, fee_lines=fees))
    assert (told.order_discount, told.order_discount_tax) == (discount, 1)
    assert told.charges[1] == Charge(kind="fee", amount=D("2.40") if with_tax else D("2.00"), tax=D("0.40"))


def test_a_total_raised_above_the_subtotal_is_no_negative_discount() -> None:
    (raised,) = state(order(line_items=[line(total="22.00")])).lines
    assert (raised.gross, raised.discount) == (22, 0)


def test_half_units_of_a_plugin_count_as_begun_ones() -> None:
    half_back = full_refund(line_items=[refund_line() | {"quantity": -0.5, "total": "-5.00"}])
    told = state(order(line_items=[line(quantity=0.5)], refunds=[half_back]))
    assert told.lines[0].quantity == 1
    assert told.refunds[0].lines[0].quantity == 0
    assert told.refunds[0].lines[0].amount == 5


def test_a_variation_is_named() -> None:
    assert state(order(line_items=[line(variation_id=88)])).lines[0].variant_id == "88"


def test_a_customer_by_id_with_an_email_that_nobody_verified() -> None:
    assert state(order()).customer == CustomerRef(id="12", email="Grace@Example.org", email_verified=False)


def test_customer_0_is_a_guest_by_email() -> None:
    assert state(order(customer_id=0)).customer == CustomerRef(email="Grace@Example.org")


def test_a_guest_without_email_is_nobody() -> None:
    assert state(order(customer_id=0, billing={"email": ""})).customer is None
    assert state(order(customer_id=0, billing=None)).customer is None


@pytest.mark.parametrize(
    ("told", "status", "paid"),
    [
        ("pending", "pending", "none"),
        ("failed", "failed", "none"),
        ("on-hold", "on-hold", "none"),
        ("processing", "processing", "full"),
        ("completed", "completed", "full"),
        ("refunded", "refunded", "none"),
        ("cancelled", "cancelled", "none"),
        ("trash", "deleted", "none"),
        ("awaiting-stock", "pending", "none"),
        ("deleted", "pending", "none"),  # a plugin's word, not WooCommerce's trash
    ],
)
def test_every_status(told: str, status: str, paid: str) -> None:
    read = state(order(status=told))
    assert (read.status, read.paid) == (status, paid)
    assert (read.paid_at is not None) is (paid == "full")  # date_paid survives cancellation and proves nothing


def test_the_merchants_list_decides_what_is_paid() -> None:
    own = ShopSettings(platform_ref="mugs.example", currency="EUR", paid_statuses=("shipped", "on-hold"))
    assert (state(order(status="shipped"), settings=own).status, state(order(status="shipped")).status) == (
        "paid",
        "pending",
    )
    assert (state(order(status="on-hold"), settings=own).status, state(order(status="on-hold"), settings=own).paid) == (
        "paid",
        "full",
    )
    assert state(order(status="processing"), settings=own).paid == "none"


@pytest.mark.parametrize("told", ["checkout-draft", "auto-draft"])
def test_an_unfinished_checkout_is_ignored(told: str) -> None:
    with pytest.raises(Ignored, match=told):
        WOO.translate("order.updated", order(status=told), SETTINGS)


def test_completed_is_when_it_was_fulfilled() -> None:
    told = state(order(status="completed", date_completed_gmt="2026-06-04T08:00:00"))
    assert told.completed_at == told.fulfilled_at == datetime(2026, 6, 4, 8, tzinfo=UTC)
    back_to_work = state(order(status="processing", date_completed_gmt="2026-06-04T08:00:00"))
    assert back_to_work.completed_at is None


def test_only_our_plugin_tells_a_delivery() -> None:
    meta = [
        {"id": 1, "key": "_other", "value": {"x": 1}},
        {"key": "_tessera_delivered_at", "value": "2026-06-05T10:00:00Z"},
    ]
    assert state(order(meta_data=meta)).delivered_at == datetime(2026, 6, 5, 10, tzinfo=UTC)
    assert state(order()).delivered_at is None
    assert state(order(meta_data=[{"key": "_tessera_delivered_at", "value": ""}])).delivered_at is None
    broken = [{"key": "_tessera_delivered_at", "value": "yesterday"}]
    assert refusal(order(meta_data=broken)).startswith("_tessera_delivered_at: ")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"currency": "ABC"}, "currency: "),
        ({"status": None}, "status: is missing"),
        ({"date_modified_gmt": None}, "date_modified_gmt: is missing"),
        ({"date_modified_gmt": "0000-00-00T00:00:00"}, "date_modified_gmt: "),
        ({"total": "-39.90"}, "total: must not be negative"),
        ({"total": 39.9}, "total: "),
        ({"line_items": [line(total="-1.00")]}, "line_items[0].total: must not be negative"),
        ({"line_items": [line(quantity=-1)]}, "line_items[0].quantity: "),
        ({"line_items": [line(quantity="2")]}, "line_items[0].quantity: "),
        ({"line_items": [line(), line()]}, "lines: the id '301' occurs twice"),
        ({"line_items": "none"}, "line_items: must be a list"),
        ({"line_items": [None]}, "line_items[0]: must be an object"),
        ({"shipping_lines": [shipping_line(total="x")]}, "shipping_lines[0].total: "),
        ({"customer_id": True}, "customer_id: "),
        ({"billing": []}, "billing: must be an object"),
        ({"refunds": [short_refund(total=None)]}, "refunds[0].total: is missing"),
        ({"refunds": [full_refund(line_items=[refund_line() | {"quantity": -3}])]}, "refunds: 3 units of line '301'"),
        ({"refunds": [full_refund(line_items=[line()])]}, "refunds[0].line_items[0].total: must not be positive"),
        ({"coupon_lines": [coupon_line(code=None)]}, "coupon_lines[0].code: is missing"),
    ],
)
def test_what_cannot_be_believed_is_refused_by_name(fields: dict[str, Any], says: str) -> None:
    assert refusal(order(**fields)).startswith(says)


@pytest.mark.parametrize(
    ("told", "read"), [("KXW3N-T7PQ9", "KXW3N-T7PQ9"), ({"x": 1}, None), ("<script>", None), ("", None)]
)
def test_our_plugin_notes_the_friend_who_sent_the_buyer(told: Any, read: str | None) -> None:
    assert state(order(meta_data=[{"key": "_tessera_referral", "value": told}])).referral_code == read
