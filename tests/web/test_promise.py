"""Promise = award: what the widgets say of a basket is what its order earns, to the point (semantics 2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Line
from tests.build import Tessera
from tests.edge import Door, open_door
from tests.rules.strategies import documents, lines

NOW = "2026-03-01T12:00:00Z"  # tests.build.START: what the widgets call now
_JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
some = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
baskets = st.lists(
    st.integers(0, 9).flatmap(lambda number: lines(number, kinds=("item", "item", "gift_card"))), max_size=3
)


def in_cart(line: Line) -> dict[str, Any]:
    unit_price = line.gross / line.quantity if line.quantity else Decimal("7.00")
    return {
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "quantity": line.quantity,
        "unit_price": f"{unit_price:f}",
        "discount": f"{line.discount:f}",
        "tags": list(line.tags),
        "collections": list(line.collections),
        "vendor": line.vendor,
        "gift_card": line.kind == "gift_card",
    }


def awarded(door: Door, cart: list[dict[str, Any]], order_id: str) -> int:
    """Buy the cart unchanged, pay it and hand it over; return what was posted."""
    told = {
        "id": order_id,
        **dict.fromkeys(("placed_at", "updated_at", "fulfilled_at", "delivered_at"), NOW),
        "currency": "EUR",
        "financial_status": "paid",
        "customer": {"id": f"buyer of {order_id}"},
        "lines": [{"id": str(number), **line} for number, line in enumerate(cart)],
    }
    assert door.deliver(told).status_code == 200
    door.shop.drain()
    order = door.shop.order(order_id)
    assert order.posted == order.target
    return int(order.posted)


@some
@given(document=documents, basket=baskets)
def test_a_cart_earns_what_the_cart_widget_promised(tessera: Tessera, document: Any, basket: list[Line]) -> None:
    door = open_door(tessera, published=False)
    door.shop.publish(document, _JANUARY)
    cart = [in_cart(line) for line in basket]
    body = json.dumps({"currency": "EUR", "lines": cart})
    promised = door.client.post(f"/widget/v1/{door.shop.id}/cart", data=body).get_json()
    earned = awarded(door, cart, "o1")
    assert promised["about"] or promised["points"] == earned


@some
@given(document=documents, line=lines(0, kinds=("item",)))
def test_one_product_earns_what_the_product_widget_promised(tessera: Tessera, document: Any, line: Line) -> None:
    door = open_door(tessera, published=False)
    door.shop.publish(document, _JANUARY)
    sold = in_cart(line)
    query = {
        "currency": "EUR",
        "price": sold["unit_price"],
        "tags": ",".join(sold["tags"]),
        "collections": ",".join(sold["collections"]),
        "product": sold["product_id"],
        "variant": sold["variant_id"],
        "vendor": sold["vendor"],
        **{name: sold[name] for name in ("quantity", "discount")},
    }
    present = {name: value for name, value in query.items() if value is not None}
    promised = door.client.get(f"/widget/v1/{door.shop.id}/product", query_string=present).get_json()
    earned = awarded(door, [sold], "o1")
    assert promised["about"] or promised["points"] == earned


@pytest.mark.parametrize("kind", ["product", "variant", "tag", "collection", "vendor"])
def test_a_rule_for_one_kind_of_fact_counts_in_promise_and_award_alike(tessera: Tessera, kind: str) -> None:
    door = open_door(tessera, products=[{"key": "a", "match": {kind: "x"}, "multiplier": "2"}])
    line: dict[str, Any] = {"quantity": 2, "unit_price": "19.99"}
    line |= {"product_id": "x", "variant_id": "x", "tags": ["x"], "collections": ["x"], "vendor": "x"}
    other = {**line, "product_id": "p", "variant_id": "v", "tags": ["t"], "collections": ["c"], "vendor": "w"}
    for number, (sold, points) in enumerate([(line, 799), (other, 399)]):
        body = {"currency": "EUR", "lines": [sold]}
        promised = door.client.post(f"/widget/v1/{door.shop.id}/cart", json=body).get_json()["points"]
        query = "product={product_id}&variant={variant_id}&vendor={vendor}&quantity=2&price=19.99&currency=EUR"
        facts = f"&tags={sold['tags'][0]}&collections={sold['collections'][0]}"
        shown = door.client.get(f"/widget/v1/{door.shop.id}/product?{query.format(**sold)}{facts}").get_json()["points"]
        assert (promised, shown) == (points, points)
        assert awarded(door, [sold], f"o{number}") == points


def test_what_the_catalogue_knows_counts_in_promise_and_award_alike(tessera: Tessera) -> None:
    rules = [{"key": "lamps", "match": {"tag": "light"}, "multiplier": "2"}]
    door = open_door(tessera, products=rules)
    door.deliver({"id": "p1", "updated_at": NOW, "tags": ["light"]}, "product")
    door.shop.drain()
    cart = [{"product_id": "p1", "quantity": 2, "unit_price": "19.99"}]
    promised = door.client.post(f"/widget/v1/{door.shop.id}/cart", json={"currency": "EUR", "lines": cart}).get_json()
    shown = door.client.get(f"/widget/v1/{door.shop.id}/product?product=p1&quantity=2&price=19.99&currency=EUR")
    assert promised["points"] == shown.get_json()["points"] == awarded(door, cart, "o1") == 799


def test_without_a_rate_for_the_shoppers_currency_the_widget_says_about(tessera: Tessera) -> None:
    door = open_door(tessera)
    cart = [{"product_id": "p1", "quantity": 2, "unit_price": "19.99"}]
    told = door.client.post(f"/widget/v1/{door.shop.id}/cart", json={"currency": "USD", "lines": cart}).get_json()
    assert told["about"] is True
