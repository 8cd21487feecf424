"""A new merchant connects a shop of each platform in a real browser, publishes a programme and imports the past."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.worker import Worker
from connectors.shopify import facts, past
from tests.browser.browser import run
from tests.browser.street import street
from tests.build import open_tessera
from tests.fakes.shopify import schema
from tests.fakes.shopify.admin import ADMIN, CDN, admin
from tests.platforms.at_shopify import Shopify
from tests.platforms.world import OURS, World
from tests.servers import Chromium

SCREENS = Path(__file__).parent / "screens"
SIZES = {"desktop": (1000, 800, "light"), "phone": (390, 844, "dark")}


class Today(World):
    """The world at the time that the browser knows."""

    @property
    def real(self) -> datetime:  # type: ignore[override]
        return datetime.now(UTC)

    @real.setter
    def real(self, at: datetime) -> None:
        """It is now."""


Merchant = Callable[..., Any]
Walks = Callable[[Callable[[World, Merchant], None]], None]


@pytest.fixture
def walks(sqlite_template: Path, tmp_path: Path, chromium: Chromium) -> Walks:
    """Let a merchant with a large and one with a small screen walk at once: most of a walk is waiting."""
    SCREENS.mkdir(exist_ok=True)

    def one(walk: Callable[[World, Merchant], None], size: str) -> None:
        width, height, scheme = SIZES[size]
        given = {"width": width, "height": height, "scheme": scheme, "screens": str(SCREENS)}
        database = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / f'{size}.db')}"
        tessera = open_tessera(database, migrate=False, app_url=OURS)
        world = Today(tessera, datetime.now(UTC))

        def merchant(way: str, hosts: Mapping[str, Flask], **more: Any) -> Any:
            with working(world, hosts) as flags:
                return run("install.mjs", chromium, way=way, flags=flags, **given, **more)

        try:
            walk(world, merchant)
        finally:
            tessera.engine.dispose()

    def both(walk: Callable[[World, Merchant], None]) -> None:
        with ThreadPoolExecutor(len(SIZES)) as people:
            for done in [people.submit(one, walk, size) for size in SIZES]:
                done.result()

    return both


@contextmanager
def working(world: World, hosts: Mapping[str, Flask]) -> Iterator[list[str]]:
    """Serve our installation and the shops' platforms, and let a worker work."""
    worker = Worker(world.app.extensions["tessera"], sweep_s=0.2)
    worker.start()
    with street({"tessera.example": world.app, **hosts}) as flags:
        yield flags
    worker.stop()


def test_a_shop_of_woocommerce(walks: Walks) -> None:
    def walk(world: World, merchant: Merchant) -> None:
        mug = world.store.product("Mug", "10.00")
        world.store.customer("c7@example.com", id=7)
        world.store.orders.checkout([(mug, 2)], email="c7@example.com", customer_id=7)
        seen = merchant("woocommerce", {"mugs.example": world.store.app})
        assert "does not answer" in seen["wrong"]
        assert "did not agree" in seen["denied"]
        assert "1 customer and 1 order were" in seen["imported"]
        assert world.store.state.webhooks
        answered = [said for said in seen["console"] if "Failed to load resource" not in said]  # with an error's status
        assert (answered, len(seen["console"])) == ([], 2)

    walks(walk)


def _shopify(world: World) -> Shopify:
    shopify = Shopify(world)
    shopify.platform.hooks.url, shopify.platform.hooks.topics = f"{OURS}/webhooks/shopify", frozenset(facts.TOPICS)
    mug = shopify.platform.product("Mug", "10.00")
    ada = shopify.platform.customer("ada@example.com")
    shopify.platform.orders.place([(mug, 2)], customer=ada)
    shopify.platform.hooks.waiting.clear()  # from before
    return shopify


LEFT = ["Store credit as a reward", "Orders older than 60 days, for the import of your past"]


def test_a_shop_of_shopify_inside_its_admin(
    walks: Walks, admin_schema: schema.Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "LOOK_AGAIN", timedelta(seconds=0.2))

    def walk(world: World, merchant: Merchant) -> None:
        shopify = _shopify(world)
        around = admin(shopify.platform, OURS)
        seen = merchant("embedded", {ADMIN: around, CDN: around})
        assert "1 customer and 1 order were" in seen["imported"]
        assert seen["allowed"] == LEFT
        assert "write_gift_cards" in shopify.pair().scopes
        assert seen["console"] == []

    walks(walk)


def test_a_shop_of_shopify_by_the_code_grant(walks: Walks, admin_schema: schema.Admin) -> None:
    def walk(world: World, merchant: Merchant) -> None:
        shopify = _shopify(world)
        around = admin(shopify.platform, OURS)
        hosts = {ADMIN: around, CDN: around, shopify.domain: shopify.platform.app}
        seen = merchant("granted", hosts, signed=shopify.from_shopify())
        assert seen["address"] == f"{OURS}/admin/"
        assert seen["allowed"] == LEFT
        assert "write_gift_cards" in shopify.pair().scopes
        assert seen["console"] == []

    walks(walk)
