"""replay: recorded deliveries sent again over HTTP, signed anew, to a server that is really served."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.db import reading
from app.models import inbox
from app.shops import Keys
from tests import build
from tests.cli.conftest import create, opened
from tests.command import Ran, Served, Tessera
from tests.edge import payloads, ref_of

APP = {"SHOPIFY_API_SECRET": "hush", "TEST_CLOCK": "1"}
Write = Callable[..., str]


@dataclass(frozen=True)
class Shop:
    """A shop of the served installation, and what its inbox holds."""

    tessera: Tessera
    platform: str
    inside: build.Shop

    def replay(self, *args: str) -> Ran:
        return self.tessera("replay", *args, "--shop", self.inside.id)

    def kept(self) -> list[tuple[str, str]]:
        mine = sa.select(inbox.c.key, inbox.c.topic).where(inbox.c.shop_id == self.inside.id).order_by(inbox.c.id)
        with reading(self.inside.tessera.engine) as connection:
            return [(key, topic) for key, topic in connection.execute(mine)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tessera, Served]]:
    tessera = Tessera(tmp_path_factory.mktemp("served"), APP)
    with tessera.served() as server:
        yield replace(tessera, env={**APP, "APP_URL": server.url}), server


@pytest.fixture(params=["shopify", "woocommerce", "custom"])
def shop(request: pytest.FixtureRequest, served: tuple[Tessera, Served]) -> Iterator[Shop]:
    yield from made_on(served[0], request.param)


def made_on(tessera: Tessera, platform: str) -> Iterator[Shop]:
    made = create(tessera, "--ref", ref_of(platform), platform=platform)
    inside = opened(tessera)
    keys = Keys(made["shop_id"], made["api_key"], made["webhook_secret"])
    yield Shop(tessera, platform, build.Shop(inside, keys, platform))
    inside.engine.dispose()


def recorded(platform: str, delivery: str = "d-1", **fields: Any) -> dict[str, Any]:
    """Return a delivery as it was once recorded: its proofs are old, its shop was another."""
    body = json.dumps(payloads(platform).order(**fields), ensure_ascii=False)
    headers = {
        "shopify": {
            "X-Shopify-Topic": "orders/paid",
            "X-Shopify-Webhook-Id": delivery,
            "X-Shopify-Hmac-Sha256": "old",
            "X-Shopify-Shop-Domain": "once.myshopify.com",
        },
        "woocommerce": {
            "X-WC-Webhook-Topic": "order.updated",
            "X-WC-Webhook-ID": "7",
            "X-WC-Webhook-Delivery-ID": delivery,
            "X-WC-Webhook-Signature": "old",
        },
        "custom": {"Tessera-Topic": "order", "Tessera-Delivery": delivery, "Tessera-Signature": "t=1,v1=old"},
    }[platform]
    return {"headers": {"Host": "once.example", "Content-Length": "1", **headers}, "body_raw": body}


def ids(shop: Shop) -> list[str]:
    """Return the platform's own delivery ids of what is kept."""
    return [key.split(":")[1] if shop.platform == "woocommerce" else key for key, _ in shop.kept()]


def test_what_was_recorded_is_sent_signed_anew_in_order_under_its_ids(shop: Shop, document: Write) -> None:
    files = [document(recorded(shop.platform, f"d-{n}", id=str(n), note="é ☃"), f"{n}.json") for n in (2, 1, 3)]
    ran = shop.replay(*files)
    assert (ran.code, ran.err) == (0, "")
    assert "replay" in ran.out  # the progress bar
    assert ids(shop) == ["d-2", "d-1", "d-3"]
    assert {topic for _, topic in shop.kept()} == {"shopify": {"orders/paid"}, "woocommerce": {"order.updated"}}.get(
        shop.platform, {"order"}
    )


def test_replaying_twice_has_one_effect_and_fresh_ids_make_it_another_delivery(shop: Shop, document: Write) -> None:
    file = document(recorded(shop.platform))
    for _ in range(2):
        assert shop.replay(file).code == 0
    assert ids(shop) == ["d-1"]
    for _ in range(2):
        assert shop.replay(file, "--fresh-ids").code == 0
    assert len(ids(shop)) == len(set(ids(shop))) == 3


