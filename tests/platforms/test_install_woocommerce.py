"""A WooCommerce shop is connected by its owner and by nobody else."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from app import shops
from app.db import reading, transaction
from app.models import connections as connections_table
from app.models import installs
from app.platforms import connections
from connectors.contract.installing import BadShop
from connectors.woocommerce.install import TOPICS, shop_ref
from tests.fakes.wire import in_turn
from tests.platforms.world import OURS, World


def connected(world: World, ref: str = "mugs.example") -> bool:
    with reading(world.tessera.engine) as connection:
        shop = shops.find(connection, "woocommerce", ref)
        found = shop and connections.find(connection, world.tessera.services.vault, shop.id)
    return bool(found)


def is_in(world: World, browser: object = None) -> bool:
    return world.open("/admin/", browser or world.browser).status_code == 200  # type: ignore[arg-type]


def test_an_owner_connects_a_shop_and_its_purchases_are_told(world: World) -> None:
    away = world.begin()
    assert (away.status_code, urlsplit(away.location).netloc) == (303, "mugs.example")
    back = world.agree(away.location)
    assert world.open(back.location).headers["Refresh"] == "2"
    world.pass_time(seconds=5)
    assert world.open(back.location).location == "/admin/"
    page = world.open("/admin/").text
    assert all(word in page for word in ("mugs.example", "EUR", "Europe/Berlin", "10.5.0"))
    assert sorted(hook["topic"] for hook in world.store.state.webhooks.values()) == sorted(TOPICS)

    mug = world.store.product("Mug", "10.00")
    world.store.orders.checkout([(mug, 2)], email="ada@example.com", customer_id=7)
    world.store.hooks.visit()
    with reading(world.tessera.engine) as connection:
        shop = shops.find(connection, "woocommerce", "mugs.example")
    assert shop is not None
    assert {hook["failure_count"] for hook in world.store.state.webhooks.values()} == {0}
    assert world.store.hooks.sent  # … and each was answered 200: signed with this shop's own secret


def test_who_says_no_is_told_and_may_begin_again(world: World) -> None:
    away = world.begin()
    query = parse_qs(urlsplit(away.location).query)
    ended = world.open(f"/install/woocommerce/back?success=0&user_id={query['user_id'][0]}")
    assert ended.status_code == 403
    assert "you did not agree" in ended.text
    assert world.agree(away.location).status_code == 500  # the token is used up, so the shop takes its key back
    assert not connected(world)
    assert len(world.store.state.keys) == 0


def test_keys_typed_in_connect_as_well(world: World) -> None:
    key = world.store.grant()
    form = {"shop": "mugs.example", "consumer_key": key.consumer_key, "consumer_secret": f" {key.consumer_secret} "}
    done = world.browser.post("/install/woocommerce/keys", base_url=OURS, data=form)
    assert done.location == "/admin/"
    assert is_in(world)
    assert len(world.store.state.webhooks) == len(TOPICS)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"consumer_key": "ck_" + "0" * 40}, "does not open"),
        ({"consumer_key": "nonsense"}, "A key is ck_"),
        ({"shop": "http://mugs.example"}, "https://"),
        ({"shop": "nowhere.example"}, "does not answer"),
    ],
)
def test_a_wrong_key_is_named_and_connects_nothing(world: World, changes: dict[str, str], said: str) -> None:
    key = world.store.grant()
    form = {"shop": "mugs.example", "consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret}
    refused = world.browser.post("/install/woocommerce/keys", base_url=OURS, data=form | changes)
    assert refused.status_code >= 400
    assert said in refused.text
    assert key.consumer_secret not in refused.text
    assert not connected(world)
    assert not is_in(world)


def test_a_key_that_may_only_read_is_not_enough(world: World) -> None:
    key = world.store.grant("read")
    form = {"shop": "mugs.example", "consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret}
    world.browser.post("/install/woocommerce/keys", base_url=OURS, data=form)
    assert world.store.state.webhooks == {}


def test_the_owner_of_another_browser_makes_the_attempt_void(world: World) -> None:
    """The attacker begins, the owner agrees; neither is let in, and the key is thrown away."""
    attacker, owner = world.app.test_client(), world.app.test_client()
    away = world.begin(browser=attacker)
    back = world.agree(away.location)
    assert "another" in world.open(back.location, owner).text
    world.pass_time(seconds=6)
    assert world.open(back.location, attacker).status_code == 403
    assert not is_in(world, attacker)
    assert not is_in(world, owner)
    assert not connected(world)


def test_nobody_is_let_in_before_the_owners_browser_could_come_back(world: World) -> None:
    attacker = world.app.test_client()
    away = world.begin(browser=attacker)
    back = world.agree(away.location)
    for _ in range(4):
        assert world.open(back.location, attacker).status_code == 200  # wait
        assert not is_in(world, attacker)
        world.pass_time(seconds=1)


def test_a_shop_that_was_connected_before_stays_so_when_an_attempt_is_void(world: World) -> None:
    test_keys_typed_in_connect_as_well(world)
    world.pass_time(minutes=1)
    away = world.begin(browser=world.app.test_client())
    world.open(world.agree(away.location).location, world.app.test_client())
    assert connected(world)


@pytest.mark.parametrize("late", [False, True])
def test_a_token_is_used_once_and_for_a_quarter_of_an_hour(world: World, late: bool) -> None:
    away = world.begin()
    if late:
        world.pass_time(minutes=16)
    else:
        assert world.agree(away.location).status_code == 302
    assert world.agree(away.location).status_code == 500
    assert len(world.store.state.keys) == (0 if late else 1)


def test_a_key_of_another_shop_does_not_connect_the_named_one(world: World) -> None:
    """Whoever knows a token could bring a key of a shop of his own: it has to open the shop that was named."""
    other = world.new_store("other.example")
    token = parse_qs(urlsplit(world.begin().location).query)["user_id"][0]
    key = other.grant()
    told = {"user_id": token, "consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret}
    answer = world.browser.post("/install/woocommerce/granted", base_url=OURS, data=json.dumps(told))
    assert answer.status_code == 403
    assert not connected(world)
    assert not connected(world, "other.example")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"user_id": 1}',
        b"[" * 100_000,
        b'{"user_id": "\\ud800"}',
    ],
)
def test_nonsense_brought_as_a_key_is_refused(world: World, body: bytes) -> None:
    assert 400 <= world.browser.post("/install/woocommerce/granted", base_url=OURS, data=body).status_code < 500


def test_connecting_again_changes_the_key_and_doubles_no_hook(world: World) -> None:
    test_keys_typed_in_connect_as_well(world)
    hook = next(iter(world.store.state.webhooks.values()))
    hook["status"] = "disabled"
    test_keys_typed_in_connect_as_well(world)
    assert hook["status"] == "active"
    with reading(world.tessera.engine) as connection:
        assert len(shops.everyone(connection)) == 1


def test_a_server_that_drops_the_header_is_called_with_the_key_in_the_address(world: World) -> None:
    inner = world.store.app

    def deaf(environ: dict, start: object) -> object:
        environ.pop("HTTP_AUTHORIZATION", None)
        return inner(environ, start)

    world.wire.hosts = {**world.wire.hosts, "mugs.example": deaf}
    test_keys_typed_in_connect_as_well(world)


def test_hooks_that_cannot_be_made_now_do_not_undo_the_connection(world: World) -> None:
    away = world.begin()
    back = world.agree(away.location)
    world.pass_time(seconds=6)
    world.wire.choose = in_turn(*["fail"] * 9)
    assert world.open(back.location).location == "/admin/"
    with reading(world.tessera.engine) as connection:
        reason = connection.execute(select(installs.c.reason)).scalar_one()
    assert reason.startswith("its webhooks could not be made")


def test_secrets_are_sealed_and_in_no_log(world: World, caplog: pytest.LogCaptureFixture, capfd) -> None:  # type: ignore[no-untyped-def]
    test_keys_typed_in_connect_as_well(world)
    key = world.store.state.keys[-1]
    with reading(world.tessera.engine) as connection:
        (sealed,) = connection.execute(select(connections_table.c.credentials)).scalars()
    assert key.consumer_secret.encode() not in sealed
    out, err = capfd.readouterr()
    for text in (caplog.text, out, err):
        assert not re.search("c[ks]_[0-9a-f]{8}", text)


def test_a_session_names_one_shop_and_cannot_be_made_up(world: World) -> None:
    test_keys_typed_in_connect_as_well(world)
    cookie = world.browser.get_cookie("tessera_merchant", domain="tessera.example", path="/admin")
    assert cookie is not None
    assert (cookie.http_only, cookie.secure, cookie.same_site) == (True, True, "Lax")
    stranger = world.app.test_client()
    for forged in ("", "x", cookie.value[:-2] + "xx", cookie.value + "x"):
        stranger.set_cookie("tessera_merchant", forged, domain="tessera.example", path="/admin", secure=True)
        assert world.open("/admin/", stranger).status_code == 401


def test_attempts_are_forgotten_when_they_are_over(world: World) -> None:
    from app import schedules

    world.begin()
    with transaction(world.tessera.engine) as connection:
        schedules.forget(connection)
        assert connection.execute(select(installs)).first() is None  # by the wall clock, it was long ago


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("mugs.example", "mugs.example"),
        (" https://Mugs.Example/ ", "mugs.example"),
        ("https://mugs.example:443", "mugs.example"),
        ("https://mugs.example:8443/shop-folder/", "mugs.example:8443/shop-folder"),
        ("https://mugs.example/wp-admin/admin.php?page=wc", "mugs.example"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("https://mugs.example/de/wp-json/", "mugs.example/de"),
    ],
)
def test_an_address_is_understood_as_merchants_write_it(text: str, ref: str) -> None:
    assert shop_ref(text) == ref


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "http://mugs.example",
        "ftp://mugs.example",
        "javascript:alert(1)",
        "https://user:pass@mugs.example",
        "https://mugs.example@evil.example",
        "https://mugs.example#@evil.example",
        "https://127.0.0.1",
        "https://2130706433",
        "https://0x7f.1",
        "https://[::1]",
        "https://localhost",
        "https://mugs",
        "https://mugs..example",
        "https://-mugs.example",
        "https://mugs.example:99999",
        "https://mugs.example/a b",
        "https://mugs.example/../../etc",
        "https://mugs.example\r\nHost: evil.example",
        "https://mugs.example\\@evil.example",
        "https://" + "a" * 300 + ".example",
    ],
)
def test_an_address_that_is_none_is_refused_before_anyone_is_called(world: World, text: str) -> None:
    with pytest.raises(BadShop):
        shop_ref(text)
    refused = world.begin(text)
    assert (refused.status_code, world.wire.calls) == (422, [])
    assert 'role="alert"' in refused.text
    assert "<script" not in world.begin('"><script>alert(1)</script>').text


def test_a_shop_without_woocommerce_is_named_before_the_merchant_leaves(world: World) -> None:
    from werkzeug.wrappers import Response

    world.wire.hosts = {
        "blog.example": Response('{"namespaces": ["wp/v2"]}', content_type="application/json"),
        "html.example": Response("<html>", content_type="text/html"),
    }
    assert "REST API does not answer" in world.begin("blog.example").text
    assert world.begin("html.example").status_code == 503
    assert world.begin("gone.example").status_code == 503


def test_only_so_many_addresses_are_called_in_a_minute(world: World) -> None:
    answers = [world.begin(f"https://shop-{number}.example").status_code for number in range(40)]
    assert set(answers) == {503}
    called = {url for _, url, _ in world.wire.calls}
    assert len(called) == 30
    assert "try again in a minute" in world.begin().text
    world.pass_time(minutes=1)
    assert world.begin().status_code == 303


# --- leaving ----------------------------------------------------------------------------------------------------------


def connect(world: World) -> None:
    back = world.agree(world.begin().location)
    world.open(back.location)
    world.pass_time(seconds=5)
    world.open(back.location)


def test_a_merchant_disconnects_a_shop_and_connects_it_again(world: World) -> None:
    connect(world)
    assert "Disconnect this shop" in world.open("/admin/").text
    left = world.browser.post("/admin/disconnect", base_url=OURS)
    assert (left.status_code, world.store.state.webhooks, connected(world)) == (200, {}, False)
    assert not is_in(world)
    assert "Only this is left" not in left.text
    connect(world)
    assert connected(world)
    assert is_in(world)


def test_a_shop_that_does_not_answer_is_left_all_the_same(world: World) -> None:
    connect(world)
    world.wire.choose = in_turn(*["fail"] * 4)
    left = world.browser.post("/admin/disconnect", base_url=OURS)
    assert "delete those that lead to https://tessera.example/webhooks/woocommerce/" in left.text
    assert not connected(world)


def test_nobody_else_disconnects_a_shop(world: World) -> None:
    connect(world)
    stranger = world.app.test_client()
    assert stranger.post("/admin/disconnect", base_url=OURS).status_code == 401
    assert connected(world)
