"""How far a Shopify order has come: paid, fulfilled, delivered."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors import CONNECTORS
from connectors.contract import OrderState, OrderTold, ShopSettings
from tests.payloads.shopify import LAMP, SHOP, fulfilment, order, refund

SHOPIFY = CONNECTORS["shopify"]
SETTINGS = ShopSettings(platform_ref=SHOP, currency="EUR")
D = Decimal


def state(document: Any) -> OrderState:
    (told,) = SHOPIFY.translate("orders/updated", document, SETTINGS)
    assert isinstance(told, OrderTold)
    return told.state


@pytest.mark.parametrize(
    ("financial", "status", "paid"),
    [
        ("pending", "pending", "none"),
        (None, "pending", "none"),
        ("authorized", "authorized", "none"),
        ("partially_paid", "part-paid", "part"),
        ("paid", "paid", "full"),
        ("partially_refunded", "partially_refunded", "full"),
        ("refunded", "refunded", "full"),
        ("voided", "voided", "none"),
        ("expired", "expired", "none"),
        ("something_new", "pending", "none"),
    ],
)
def test_every_financial_status(financial: str | None, status: str, paid: str) -> None:
    told = state(order(financial_status=financial))
    assert (told.status, told.paid) == (status, paid)
    assert told.all_refunded is (financial == "refunded")


def test_the_highest_status_that_applies_wins() -> None:
    shipped = {"fulfillment_status": "fulfilled", "fulfillments": [fulfilment()]}
    arrived = {"fulfillment_status": "fulfilled", "fulfillments": [fulfilment(shipment_status="delivered")]}
    assert state(order(**shipped)).status == "fulfilled"
    assert state(order(**arrived)).status == "completed"
    assert state(order(**shipped, financial_status="refunded")).status == "refunded"
    assert state(order(**shipped, cancelled_at="2026-07-05T10:00:00+02:00")).status == "cancelled"


@pytest.mark.parametrize(
    ("outstanding", "paid"), [("24.88", "20.00"), ("0.00", "44.88"), ("60.00", "0"), ("-5.00", "44.88")]
)
def test_part_paid_is_the_current_total_less_what_is_outstanding(outstanding: str, paid: str) -> None:
    told = state(order(financial_status="partially_paid", total_outstanding=outstanding))
    assert (told.paid_amount, told.paid_of) == (D(paid), D("44.88"))


def test_fulfilments_one_by_one() -> None:
    arrived = {"shipment_status": "delivered"}
    parcels = [
        fulfilment(1, created_at="2026-07-02T08:00:00Z", updated_at="2026-07-04T08:00:00Z", **arrived),
        fulfilment(2, created_at="2026-07-03T08:00:00Z", status="cancelled"),
        fulfilment(3, created_at="2026-07-02T20:00:00Z", updated_at="2026-07-06T08:00:00Z", **arrived),
    ]
    told = state(order(fulfillment_status="fulfilled", fulfillments=parcels))
    assert [one.counts for one in told.fulfilments] == [True, False, True]
    assert told.fulfilments[0].units == {str(LAMP): 2}
    assert told.fulfilled_at == datetime(2026, 7, 2, 20, tzinfo=UTC)
    assert told.delivered_at == datetime(2026, 7, 6, 8, tzinfo=UTC)


def test_delivered_means_everything_was_shipped_and_every_parcel_arrived() -> None:
    arrived, under_way = fulfilment(1, shipment_status="delivered"), fulfilment(2, shipment_status="in_transit")
    assert state(order(fulfillment_status="fulfilled", fulfillments=[arrived, under_way])).delivered_at is None
    assert state(order(fulfillment_status="partial", fulfillments=[arrived])).delivered_at is None
    assert state(order(fulfillment_status="partial", fulfillments=[arrived])).fulfilled_at is None
    assert state(order(fulfillment_status="fulfilled", fulfillments=[])).delivered_at is None


def test_an_order_with_nothing_to_ship_is_fulfilled_when_it_says_so() -> None:
    told = state(order(fulfillment_status="fulfilled"))
    assert told.fulfilled_at == told.updated_at


def test_a_test_order_says_so() -> None:
    assert state(order(test=True)).test is True


def test_refunded_with_a_refund_counts_by_its_refunds() -> None:
    assert state(order(financial_status="refunded", refunds=[refund()])).all_refunded is False
