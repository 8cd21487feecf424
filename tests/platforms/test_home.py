"""The first page that a merchant sees: it says how the shop stands, and what she can do now."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from app.db import transaction
from app.platforms import goods, importing, perks
from app.web import sessions
from tests.fakes.shopify import schema
from tests.fakes.wire import by_chance, never
from tests.platforms.at_shopify import ShopLife
from tests.platforms.life import Life
from tests.platforms.world import OURS, World

FIVE = {"key": "five", "kind": "amount_off", "points": 200, "amount": {"amount": "5.00", "currency": "EUR"}}


class Page:
    """A merchant's browser that is in."""

    def __init__(self, life: Life) -> None:
        self.life, self.browser = life, life.world.app.test_client()
        cookie = str(sessions._serializer(life.services.config.secret_key).dumps({"shop": life.shop_id}))
        self.browser.set_cookie(sessions.NAME, cookie, domain="tessera.example", path="/admin")

    @property
    def text(self) -> str:
        found = self.browser.get("/admin/", base_url=OURS)
        assert found.status_code == 200
        return found.text

    def send(self, path: str, **form: str) -> Any:
        return self.browser.post(f"/admin/{path}", base_url=OURS, data=form)


@pytest.fixture
def page(world: World) -> Page:
    return Page(Life(world, begins=None))


def test_a_new_merchant_publishes_a_template_and_imports_the_past(page: Page) -> None:
    text = page.text
    assert "Begin with a programme" in text
    assert 'value="coffee"' in text
    assert "Your shop’s past" not in text  # first the programme
    assert page.send("programme", template="coffee").status_code == 303
    assert "Begin with a programme" not in page.text
    assert "version 1" in page.text
    assert f'data-shop="{page.life.shop_id}"' in page.text

    page.life.buy()
    page.life.store.hooks.waiting.clear()
    assert page.send("import", orders="tiers").status_code == 303
    assert "are read" in page.text
    assert "running" in page.send("import", orders="tiers").text  # a second one
    for _ in range(4):
        goods.run_due(page.life.services)
        importing.run_due(page.life.services)
        page.life.drain()
        page.life.world.pass_time(minutes=1)
    assert "1 order were imported" in page.text
    assert "count for tiers" in page.text


def test_what_failed_is_told_with_its_reason_and_tried_again(page: Page) -> None:
    life = page.life
    life.publish(datetime(2026, 1, 1, tzinfo=UTC), rewards=[FIVE])
    odd = life.buy()
    life.store.state.orders[odd["id"]]["currency"] = "no currency"
    life.told()
    assert "Waits for you" in page.text
    assert "currency" in page.text
    life.store.state.orders[odd["id"]]["currency"] = "EUR"

    life.buy()
    life.told()
    five = life.redeem("five")
    life.world.wire.choose = by_chance(1, before=1.0)
    for _ in range(100):
        life.work(minutes=60)
    life.world.wire.choose = never
    assert "A reward was not made" in page.text
    (failed,) = life.api("GET", "/effects?state=failed").json["data"]
    assert page.send(f"effects/{failed['id']}/retry").status_code == 303
    life.work()
    assert life.now(five).state == "issued"
    assert "A reward was not made" not in page.text
    (delivery, *_) = life.api("GET", "/deliveries?state=failed").json["data"]
    assert page.send(f"deliveries/{delivery['id']}/replay").status_code == 303


def test_perks_that_cannot_be_made_are_told_and_tried_again(page: Page) -> None:
    gold = {"key": "gold", "enter": "0", "perks": {"free_shipping": True}}
    page.life.store.state.free_shipping_by_coupon = False
    page.life.publish(datetime(2026, 1, 1, tzinfo=UTC), tiers=[gold])
    page.life.buy()
    page.life.told()
    perks.run_due(page.life.services)
    assert "What tiers give with every order is not complete" in page.text
    assert "no shipping zone" in page.text
    page.life.store.state.free_shipping_by_coupon = True
    assert page.send("perks").status_code == 303
    perks.run_due(page.life.services)
    assert "is not complete" not in page.text


def test_what_was_found_by_looking_is_told(page: Page) -> None:
    page.life.publish(datetime(2026, 1, 1, tzinfo=UTC))
    page.life.world.real = datetime.now(UTC)
    page.life.buy()
    page.life.store.hooks.waiting.clear()  # lost
    page.life.read()
    assert "1 of them found by" in page.text


def test_a_shop_that_is_locked_out_is_told_how_to_come_back(page: Page) -> None:
    page.life.store.state.keys.clear()
    page.life.read()
    assert 'href="/install/woocommerce"' in page.text
    assert "goes on where it stopped" in page.text


def test_another_shops_matters_are_not_reached(page: Page, world: World) -> None:
    world.store = world.new_store("other.example")
    other = Life(world, host="other.example", rewards=[FIVE])
    odd = other.buy()
    other.store.state.orders[odd["id"]]["currency"] = "no currency"
    other.told()
    (delivery, *_) = other.api("GET", "/deliveries?state=failed").json["data"]
    assert page.send(f"deliveries/{delivery['id']}/replay").status_code == 404
    assert "Waits for you" not in page.text


def test_nobody_enters_without_a_session(world: World) -> None:
    stranger = world.app.test_client()
    for path in ("programme", "import", "import/stop", "reconcile", "deliveries/1/replay", "effects/1/retry"):
        assert stranger.post(f"/admin/{path}", base_url=OURS).status_code == 401
    assert stranger.get("/admin/", base_url=OURS).status_code == 401


def test_the_style_is_the_one_that_its_policy_lets_in(page: Page) -> None:
    shown = page.browser.get("/admin/", base_url=OURS)
    style = shown.text.partition("<style>")[2].partition("</style>")[0]
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{hashed}'" in shown.headers["Content-Security-Policy"]


def test_names_of_the_shop_are_inert(page: Page) -> None:
    with transaction(page.life.services.engine) as connection:
        from app import shops

        shops.mark(connection, page.life.shop_id, "locked_out", '<script>alert("x")</script>')
    assert "<script>alert" not in page.text


def test_inside_the_admin_forms_go_with_its_session(world: World, admin_schema: schema.Admin) -> None:
    life = ShopLife(world)
    bearer = {"Authorization": f"Bearer {life.shopify.registered.session_token(life.platform.shop)}"}
    browser = world.app.test_client()
    assert browser.post("/admin/reconcile", base_url=OURS, headers=bearer).status_code == 303
    shown = browser.get("/admin/", base_url=OURS, headers=bearer)
    assert "app-bridge.js" in shown.text
    assert 'src="/admin/files/admin.js"' in shown.text
    script = browser.get("/admin/files/admin.js", base_url=OURS)  # a script tag has no session
    assert (script.status_code, script.mimetype) == (200, "text/javascript")
    policy = shown.headers["Content-Security-Policy"]
    assert "script-src 'self' https://cdn.shopify.com;" in policy
    assert "connect-src 'self'" in policy
    assert "addAppBlockId" in shown.text
    assert "Disconnect this shop" not in shown.text
