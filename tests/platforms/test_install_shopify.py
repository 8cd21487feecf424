"""A Shopify shop is connected in its admin or through OAuth; its tokens renew, and are nobody else's."""

from __future__ import annotations

import base64
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import shops
from app.audit import audit
from app.db import reading, transaction
from app.intake import inbox
from app.models import connections as connections_table
from app.platforms import hooks, tokens
from connectors.contract import BadSignature, PlatformDown, Unauthorized
from connectors.shopify import install, sessions
from tests.fakes.shopify import schema
from tests.fakes.wire import by_chance, in_turn, never
from tests.platforms.at_shopify import MUGS, SETTINGS, Shopify
from tests.platforms.world import OURS, World


@pytest.fixture
def shopify(world: World, admin_schema: schema.Admin) -> Shopify:
    return Shopify(world)


# --- inside the admin -------------------------------------------------------------------------------------------------


def test_opening_the_app_connects_the_shop(shopify: Shopify) -> None:
    shopify.platform.install()
    page = shopify.open_admin()
    assert page.status_code == 200
    assert all(word in page.text for word in (MUGS, "EUR", "Europe/Paris"))
    assert f"frame-ancestors https://{MUGS} https://admin.shopify.com" in page.headers["Content-Security-Policy"]
    pair = shopify.pair()
    assert pair.scopes == tuple(sorted(install.SCOPES))
    assert pair.access_until == shopify.world.real + timedelta(hours=1)
    assert pair.about["missing_scopes"] == ""
    again = len(shopify.world.wire.calls)
    shopify.open_admin()
    assert len(shopify.world.wire.calls) == again  # it is connected: nothing is exchanged


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another app"},
        {"dest": "https://evil.example"},
        {"dest": "https://mugs.myshopify.com.evil.example"},
        {"dest": "https://mugs.myshopify.com/", "iss": "https://mugs.myshopify.com//admin"},
        {"iss": "https://other.myshopify.com/admin"},
        {"exp": 1, "nbf": 0},
        {"nbf": 2_000_000_000, "exp": 2_000_000_060},
        {"exp": "soon"},
        {"exp": None},
    ],
)
def test_a_session_that_is_not_of_this_app_shop_and_minute_opens_nothing(shopify: Shopify, changes: dict) -> None:  # type: ignore[type-arg]
    shopify.platform.install()
    token = shopify.registered.session_token(shopify.platform.shop, **changes)
    assert shopify.open_admin(token).status_code == 401
    assert not shopify.connected()


def test_a_session_of_another_signer_or_kind_opens_nothing(shopify: Shopify) -> None:
    import jwt

    shopify.platform.install()
    claims = jwt.decode(shopify.registered.session_token(shopify.platform.shop), options={"verify_signature": False})
    forged = [
        jwt.encode(claims, "other" * 8, algorithm="HS256"),
        jwt.encode(claims, None, algorithm="none"),
        jwt.encode(claims, "hush" * 16, algorithm="HS512"),
        "x.y.z",
        "é",
        "",
    ]
    for token in forged:
        assert shopify.open_admin(token or " ").status_code == 401


def test_the_old_secret_holds_while_the_app_changes_it(shopify: Shopify) -> None:
    token = shopify.registered.session_token(shopify.platform.shop)
    settings = {"SHOPIFY_API_KEY": "key", "SHOPIFY_API_SECRET": "new" * 12, "SHOPIFY_API_SECRET_OLD": "hush" * 8}
    assert sessions.read(token, settings, shopify.world.real) == sessions.Session(MUGS, "42")
    with pytest.raises(BadSignature):
        sessions.read(token, {**settings, "SHOPIFY_API_SECRET_OLD": ""}, shopify.world.real)


def test_another_shops_session_sees_another_shop(shopify: Shopify) -> None:
    shopify.platform.install()
    shopify.open_admin()
    other = shopify.new_shop("other.myshopify.com")
    page = shopify.open_admin(other.install())
    assert "other.myshopify.com" in page.text
    assert MUGS not in page.text


