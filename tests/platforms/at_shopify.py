"""Our installation and a shop at Shopify."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from werkzeug.test import TestResponse

from app import shops
from app.db import reading
from app.platforms import connections
from app.shops import Shop
from connectors.shopify import facts, install
from tests.fakes.shopify import Platform
from tests.fakes.shopify.oauth import App
from tests.fakes.shopify.state import Node, legacy
from tests.platforms.life import BEGINS, Books
from tests.platforms.world import OURS, World

SETTINGS = {"SHOPIFY_API_KEY": "key", "SHOPIFY_API_SECRET": "hush" * 8}
MUGS = "mugs.myshopify.com"


class Shopify:
    """Our installation, and a shop at Shopify."""

    def __init__(self, world: World, domain: str = MUGS) -> None:
        config = replace(world.tessera.services.config, connectors=SETTINGS)
        services = replace(world.tessera.services, config=config)
        world.app.extensions["tessera"] = services
        self.world, self.services, self.browser = world, services, world.browser
        back = f"{OURS}/install/shopify/back"
        self.registered = App("key", "hush" * 8, frozenset(install.SCOPES), (back,))
        self.domain, self.platform = domain, self.new_shop(domain)

    def new_shop(self, domain: str) -> Platform:
        made = Platform(
            domain, self.registered, self.world.post, clock=lambda: self.world.real, seconds=self.world.seconds
        )
        made.hooks.url, made.hooks.topics = f"{OURS}/webhooks/shopify", frozenset(facts.TOPICS)
        self.world.wire.hosts = {**self.world.wire.hosts, **made.hosts}
        return made

    def shop(self, ref: str = MUGS) -> Shop | None:
        with reading(self.services.engine) as connection:
            return shops.find(connection, "shopify", ref)

    def pair(self) -> connections.Connected:
        shop = self.shop()
        assert shop is not None
        with reading(self.services.engine) as connection:
            found = connections.find(connection, self.services.vault, shop.id)
        assert found is not None
        return found

    def connected(self, ref: str = MUGS) -> bool:
        shop = self.shop(ref)
        with reading(self.services.engine) as connection:
            return shop is not None and connections.find(connection, self.services.vault, shop.id) is not None

    def open_admin(self, token: str | None = None, **more: str) -> TestResponse:
        """The merchant opens the app inside Shopify's admin."""
        query = {"id_token": token or self.registered.session_token(self.platform.shop), "shop": self.domain, **more}
        return self.world.app.test_client().get(f"/admin/?{urlencode(query)}", base_url=OURS)

    def from_shopify(self, **changes: str) -> str:
        stamp = str(int(self.world.real.timestamp()))
        return self.registered.signed({"shop": MUGS, "timestamp": stamp, "host": "YWRtaW4=", **changes})

    def agree(self, address: str) -> str:
        """The merchant agrees at Shopify; returns where the browser is sent."""
        parts = urlsplit(address)
        at = {"base_url": f"https://{parts.netloc}", "query_string": parts.query}
        return str(self.platform.app.test_client().post("/admin/oauth/authorize", **at).location)


class ShopLife(Books):
    """A Shopify shop with a programme."""

    def __init__(
        self,
        world: World,
        domain: str = MUGS,
        scopes: tuple[str, ...] = install.SCOPES,
        begins: datetime = BEGINS,
        **rules: Any,
    ) -> None:
        shopify = Shopify(world, domain)
        shopify.registered.scopes = frozenset(scopes)
        self.world, self.shopify, self.platform, self.services = world, shopify, shopify.platform, shopify.services
        self.platform.install()
        assert shopify.open_admin().status_code == 200
        shop = shopify.shop(domain)
        assert shop is not None
        self.shop_id = shop.id
        self.publish(begins, **rules)
        self.mug, self.hat = self.platform.product("Mug", "10.00"), self.platform.product("Hat", "15.00")
        self.ada = self.platform.customer("ada@example.com")
        self.told()

    def buy(self, customer: Node | None = None, times: int = 1, **given: Any) -> Node:
        """Buy for 35.00, so many times over."""
        bought = [(self.mug, 2 * times), (self.hat, times)]
        return self.platform.orders.place(bought, customer=customer or self.ada, **given)

    def told(self) -> None:
        self.platform.hooks.send()
        self.drain()

    def target(self, order: Node) -> int:  # type: ignore[override]
        return super().target(legacy(order["id"]))

    def lose(self) -> None:
        """Let what waits to be told get lost."""
        self.platform.hooks.waiting.clear()
