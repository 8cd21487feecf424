"""What a Shopify order means."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors import CONNECTORS
from connectors.contract import BadFact, Charge, CustomerRef, DiscountCode, OrderState, OrderTold, ShopSettings
from tests.payloads.shopify import (
    LAMP,
    SHADE,
    SHOP,
    adjustment,
    allocation,
    bag,
    customer,
    fulfilment,
    line,
    order,
    refund,
    refund_line,
    shipping_line,
    tax_line,
)

SHOPIFY = CONNECTORS["shopify"]
SETTINGS = ShopSettings(platform_ref=SHOP, currency="EUR")
D = Decimal


def state(document: Any) -> OrderState:
    (told,) = SHOPIFY.translate("orders/updated", document, SETTINGS)
    assert isinstance(told, OrderTold)
    return told.state


def refusal(document: Any) -> str:
    with pytest.raises(BadFact) as refused:
        SHOPIFY.translate("orders/updated", document, SETTINGS)
    return str(refused.value)


def test_the_plain_order() -> None:
    told = state(order())
    assert (told.id, told.status, told.paid, told.currency) == ("5900000000000000123", "paid", "full", "EUR")
    assert (told.placed_at, told.updated_at) == (
        datetime(2026, 7, 1, 8, 0, tzinfo=UTC),
        datetime(2026, 7, 1, 8, 0, 4, tzinfo=UTC),
    )
    (lamp,) = told.lines
    assert (lamp.id, lamp.quantity, lamp.gross, lamp.discount) == (str(LAMP), 2, D("39.98"), 0)
    assert (lamp.product_id, lamp.variant_id, lamp.vendor) == ("8400000000000000077", "4500000000000000088", "Lumen")
    assert told.charges == (Charge(kind="shipping", amount=D("4.90")),)
    assert (told.total, told.in_shop_money, told.all_refunded) == (D("44.88"), None, False)


def test_an_imported_order_was_placed_when_it_was_processed() -> None:
    imported = order(processed_at="2025-12-31T23:30:00-05:00")
    assert state(imported).placed_at == datetime(2026, 1, 1, 4, 30, tzinfo=UTC)
    assert state(order(processed_at=None)).placed_at == datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


# ---- who ----------------------------------------------------------------------------------------------------


def test_a_customer_whose_email_shopify_verified() -> None:
    assert state(order()).customer == CustomerRef(
        id="6200000000000000011", email="grace@example.org", email_verified=True
    )
    unverified = state(order(customer=customer(verified_email=False, email=None))).customer
    assert unverified == CustomerRef(id="6200000000000000011")


def test_without_a_customer_the_email_of_the_order_is_all_there_is() -> None:
    assert state(order(customer=None)).customer == CustomerRef(email="grace@example.org")
    assert state(order(customer=None, email="", contact_email=None)).customer is None


# ---- lines --------------------------------------------------------------------------------------------------


def test_all_allocated_discounts_count_and_the_older_field_does_not() -> None:
    lamp = line(discount_allocations=[allocation("4.00"), allocation("1.50", 1)], total_discount="99.00")
    assert state(order(line_items=[lamp])).lines[0].discount == D("5.50")


def test_only_where_allocations_are_absent_the_older_field_counts() -> None:
    old = {key: value for key, value in line(total_discount_set=bag("3.00")).items() if key != "discount_allocations"}
    assert state(order(line_items=[old])).lines[0].discount == D("3.00")
    assert state(order(line_items=[line(total_discount_set=bag("3.00"))])).lines[0].discount == 0


def test_tax_is_told_beside_and_where_it_is_included_said_so() -> None:
    told = state(order(taxes_included=True, line_items=[line(tax_lines=[tax_line("3.20"), tax_line("0.45")])]))
    assert (told.prices_include_tax, told.lines[0].tax, told.lines[0].gross) == (True, D("3.65"), D("39.98"))


def test_gift_cards_and_tips_are_known_by_flag_and_object() -> None:
    tip = line(SHADE, tip={"payment_gateway": None, "payment_method": None})
    told = state(order(line_items=[line(gift_card=True), tip]))
    assert [one.kind for one in told.lines] == ["gift_card", "tip"]
    assert state(order(line_items=[line(tip={})])).lines[0].kind == "tip"
    assert state(order(line_items=[line(tip=None)])).lines[0].kind == "item"


@pytest.mark.parametrize(
    ("current", "refunds", "removed"),
    [
        (2, [], 0),
        (1, [], 1),  # an edit took one out
        (1, [refund()], 0),  # it was refunded: told by the refund
        (0, [refund()], 1),  # one refunded, one taken out
        (0, [refund(refund_line_items=[refund_line(2)])], 0),
        (2, [refund()], 0),  # a sample where the refund has not reached the line: never below 0
        (None, [], 0),
    ],
)
def test_removed_units_are_those_that_no_refund_of_the_body_tells(
    current: int | None, refunds: list[Any], removed: int
) -> None:
    assert state(order(line_items=[line(current_quantity=current)], refunds=refunds)).lines[0].removed == removed


def test_charges_beside_the_lines() -> None:
    told = state(
        order(
            shipping_lines=[
                shipping_line(discounted_price_set=bag("2.00"), tax_lines=[tax_line("0.40")]),
                shipping_line("9.00", is_removed=True),
            ],
            original_total_duties_set=bag("7.00"),
            original_total_additional_fees_set=bag("1.00"),
        )
    )
    assert told.charges == (
        Charge(kind="shipping", amount=D("2.00"), tax=D("0.40")),
        Charge(kind="duty", amount=D("7.00")),
        Charge(kind="fee", amount=D("1.00")),
    )


# ---- codes --------------------------------------------------------------------------------------------------


def test_a_code_is_split_over_lines_and_shipping_by_its_application() -> None:
    told = state(
        order(
            discount_codes=[
                {"code": "spring", "amount": "5.50", "type": "percentage"},
                {"code": "OTHER", "amount": "1.00", "type": "fixed_amount"},
            ],
            discount_applications=[
                {"type": "automatic", "title": "SPRING SALE"},
                {"type": "discount_code", "code": "SPRING"},
            ],
            line_items=[
                line(discount_allocations=[allocation("9.00", 0), allocation("4.00", 1)]),
                line(SHADE, discount_allocations=[allocation("1.00", 1)]),
            ],
            shipping_lines=[shipping_line(discount_allocations=[allocation("0.50", 1)])],
        )
    )
    assert told.discount_codes == (
        DiscountCode(code="spring", lines={str(LAMP): D("4.00"), str(SHADE): D("1.00")}, shipping=D("0.50")),
        DiscountCode(code="OTHER", total=D("1.00")),
    )


# ---- two currencies -----------------------------------------------------------------------------------------


def in_two_currencies(**fields: Any) -> Any:
    lamp = line(
        price_set=bag("19.99", "23.59"),
        discount_allocations=[{"amount": "4.00", "amount_set": bag("4.00", "4.72"), "discount_application_index": 0}],
        tax_lines=[{"price": "1.00", "price_set": bag("1.00", "1.18")}],
    )
    back = refund(
        refund_line_items=[refund_line(subtotal=17.99, subtotal_set=bag("17.99", "21.23"))],
        order_adjustments=[adjustment("-1.00", amount_set=bag("-1.00", "-1.18"), tax_amount_set=bag("0.00", "0.00"))],
    )
    parcel = shipping_line(price_set=bag("4.90", "5.78"), discounted_price_set=bag("4.90", "5.78"))
    defaults = {
        "presentment_currency": "USD",
        "line_items": [lamp],
        "shipping_lines": [parcel],
        "refunds": [back],
        "total_price_set": bag("40.88", "48.24"),
    }
    return order(**defaults | fields)


def test_the_state_is_in_the_shoppers_money_and_whole_in_the_shops_beside_it() -> None:
    told = state(in_two_currencies())
    shop = told.in_shop_money
    assert shop is not None
    assert (told.currency, shop.currency, shop.in_shop_money) == ("USD", "EUR", None)
    assert (told.lines[0].gross, told.lines[0].discount, told.lines[0].tax) == (D("47.18"), D("4.72"), D("1.18"))
    assert (shop.lines[0].gross, shop.lines[0].discount, shop.lines[0].tax) == (D("39.98"), D("4.00"), D("1.00"))
    assert (told.charges[0].amount, shop.charges[0].amount) == (D("5.78"), D("4.90"))
    assert (told.refunds[0].lines[0].amount, shop.refunds[0].lines[0].amount) == (D("21.23"), D("17.99"))
    assert (told.refunds[0].money, shop.refunds[0].money) == (D("1.18"), D("1.00"))
    assert (told.total, shop.total) == (D("48.24"), D("40.88"))


def test_money_that_is_told_in_one_currency_only_is_not_guessed() -> None:
    assert "price_set: is missing" in refusal(in_two_currencies(line_items=[line(price_set=None)]))
    assert "must be USD" in refusal(in_two_currencies(line_items=[line(price_set=bag("19.99"))]))


def test_a_share_is_in_shop_money_in_both() -> None:
    told = state(in_two_currencies(financial_status="partially_paid", total_outstanding="4.88"))
    assert told.in_shop_money is not None
    assert (told.paid_amount, told.paid_of) == (told.in_shop_money.paid_amount, told.in_shop_money.paid_of)
    assert (told.paid_amount, told.paid_of) == (D("40.00"), D("44.88"))


# ---- what cannot be believed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"id": None}, "id: is missing"),
        ({"id": 1.5}, "id: "),
        ({"currency": "EURO"}, "currency: "),
        ({"presentment_currency": "XXX"}, "presentment_currency: "),
        ({"updated_at": "2026-13-01T00:00:00Z"}, "updated_at: "),
        ({"updated_at": "2026-07-01T10:00:00"}, "updated_at: "),
        ({"line_items": [line(price_set=bag("-1.00"))]}, "line_items[0].price: must not be negative"),
        ({"line_items": [line(price_set=bag("1e9"))]}, "line_items[0].price_set.presentment_money.amount: "),
        ({"line_items": [line(quantity=-1)]}, "line_items[0].quantity: "),
        ({"line_items": [line(quantity=2.0)]}, "line_items[0].quantity: "),
        ({"line_items": [line(), line()]}, "lines: the id"),
        ({"line_items": [line(discount_allocations="x")]}, "line_items[0].discount_allocations: "),
        ({"refunds": [refund(refund_line_items=[refund_line(3)])]}, "refunds: 3 units"),
        ({"refunds": [refund(), refund(id=2, refund_line_items=[refund_line(2)])]}, "refunds: 3 units"),
        ({"refunds": [refund(refund_line_items=[refund_line(line_item_id=SHADE)])]}, "refunds[0]: names line"),
        ({"refunds": [refund(), refund()]}, "refunds: the id"),
        ({"refunds": [refund(refund_line_items=[refund_line(subtotal_set=bag("-1.00"))])]}, "refunds[0].refund_line_"),
        ({"customer": "grace"}, "customer: must be an object"),
        ({"customer": customer(verified_email="yes")}, "customer.verified_email: "),
        ({"financial_status": "partially_paid", "total_outstanding": None}, "total_outstanding: is missing"),
        ({"test": "false"}, "test: "),
        ({"fulfillments": [fulfilment(created_at=None)]}, "fulfillments[0].created_at: is missing"),
        ({"myshopify_domain": "other.myshopify.com"}, "myshopify_domain: the body belongs to another shop"),
    ],
)
def test_what_cannot_be_believed_is_refused_by_name(fields: dict[str, Any], says: str) -> None:
    assert refusal(order(**fields)).startswith(says)