def test_an_app_that_is_not_installed_is_not_opened(shopify: Shopify) -> None:
    assert shopify.open_admin().status_code == 401
    assert not shopify.connected()


def test_installing_again_after_the_end_connects_again(shopify: Shopify) -> None:
    shopify.platform.install()
    shopify.open_admin()
    shopify.platform.uninstall()
    shop = shopify.shop()
    assert shop is not None
    shopify.world.pass_time(hours=1)
    with pytest.raises(Unauthorized):
        tokens.credentials(shopify.services, shop)
    told = shopify.shop()
    assert told is not None
    assert told.state == "locked_out"
    shopify.platform.install()
    assert shopify.open_admin().status_code == 200
    back = shopify.shop()
    assert back is not None
    assert (back.id, back.state) == (shop.id, "active")
    assert tokens.credentials(shopify.services, back)["access_token"] in {
        t.access for t in shopify.platform.shop.tokens
    }


def test_a_removal_that_is_told_after_a_new_install_ends_nothing(shopify: Shopify) -> None:
    shopify.platform.install()
    shopify.open_admin()
    shopify.platform.uninstall()
    shopify.platform.install()
    shopify.world.pass_time(hours=1)
    shopify.open_admin()
    shop = shopify.shop()
    assert shop is not None
    with transaction(shopify.services.engine) as connection:  # opening the page has already connected it again
        shops.mark(connection, shop.id, "locked_out", "")
    shopify.open_admin()
    shopify.platform.hooks.send()
    while inbox.drain_shop(shopify.services.drain, shop.id).total:
        pass
    hooks.run_due(shopify.services)
    told = shopify.shop()
    assert told is not None
    assert told.state == "active"
    assert shopify.connected()


def test_more_rights_are_asked_for_beside_those_that_are_granted(shopify: Shopify) -> None:
    shopify.platform.install()
    browser = shopify.world.browser
    back = browser.get(f"/install/shopify?{shopify.from_shopify()}", base_url=OURS)
    browser.get(shopify.agree(str(back.location)).removeprefix(OURS), base_url=OURS)
    shopify.platform.allow("read_all_orders")
    shopify.platform.hooks.send()
    shop = shopify.shop()
    assert shop is not None
    inbox.drain_shop(shopify.services.drain, shop.id)
    asked = browser.get("/admin/rights/gift-cards", base_url=OURS)
    scopes = parse_qs(urlsplit(str(asked.location)).query)["scope"][0].split(",")
    assert set(scopes) == {*install.SCOPES, "read_all_orders", "write_gift_cards"}
    assert browser.get("/admin/rights/everything", base_url=OURS).status_code == 404
    assert shopify.world.app.test_client().get("/admin/rights/gift-cards", base_url=OURS).status_code != 303


def test_what_the_merchant_lets_the_app_do_is_followed(shopify: Shopify) -> None:
    shopify.platform.install()
    shopify.open_admin()
    shop = shopify.shop()
    assert shop is not None
    current = [*install.SCOPES, "write_gift_cards"]
    shopify.platform.hooks.fire({"app/scopes_update": {"id": 1, "previous": [], "current": current}})
    shopify.platform.hooks.send()
    while inbox.drain_shop(shopify.services.drain, shop.id).total:
        pass
    assert shopify.pair().scopes == tuple(sorted(current))
    assert audit(shopify.services.engine) == []


