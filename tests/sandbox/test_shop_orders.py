"""Whatever is bought and whatever the desk does to it, the shop tells it as a custom shop must."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import OrderState, OrderTold, ShopSettings
from connectors.neutral import NeutralConnector
from connectors.sandbox.shop import changes
from connectors.sandbox.shop.carts import Cart, price_cart
from connectors.sandbox.shop.documents import cart_document, order_document, product_document
from connectors.sandbox.shop.goods import GOODS
from connectors.sandbox.shop.money import decimal_text, parse_amount, spread, tax_within
from connectors.sandbox.shop.orders import Buyer, Order, keep_order, order_by_number, place_order
from connectors.sandbox.shop.store import SCHEMA

ADA = Buyer(id="c9", name="Ada", email="ada@example.com", email_verified=True)
SETTINGS = ShopSettings(platform_ref="demo", currency="EUR")
VARIANTS = [variant.id for product in GOODS for variant in product.variants]

carts = st.builds(
    price_cart,
    st.dictionaries(st.sampled_from(VARIANTS), st.integers(1, 5), min_size=1, max_size=4),
    st.sampled_from(["", "KALIMERA", "FERRY5", "NONSENSE"]),
)
steps = st.one_of(
    st.tuples(st.sampled_from(sorted(changes.PLAIN))),
    st.tuples(st.just("unit"), st.integers(0, 3)),
    st.tuples(st.just("money"), st.integers(1, 4000)),
    st.tuples(st.just("edit"), st.integers(0, 3), st.integers(0, 6)),
)


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.row_factory = sqlite3.Row
        db.executescript(SCHEMA)
        db.execute("INSERT INTO customers VALUES ('c9', 'Ada', 'ada@example.com', 1, '')")
        yield db


def take(order: Order, step: tuple) -> Order:
    name, *given = step
    line = order.lines[given[0] % len(order.lines)].id if name in ("unit", "edit") else ""
    if name == "unit":
        return changes.refund_unit(order, line)
    if name == "edit":
        return changes.edit_quantity(order, line, given[1])
    return changes.refund_money(order, *given) if name == "money" else changes.PLAIN[name](order)


def believed(order: Order) -> OrderState:
    """Read the order's document as Tessera will. Raises: BadFact."""
    document = json.loads(json.dumps(order_document(order, "EUR")))
    (fact,) = NeutralConnector(name="sandbox").translate("order", document, SETTINGS)
    assert isinstance(fact, OrderTold)
    return fact.state


def bought(items: dict[str, int], code: str = "") -> Order:
    with database() as db:
        return place_order(db, price_cart(items, code), ADA, paid=True)


@given(cart=carts, paid=st.booleans(), path=st.lists(steps, max_size=8))
def test_every_state_is_believed_and_newer_than_the_one_before(cart: Cart, paid: bool, path: list[tuple]) -> None:
    with database() as db:
        order = place_order(db, cart, ADA, paid=paid)
        assert order_by_number(db, order.number) == order
        for step in path:
            try:
                kept = keep_order(db, take(order, step))
            except changes.NotPossible:
                continue
            state = believed(kept)
            assert state.updated_at > believed(order).updated_at
            assert kept.refunded_cents <= kept.total_cents
            assert order_by_number(db, order.number) == kept
            order = kept


@given(cart=carts)
def test_an_order_is_the_cart_it_was(cart: Cart) -> None:
    with database() as db:
        told = order_document(place_order(db, cart, ADA, paid=True), "EUR")
    promised = cart_document(cart, "EUR")["lines"]
    assert [{key: line[key] for key in promised[0]} for line in told["lines"]] == promised
    assert Decimal(told["paid_amount"]) == Decimal(decimal_text(cart.total_cents))


@given(cart=carts, money=st.integers(0, 500))
def test_refunding_everything_gives_back_exactly_what_was_paid(cart: Cart, money: int) -> None:
    with database() as db:
        order = place_order(db, cart, ADA, paid=True)
        if money:
            order = changes.refund_money(order, money)
        order = changes.refund_all(order)
    assert order.refunded
    assert order.refunded_cents == order.total_cents
    assert order_document(order, "EUR")["financial_status"] == "refunded"
    assert all(order.refunded_units(line.id) == line.quantity for line in order.lines)


def test_a_unit_given_back_takes_its_share_of_the_discount_along() -> None:
    order = bought({"harbour-mug-night": 2}, "KALIMERA")
    assert [line.discount_cents for line in order.lines] == [399]
    (line,) = order.lines
    once = changes.refund_unit(order, line.id)
    twice = changes.refund_unit(once, line.id)
    assert [refund.total_cents for refund in twice.refunds] == [1799, 1800]


def test_the_price_includes_the_tax_and_a_gift_card_has_none() -> None:
    order = bought({"morning-cup-sea": 2, "gift-card-50": 1})
    told = order_document(order, "EUR")
    assert told["prices_include_tax"] is True
    assert [(line["unit_price"], line["tax"], line["gift_card"]) for line in told["lines"]] == [
        ("24.00", "9.29", False),
        ("50.00", "0.00", True),
    ]


def test_a_code_is_told_with_what_it_took_off_each_line() -> None:
    order = bought({"morning-cup-sea": 1, "olive-dish-salt": 1, "gift-card-25": 1}, "FERRY5")
    (code,) = order_document(order, "EUR")["discount_codes"]
    assert code == {
        "code": "FERRY5",
        "lines": [{"line_id": "1001-1", "amount": "3.00"}, {"line_id": "1001-2", "amount": "2.00"}],
        "shipping": "0.00",
    }


def test_every_product_can_be_told() -> None:
    when = bought({"morning-cup-sea": 1}).placed_at
    for product in GOODS:
        document = json.loads(json.dumps(product_document(product, when)))
        assert NeutralConnector(name="sandbox").translate("product", document, SETTINGS)


@given(cents=st.integers(0, 100_000), weights=st.lists(st.integers(0, 10_000), min_size=1, max_size=6))
def test_an_amount_shared_out_is_neither_more_nor_less(cents: int, weights: list[int]) -> None:
    shares = spread(cents, weights)
    assert sum(shares) == (cents if sum(weights) else 0)
    assert all(share == 0 for share, weight in zip(shares, weights, strict=True) if not weight)


@given(cents=st.integers(0, 10_000_000))
def test_amounts_are_written_and_read_alike(cents: int) -> None:
    assert parse_amount(decimal_text(cents)) == cents if cents < 100_000_000 else True
    assert abs(tax_within(cents) * 124 - cents * 24) <= 62
