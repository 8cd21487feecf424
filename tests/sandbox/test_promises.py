"""Promise = award through the shop: what its cart page is told of a cart is what the order earns, 500 times over."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.audit import audit
from app.db import reading
from app.models import orders
from connectors.sandbox.shop import Shop
from connectors.sandbox.shop.goods import GOODS
from tests.build import open_tessera
from tests.edge import Door, open_door
from tests.sandbox.builders import Browser, Ear, shop_settings

CARTS = 500
WHO = {"": "guest", "c1": "member", "c2": "gold"}
CODES = ("", "", "KALIMERA", "FERRY5", "NONSENSE")
VARIANTS = [variant.id for product in GOODS for variant in product.variants]
RULES: dict[str, Any] = {
    "rounding": "half_up",
    "caps": {"order": 6000},
    "products": [
        {"key": "new", "match": {"tag": "new"}, "multiplier": "2"},
        {"key": "vases", "match": {"collection": "vases"}, "multiplier": "1.5"},
        {"key": "night", "match": {"variant": "harbour-mug-night"}, "rate": {"points": "17", "per": "3"}},
        {"key": "tea", "match": {"product": "teapot"}, "bonus": 25},
        {"key": "dish", "match": {"product": "olive-dish"}, "exclude": True},
    ],
    "campaigns": [
        {"key": "welcome", "coupon": "KALIMERA", "bonus": 50},
        {"key": "large", "min_basis": "120", "multiplier": "1.5"},
    ],
    "tiers": [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "1000000", "multiplier": "2"}],
    "rewards": [{"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}],
}


@dataclass(frozen=True)
class Promised:
    who: str
    points: int
    about: bool


class Street:
    """The shop with its customers on one side, Tessera on the other, and the post between them."""

    def __init__(self, door: Door, shop: Shop, ear: Ear) -> None:
        self.door, self.ear, self.delivered = door, ear, 0
        self.browsers = {customer: Browser(shop) for customer in WHO}
        self.forms = {customer: _form_of(browser) for customer, browser in self.browsers.items()}

    def open(self) -> None:
        """Tell of the goods and the known customers, let one be gold, and log both in."""
        self.ear.wait(lambda: len(self.ear.heard) == len(GOODS) + 3)
        self.deliver()
        self.members = {customer: self._api("members", {"platform_id": customer})["id"] for customer in WHO if customer}
        self._api(f"members/{self.members['c2']}/tier", {"key": "gold", "reason": "a friend of the house"})
        self.tokens = {
            customer: self._api(f"members/{member}/shopper-token", {})["token"]
            for customer, member in self.members.items()
        }
        for customer in self.members:
            self._submit(customer, "/login", customer=customer)

    def put(self, customer: str, items: Mapping[str, int], code: str) -> None:
        for variant, quantity in items.items():
            self._submit(customer, "/cart/add", variant=variant, quantity=str(quantity))
        self._submit(customer, "/cart/code", code=code)

    def promised(self, customer: str) -> Promised:
        """Ask as the widget does, with the very text that the cart page carries."""
        page = self.browsers[customer].get("/cart").text
        found = re.search(r'<script type="application/json">(.+?)</script>', page)
        assert found, page
        path = "/shopper/v1/cart" if customer else f"/widget/v1/{self.door.shop.id}/cart"
        headers = {"Authorization": f"Bearer {self.tokens[customer]}"} if customer else {}
        told = self.door.client.post(path, data=found[1], headers=headers)
        assert told.status_code == 200, told.text
        return Promised(WHO[customer], told.json["points"], told.json["about"])

    def buy(self, customer: str) -> str:
        who = {} if customer else {"name": "Ada Guest", "email": "ada@example.com"}
        bought = self._submit(customer, "/checkout", **who)
        return str(bought.location.rpartition("/")[2])

    def deliver(self) -> None:
        """Bring what the shop has sent, as it was signed, and settle it."""
        while self.delivered < len(self.ear.heard):
            sent = self.ear.heard[self.delivered]
            headers = {name: value for name, value in sent.items() if name.startswith("tessera-")}
            assert self.door.post(sent["body"], headers).status_code == 200
            self.delivered += 1
        self.door.shop.drain()

    def _submit(self, customer: str, path: str, /, **fields: str) -> Any:
        form = {"form_token": self.forms[customer], **fields}
        answer = self.browsers[customer].client.post(f"/demo{path}", data=form)
        assert answer.status_code == 303, answer.text
        return answer

    def _api(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.door.shop.keys.api_key}"}
        answer = self.door.client.post(f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        told: dict[str, Any] = answer.json
        return told


def _form_of(browser: Browser) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', browser.get("/login").text)
    assert found
    return found[1]


@contextmanager
def open_street(folder: Path, template: Path) -> Iterator[Street]:
    database = folder / "tessera.db"
    database.write_bytes(template.read_bytes())
    tessera = open_tessera(f"sqlite:///{database}", migrate=False, sandbox=True)
    tessera.set_clock(datetime.now(UTC) - timedelta(minutes=1))  # the shop's clock is the real one
    door = open_door(tessera, "sandbox", **RULES)
    ear = Ear()
    settings = replace(shop_settings(folder), shop_id=door.shop.id, webhook_secret=door.secret)
    shop = Shop(settings, lambda url, body, headers: _heard(ear, url, body, headers))
    try:
        yield Street(door, shop, ear)
    finally:
        shop.close()
        tessera.engine.dispose()


def _heard(ear: Ear, url: str, body: bytes, headers: dict[str, str]) -> int:
    lowered = {name.lower(): value for name, value in headers.items()}
    ear.heard.append({**lowered, "url": url, "body": body, "document": json.loads(body), "answer": 200})
    return 200


@pytest.fixture
def street(tmp_path: Path, sqlite_template: Path) -> Iterator[Street]:
    with open_street(tmp_path, sqlite_template) as street:
        street.open()
        yield street


def test_500_random_carts_earn_what_their_pages_promised(street: Street) -> None:
    chance = random.Random(20261122)
    promised: dict[str, Promised] = {}
    for _ in range(CARTS):
        customer = chance.choice(list(WHO))
        items = {variant: chance.randint(1, 4) for variant in chance.sample(VARIANTS, chance.randint(1, 4))}
        street.put(customer, items, chance.choice(CODES))
        told = street.promised(customer)
        promised[street.buy(customer)] = told
    street.ear.wait(lambda: len(street.ear.documents()) == CARTS, timeout_s=60)
    street.door.tessera.set_clock(datetime.now(UTC))
    street.deliver()
    with reading(street.door.tessera.engine) as connection:
        rows = connection.execute(select(orders).where(orders.c.shop_id == street.door.shop.id)).all()
    awarded = {row.id: row.posted for row in rows}
    assert awarded == {number: each.points for number, each in promised.items()}
    assert not any(each.about for each in promised.values())
    assert {each.who for each in promised.values() if each.points} == set(WHO.values())
    assert audit(street.door.tessera.engine, street.door.shop.id) == []
