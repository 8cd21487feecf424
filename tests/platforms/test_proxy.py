"""A shopper who is logged in at a shop of Shopify gets a token by the app proxy; nobody else does."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from app.platforms import leaving
from tests.fakes.shopify import schema
from tests.fakes.shopify.state import legacy
from tests.platforms.at_shopify import MUGS, ShopLife
from tests.platforms.world import OURS, World


@pytest.fixture
def life(world: World, admin_schema: schema.Admin) -> ShopLife:
    world.real = datetime.now(UTC)
    life = ShopLife(world)
    life.buy()
    life.told()
    return life


def ask(life: ShopLife, *, secret: str = "hush" * 8, after: int = 0, more: str = "", **changes: str) -> Any:
    told = {
        "shop": MUGS,
        "logged_in_customer_id": str(legacy(life.ada["id"])),
        "path_prefix": "/apps/tessera",
        "timestamp": str(int(life.world.real.timestamp()) + after),
        **changes,
    }
    message = "".join(f"{name}={value}" for name, value in sorted(told.items()))
    signed = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    query = urlencode({**told, "signature": signed})
    return life.world.app.test_client().get(f"/proxy/shopify/session?{query}{more}", base_url=OURS)


def test_a_customer_reads_her_own_points(life: ShopLife) -> None:
    given = ask(life)
    assert given.headers["Cache-Control"] == "no-store"
    headers = {"Authorization": f"Bearer {given.json['token']}", "Origin": f"https://{MUGS}"}
    read = life.world.app.test_client().get("/shopper/v1/me", base_url=OURS, headers=headers)
    assert read.json["points"]["available"] == 350


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"secret": "another"}, 401),
        ({"after": -100}, 401),
        ({"after": 100}, 401),
        ({"timestamp": "soon"}, 401),
        ({"more": "&logged_in_customer_id=1"}, 401),
        ({"more": f"&shop={MUGS}"}, 401),
        ({"more": "&extra=1"}, 401),
        ({"more": "".join(f"&a{number}=1" for number in range(60))}, 401),
        ({"logged_in_customer_id": ""}, 401),
        ({"logged_in_customer_id": "1"}, 404),
        ({"shop": "others.myshopify.com"}, 404),
        ({"shop": "evil.com/?.myshopify.com"}, 401),
    ],
)
def test_nobody_else_does(life: ShopLife, changes: dict[str, Any], status: int) -> None:
    assert ask(life, **changes).status_code == status


def test_the_worker_for_messages_comes_from_the_shops_own_address(life: ShopLife) -> None:
    client = life.world.app.test_client()
    answer = client.get("/proxy/shopify/push-worker.js?shop=mugs", base_url=OURS)
    assert (answer.status_code, "javascript" in answer.content_type) == (200, True)
    assert b"showNotification" in answer.data
    answer.close()
    assert client.get("/proxy/custom/push-worker.js", base_url=OURS).status_code == 404


def test_a_shop_that_has_left_lets_nobody_in(life: ShopLife) -> None:
    leaving.leave(life.services, life.shop)
    assert ask(life).status_code == 404


@pytest.mark.parametrize("platform", ["custom", "nobody"])
def test_other_platforms_pass_no_calls_on(life: ShopLife, platform: str) -> None:
    assert life.world.app.test_client().get(f"/proxy/{platform}/session", base_url=OURS).status_code == 404
