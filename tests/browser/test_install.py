"""A new merchant connects a shop of each platform in a real browser, publishes a programme and imports the past."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
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


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> dict[str, Any]:
    width, height, scheme = SIZES[request.param]
    SCREENS.mkdir(exist_ok=True)
    return {"width": width, "height": height, "scheme": scheme, "screens": str(SCREENS)}


@pytest.fixture
def world(sqlite_template: Path, tmp_path: Path) -> Iterator[Today]:
    tessera = open_tessera(f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}", migrate=False, app_url=OURS)
    yield Today(tessera, datetime.now(UTC))
    tessera.engine.dispose()


@contextmanager
def working(world: World, hosts: Mapping[str, Flask]) -> Iterator[list[str]]:
    """Serve our installation and the shops' platforms, and let a worker work."""
    worker = Worker(world.app.extensions["tessera"], sweep_s=0.2)
    worker.start()
    with street({"tessera.example": world.app, **hosts}) as flags:
        yield flags
    worker.stop()


def test_a_shop_of_woocommerce(world: Today, size: Mapping[str, Any], chromium: Chromium) -> None:
    mug = world.store.product("Mug", "10.00")
    world.store.customer("c7@example.com", id=7)
    world.store.orders.checkout([(mug, 2)], email="c7@example.com", customer_id=7)
    with working(world, {"mugs.example": world.store.app}) as flags:
        seen = run("install.mjs", chromium, way="woocommerce", flags=flags, **size)
    assert "does not answer" in seen["wrong"]
    assert "did not agree" in seen["denied"]
    assert "1 customer and 1 order were" in seen["imported"]
    assert [each["topic"] for each in world.store.state.webhooks.values()]
    answered = [said for said in seen["console"] if "Failed to load resource" not in said]  # with an error's status
    assert (answered, len(seen["console"])) == ([], 2)


def _shopify(world: World) -> Shopify:
    shopify = Shopify(world)
    shopify.platform.hooks.url, shopify.platform.hooks.topics = f"{OURS}/webhooks/shopify", frozenset(facts.TOPICS)
    mug = shopify.platform.product("Mug", "10.00")
    ada = shopify.platform.customer("ada@example.com")
    shopify.platform.orders.place([(mug, 2)], customer=ada)
    shopify.platform.hooks.waiting.clear()  # from before
    return shopify


def test_a_shop_of_shopify_inside_its_admin(
    world: Today,
    size: Mapping[str, Any],
    chromium: Chromium,
    admin_schema: schema.Admin,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(past, "LOOK_AGAIN", timedelta(seconds=0.2))
    shopify = _shopify(world)
    around = admin(shopify.platform, OURS)
    with working(world, {ADMIN: around, CDN: around}) as flags:
        seen = run("install.mjs", chromium, way="embedded", flags=flags, **size)
    assert "1 customer and 1 order were" in seen["imported"]
    assert shopify.connected()
    assert seen["allowed"] == ["Store credit as a reward", "Orders older than 60 days, for the import of your past"]
    assert "write_gift_cards" in shopify.pair().scopes
    assert seen["console"] == []


def test_a_shop_of_shopify_by_the_code_grant(
    world: Today, size: Mapping[str, Any], chromium: Chromium, admin_schema: schema.Admin
) -> None:
    shopify = _shopify(world)
    around = admin(shopify.platform, OURS)
    hosts = {ADMIN: around, CDN: around, shopify.domain: shopify.platform.app}
    with working(world, hosts) as flags:
        given = {"way": "granted", "signed": shopify.from_shopify()}
        seen = run("install.mjs", chromium, flags=flags, **given, **size)
    assert seen["address"] == f"{OURS}/admin/"
    assert shopify.connected()
    assert seen["allowed"] == ["Store credit as a reward", "Orders older than 60 days, for the import of your past"]
    assert "write_gift_cards" in shopify.pair().scopes
    assert seen["console"] == []
