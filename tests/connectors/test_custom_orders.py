"""The custom connector: what its events mean."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from connectors import CONNECTORS
from connectors.contract import (
    BadFact,
    Charge,
    CustomerRef,
    DiscountCode,
    OrderState,
    OrderTold,
    Refund,
    RefundLine,
    ShopSettings,
)
from tests.payloads.custom import line, order, refund

CUSTOM = CONNECTORS["custom"]
SETTINGS = ShopSettings(platform_ref="custom-shop", currency="EUR")


def state(document: Any) -> OrderState:
    (told,) = CUSTOM.translate("order", document, SETTINGS)
    assert isinstance(told, OrderTold)
    return told.state


def refusal(document: Any, topic: str = "order") -> str:
    with pytest.raises(BadFact) as refused:
        CUSTOM.translate(topic, document, SETTINGS)
    return str(refused.value)


# ---- orders -------------------------------------------------------------------------------------------------


def test_the_plain_order() -> None:
    told = state(order())
    assert (told.id, told.status, told.paid, told.currency) == ("order-7001", "paid", "full", "EUR")
    assert told.placed_at == datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
    assert told.customer == CustomerRef(id="cust-31", email="grace@shop.example", email_verified=True)
    (lamp,) = told.lines
    assert (lamp.quantity, lamp.gross, lamp.discount, lamp.kind) == (2, Decimal("39.98"), Decimal(0), "item")
    assert told.charges == (Charge(kind="shipping", amount=Decimal("4.90")),)


def test_only_what_is_required_is_required() -> None:
    required = {
        "id": 7,
        "placed_at": "2026-05-04T09:30:00+02:00",
        "updated_at": "2026-05-04T07:30:00Z",
        "currency": "JPY",
        "financial_status": "pending",
        "lines": [{"id": 1, "quantity": 1, "unit_price": "1999"}],
        "something_else": {"we": "ignore"},
    }
    told = state(required)
    assert (told.id, told.customer, told.charges, told.refunds, told.test) == ("7", None, (), (), False)
    assert told.placed_at == told.updated_at
    for key in ("id", "placed_at", "updated_at", "currency", "financial_status"):
        assert refusal({name: value for name, value in required.items() if name != key}).startswith(f"{key}: ")
    for key in ("id", "quantity", "unit_price"):
        short = {name: value for name, value in required["lines"][0].items() if name != key}
        assert refusal(required | {"lines": [short]}).startswith(f"lines[0].{key}: ")


def test_null_counts_as_absent() -> None:
    told = state(order(lines=[line(discount=None, tags=None, gift_card=None)], shipping=None, refunds=None, test=None))
    assert told.lines[0].discount == 0
    assert told.charges == ()


@pytest.mark.parametrize(
    ("financial", "status", "paid"),
    [
        ("pending", "pending", "none"),
        ("authorized", "authorized", "none"),
        ("partially_paid", "part-paid", "part"),
        ("paid", "paid", "full"),
        ("refunded", "refunded", "full"),
        ("voided", "voided", "none"),
    ],
)
def test_every_financial_status(financial: str, status: str, paid: str) -> None:
    told = state(order(financial_status=financial))
    assert (told.status, told.paid) == (status, paid)
    assert told.all_refunded is (financial == "refunded")


def test_part_paid_tells_how_much_and_leaves_of_what_to_the_rules() -> None:
    told = state(order(financial_status="partially_paid", paid_amount="10.00"))
    assert (told.paid_amount, told.paid_of) == (Decimal("10.00"), None)
    assert state(order(financial_status="partially_paid", paid_amount=None)).paid_amount == 0


def test_the_highest_status_that_applies_wins() -> None:
    at = "2026-05-05T09:30:00Z"
    assert state(order(fulfilled_at=at)).status == "fulfilled"
    assert state(order(fulfilled_at=at, delivered_at=at)).status == "completed"
    assert state(order(fulfilled_at=at, financial_status="refunded")).status == "refunded"
    assert state(order(fulfilled_at=at, cancelled_at=at)).status == "cancelled"
    told = state(order(fulfilled_at=at, delivered_at=at, paid_at=at))
    assert told.fulfilled_at == told.delivered_at == told.paid_at


def test_refunded_with_a_refund_counts_by_its_refunds() -> None:
    assert state(order(financial_status="refunded", refunds=[refund()])).all_refunded is False


def test_a_guest_has_no_id_and_an_empty_customer_is_nobody() -> None:
    guest = {"id": None, "email": "guest@example.org"}
    assert state(order(customer=guest)).customer == CustomerRef(email="guest@example.org")
    assert state(order(customer=None)).customer is None
    assert state(order(customer={"email": ""})).customer is None


def test_gift_cards_tips_codes_and_tests_are_told_apart() -> None:
    codes = [{"code": "SPRING", "lines": [{"line_id": "line-1", "amount": "2.00"}] * 2, "shipping": "1.00"}]
    told = state(order(lines=[line(gift_card=True)], tip="3.00", discount_codes=codes, test=True))
    assert told.lines[0].kind == "gift_card"
    assert told.charges[1] == Charge(kind="tip", amount=Decimal("3.00"))
    assert told.discount_codes == (
        DiscountCode(code="SPRING", lines={"line-1": Decimal("4.00")}, shipping=Decimal("1.00")),
    )
    assert told.test is True


def test_refunds_of_lines_and_of_money() -> None:
    money = refund(2, lines=[], amount="5.00", shipping="4.90", at=None)
    told = state(order(refunds=[refund(), money]))
    assert told.refunds == (
        Refund(
            id="refund-1",
            at=datetime(2026, 5, 6, 12, tzinfo=UTC),
            lines=(RefundLine(line_id="line-1", quantity=1, amount=Decimal("19.99")),),
        ),
        Refund(id="refund-2", money=Decimal("5.00"), shipping=Decimal("4.90")),
    )


def test_a_refund_that_names_no_amount_is_in_proportion() -> None:
    told = state(order(refunds=[refund(lines=[{"line_id": "line-1", "quantity": 1}])]))
    assert told.refunds[0].lines == (RefundLine(line_id="line-1", quantity=1, amount=None),)


def test_an_amount_beside_lines_is_passed_over() -> None:
    assert state(order(refunds=[refund(amount="25.00")])).refunds[0].money == 0


def test_extra_decimals_count_exactly() -> None:
    tiny = "0.100000000000000000000000000001"
    long = "123456789012345." + "1" * 30
    told = state(order(lines=[line(unit_price=long, quantity=999_999_999)], shipping=tiny))
    assert Fraction(told.lines[0].gross) == Fraction(long) * 999_999_999
    assert told.charges[0].amount == Decimal(tiny)


def test_ids_beyond_the_reach_of_a_double_stay_exact() -> None:
    told = state(order(id=2**63 - 1, lines=[line(id=2**60 + 1)], refunds=[]))
    assert (told.id, told.lines[0].id) == ("9223372036854775807", "1152921504606846977")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"currency": "EURO"}, "currency: "),
        ({"currency": "eur"}, "currency: "),
        ({"currency": "XXX"}, "currency: "),
        ({"currency": "XTS"}, "currency: "),
        ({"currency": "ZZZ"}, "currency: "),
        ({"currency": 978}, "currency: "),
        ({"id": ""}, "id: "),
        ({"id": True}, "id: "),
        ({"id": 1.0}, "id: "),
        ({"id": "x" * 256}, "id: "),
        ({"placed_at": "2026-05-04T09:30:00"}, "placed_at: "),
        ({"placed_at": "2026-05-04"}, "placed_at: "),
        ({"placed_at": "2026-02-30T09:30:00Z"}, "placed_at: "),
        ({"placed_at": "2026-05-04T25:00:00Z"}, "placed_at: "),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at: "),
        ({"placed_at": "9999-12-31T23:59:59-14:00"}, "placed_at: "),
        ({"placed_at": "12026-05-04T09:30:00Z"}, "placed_at: "),
        ({"placed_at": "2026-05-04T09:30:00+99:99"}, "placed_at: "),
        ({"placed_at": 1_777_000_000}, "placed_at: "),
        ({"financial_status": "Paid"}, "financial_status: "),
        ({"prices_include_tax": "no"}, "prices_include_tax: "),
        ({"test": 0}, "test: "),
        ({"shipping": "-4.90"}, "shipping: must not be negative"),
        ({"shipping": 4.9}, "shipping: "),
        ({"shipping": "1e3"}, "shipping: "),
        ({"shipping": "NaN"}, "shipping: "),
        ({"shipping": "Infinity"}, "shipping: "),
        ({"shipping": "1,50"}, "shipping: "),
        ({"shipping": " 1.50"}, "shipping: "),
        ({"shipping": "1.50\n"}, "shipping: "),
        ({"shipping": "٣.50"}, "shipping: "),
        ({"shipping": ""}, "shipping: "),
        ({"shipping": "9" * 16}, "shipping: "),
        ({"lines": {}}, "lines: "),
        ({"lines": [line(quantity=-1)]}, "lines[0].quantity: "),
        ({"lines": [line(quantity=1.5)]}, "lines[0].quantity: "),
        ({"lines": [line(quantity="2")]}, "lines[0].quantity: "),
        ({"lines": [line(quantity=True)]}, "lines[0].quantity: "),
        ({"lines": [line(quantity=10**10)]}, "lines[0].quantity: "),
        ({"lines": [line(unit_price=19.99)]}, "lines[0].unit_price: "),
        ({"lines": [line(unit_price="-19.99")]}, "lines[0].unit_price: "),
        ({"lines": [line(tags="summer")]}, "lines[0].tags: "),
        ({"lines": [line(tags=[1])]}, "lines[0].tags[0]: "),
        ({"lines": [line(), line()]}, "lines: the id 'line-1' occurs twice"),
        ({"refunds": [refund(), refund()]}, "refunds: the id 'refund-1' occurs twice"),
        ({"refunds": [refund(lines=[{"line_id": "nope", "quantity": 1}])]}, "refunds[0]: names line 'nope'"),
        ({"refunds": [refund(lines=[{"line_id": "line-1", "quantity": 3}])]}, "refunds: 3 units of line 'line-1'"),
        ({"refunds": [refund(1), refund(2, lines=[{"line_id": "line-1", "quantity": 2}])]}, "refunds: 3 units"),
        ({"customer": "grace"}, "customer: "),
        ({"customer": {"email_verified": "yes"}}, "customer.email_verified: "),
    ],
)
def test_what_cannot_be_believed_is_refused_by_name(fields: dict[str, Any], says: str) -> None:
    assert refusal(order(**fields)).startswith(says)


def test_a_discount_above_the_price_is_the_rules_to_clamp() -> None:
    assert state(order(lines=[line(discount="99.00")])).lines[0].discount == Decimal("99.00")


def test_minus_zero_is_zero() -> None:
    assert str(state(order(shipping="-0.00", tip="-0")).charges) == "()"
