"""Shopify's refunds, inside an order and told alone, and its other topics."""

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
    FulfilmentTold,
    Ignored,
    OrderDeleted,
    OrderTold,
    ProductTold,
    Refund,
    RefundLine,
    RefundTold,
    ShopSettings,
    ShopUninstalled,
    Variant,
)
from tests.payloads.shopify import (
    LAMP,
    SHOP,
    adjustment,
    bag,
    customer,
    fulfilment,
    order,
    product,
    refund,
    refund_line,
)

SHOPIFY = CONNECTORS["shopify"]
SETTINGS = ShopSettings(platform_ref=SHOP, currency="EUR")
D = Decimal


def in_order(document: Any, **fields: Any) -> Refund:
    (told,) = SHOPIFY.translate("orders/updated", order(refunds=[document], **fields), SETTINGS)
    assert isinstance(told, OrderTold)
    return told.state.refunds[0]


def alone(document: Any) -> RefundTold:
    (told,) = SHOPIFY.translate("refunds/create", document, SETTINGS)
    assert isinstance(told, RefundTold)
    return told


def test_a_line_comes_back_with_its_subtotal_exactly() -> None:
    back = in_order(refund(refund_line_items=[refund_line(subtotal=0.1, subtotal_set=None)]))
    assert back.lines == (RefundLine(line_id=str(LAMP), quantity=1, amount=D("0.1")),)
    assert back.at == datetime(2026, 7, 3, 10, tzinfo=UTC)
    assert (back.money, back.shipping, back.total) == (0, 0, None)


def test_a_refund_told_alone_is_the_one_in_the_order() -> None:
    told = alone(refund())
    assert told.order_id == "5900000000000000123"
    assert told.refund == in_order(refund())
    assert told.in_shop_money is None


def test_an_older_refund_that_names_no_subtotal_is_in_proportion() -> None:
    bare = {"id": 1, "line_item_id": LAMP, "quantity": 1}
    assert in_order(refund(refund_line_items=[bare])).lines[0].amount is None


def test_money_given_back_without_an_item_is_a_negative_discrepancy() -> None:
    assert in_order(refund(refund_line_items=[], order_adjustments=[adjustment("-5.00")])).money == 5
    damaged = adjustment("-0.50", reason="damage")
    assert in_order(refund(refund_line_items=[], order_adjustments=[damaged])).money == D("0.50")


def test_a_positive_discrepancy_is_ignored_and_never_set_against_a_negative_one() -> None:
    assert in_order(refund(order_adjustments=[adjustment("5.00")])).money == 0
    both = [adjustment("-2.00"), adjustment("5.00"), adjustment("-1.00")]
    assert in_order(refund(order_adjustments=both)).money == 3


def test_a_pending_discrepancy_is_bookkeeping_and_takes_nothing_twice() -> None:
    """Recorded: shipping alone given back is told as −15 shipping, +15 discrepancy and −15 pending discrepancy."""
    three = [
        adjustment("-15.00", kind="shipping_refund", reason="Shipping refund"),
        adjustment("15.00"),
        adjustment("-15.00", reason="Pending refund discrepancy"),
    ]
    back = in_order(refund(refund_line_items=[], order_adjustments=three))
    assert (back.money, back.shipping) == (0, 15)


@pytest.mark.parametrize(("taxes_included", "money"), [(False, "5.00"), (True, "6.00")])
def test_its_tax_counts_where_prices_include_tax(taxes_included: bool, money: str) -> None:
    taxed = adjustment("-5.00", tax_amount="-1.00", tax_amount_set=bag("-1.00"))
    back = in_order(refund(refund_line_items=[], order_adjustments=[taxed]), taxes_included=taxes_included)
    assert (back.money, back.money_tax) == (D(money), 0)


def test_told_alone_the_tax_setting_is_not_known_so_the_tax_stands_beside() -> None:
    taxed = adjustment("-5.00", tax_amount="-1.00", tax_amount_set=bag("-1.00"))
    back = alone(refund(refund_line_items=[], order_adjustments=[taxed])).refund
    assert (back.money, back.money_tax) == (5, 1)


def test_shipping_given_back_touches_only_shipping_however_it_is_told() -> None:
    old_way = adjustment("-4.90", kind="shipping_refund", reason="Shipping refund")
    new_way = {"id": 1, "shipping_line_id": 2, "subtotal_amount_set": bag("4.90")}
    no_kind = adjustment("-4.90", kind=None, reason="Shipping refund")
    for fields in (
        {"order_adjustments": [old_way]},
        {"refund_shipping_lines": [new_way]},
        {"refund_shipping_lines": [new_way], "order_adjustments": [old_way]},
        {"order_adjustments": [no_kind]},
    ):
        back = in_order(refund(refund_line_items=[], **fields))
        assert (back.shipping, back.money, back.lines) == (D("4.90"), 0, ())