def test_a_bare_body_needs_its_topic(shop: Shop, document: Write) -> None:
    topic = {"shopify": "orders/paid", "woocommerce": "order.updated"}.get(shop.platform, "order")
    file = document(payloads(shop.platform).order())
    refused = shop.replay(file)
    assert (refused.code, "--topic" in refused.line) == (2, True)
    assert shop.replay(file, "--topic", topic).code == 0
    assert [told for _, told in shop.kept()] == [topic]
    assert shop.replay(document(b"\xff not json", "raw"), "--topic", topic).code == 0  # kept; it fails in the drain


def test_the_worker_of_the_server_gives_what_is_replayed_its_effect(shop: Shop, document: Write) -> None:
    published = document(build.programme(), "programme.json")
    shop.tessera(
        "programme", "publish", published, "--shop", shop.inside.id, "--effective-from", "2026-01-01T00:00:00Z"
    )
    assert shop.replay(document(recorded(shop.platform))).code == 0
    assert shop.tessera("drain", "--json").code == 0
    assert shop.inside.balance()["available"] == {"woocommerce": 350}.get(shop.platform, 399)


def test_recorded_headers_of_the_newer_family_are_understood(shop: Shop, document: Write) -> None:
    if shop.platform == "shopify":
        old = recorded(shop.platform)
        newer = {name.removeprefix("X-"): value for name, value in old["headers"].items()}
        assert shop.replay(document({**old, "headers": newer})).code == 0
        assert shop.kept() == [("d-1", "orders/paid")]


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.fixture
def custom(served: tuple[Tessera, Served]) -> Iterator[Shop]:
    yield from made_on(served[0], "custom")


def test_it_is_exit_1_when_any_was_not_accepted_and_the_others_are_sent(custom: Shop, document: Write) -> None:
    files = [
        document(recorded("custom", delivery, id=delivery), f"{delivery[:3]}.json") for delivery in ("no id", "d-2")
    ]
    ran = custom.replay(*files)
    assert (ran.code, "401" in ran.err, files[0] in ran.err) == (1, True, True)
    assert ids(custom) == ["d-2"]
    changed = document(recorded("custom", "d-2", id="another"), "changed.json")
    ran = custom.replay(changed)
    assert (ran.code, "409" in ran.err) == (1, True)


def test_an_address_that_does_not_answer_is_exit_1(custom: Shop, document: Write) -> None:
    file = document(recorded("custom"))
    for url in ("http://127.0.0.1:1/x", "nowhere", "http://[", "http://nowhere.invalid/"):
        ran = custom.replay(file, "--url", url)
        assert (ran.code, "Traceback" in ran.err, file in ran.err) == (1, False, True), url


def test_files_that_cannot_be_replayed_are_exit_2_and_nothing_is_sent(custom: Shop, document: Write) -> None:
    good = document(recorded("custom"), "good.json")
    for content in (
        rb'{"headers": {}, "body_raw": "\ud800"}',
        b'{"headers": 1, "body_raw": "{}"}',
        b"[" * 100_000,
        b"",
    ):
        ran = custom.replay(good, document(content, "bad.json"))
        assert (ran.code, "bad.json" in ran.line) == (2, True), content[:40]
    assert custom.replay(good, str(Path(good).parent)).code == 2
    assert custom.kept() == []
    assert custom.tessera("replay", good, "--shop", "nobody").code == 2


def test_headers_that_http_cannot_carry_are_not_accepted(custom: Shop, document: Write) -> None:
    for value in ("☃", "a\nb", "\ud800"):
        odd = recorded("custom")
        odd["headers"]["X-Odd"] = value
        ran = custom.replay(document(odd))
        assert (ran.code, "Traceback" in ran.err) == (1, False), value


def test_without_the_apps_secret_nothing_can_be_signed(served: tuple[Tessera, Served], document: Write) -> None:
    tessera, _ = served
    made = create(tessera, "--ref", "unsigned.myshopify.com", platform="shopify")
    ran = tessera("replay", document(recorded("shopify")), "--shop", made["shop_id"], SHOPIFY_API_SECRET=None)
    assert (ran.code, "no secret" in ran.line) == (2, True)
