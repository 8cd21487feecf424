"""Checked by mypy: an order as the connectors tell it is an order as the rules see it. Nothing runs here."""

from __future__ import annotations

from app.rules.basket import BoughtBasket
from app.rules.kept import ProductFacts
from app.rules.order import Facts, Order, OrderCharge, OrderFulfilment, OrderLine, OrderRefund, RefundedLine
from connectors.contract import Charge, Fulfilment, Line, OrderState, Refund, RefundLine


def order(told: OrderState) -> Order:
    return told


def basket(bought: BoughtBasket) -> Order:
    return bought


def parts(
    line: Line, charge: Charge, refund: Refund, back: RefundLine, sent: Fulfilment, facts: ProductFacts
) -> tuple[OrderLine, OrderCharge, OrderRefund, RefundedLine, OrderFulfilment, Facts, Facts]:
    return line, charge, refund, back, sent, facts, line
