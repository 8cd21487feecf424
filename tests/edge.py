"""The outside edge, as a test plays it: one shop's platform, delivering signed bodies over HTTP."""

from __future__ import annotations

import importlib
import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import shops
from app.db import reading, transaction
from app.intake import deliveries
from app.models import inbox as inbox_table
from app.shops import NewShop
from connectors import CONNECTORS
from tests.build import Shop, Tessera, programme

APP_SECRET = "hush"
_numbers = itertools.count(1)

ORDER_TOPIC = {"shopify": "orders/paid", "woocommerce": "order.updated", "custom": "order", "sandbox": "order"}
ORDER_POINTS = {"shopify": 399, "woocommerce": 350, "custom": 399, "sandbox": 399}  # of `order`, at 10 per EUR 1


def payloads(platform: str) -> Any:
    """Return the builders of a platform's documents."""
    return importlib.import_module(f"tests.payloads.{'custom' if platform == 'sandbox' else platform}")


def ref_of(platform: str) -> str:
    number = next(_numbers)
    return f"shop-{number}.myshopify.com" if platform == "shopify" else f"edge-{number}.example"


@dataclass(frozen=True)
class Door:
    """One shop, and the client its platform delivers through."""

    tessera: Tessera
    platform: str
    ref: str
    shop: Shop
    client: FlaskClient = field(repr=False)

    @property
    def path(self) -> str:
        return shops.webhook_url(self.tessera.services.config.app_url, self.platform, self.shop.id).partition("8000")[2]

    @property
    def secret(self) -> str:
        return self.shop.keys.webhook_secret or APP_SECRET

    def order(self, **fields: Any) -> dict[str, Any]:
        return payloads(self.platform).order(**fields)

    def signed(
        self, body: bytes, topic: str | None = None, delivery: str | None = None, secret: str | None = None
    ) -> dict[str, str]:
        """Return the headers of a genuine delivery."""
        connector = CONNECTORS[self.platform]
        delivery = delivery or f"delivery-{next(_numbers)}"
        topic = ORDER_TOPIC[self.platform] if topic is None else topic
        signature = connector.sign(topic, delivery, body, secret or self.secret, int(time.time()))
        return {**signature, **connector.naming(self.ref)}

    def post(self, body: bytes, headers: Mapping[str, str], path: str | None = None) -> TestResponse:
        return self.client.post(path or self.path, data=body, headers=dict(headers))

    def deliver(self, document: object, topic: str | None = None, delivery: str | None = None) -> TestResponse:
        """Deliver a document, or bytes, as the platform does."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.post(body, self.signed(body, topic, delivery))

    def kept(self) -> list[Any]:
        """Return the deliveries that are kept, oldest first."""
        mine = select(inbox_table).where(inbox_table.c.shop_id == self.shop.id).order_by(inbox_table.c.id)
        with reading(self.tessera.engine) as connection:
            return list(connection.execute(mine))

    def verdicts(self) -> list[tuple[str, str | None]]:
        """Drain; return state and reason of every delivery."""
        self.shop.drain()
        return [(row.state, row.reason) for row in self.kept()]

    def replay(self, delivery_id: int) -> None:
        with transaction(self.tessera.engine) as connection:
            deliveries.replay(connection, self.shop.id, delivery_id)

    def state(self) -> str:
        with reading(self.tessera.engine) as connection:
            return shops.get(connection, self.shop.id).state

    def points(self) -> int:
        """Return what all members of the shop have available."""
        return sum(balance.get("available", 0) for balance in self.shop.balances())


def open_door(tessera: Tessera, platform: str = "custom", *, published: bool = True, **earning: Any) -> Door:
    """Make a shop on a platform, with a programme of 10 points per EUR 1, and a client to deliver through."""
    ref = ref_of(platform)
    with transaction(tessera.engine) as connection:
        new = NewShop(platform, ref, "EUR", "Europe/Paris", (f"https://{ref}",))
        keys = shops.create(connection, tessera.services.vault, new, datetime.now(UTC))
    shop = Shop(tessera, keys, platform)
    if published:
        shop.publish(programme(**earning), datetime(2026, 1, 1, tzinfo=UTC))
    return Door(tessera, platform, ref, shop, client_of(tessera))


def client_of(tessera: Tessera) -> FlaskClient:
    """Return a new client of an installation."""
    return tessera.client()