def test_an_adjustment_without_a_kind_is_a_discrepancy_and_an_unknown_kind_is_not() -> None:
    assert in_order(refund(order_adjustments=[adjustment("-5.00", kind=None)])).money == 5
    assert in_order(refund(order_adjustments=[adjustment("-5.00", kind="restocking_fee")])).money == 0


def test_a_refund_in_two_currencies_is_told_in_both() -> None:
    told = alone(
        refund(
            refund_line_items=[refund_line(subtotal_set=bag("17.99", "21.23"))],
            order_adjustments=[adjustment("-1.00", amount_set=bag("-1.00", "-1.18"))],
        )
    )
    assert told.in_shop_money is not None
    assert (told.refund.lines[0].amount, told.in_shop_money.lines[0].amount) == (D("21.23"), D("17.99"))
    assert (told.refund.money, told.in_shop_money.money) == (D("1.18"), D("1.00"))


def test_numbers_in_money_sets_are_read_as_written() -> None:
    numbers = {"shop_money": {"amount": 10, "currency_code": "EUR"}, "presentment_money": {"amount": 10.99}}
    assert in_order(refund(refund_line_items=[refund_line(subtotal_set=numbers)])).lines[0].amount == D("10.99")


@pytest.mark.parametrize("amount", [True, 1e15, -0.5, 1e-31, "1e2", "", [], {}, float("nan"), float("inf"), 10**400])
def test_what_is_no_amount_is_refused_by_name(amount: Any) -> None:
    bad = {"shop_money": {"amount": "1.00"}, "presentment_money": {"amount": amount}}
    with pytest.raises(BadFact, match=r"^refunds\[0\].refund_line_items\[0\].subtotal"):
        in_order(refund(refund_line_items=[refund_line(subtotal_set=bad)]))


def test_a_refund_alone_must_name_its_order() -> None:
    with pytest.raises(BadFact, match=r"^order_id: is missing"):
        alone(refund(order_id=None))


# ---- other topics -------------------------------------------------------------------------------------------


def test_a_deleted_order_never_comes_back() -> None:
    assert SHOPIFY.translate("orders/delete", {"id": 5}, SETTINGS) == (OrderDeleted(order_id="5", final=True),)


def test_a_fulfilment_told_alone() -> None:
    (told,) = SHOPIFY.translate("fulfillments/update", fulfilment(shipment_status="delivered"), SETTINGS)
    assert isinstance(told, FulfilmentTold)
    assert told.order_id == "5900000000000000123"
    assert (told.fulfilment.delivered, told.fulfilment.counts) == (True, True)


@pytest.mark.parametrize("status", ["cancelled", "error", "failure", "pending", "open", None])
def test_only_a_successful_fulfilment_counts(status: str | None) -> None:
    (told,) = SHOPIFY.translate("fulfillments/update", fulfilment(status=status), SETTINGS)
    assert isinstance(told, FulfilmentTold)
    assert told.fulfilment.counts is False


def test_customers() -> None:
    (told,) = SHOPIFY.translate("customers/update", customer(tags="press, gold ,", phone="+33100"), SETTINGS)
    assert told == CustomerTold(
        id="6200000000000000011",
        updated_at=datetime(2026, 7, 1, 7, 59, tzinfo=UTC),
        email="grace@example.org",
        email_verified=True,
        phone="+33100",
        tags=("press", "gold"),
    )
    assert SHOPIFY.translate("customers/delete", {"id": 11}, SETTINGS) == (CustomerDeleted(id="11"),)


def test_products_in_both_ways_of_writing_tags() -> None:
    (told,) = SHOPIFY.translate("products/update", product(), SETTINGS)
    assert told == ProductTold(
        collections=None,  # a webhook does not tell them
        id="8400000000000000077",
        updated_at=datetime(2026, 6, 1, 6, tzinfo=UTC),
        variants=(Variant(id="4500000000000000088", price=D("19.99")),),
        tags=("light", "brass"),
        vendor="Lumen",
    )
    assert SHOPIFY.translate("products/create", product(tags=["light", "brass"]), SETTINGS) == (told,)


def test_uninstalled_by_this_shop_and_no_other() -> None:
    body = {"id": 1, "myshopify_domain": SHOP}
    assert SHOPIFY.translate("app/uninstalled", body, SETTINGS) == (ShopUninstalled(),)
    with pytest.raises(BadFact, match="another shop"):
        SHOPIFY.translate("app/uninstalled", body | {"myshopify_domain": "other.myshopify.com"}, SETTINGS)


@pytest.mark.parametrize(
    "topic",
    ["orders/edited", "products/delete", "carts/update"],
)
def test_what_we_have_no_use_for_is_ignored_with_a_reason(topic: str) -> None:
    with pytest.raises(Ignored) as ignored:
        SHOPIFY.translate(topic, {"order_edit": {"order_id": 5}}, SETTINGS)
    assert len(str(ignored.value)) > 20
