"""A new merchant connects a shop of each platform in a real browser, publishes a programme and imports the past."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.worker import Worker
from connectors.shopify import past
from tests.browser.browser import run
from tests.browser.street import street
from tests.build import Tessera, open_tessera
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


@dataclass
class Trial:
    """An installation of ours, what a merchant does with it, and what she saw.

    It is prepared in the main thread: applications compile their routes, which Python 3.11 cannot in several at once.
    """

    world: World
    way: str
    hosts: Mapping[str, Flask]
    given: Mapping[str, str] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)


Walks = Callable[[Callable[[World], Trial]], list[Trial]]


@pytest.fixture
def walks(sqlite_template: Path, tmp_path: Path, chromium: Chromium) -> Iterator[Walks]:
    """Let a merchant with a large and one with a small screen walk at once: most of a walk is waiting."""
    SCREENS.mkdir(exist_ok=True)
    opened: list[Tessera] = []

    def new_world(size: str) -> World:
        database = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / f'{size}.db')}"
        opened.append(open_tessera(database, migrate=False, app_url=OURS))
        return Today(opened[-1], datetime.now(UTC))

    def walk(trial: Trial, size: str) -> Trial:
        width, height, scheme = SIZES[size]
        given = {"width": width, "height": height, "scheme": scheme, "screens": str(SCREENS), **trial.given}
        with working(trial.world, trial.hosts) as flags:
            trial.seen = run("install.mjs", chromium, way=trial.way, flags=flags, **given)
        return trial

    def both(prepare: Callable[[World], Trial]) -> list[Trial]:
        trials = [prepare(new_world(size)) for size in SIZES]
        with ThreadPoolExecutor(len(SIZES)) as merchants:
            return list(merchants.map(walk, trials, SIZES))

    yield both
    for tessera in opened:
        tessera.engine.dispose()


@contextmanager
def working(world: World, hosts: Mapping[str, Flask]) -> Iterator[list[str]]:
    """Serve our installation and the shops' platforms, and let a worker work."""
    worker = Worker(world.app.extensions["tessera"], sweep_s=0.2)
    worker.start()
    with street({"tessera.example": world.app, **hosts}) as flags:
        yield flags
    worker.stop()


def test_a_shop_of_woocommerce(walks: Walks) -> None:
    def prepare(world: World) -> Trial:
        mug = world.store.product("Mug", "10.00")
        world.store.customer("c7@example.com", id=7)
        world.store.orders.checkout([(mug, 2)], email="c7@example.com", customer_id=7)
        return Trial(world, "woocommerce", {"mugs.example": world.store.app})

    for trial in walks(prepare):
        seen = trial.seen
        assert "does not answer" in seen["wrong"]
        assert "did not agree" in seen["denied"]
        assert "1 customer and 1 order were" in seen["imported"]
        assert trial.world.store.state.webhooks
        answered = [said for said in seen["console"] if "Failed to load resource" not in said]  # with an error's status
        assert (answered, len(seen["console"])) == ([], 2)


@dataclass
class ShopifyTrial(Trial):
    shopify: Shopify | None = None

    def check(self) -> None:
        assert self.shopify is not None
        assert self.seen["allowed"] == LEFT
        assert "write_gift_cards" in self.shopify.pair().scopes
        assert self.seen["console"] == []


PLACES = [
    ["embed", "✓ Added", "Change", "?context=apps"],
    ["product", "Not added yet", "Add to theme", "?template=product&addAppBlockId=key/product&target=mainSection"],
    ["cart", "Not added yet", "Add to theme", "?template=cart&addAppBlockId=key/cart&target=newAppsSection"],
    ["bar", "Not added yet", "Add to theme", "?template=index&addAppBlockId=key/bar&target=sectionGroup:header"],
    ["programme", "Not added yet", "Add to theme", "?template=page&addAppBlockId=key/programme&target=newAppsSection"],
    ["purchase.thank-you.block.render", "✓ Added", "Change", "?page=thank-you"],
    ["customer-account.profile.block.render", "Not added yet", "Add to page", "?page=profile&context=apps&app=key"],
]
LEFT = ["Store credit as a reward", "Orders older than 60 days, for the import of your past"]


def _shopify(world: World) -> tuple[Shopify, dict[str, Flask]]:
    shopify = Shopify(world)
    mug = shopify.platform.product("Mug", "10.00")
    ada = shopify.platform.customer("ada@example.com")
    shopify.platform.orders.place([(mug, 2)], customer=ada)
    shopify.platform.hooks.waiting.clear()  # from before
    around = admin(shopify.platform, OURS)
    return shopify, {ADMIN: around, CDN: around, shopify.domain: shopify.platform.app}


def test_a_shop_of_shopify_inside_its_admin(
    walks: Walks, admin_schema: schema.Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "LOOK_AGAIN", timedelta(seconds=0.2))

    def prepare(world: World) -> ShopifyTrial:
        shopify, hosts = _shopify(world)
        return ShopifyTrial(world, "embedded", hosts, shopify=shopify)

    for trial in walks(prepare):
        assert isinstance(trial, ShopifyTrial)
        assert "1 customer and 1 order were" in trial.seen["imported"]
        assert trial.seen["shown"] == PLACES
        trial.check()


def test_a_shop_of_shopify_by_the_code_grant(walks: Walks, admin_schema: schema.Admin) -> None:
    def prepare(world: World) -> ShopifyTrial:
        shopify, hosts = _shopify(world)
        return ShopifyTrial(world, "granted", hosts, {"signed": shopify.from_shopify()}, shopify=shopify)

    for trial in walks(prepare):
        assert isinstance(trial, ShopifyTrial)
        assert trial.seen["address"] == f"{OURS}/admin/"
        trial.check()
