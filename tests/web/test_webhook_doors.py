"""Who gets in: semantics §10, the rows about signatures, shops, methods and sizes."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import counters, create_app, shops
from app.db import transaction
from app.intake.doors import Doors
from app.web.bodies import BODY_LIMIT
from connectors import CONNECTORS
from tests.build import Tessera
from tests.edge import APP_SECRET, Door, open_door

SIGNED_BY_SHOPS = [name for name, one in CONNECTORS.items() if one.signed_by == "shop"]
PROOFS = ("signature", "hmac")
BODY = b'{"id": 1}'


def without(headers: dict[str, str], *words: str) -> dict[str, str]:
    return {name: value for name, value in headers.items() if not any(word in name.lower() for word in words)}


def forged(headers: dict[str, str], value: str) -> dict[str, str]:
    return {name: value if any(p in name.lower() for p in PROOFS) else kept for name, kept in headers.items()}


def is_refused(answer: Any, door: Door) -> bool:
    problem = answer.get_json()
    return answer.status_code == problem["status"] == 401 and problem["code"] == "unauthorized" and not door.kept()


def test_a_signed_delivery_is_kept_and_answered_with_200(door: Door) -> None:
    answer = door.deliver(door.order())
    assert (answer.status_code, answer.data) == (200, b"")
    assert [row.state for row in door.kept()] == ["new"]


def test_a_missing_signature_is_refused(door: Door) -> None:
    assert is_refused(door.post(BODY, without(door.signed(BODY), *PROOFS)), door)


def test_no_header_at_all_is_refused(door: Door) -> None:
    assert is_refused(door.post(BODY, {}), door)
    assert is_refused(door.post(b"", {}), door)


WRONG = ["", "wrong", "é", "\u00ff\u00fe", "t=1,v1=" + "0" * 64, "A" * 43 + "=", "x" * 9000]


def test_a_wrong_or_non_ascii_signature_is_refused(door: Door) -> None:
    for value in WRONG:
        assert is_refused(door.post(BODY, forged(door.signed(BODY), value)), door), value


def test_another_shops_secret_is_refused(door: Door) -> None:
    other = open_door(door.tessera, "custom")
    assert is_refused(door.post(BODY, door.signed(BODY, secret=other.secret)), door)


@pytest.mark.parametrize("platform", SIGNED_BY_SHOPS)
def test_after_a_rotation_the_new_secret_holds_at_once_and_the_old_one_for_a_day(
    tessera: Tessera, platform: str
) -> None:
    door = open_door(tessera, platform)
    now, vault = datetime.now(UTC), tessera.services.vault
    assert door.post(BODY, door.signed(BODY)).status_code == 200
    with transaction(tessera.engine) as connection:
        fresh = shops.rotate_secret(connection, vault, door.shop.id, now)
    assert door.post(BODY, door.signed(BODY, secret=fresh)).status_code == 200
    assert door.post(BODY, door.signed(BODY)).status_code == 200
    with transaction(tessera.engine) as connection:
        shops.rotate_secret(connection, vault, door.shop.id, now - timedelta(hours=25))
    later = door_without_memory(door)
    assert later.post(BODY, door.signed(BODY)).status_code == 401
    assert later.post(BODY, door.signed(BODY, secret=fresh)).status_code == 401


def door_without_memory(door: Door) -> Door:
    """Return the same door as a process sees it that has just started."""
    client = create_app(replace(door.tessera.services, doors=Doors())).test_client()
    return replace(door, client=client)


def test_another_body_under_a_good_signature_is_refused(door: Door) -> None:
    assert is_refused(door.post(BODY + b" ", door.signed(BODY)), door)


def test_a_refused_delivery_is_counted_and_nothing_else_is_kept(door: Door) -> None:
    before = counters.text()
    assert is_refused(door.post(BODY, {}), door)
    line = next(line for line in counters.text().splitlines() if f'refused_total{{label="{door.platform}"}}' in line)
    assert line not in before


UNKNOWN = ["0" * 24, "x", "é", "%00", "a%00b", "%ff", "%ED%A0%80", "a" * 3000, "%2e%2e", "A" * 24]


@pytest.mark.parametrize("platform", SIGNED_BY_SHOPS)
def test_an_unknown_shop_in_the_path_is_refused_like_a_wrong_signature(tessera: Tessera, platform: str) -> None:
    door = open_door(tessera, platform)
    known = door.post(BODY, {}).get_json()
    for shop_id in UNKNOWN:
        answer = door.post(BODY, door.signed(BODY), f"/webhooks/{platform}/{shop_id}")
        assert is_refused(answer, door), shop_id
        assert answer.get_json() == known  # nobody learns which shops there are


@pytest.mark.parametrize("platform", SIGNED_BY_SHOPS)
def test_a_shop_of_another_platform_is_unknown_here(tessera: Tessera, platform: str) -> None:
    door = open_door(tessera, "sandbox" if platform == "custom" else "custom")
    connector = CONNECTORS[platform]
    signed = connector.sign("order", "d-1", BODY, door.secret, 0)
    assert is_refused(door.post(BODY, signed, f"/webhooks/{platform}/{door.shop.id}"), door)


def test_another_method_is_405_and_names_the_right_one(door: Door) -> None:
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
        answer = door.client.open(door.path, method=method)
        assert answer.status_code == 405
        assert "POST" in answer.headers["Allow"]


def test_a_platform_that_nobody_wrote_is_404(custom: Door) -> None:
    for path in ("/webhooks/magento/1", "/webhooks/", "/webhooks", "/webhooks/custom", "/webhooks/a/b/c"):
        assert custom.client.post(path).status_code == 404


def test_the_sandbox_has_no_door_where_it_is_off(tessera: Tessera) -> None:
    door = open_door(tessera, "sandbox")
    assert door.deliver(door.order()).status_code == 200
    object.__setattr__(tessera.services.config, "sandbox", False)
    try:
        assert door.deliver(door.order()).status_code == 404
    finally:
        object.__setattr__(tessera.services.config, "sandbox", True)


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_a_body_of_exactly_5_mib_is_taken_and_one_byte_more_is_413(door: Door) -> None:
    body = b" " * BODY_LIMIT
    assert door.post(body, door.signed(body)).status_code == 200
    answer = door.post(body + b" ", door.signed(body + b" "))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")
    assert len(door.kept()) == 1


def test_a_body_that_only_says_it_is_large_is_413_before_it_is_read(door: Door) -> None:
    length = {"CONTENT_LENGTH": str(BODY_LIMIT + 1)}
    answer = door.client.post(door.path, data=BODY, headers=door.signed(BODY), environ_overrides=length)
    assert answer.status_code == 413


def chunked(door: Door, body: bytes) -> int:
    """Send a body whose length no header tells, as a server that ends the stream itself hands it over."""
    environ = EnvironBuilder(door.path, method="POST", headers=door.signed(body)).get_environ()
    environ |= {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    _, status, _ = run_wsgi_app(door.client.application, environ)
    return int(status[:3])


def test_a_chunked_body_is_measured_while_it_comes(custom: Door) -> None:
    assert chunked(custom, BODY) == 200
    assert chunked(custom, b" " * BODY_LIMIT) == 200
    assert chunked(custom, b" " * (BODY_LIMIT + 1)) == 413
    assert chunked(custom, b" " * (BODY_LIMIT + 70_000)) == 413


# --- Shopify's shop header, which nobody signs ------------------------------------------------------------------------

STRANGE_SHOPS = [
    "evil.com/?.myshopify.com",
    "evil.com",
    "",
    " ",
    ".myshopify.com",
    "-a.myshopify.com",
    "a.b.myshopify.com",
    "a.myshopify.com.evil.com",
    "a.myshopify.com, b.myshopify.com",
    "é.myshopify.com",
    "http://a.myshopify.com",
    "a_b.myshopify.com",
    "not-installed.myshopify.com",
]


def test_a_strange_shop_header_is_refused(shopify: Door) -> None:
    for named in STRANGE_SHOPS:
        headers = {**shopify.signed(BODY), "x-shopify-shop-domain": named}
        assert is_refused(shopify.post(BODY, headers), shopify), named


def test_a_missing_shop_header_is_refused(shopify: Door) -> None:
    assert is_refused(shopify.post(BODY, without(shopify.signed(BODY), "shop-domain")), shopify)


def test_the_right_shop_written_otherwise_is_refused(shopify: Door) -> None:
    headers, ref = without(shopify.signed(BODY), "shop-domain"), shopify.ref
    for named in (ref.upper(), ref.title(), f"{ref}\n", f"{ref}\x00", f"{ref} ", f"{ref}."):
        environ = {"HTTP_X_SHOPIFY_SHOP_DOMAIN": named}
        answer = shopify.client.post("/webhooks/shopify", data=BODY, headers=headers, environ_overrides=environ)
        assert is_refused(answer, shopify), named


def test_the_header_chooses_the_shop_and_the_signature_is_still_needed(shopify: Door) -> None:
    other = open_door(shopify.tessera, "shopify")
    headers = {**shopify.signed(BODY), "x-shopify-shop-domain": other.ref}
    assert shopify.post(BODY, headers).status_code == 200
    assert not shopify.kept()
    assert len(other.kept()) == 1


def test_the_apps_old_secret_signs_while_it_is_configured(tessera: Tessera) -> None:
    door = open_door(tessera, "shopify")
    assert is_refused(door.post(BODY, door.signed(BODY, secret="old-hush")), door)
    connectors = tessera.services.config.connectors
    connectors["SHOPIFY_API_SECRET_OLD"] = "old-hush"
    try:
        assert door.post(BODY, door.signed(BODY, secret="old-hush")).status_code == 200
        assert door.post(BODY + b" ", door.signed(BODY + b" ", secret=APP_SECRET)).status_code == 200
    finally:
        del connectors["SHOPIFY_API_SECRET_OLD"]


def test_compliance_deliveries_have_an_address_of_their_own(shopify: Door) -> None:
    body = json.dumps({"shop_domain": shopify.ref, "customer": {"id": 191167}}).encode()
    headers = shopify.signed(body, "customers/redact")
    assert shopify.post(body, headers, "/webhooks/shopify/compliance").status_code == 200
    assert [state for state, _ in shopify.verdicts()] == ["done"]
    assert shopify.post(body, {}, "/webhooks/shopify/compliance").status_code == 401


def test_a_platform_signed_by_the_shop_has_no_door_without_a_shop(custom: Door) -> None:
    assert custom.post(BODY, custom.signed(BODY), "/webhooks/custom").status_code == 404


# --- WooCommerce's ping -----------------------------------------------------------------------------------------------


def test_woocommerces_unsigned_ping_is_answered_and_nothing_is_kept(woocommerce: Door) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert woocommerce.post(b"webhook_id=12", form).status_code == 200
    assert not woocommerce.kept()


def test_what_only_looks_like_a_ping_is_refused(woocommerce: Door) -> None:
    for body in (b"webhook_id=12&x=1", b"webhook_id=", b"webhook_id=12\n", b"webhook_id=1 OR 1"):
        assert is_refused(woocommerce.post(body, {}), woocommerce), body


def test_a_ping_for_an_unknown_shop_is_refused(woocommerce: Door) -> None:
    assert woocommerce.post(b"webhook_id=12", {}, f"/webhooks/woocommerce/{'0' * 24}").status_code == 401
