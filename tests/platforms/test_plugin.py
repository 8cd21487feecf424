"""Our plugin in a WooCommerce shop learns whose it is, vouches for shoppers, and is believed in what it tells us."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import zipfile
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from app import programmes, shops
from app.db import reading, transaction
from app.intake import inbox
from app.models import inbox as inbox_table
from app.platforms import hooks, shop_facts
from app.shops import Shop
from connectors.woocommerce.plugin import DIST, SOURCE, plugin_secret
from tests.build import programme
from tests.platforms.life import BEGINS
from tests.platforms.world import OURS, World

ZIP = f"{OURS}/widgets/v1/tessera-woocommerce.zip"


def connect(world: World) -> Shop:
    away = world.begin()
    back = world.agree(away.location)
    world.open(back.location)
    world.pass_time(seconds=5)
    assert world.open(back.location).location == "/admin/"
    return shop(world)


def shop(world: World) -> Shop:
    with reading(world.tessera.engine) as connection:
        found = shops.find(connection, "woocommerce", "mugs.example")
    assert found is not None
    return found


def secret(world: World) -> str:
    services = world.tessera.services
    return plugin_secret(shop(world).webhook_secrets(services.vault, world.real)[0])


# --- pairing ----------------------------------------------------------------------------------------------------------


def test_a_plugin_that_is_there_is_told_with_the_connection(world: World) -> None:
    world.store.plugin.server = OURS
    known = connect(world)
    told = {"app_url": OURS, "shop_id": known.id, "ref": "mugs.example", "secret": secret(world)}
    assert world.store.plugin.told == [told]


def test_a_plugin_that_comes_later_is_told_with_the_next_look(world: World) -> None:
    connect(world)
    hooks.run_due(world.tessera.services)
    world.store.plugin.server = OURS
    world.pass_time(hours=2)
    hooks.run_due(world.tessera.services)
    assert [told["secret"] for told in world.store.plugin.told] == [secret(world)]


def test_it_is_told_a_new_secret_after_the_shops_has_changed(world: World) -> None:
    world.store.plugin.server = OURS
    known = connect(world)
    with transaction(world.tessera.engine) as connection:
        shops.rotate_secret(connection, world.tessera.services.vault, known.id, world.real)
    world.pass_time(hours=2)
    hooks.run_due(world.tessera.services)
    first, last = world.store.plugin.told[0]["secret"], world.store.plugin.told[-1]["secret"]
    assert first != last == secret(world)


def test_a_plugin_of_another_installation_stops_no_connection(world: World) -> None:
    world.store.plugin.server = "https://another.example"
    assert connect(world).state == "active"
    assert world.store.plugin.told == []
    assert hooks.mend(world.tessera.services, shop(world)) == 0
    assert shop(world).state == "active"


def test_a_plugin_has_the_new_table_as_soon_as_it_is_published(world: World) -> None:
    world.store.plugin.server = OURS
    known = connect(world)
    with transaction(world.tessera.engine) as connection:
        programmes.publish(connection, known.id, programme(), BEGINS, world.real)
    assert shop_facts.run_due(world.tessera.services) == 1
    assert [told["rates"] for told in world.store.plugin.tables] == [{"EUR": [1, 10]}]


@pytest.mark.parametrize(("server", "refuses"), [("", False), (OURS, True)])
def test_a_shop_whose_plugin_is_not_there_or_out_of_reach_stays_connected(
    world: World, server: str, refuses: bool
) -> None:
    connect(world)
    world.store.plugin.server, world.store.plugin.refuses = server, refuses
    shop_facts.run_due(world.tessera.services)
    assert shop(world).state == "active"


# --- who is logged in -------------------------------------------------------------------------------------------------


def ask(world: World, *, key: str = "", after: int = 0, more: str = "", **changes: str) -> Any:
    told = {
        "shop": "mugs.example",
        "customer_id": "7",
        "timestamp": str(int(world.real.timestamp()) + after),
        **changes,
    }
    message = "\n".join(("session", *told.values())).encode()
    signature = hmac.new((key or secret(world)).encode(), message, hashlib.sha256).hexdigest()
    query = urlencode({**told, "signature": signature})
    return world.app.test_client().get(f"/proxy/woocommerce/session?{query}{more}", base_url=OURS)


@pytest.fixture
def member(world: World) -> World:
    """Customer 7 has bought something."""
    world.real = datetime.now(UTC)
    known = connect(world)
    mug = world.store.product("Mug", "10.00")
    with transaction(world.tessera.engine) as connection:
        programmes.publish(connection, known.id, programme(), BEGINS, world.real)
    world.store.orders.checkout([(mug, 2)], email="ada@example.com", customer_id=7)
    world.store.hooks.visit()
    inbox.drain_shop(world.tessera.services.drain, known.id)
    return world


def test_a_customer_reads_her_own_points(member: World) -> None:
    given = ask(member)
    assert given.headers["Cache-Control"] == "no-store"
    headers = {"Authorization": f"Bearer {given.json['token']}", "Origin": "https://mugs.example"}
    read = member.app.test_client().get("/shopper/v1/me", base_url=OURS, headers=headers)
    assert read.json["points"]["available"] == 200, read.json


NOBODY: tuple[tuple[dict[str, Any], int], ...] = (
    ({"key": "another"}, 401),
    ({"after": -61}, 401),
    ({"after": 61}, 401),
    ({"timestamp": "soon"}, 401),
    ({"timestamp": "9" * 400}, 401),
    ({"shop": "cups.example"}, 401),
    ({"shop": "\x00"}, 401),
    ({"shop": ""}, 401),
    ({"more": "&customer_id=8"}, 401),
    ({"more": "&extra=1"}, 401),
    ({"customer_id": "0"}, 401),
    ({"customer_id": ""}, 401),
    ({"customer_id": "7\n8"}, 401),
    ({"customer_id": "8"}, 404),
)


def test_nobody_else_gets_a_token(member: World) -> None:
    assert [ask(member, **changes).status_code for changes, _ in NOBODY] == [status for _, status in NOBODY]
    services = member.tessera.services
    assert ask(member, key=shop(member).webhook_secrets(services.vault, member.real)[0]).status_code == 401


# --- what it tells ----------------------------------------------------------------------------------------------------


def signal(world: World, topic: str, document: object, key: str = "") -> int:
    body = json.dumps(document).encode()
    signed = hmac.new((key or secret(world)).encode(), body, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-ID": "plugin",
        "X-WC-Webhook-Delivery-ID": "d1",
        "X-WC-Webhook-Signature": b64encode(signed).decode(),
    }
    path = f"{OURS}/webhooks/woocommerce/{shop(world).id}"
    return world.post(path, headers, body)


def test_what_the_plugin_signs_is_taken(world: World) -> None:
    connect(world)
    assert signal(world, "action.woocommerce_delete_order", {"action": "woocommerce_delete_order", "arg": 60}) == 200
    with reading(world.tessera.engine) as connection:
        assert "action.woocommerce_delete_order" in connection.execute(select(inbox_table.c.topic)).scalars().all()
    assert signal(world, "action.woocommerce_delete_order", {"arg": 61}, key="another") == 401


# --- the ZIP ----------------------------------------------------------------------------------------------------------


def test_merchants_download_a_plugin_that_belongs_to_this_installation(world: World) -> None:
    given = world.open(ZIP)
    assert given.content_type == "application/zip"
    packed = zipfile.ZipFile(io.BytesIO(given.data))
    assert packed.testzip() is None
    names = [str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*") if path.is_file()]
    made = [name.removesuffix("po") + "mo" for name in names if name.endswith(".po")]
    built = [path for path in DIST.rglob("*") if path.is_file()]
    scripts = [f"assets/widgets/{path.relative_to(DIST)}" for path in built]
    assert packed.namelist() == sorted(f"tessera-loyalty/{name}" for name in (*names, *made, *scripts))
    assert packed.read("tessera-loyalty/assets/widgets/tessera.js") == (DIST / "tessera.js").read_bytes()
    assert f"return '{OURS}';" in packed.read("tessera-loyalty/server.php").decode()
    assert world.open(ZIP).data == given.data
    assert world.open(ZIP, headers={"If-None-Match": given.headers["ETag"]}).status_code == 304


def test_there_is_no_other_zip(world: World) -> None:
    assert world.open(f"{OURS}/widgets/v1/other.zip").status_code == 404
