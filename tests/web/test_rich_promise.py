"""Promise = award for members, under rules that ask who buys, where it goes, what it costs and which code was used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.audit import audit
from connectors.contract import Line
from tests.build import Tessera
from tests.edge import Door, open_door
from tests.rules.strategies import countries, lines, names, optional, rich_documents, some_tags
from tests.web.test_promise import NOW, in_cart

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
some = settings(
    max_examples=max(12, settings.default.max_examples // 10),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
baskets = st.lists(
    st.integers(0, 9).flatmap(lambda number: lines(number, kinds=("item", "item", "gift_card"))), min_size=1, max_size=3
)
customers = optional(
    tags=some_tags,
    country=countries,
    customer_groups=some_tags,
    birthday=st.sampled_from(["1990-01-01", "2015-01-01"]),
)
costs = st.dictionaries(names, st.sampled_from([None, "2.00", "5.00", "9.00"]), max_size=3)


class Buyer:
    """A member with the shop's key: asks what a cart would earn, then buys it unchanged."""

    def __init__(self, door: Door, cart: list[dict[str, Any]], country: str, codes: list[str]) -> None:
        self.door, self.cart, self.country, self.codes = door, cart, country, codes
        self.headers = {"Authorization": f"Bearer {door.shop.keys.api_key}"}

    def join(self, facts: dict[str, Any]) -> None:
        answer = self.post("members", {"platform_id": "ada", **facts})
        self.member_id = answer["id"]

    def promised(self) -> dict[str, Any]:
        asked = {"member_id": self.member_id, "country": self.country, "discount_codes": self.codes}
        return self.post("preview", {"currency": "EUR", "lines": self.cart, **asked})

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.door.client.post(f"/api/v1/{path}", json=body, headers=self.headers)
        assert answer.status_code in (200, 201), answer.json
        told: dict[str, Any] = answer.json
        return told

    def awarded(self, order_id: str) -> int:
        told = {
            "id": order_id,
            **dict.fromkeys(("placed_at", "updated_at", "fulfilled_at", "delivered_at"), NOW),
            "currency": "EUR",
            "financial_status": "paid",
            "customer": {"id": "ada"},
            "country": self.country,
            "discount_codes": [{"code": code.upper()} for code in self.codes],
            "lines": [{"id": str(number), **line} for number, line in enumerate(self.cart)],
        }
        assert self.door.deliver(told).status_code == 200
        self.door.shop.drain()
        return int(self.door.shop.order(order_id).posted)


@some
@given(
    document=rich_documents(),
    basket=baskets,
    facts=customers,
    bought_at=costs,
    country=countries,
    codes=st.lists(names, max_size=2),
)
def test_a_member_earns_what_was_promised_order_after_order(
    tessera: Tessera,
    document: Any,
    basket: list[Line],
    facts: dict[str, Any],
    bought_at: dict[str, str | None],
    country: str,
    codes: list[str],
) -> None:
    door = open_door(tessera, published=False)
    door.shop.publish(document, JANUARY)
    for product, cost in bought_at.items():
        variants = [{"id": "a", "price": "10.00", "cost": cost}, {"id": "b", "price": "10.00", "cost": "1.00"}]
        door.deliver({"id": product, "updated_at": NOW, "variants": variants}, "product")
    door.shop.drain()
    buyer = Buyer(door, [in_cart(line) for line in basket], country, codes)
    buyer.join(facts)
    for number in range(3):  # limited campaigns run out, newcomers become customers
        promised = buyer.promised()
        earned = buyer.awarded(f"o{number}")
        assert promised["about"] or promised["points"] == earned
    assert audit(tessera.engine, door.shop.id) == []


def test_the_public_widgets_promise_by_country_and_code(tessera: Tessera) -> None:
    markets = [{"key": "nordics", "countries": ["FI"], "rate": {"points": "20", "per": "1"}}]
    door = open_door(tessera, markets=markets, campaigns=[{"key": "go", "bonus": 50, "coupon": "Go"}])
    cart = {"currency": "EUR", "lines": [{"product_id": "p1", "quantity": 2, "unit_price": "19.99"}]}

    def promised(**more: Any) -> tuple[int, bool]:
        told = door.client.post(f"/widget/v1/{door.shop.id}/cart", json={**cart, **more}).get_json()
        return told["points"], told["about"]

    assert promised() == (399, True)  # nobody knows where it would go
    assert promised(country="FI") == (799, False)
    assert promised(country="FR", discount_codes=["gO "]) == (449, False)
    query = f"/widget/v1/{door.shop.id}/product?product=p1&quantity=2&price=19.99&currency=EUR"
    assert door.client.get(f"{query}&country=FI").get_json()["points"] == 799
    assert door.client.get(f"{query}&country=fi").status_code == 422


def test_to_strangers_a_programme_on_request_promises_what_they_earn_once_they_joined(tessera: Tessera) -> None:
    door = open_door(tessera, published=False)
    rules: dict[str, Any] = {"name": "Club", "currency": "EUR", "earning": {"rate": {"points": "10", "per": "1"}}}
    door.shop.publish({**rules, "eligibility": {"enrol": "on_request"}}, JANUARY)
    cart = {"currency": "EUR", "lines": [{"product_id": "p1", "quantity": 2, "unit_price": "19.99"}]}
    told = door.client.post(f"/widget/v1/{door.shop.id}/cart", json=cart).get_json()
    assert (told["points"], told["about"]) == (399, True)