def test_a_page_without_a_session_asks_for_one_and_comes_back(shopify: Shopify) -> None:
    shopify.platform.install()
    bare = shopify.world.app.test_client().get(f"/admin/?shop={MUGS}&host=YWRtaW4%3D&embedded=1", base_url=OURS)
    assert bare.status_code == 302
    asked = shopify.world.app.test_client().get(bare.location, base_url=OURS)
    assert asked.status_code == 200
    assert 'content="key"' in asked.text
    assert "https://cdn.shopify.com/shopifycloud/app-bridge.js" in asked.text
    policy = asked.headers["Content-Security-Policy"]
    assert f"frame-ancestors https://{MUGS} https://admin.shopify.com" in policy
    assert "script-src https://cdn.shopify.com;" in policy
    (back,) = parse_qs(urlsplit(bare.location).query)["shopify-reload"]
    assert back.startswith(f"{OURS}/admin/?shop={MUGS}")


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/admin/", f"{OURS}.evil.example/admin/", "//evil.example", "", f"{OURS}/admin/../api/",
     f"{OURS}/admin/\\evil", "javascript:alert(1)"],
)  # fmt: skip
def test_a_session_is_asked_for_our_own_pages_alone(shopify: Shopify, address: str) -> None:
    query = urlencode({"shop": MUGS, "host": "x", "shopify-reload": address})
    assert shopify.world.app.test_client().get(f"/install/shopify/session?{query}", base_url=OURS).status_code == 404


def test_a_call_with_a_session_that_is_over_is_told_to_try_again(shopify: Shopify) -> None:
    late = shopify.world.app.test_client().get("/admin/", base_url=OURS, headers={"Authorization": "Bearer x.y.z"})
    assert (late.status_code, late.headers["X-Shopify-Retry-Invalid-Session-Request"]) == (401, "1")


def test_an_app_that_is_removed_forgets_its_tokens(shopify: Shopify) -> None:
    shopify.platform.install()
    shopify.open_admin()
    shop = shopify.shop()
    assert shop is not None
    shopify.platform.uninstall()
    assert shopify.platform.hooks.send() == 1
    while inbox.drain_shop(shopify.services.drain, shop.id).total:
        pass
    told = shopify.shop()
    assert told is not None
    assert told.state == "uninstalled"
    hooks.run_due(shopify.services)
    assert not shopify.connected()
    assert audit(shopify.services.engine) == []
    shopify.platform.install()
    assert shopify.open_admin().status_code == 200
    assert shopify.connected()


# --- outside of it ----------------------------------------------------------------------------------------------------


def begin(shopify: Shopify, browser: FlaskClient | None = None, **changes: str) -> TestResponse:
    query = shopify.from_shopify(**changes)
    return (browser or shopify.browser).get(f"/install/shopify?{query}", base_url=OURS)


def test_the_code_grant_connects_a_shop(shopify: Shopify) -> None:
    away = begin(shopify)
    asked = parse_qs(urlsplit(away.location).query)
    assert (urlsplit(away.location).netloc, asked["scope"]) == (MUGS, [",".join(install.SCOPES)])
    back = shopify.world.open(shopify.agree(away.location))
    assert back.location == "/admin/"
    assert MUGS in shopify.world.open("/admin/").text


def test_state_is_bound_to_the_browser_and_used_once(shopify: Shopify) -> None:
    attacker, victim = shopify.world.app.test_client(), shopify.world.app.test_client()
    there = shopify.agree(begin(shopify, attacker).location)
    assert shopify.world.open(there, victim).status_code == 403  # the attacker's code in the victim's browser
    assert shopify.world.open("/admin/", victim).status_code == 401
    assert shopify.world.open(there, attacker).status_code == 403  # and it is void now
    assert not shopify.connected()

    there = shopify.agree(begin(shopify, victim).location)
    assert shopify.world.open(there, victim).status_code == 303
    calls = len(shopify.world.wire.calls)
    shopify.world.open(there, victim)
    assert len(shopify.world.wire.calls) == calls  # a code is exchanged once


def test_a_callback_of_another_shop_is_refused(shopify: Shopify) -> None:
    state = parse_qs(urlsplit(begin(shopify).location).query)["state"][0]
    shopify.new_shop("evil.myshopify.com")
    told = shopify.from_shopify(shop="evil.myshopify.com", code="x", state=state)
    assert shopify.world.open(f"/install/shopify/back?{told}").status_code == 403
    assert not shopify.connected()
    assert not shopify.connected("evil.myshopify.com")


