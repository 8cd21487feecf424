"""Our link proves an e-mail: for the member it was made for, once, for a day, and only by a click."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import create_app, schedules
from app.audit import audit
from app.db import reading, transaction
from app.members.verifying import LIFE
from app.models import verifications
from tests.build import Shop, Tessera, order, programme
from tests.edge import client_of

GUEST = {"id": None, "email": "Gus@Example.com"}


def call(shop: Shop, method: str, path: str, body: Any = None, client: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {shop.keys.api_key}"}
    return (client or client_of(shop.tessera)).open(f"/api/v1{path}", method=method, headers=headers, json=body)


@pytest.fixture
def shop(tessera: Tessera) -> Shop:
    made = tessera.shop(programme())
    made.tell(order(customer=GUEST))
    return made


def guest(shop: Shop) -> dict[str, Any]:
    return call(shop, "GET", "/members?email=gus@example.com").json["data"][0]


def link(shop: Shop, member_id: str | None = None, **wish: Any) -> str:
    made = call(shop, "POST", f"/members/{member_id or guest(shop)['id']}/verification", wish)
    assert made.status_code == 201, made.json
    return made.json["url"].partition("8000")[2]


def test_a_click_claims_what_the_guest_had_earned(shop: Shop) -> None:
    path, client = link(shop), client_of(shop.tessera)
    page = client.get(path)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "G…@Example.com" in page.text
    assert "Club" in page.text
    assert not guest(shop)["claimed"]  # opening it proves nothing
    done = client.post(path)
    assert done.status_code == 200
    assert "Thank you" in done.text
    assert (guest(shop)["claimed"], guest(shop)["points"]["available"]) == (True, 399)
    assert audit(shop.tessera.engine, shop.id) == []


def test_a_customer_takes_the_guests_points_along(shop: Shop) -> None:
    shop.tell(order(id="2", customer={"id": "gus", "email": GUEST["email"]}))
    member = call(shop, "GET", "/members?platform_id=gus").json["data"][0]
    client_of(shop.tessera).post(link(shop, member["id"]))
    shown = call(shop, "GET", f"/members/{member['id']}").json
    assert shown["points"]["available"] == 798
    assert {"kind": "email", "value": None, "verified": True} in shown["identities"]
    assert audit(shop.tessera.engine, shop.id) == []


def test_a_link_that_makes_two_members_one_leaves_them_one_sign_up(tessera: Tessera) -> None:
    shop = tessera.shop(programme(activities=[{"key": "join", "kind": "sign_up", "points": 100}]))
    ids = [
        call(shop, "POST", "/members", who).json["id"] for who in ({"email": "gus@example.com"}, {"platform_id": "g"})
    ]
    for member_id in ids:
        call(shop, "POST", f"/members/{member_id}/activities", {"kind": "sign_up"})
    assert client_of(shop.tessera).post(link(shop, ids[1], email="gus@example.com")).status_code == 200
    assert call(shop, "GET", f"/members/{ids[1]}").json["points"]["available"] == 100
    assert audit(shop.tessera.engine, shop.id) == []


def test_a_link_is_good_once(shop: Shop) -> None:
    path, client = link(shop), client_of(shop.tessera)
    client.post(path)
    assert (client.post(path).status_code, client.get(path).status_code) == (410, 410)
    assert audit(shop.tessera.engine, shop.id) == []


def test_a_link_ends_after_a_day(shop: Shop) -> None:
    path, services = link(shop), shop.tessera.services
    late = replace(services.clock, real=lambda: services.clock.real() + LIFE + timedelta(seconds=1))
    app = create_app(replace(services, clock=late))
    client = app.test_client()
    assert (client.get(path).status_code, client.post(path).status_code) == (410, 410)
    assert not guest(shop)["claimed"]


@pytest.mark.parametrize("spoil", [lambda token: token[:-2], lambda token: token + "x", lambda token: "é"])
def test_a_link_that_was_changed_is_nobodys(shop: Shop, spoil: Any) -> None:
    path = link(shop)
    bad = "/verify/" + spoil(path.removeprefix("/verify/"))
    assert client_of(shop.tessera).post(bad).status_code == 404
    assert client_of(shop.tessera).get(bad).status_code == 404
    assert not guest(shop)["claimed"]


def test_a_shopper_token_is_no_link(shop: Shop) -> None:
    token = call(shop, "POST", f"/members/{guest(shop)['id']}/shopper-token", {}).json["token"]
    assert client_of(shop.tessera).post(f"/verify/{token}").status_code == 404


def test_an_e_mail_of_somebody_else_is_refused_before_and_after(shop: Shop) -> None:
    shop.tell(order(id="2", customer={"id": "bob"}))
    bob = call(shop, "GET", "/members?platform_id=bob").json["data"][0]["id"]
    early = link(shop, bob, email="shared@example.com")
    taken = {"id": "eve", "email": "shared@example.com", "email_verified": True}
    shop.tell(order(id="3", customer=taken))
    assert client_of(shop.tessera).post(early).status_code == 409
    refused = call(shop, "POST", f"/members/{bob}/verification", {"email": "shared@example.com"})
    assert (refused.status_code, refused.json["code"]) == (409, "identity_conflict")
    assert audit(shop.tessera.engine, shop.id) == []


def test_an_unclaimed_member_proves_its_own_e_mail_only(shop: Shop) -> None:
    refused = call(shop, "POST", f"/members/{guest(shop)['id']}/verification", {"email": "other@example.com"})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "other_email")


def test_who_has_no_e_mail_must_name_one(shop: Shop) -> None:
    shop.tell(order(id="2", customer={"id": "bob"}))
    bob = call(shop, "GET", "/members?platform_id=bob").json["data"][0]["id"]
    refused = call(shop, "POST", f"/members/{bob}/verification", {})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "email")


def test_the_page_tells_nobody_and_speaks_the_shoppers_language(shop: Shop) -> None:
    page = client_of(shop.tessera).get(link(shop), headers={"Accept-Language": "fr-CH, en;q=0.5"})
    assert 'lang="fr"' in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Cache-Control"] == "no-store"
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<link|<img|@import|url\(|src=|https?://", page.text)


def test_no_address_stands_in_the_clear_with_a_link(shop: Shop) -> None:
    link(shop)
    with reading(shop.tessera.engine) as connection:
        rows = connection.execute(select(verifications).where(verifications.c.shop_id == shop.id)).all()
    assert len(rows) == 1
    assert "gus" not in repr(rows).lower()


def test_links_that_have_ended_are_forgotten(shop: Shop) -> None:
    link(shop)
    with transaction(shop.tessera.engine) as connection:
        mine = verifications.update().where(verifications.c.shop_id == shop.id)
        connection.execute(mine.values(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
        schedules.forget(connection)
    with reading(shop.tessera.engine) as connection:
        assert connection.execute(select(verifications).where(verifications.c.shop_id == shop.id)).all() == []


# --- by e-mail --------------------------------------------------------------------------------------------------------


def mailing(shop: Shop, postbox: Any) -> Any:
    services = shop.tessera.services
    url = f"smtp://127.0.0.1:{postbox.server_address[1]}?from=club@shop.example"
    return create_app(replace(services, config=replace(services.config, smtp_url=url))).test_client()


def test_the_link_is_sent_where_there_is_a_mail_server(shop: Shop, postbox: Any) -> None:
    client = mailing(shop, postbox)
    made = call(shop, "POST", f"/members/{guest(shop)['id']}/verification", {"send": True}, client)
    assert made.status_code == 201
    (raw,) = postbox.taken
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert (message["From"], message["To"]) == ("club@shop.example", "Gus@Example.com")
    assert message["Subject"] == "Confirm your e-mail for Club"
    plain = message.get_body(("plain",)).get_content()
    assert made.json["url"] in plain
    assert made.json["url"] in message.get_body(("html",)).get_content()


def test_a_mail_server_that_refuses_is_told_and_the_link_stays_good(shop: Shop, postbox: Any) -> None:
    postbox.refuses = True
    refused = call(shop, "POST", f"/members/{guest(shop)['id']}/verification", {"send": True}, mailing(shop, postbox))
    assert (refused.status_code, refused.json["code"]) == (503, "unavailable")
    assert "example.com" not in refused.text.lower().replace("tessera.example", "")


def test_without_a_mail_server_nothing_can_be_sent(shop: Shop) -> None:
    refused = call(shop, "POST", f"/members/{guest(shop)['id']}/verification", {"send": True})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "send")


def test_a_letter_that_was_not_taken_is_sent_when_the_same_request_comes_again(shop: Shop, postbox: Any) -> None:
    client, path = mailing(shop, postbox), f"/api/v1/members/{guest(shop)['id']}/verification"
    headers = {"Authorization": f"Bearer {shop.keys.api_key}", "Idempotency-Key": "k1"}

    def ask() -> Any:
        return client.post(path, headers=headers, json={"send": True})

    postbox.refuses = True
    assert [ask().status_code for _ in range(2)] == [503, 503]
    postbox.refuses = False
    made, again = ask(), ask()
    assert (made.status_code, again.data, len(postbox.taken)) == (201, made.data, 1)
    message = email.message_from_bytes(postbox.taken[0], policy=email.policy.default)
    assert made.json["url"] in message.get_body(("plain",)).get_content()


@pytest.mark.parametrize("address", ["x,ada@example.com", "x<ada@example.com", "~@[_", "a:b@example.com", "<@=?|+:"])
def test_no_letter_goes_to_what_is_not_one_address(shop: Shop, postbox: Any, address: str) -> None:
    bob = call(shop, "POST", "/members", {"platform_id": "bob"}).json["id"]
    wish = {"email": address, "send": True}
    refused = call(shop, "POST", f"/members/{bob}/verification", wish, mailing(shop, postbox))
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "not_deliverable")
    assert postbox.taken == []
