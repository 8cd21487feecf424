"""What a shopper's token opens, for how long, and from where."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.fernet import Fernet
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy import event, select

from app import shops
from app.db import reading
from app.members import tokens
from app.models import members
from tests.build import FERNET, START, Tessera
from tests.edge import Door, open_door

SECRET_KEY = "a secret of the tests"  # of tests.build.config
OURS = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}  # as app.members.tokens signs


def member_ids(door: Door) -> list[str]:
    mine = select(members.c.id).where(members.c.shop_id == door.shop.id).order_by(members.c.enrolled_at, members.c.id)
    with reading(door.tessera.engine) as connection:
        return list(connection.execute(mine).scalars())


def token_of(door: Door, member_id: str, age_s: float = 0, ttl_s: int = 600, secret_key: str = SECRET_KEY) -> str:
    made_at = datetime.now(UTC) - timedelta(seconds=age_s)
    return tokens.make(secret_key, door.shop.id, member_id, ttl_s, made_at)[0]


def me(door: Door, token: str, **headers: str) -> Any:
    return door.client.get("/shopper/v1/me", headers={"Authorization": f"Bearer {token}", **headers})


@pytest.fixture
def ada(custom: Door) -> tuple[Door, str]:
    """A shop and its one member, with 399 points."""
    custom.deliver(custom.order())
    custom.shop.drain()
    [member_id] = member_ids(custom)
    return custom, member_id


def test_a_token_shows_its_members_points(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    told = me(door, token_of(door, member_id)).get_json()
    assert told["points"]["available"] == 399
    assert told["next_reward"] is None


def test_a_token_shows_its_members_entries_each_in_a_sentence(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    answer = door.client.get("/shopper/v1/entries", headers={"Authorization": f"Bearer {token_of(door, member_id)}"})
    [entry] = answer.get_json()["data"]
    assert (entry["points"], entry["title"], bool(entry["sentence"])) == (399, "Earned", True)
    assert "grace@shop.example" not in answer.text


def test_the_merchants_server_gets_a_token_through_the_api(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    key = {"Authorization": f"Bearer {door.shop.keys.api_key}"}
    made = door.client.post(f"/api/v1/members/{member_id}/shopper-token", json={}, headers=key).get_json()
    assert me(door, made["token"]).status_code == 200
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=590) < left <= timedelta(seconds=600)


def test_a_token_ends_after_ten_minutes_of_real_time(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    assert me(door, token_of(door, member_id, age_s=595)).status_code == 200
    assert me(door, token_of(door, member_id, age_s=600)).status_code == 401
    assert me(door, token_of(door, member_id, age_s=700, ttl_s=86_400)).status_code == 401
    assert me(door, token_of(door, member_id, age_s=31, ttl_s=30)).status_code == 401
    door.tessera.set_clock(START.replace(year=2027))
    try:
        assert me(door, token_of(door, member_id)).status_code == 200
    finally:
        door.tessera.set_clock(START)


# --- what is no token -------------------------------------------------------------------------------------------------


def forged(door: Door, member_id: str) -> dict[str, str]:
    good = token_of(door, member_id)
    claims = {"s": door.shop.id, "m": member_id, "i": 0, "e": 9e9}
    unsigned = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "none", "typ": "JWT"}, claims)
    )
    return {
        "empty": "",
        "noise": "x.y.z",
        "cut": good[:-1],
        "longer": good + "A",
        "another payload": base64.urlsafe_b64encode(json.dumps(claims).encode()).decode() + good[good.index(".") :],
        "without its signature": good.rpartition(".")[0],
        "alg none": f"{unsigned}.",
        "a JWT": jwt.encode(claims, SECRET_KEY.ljust(32), "HS256"),
        "of another key": token_of(door, member_id, secret_key="another"),
        "of another purpose": URLSafeTimedSerializer(SECRET_KEY, salt="email-link", signer_kwargs=OURS).dumps(claims),
        "without a time": URLSafeSerializer(SECRET_KEY, salt="shopper-token-v1").dumps(claims),
        "a session": URLSafeTimedSerializer(SECRET_KEY, salt="cookie-session").dumps(claims),
        "a Fernet token": Fernet(FERNET).encrypt(json.dumps(claims).encode()).decode(),
        "the api key": door.shop.keys.api_key,
        "not ASCII": "é" * 40,
    }


def test_what_is_forged_altered_or_made_for_something_else_is_401(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    for what, token in forged(door, member_id).items():
        answer = me(door, token)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthorized"), what


def test_a_token_is_needed_and_comes_as_a_bearer(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    good = token_of(door, member_id)
    for value in ("", "Bearer", "Bearer ", good, f"Basic {good}", f"Token {good}"):
        assert door.client.get("/shopper/v1/me", headers={"Authorization": value}).status_code == 401
    assert door.client.get("/shopper/v1/me").status_code == 401
    assert door.client.get("/shopper/v1/me", query_string={"token": good}).status_code == 401
    assert door.client.get("/shopper/v1/me", headers={"Authorization": f"bearer {good}"}).status_code == 200


def test_a_token_opens_neither_another_shop_nor_the_api(ada: tuple[Door, str], tessera: Tessera) -> None:
    door, member_id = ada
    other = open_door(tessera, "custom")
    assert me(other, token_of(other, member_id)).status_code == 401  # a member of the first shop
    key = {"Authorization": f"Bearer {token_of(door, member_id)}"}
    assert door.client.get("/api/v1/members", headers=key).status_code == 401


# --- log-out and merges -----------------------------------------------------------------------------------------------


def logout(door: Door, token: str) -> int:
    return door.client.post("/shopper/v1/logout", headers={"Authorization": f"Bearer {token}"}).status_code


def test_logging_out_ends_every_token_and_a_new_one_works(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    used, other = token_of(door, member_id), token_of(door, member_id, age_s=60)
    assert logout(door, used) == 204
    assert [me(door, token).status_code for token in (used, other)] == [401, 401]
    assert logout(door, used) == 401
    assert me(door, token_of(door, member_id)).status_code == 200


def test_logging_out_ends_nobody_elses_tokens(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    door.deliver(door.order(id="bobs", customer={"id": "bob"}))
    door.shop.drain()
    [bob] = set(member_ids(door)) - {member_id}
    token = token_of(door, bob)
    assert logout(door, token_of(door, member_id)) == 204
    assert me(door, token).status_code == 200


def test_a_merged_members_token_answers_for_the_survivor(custom: Door) -> None:
    guest = {"id": None, "email": "grace@shop.example", "email_verified": False}
    custom.deliver(custom.order(id="as a guest", customer=guest))
    custom.shop.drain()
    [merged] = member_ids(custom)
    custom.deliver(custom.order(id="logged in", customer={"id": "cust-31"}))
    custom.shop.drain()
    token = token_of(custom, merged)
    assert me(custom, token).get_json()["points"]["available"] == 0
    proved = {**guest, "id": "cust-31", "email_verified": True, "updated_at": "2026-05-09T09:00:00Z"}
    custom.deliver(proved, "customer")
    custom.shop.drain()
    assert me(custom, token).get_json()["points"]["available"] == 2 * 399
    [survivor] = set(member_ids(custom)) - {merged}
    of_survivor = token_of(custom, survivor)
    assert logout(custom, token) == 204
    assert [me(custom, one).status_code for one in (token, of_survivor)] == [401, 401]


# --- origins ----------------------------------------------------------------------------------------------------------


def allowed(answer: Any) -> str | None:
    return answer.headers.get("Access-Control-Allow-Origin")


def test_the_shops_own_origin_may_read_and_no_origin_is_accepted(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    own = f"https://{door.ref}"
    answer = me(door, token_of(door, member_id), Origin=own)
    assert (answer.status_code, allowed(answer), answer.headers["Vary"]) == (200, own, "Origin")
    assert "Access-Control-Allow-Credentials" not in answer.headers
    plain = me(door, token_of(door, member_id))
    assert (plain.status_code, allowed(plain)) == (200, None)


def test_any_other_origin_is_403_and_may_not_read_that(ada: tuple[Door, str], tessera: Tessera) -> None:
    door, member_id = ada
    other = open_door(tessera, "custom")
    own = f"https://{door.ref}"
    for origin in (
        f"https://{other.ref}",
        own.upper(),
        own + ".evil.com",
        own + "/",
        "http" + own[5:],
        "null",
        "",
        "*",
    ):
        answer = me(door, token_of(door, member_id), Origin=origin)
        assert (answer.status_code, answer.get_json()["code"], allowed(answer)) == (403, "forbidden", None), origin


def test_a_page_of_a_shop_learns_that_its_token_has_ended(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    own = f"https://{door.ref}"
    answer = me(door, token_of(door, member_id, age_s=700), Origin=own)
    assert (answer.status_code, allowed(answer)) == (401, own)
    assert allowed(me(door, "x", Origin="https://evil.example")) is None


def test_a_preflight_lets_only_origins_of_shops_ask(ada: tuple[Door, str]) -> None:
    door, _ = ada
    own = f"https://{door.ref}"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for path in ("/shopper/v1/me", "/shopper/v1/entries", "/shopper/v1/logout"):
        answer = door.client.options(path, headers={"Origin": own, **asked})
        assert (answer.status_code // 100, allowed(answer)) == (2, own)
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        for origin in ("https://evil.example", own + ".evil.com", "null", "é", own[:-1], "%"):
            assert allowed(door.client.options(path, headers={"Origin": origin, **asked})) is None, origin


def test_an_origin_is_looked_up_and_not_searched_for_shop_by_shop(ada: tuple[Door, str]) -> None:
    door, _ = ada
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    with reading(door.tessera.engine) as connection:
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # it would do for a small table
        event.listen(connection, "before_cursor_execute", note)
        assert shops.has_origin(connection, f"https://{door.ref}")
        [(statement, parameters)] = asked
        explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        plan = str(connection.exec_driver_sql(explain + statement, parameters).all())
    assert "ix_shop_origins_origin" in plan, plan


def test_a_shoppers_answers_are_never_cached_and_set_no_cookie(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    for answer in (me(door, token_of(door, member_id)), me(door, "x")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_what_is_not_there_is_404_and_another_method_405(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    key = {"Authorization": f"Bearer {token_of(door, member_id)}"}
    assert door.client.get("/shopper/v1/nothing", headers=key).status_code == 404
    assert door.client.post("/shopper/v1/me", headers=key).status_code == 405
    assert door.client.get("/shopper/v1/logout", headers=key).status_code == 405