@pytest.mark.parametrize(
    "shop",
    [
        "evil.com",
        "evil.com/?.myshopify.com",
        "a@b.myshopify.com",
        "mugs.myshopify.com.evil.com",
        "mugs.myshopify.com\r\n",
        "MUGS.myshopify.com",
        "mugs。myshopify.com",
        "mügs.myshopify.com",
        "-.myshopify.com",
        ".myshopify.com",
        "",
    ],
)
def test_a_name_that_is_no_shops_goes_nowhere_even_signed(shopify: Shopify, shop: str) -> None:
    assert begin(shopify, shop=shop).status_code in (401, 422)
    assert shopify.world.wire.calls == []


def test_an_address_that_shopify_has_not_signed_begins_nothing(shopify: Shopify) -> None:
    good = shopify.from_shopify()
    spoilt = [
        "shop=mugs.myshopify.com",
        good + "&shop=evil.myshopify.com",
        good.replace("mugs", "evil"),
        good.replace("hmac=", "hmac=0"),
        good.rpartition("hmac=")[0] + "hmac=%C3%A9",
        "",
    ]
    for query in spoilt:
        assert shopify.browser.get(f"/install/shopify?{query}", base_url=OURS).status_code == 401, query
    shopify.world.pass_time(hours=25)
    assert shopify.browser.get(f"/install/shopify?{good}", base_url=OURS).status_code == 401


def test_both_ways_of_writing_a_padded_value_are_taken(shopify: Shopify) -> None:
    import hashlib
    import hmac

    host = base64.b64encode(b"admin.shopify.com/store/mugs").decode()
    assert host.endswith("=")
    told = {"shop": MUGS, "timestamp": str(int(shopify.world.real.timestamp())), "host": host}
    for message in (
        "&".join(f"{name}={value}" for name, value in sorted(told.items())),
        "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(told.items())),
    ):
        signature = hmac.new(b"hush" * 8, message.encode(), hashlib.sha256).hexdigest()
        query = urlencode({**told, "hmac": signature})
        assert install.signed_query(query, SETTINGS, shopify.world.real)["host"] == host


def test_the_official_library_agrees_with_us(shopify: Shopify) -> None:
    """The oracle: shopifyapp exchanges a session token and refreshes against the same fake, and reads our session."""
    import httpx
    from shopify_app import ShopifyApp

    shopify.world.real = datetime.now(UTC)  # the library has no other clock
    official = ShopifyApp("key", "hush" * 8)
    token = shopify.platform.install()
    opened = {
        "method": "GET",
        "headers": {"Authorization": f"Bearer {token}"},
        "url": f"{OURS}/admin/?shop={MUGS}",
        "body": "",
    }
    asked = official.verify_app_home_req(opened, "/patch")
    assert asked.ok, asked.log
    with httpx.Client(transport=httpx.WSGITransport(app=shopify.platform.app)) as client:
        got = official.exchange_using_token_exchange(
            "offline", asked.id_token, asked.invalid_token_response, http_client=client
        )
        assert got.ok, got.log
    assert sessions.read(token, SETTINGS, shopify.world.real) == sessions.Session(f"{asked.shop}.myshopify.com", "42")


# --- tokens -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def living(shopify: Shopify) -> Shopify:
    shopify.platform.install()
    shopify.open_admin()
    return shopify


def access(living: Shopify, refused: str | None = None) -> str:
    shop = living.shop()
    assert shop is not None
    return tokens.credentials(living.services, shop, refused)["access_token"]


def test_a_token_is_renewed_five_minutes_early_and_replaced_as_a_pair(living: Shopify) -> None:
    first = living.pair().credentials
    living.world.pass_time(minutes=54)
    assert access(living) == first["access_token"]
    living.world.pass_time(minutes=2)
    second = access(living)
    assert second != first["access_token"]
    assert living.pair().credentials["refresh_token"] != first["refresh_token"]
    assert access(living) == second


def test_a_token_that_is_refused_is_renewed_at_once(living: Shopify) -> None:
    first = access(living)
    assert access(living, refused=first) != first
    assert access(living, refused=first) == access(living)  # it has been renewed since


@pytest.mark.parametrize("fault", ["act_then_lose", "act_then_fail", "lose", "fail", "garble"])
def test_a_lost_answer_loses_no_shop(living: Shopify, fault: str) -> None:
    living.world.pass_time(hours=2)
    living.world.wire.choose = in_turn(*[fault] * 5)
    for _ in range(6):
        try:
            token = access(living)
            break
        except PlatformDown:
            continue
    assert token in {each.access for each in living.platform.shop.tokens}
    shop = living.shop()
    assert shop is not None
    assert shop.state == "active"


def test_a_worker_that_dies_while_it_renews_holds_up_nobody_for_long(living: Shopify) -> None:
    living.world.pass_time(hours=2)
    shop = living.shop()
    assert shop is not None
    assert tokens._lease(living.services, shop.id)  # … and it dies
    caller = replace(living.services.caller, sleep=lambda seconds: living.world.pass_time(seconds=seconds))
    services = replace(living.services, caller=caller)
    assert tokens.credentials(services, shop)["access_token"]


def test_who_is_overtaken_while_renewing_disconnects_nobody(living: Shopify) -> None:
    """A slow worker's refresh token is dead once the pair of the one that overtook it is in use."""
    living.world.pass_time(hours=2)
    shop = living.shop()
    assert shop is not None

    def overtaken(_: object) -> None:
        living.world.wire.choose = never
        living.world.pass_time(minutes=1)  # the slow one's lease is over
        token = access(living)
        assert living.platform.shop.token(token)  # … and the new pair is used

    living.world.wire.choose = overtaken
    with pytest.raises(Unauthorized):
        access(living)
    again = living.shop()
    assert again is not None
    assert again.state == "active"
    assert living.platform.shop.token(access(living))


def test_many_workers_renew_once(living: Shopify) -> None:
    living.world.pass_time(hours=2)
    shop, found = living.shop(), []
    assert shop is not None
    import time

    services = replace(living.services, caller=replace(living.services.caller, sleep=lambda _: time.sleep(0.01)))
    before = len(living.world.wire.calls)

    def work() -> None:
        found.append(tokens.credentials(services, shop)["access_token"])

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 6
    assert len(living.world.wire.calls) == before + 1


def test_a_shop_that_nobody_calls_is_kept_alive(living: Shopify) -> None:
    for _ in range(30):
        living.world.pass_time(days=8)
        assert tokens.keep_alive(living.services, living.world.real) == 1
        assert tokens.keep_alive(living.services, living.world.real) == 0
    assert access(living)


def test_tokens_last_through_bad_weather(living: Shopify) -> None:
    living.world.wire.choose = by_chance(11, before=0.2, after=0.2)
    good = 0
    for _ in range(60):
        living.world.pass_time(minutes=50)
        try:
            good += access(living) in {each.access for each in living.platform.shop.tokens}
        except PlatformDown:
            continue
    living.world.wire.choose = never
    assert good > 50
    assert access(living)


def test_tokens_are_sealed_and_in_no_log(living: Shopify, caplog: pytest.LogCaptureFixture, capfd) -> None:  # type: ignore[no-untyped-def]
    living.world.pass_time(hours=2)
    access(living)
    with reading(living.services.engine) as connection:
        (sealed,) = connection.execute(select(connections_table.c.credentials)).scalars()
    assert b"shpat_" not in sealed
    out, err = capfd.readouterr()
    for text in (caplog.text, out, err, repr(living.pair())):
        assert not re.search("shp(at|rt)_", text)
