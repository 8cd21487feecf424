"""Who may enter, who sees what, and what no request can break."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import shops
from app.db import transaction
from app.errors import NotFound
from app.rules.programme import Programme
from app.web.api import schemas
from app.web.api.examples import EXAMPLES
from app.web.api.openapi import path_of
from app.web.api.operations import OPERATIONS, Operation
from tests.api.conftest import Api
from tests.build import Tessera, line, order, programme

SOAK = settings.default.max_examples > 1_000
SOME = settings(
    max_examples=settings.default.max_examples * 2 // 5,  # there are many doors
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# the stricter of the two about what it stores; both in `make soak`
pytestmark = () if SOAK else pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
NOBODY = "m_" + "0" * 20
WRITES = [each for each in OPERATIONS if each.takes is not None]
READS = [each for each in OPERATIONS if each.takes is None]


SHOWN = ("/members", "/orders", "/deliveries", "/programme/versions", "/redemptions")


def named(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=[each.name for each in operations])


def path(operation: Operation, member: str = NOBODY, delivery: str = "1", redemption: str = "r_" + "0" * 20) -> str:
    activity = delivery if delivery in WEIRD else f"activity:{delivery}"
    ids = {
        "member_id": member,
        "referral_id": member,
        "delivery_id": delivery,
        "effect_id": delivery,
        "redemption_id": redemption,
        "reward_key": "five",
        "review_app": "judgeme",
        "template_key": "coffee",
        "activity_id": activity,
    }
    text = path_of(operation)
    for name, value in ids.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def body(operation: Operation) -> Any:
    """Return a body that would be taken."""
    return programme() if operation.takes is Programme else EXAMPLES[operation.takes]


@named(OPERATIONS)
def test_nobody_enters_without_a_key_of_the_shop(alice: Api, operation: Operation) -> None:
    for key in ("", "tes_", "tes_x_y", f"tes_{alice.shop.id}_wrong", alice.key + "x", "é", "x" * 10_000):
        stranger = dataclasses.replace(alice, key=key)
        refused = stranger.call(operation.method, path(operation), body(operation) if operation.takes else None)
        assert (refused.status_code, refused.content_type) == (401, "application/problem+json")
    bare = alice.client.open(f"/api/v1{path(operation)}", method=operation.method)
    assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (401, "Bearer")


@named(WRITES)
def test_a_key_for_reading_does_not_write(alice: Api, tessera: Tessera, operation: Operation) -> None:
    with transaction(tessera.engine) as connection:
        key = shops.add_key(connection, alice.shop.id, "read", datetime.now(UTC))
    reader = dataclasses.replace(alice, key=key)
    assert reader.get("/members").status_code == 200
    assert reader.call(operation.method, path(operation), body(operation)).status_code == 403


def test_another_shop_sees_and_changes_nothing(alice: Api, charlie: Api) -> None:
    """Walk every route with alice's ids as charlie."""
    alice.shop.tell(order(id="alices"), order(id="broken", lines=[line(quantity=-1)]))
    member = alice.member(platform_id="ada", email="ada@example.com", email_verified=True)
    (failed,) = alice.get("/deliveries?state=failed").json["data"]
    alice.post(f"/members/{member['id']}/adjustments", {"points": 500, "reason": "to spend"})
    taken = alice.post("/redemptions", {"member_id": member["id"], "reward": "five"}).json
    before = [alice.get(shown).json for shown in SHOWN]
    asked = ("platform_id=alices", "platform_id=ada", "email=ada@example.com", f"member_id={member['id']}")
    queries = ("", *(f"?{one}" for one in asked), f"?code={taken['code']}")
    for operation in OPERATIONS:
        for query in queries if operation.method == "GET" else [""]:
            target = path(operation, member["id"], failed["id"], taken["id"]) + query
            answer = charlie.call(operation.method, target, body(operation) if operation.takes else None)
            if "_id}" in path_of(operation):
                assert answer.status_code in (404, 422), target
            for secret in (member["id"], "alices", failed["id"], taken["id"]):
                assert secret not in answer.text.replace(target, ""), target
    assert [alice.get(shown).json for shown in SHOWN] == before
    assert charlie.get("/members?email=ada@example.com").json["data"] != before[0]["data"]


UNREADABLE = {
    "no JSON": b"hello",
    "cut off": b'{"points": 5',
    "two documents": b"{}{}",
    "NaN": b'{"points": NaN, "reason": "x"}',
    "infinite": b'{"points": 1e999, "reason": "x"}',
    "a key twice": b'{"points": 5, "points": 6, "reason": "x"}',
    "NUL": b'{"points": 5, "reason": "\\u0000"}',
    "a lone surrogate": b'{"points": 5, "reason": "\\ud800"}',
    "UTF-16": '{"points": 5, "reason": "x"}'.encode("utf-16"),
    "Latin-1": '{"reason": "é"}'.encode("latin-1"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 300 + b"1" + b"}" * 300,
    "just too deep": b'{"a":' * 70 + b"1" + b"}" * 70,
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "a form": b"points=5&reason=x",
}


@pytest.mark.parametrize("unreadable", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_body_is_a_400_everywhere(alice: Api, unreadable: bytes) -> None:
    for operation in WRITES:
        assert alice.call(operation.method, path(operation), unreadable).status_code == 400


@named(WRITES)
def test_an_empty_body_is_taken_only_where_nothing_is_needed(alice: Api, operation: Operation) -> None:
    phases = ("pause_programme", "resume_programme", "end_programme")
    plain = (
        "publish_programme",
        "make_shopper_token",
        "replay_delivery",
        "retry_effect",
        "reconcile",
        "stop_import",
        "continue_import",
        "preview_draft",
        "backtest_draft",
        "approve_activity",
        "disconnect_review_app",
        "cancel_redemption",
        "verify_email",
        "erase_member",
    )
    optional = operation.name in (*plain, *phases)
    status = alice.call(operation.method, path(operation), b"").status_code
    assert status in ((201, 404, 409) if optional else (400,))


@named(WRITES)
def test_a_document_of_another_kind_is_refused(alice: Api, operation: Operation) -> None:
    for document in (b"[]", b"null", b"5", b'"x"', b"true", b"[{}]"):
        assert alice.call(operation.method, path(operation), document).status_code in (400, 422)
    unknown = alice.call(operation.method, path(operation), {"colour": "red"})
    assert (unknown.status_code, "colour" in {error["field"] for error in unknown.json["errors"]}) == (422, True)


def test_the_kind_of_content_is_not_asked_for(alice: Api) -> None:
    for kind in ("text/plain", "application/json; charset=latin-1", "application/x-www-form-urlencoded", ""):
        made = alice.post("/members", {"platform_id": f"c-{kind}"}, headers={"Content-Type": kind})
        assert made.status_code == 201


def test_a_body_above_5_mib_is_refused(alice: Api) -> None:
    assert alice.post("/members", b" " * (5 * 1024 * 1024 + 1)).status_code == 413
    assert alice.post("/members", b"[" + b"0," * 2_000_000 + b"0]").status_code == 400


def test_very_many_mistakes_are_answered_shortly(alice: Api) -> None:
    refused = alice.post("/members", {f"k{number}": 1 for number in range(20_000)}, key="many")
    assert refused.status_code == 422
    assert len(refused.data) < 100_000
    assert alice.post("/members", {f"k{number}": 1 for number in range(20_000)}, key="many").data == refused.data


QUERIES = [
    ("/members?cursor=x", "cursor"),
    ("/members?cursor=", "cursor"),
    ("/members?cursor=%00", "cursor"),
    ("/members?cursor=W10", "cursor"),
    ("/members?cursor=%C3%A9", "cursor"),
    ("/members?cursor=WyJvcmRlcnMiLCIxIl0", "cursor"),  # of another list
    ("/members?cursor=" + "W" * 5000, "cursor"),
    ("/orders?cursor=WyJvcmRlcnMiLCJcdTAwMDAiXQ", "cursor"),  # ["orders","\u0000"]
    ("/orders?cursor=WyJvcmRlcnMiLDVd", "cursor"),
    ("/deliveries?cursor=WyJkZWxpdmVyaWVzIiwtMV0", "cursor"),
    ("/deliveries?cursor=WyJkZWxpdmVyaWVzIiwxODQ0Njc0NDA3MzcwOTU1MTYxNV0", "cursor"),
    ("/deliveries?cursor=WyJkZWxpdmVyaWVzIix0cnVlXQ", "cursor"),
    ("/members?email=ada@example.com&cursor=WyJtZW1iZXJzIiwibV8wIl0", "cursor"),
    ("/members?limit=0", "limit"),
    ("/members?limit=201", "limit"),
    ("/members?limit=-1", "limit"),
    ("/members?limit=1.0", "limit"),
    ("/members?limit=", "limit"),
    ("/members?limit=%D9%A1", "limit"),
    ("/members?limit=" + "9" * 5000, "limit"),
    ("/members?limit=5&limit=6", "limit"),
    ("/members?email=", "email"),
    ("/members?email=a%00b", "email"),
    ("/members?email=" + "a" * 400, "email"),
    ("/members?platform_id=%01", "platform_id"),
    ("/members?emial=ada@example.com", "emial"),
    ("/members?email=a@b.c&platform_id=1", ""),
    (f"/members/{NOBODY}?at=yesterday", "at"),
    (f"/members/{NOBODY}?at=2026-03-01", "at"),
    (f"/members/{NOBODY}?at=2026-03-01T10:00:00", "at"),
    (f"/members/{NOBODY}?at=2026-02-30T10:00:00Z", "at"),
    (f"/members/{NOBODY}?at=0001-01-01T00:00:00Z", "at"),
    (f"/members/{NOBODY}?at=9999-12-31T23:59:59-14:00", "at"),
    (f"/members/{NOBODY}?at=2026-03-01T10:00:00+01:00", "at"),  # the + is a blank here
    (f"/members/{NOBODY}/entries?cursor=x", "cursor"),
    ("/deliveries?state=lost", "state"),
    ("/deliveries?state=", "state"),
    ("/orders?platform_id=" + "a" * 300, "platform_id"),
    ("/programme?version=1", "version"),
    ("/reports/accounts?at=2026-03-01T10:00:00Z", "at"),
]


@pytest.mark.parametrize(("query", "field"), QUERIES, ids=[query[:50] for query, _ in QUERIES])
def test_a_malformed_parameter_is_named(alice: Api, query: str, field: str) -> None:
    refused = alice.get(query)
    if refused.status_code == 404:  # the member is looked for first
        known = query.replace(NOBODY, alice.member()["id"])
        refused = alice.get(known)
    assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (422, [field])


WEIRD = [
    "m_0",
    "M_" + "0" * 20,
    NOBODY + "0",
    "%00",
    "%FF",
    "..",
    "%2e%2e",
    "%2F",
    "é",
    "'",
    "*",
    "x" * 5000,
    "%F0%9F%92%A9",
]


@pytest.mark.parametrize("weird", WEIRD, ids=range(len(WEIRD)))
def test_an_id_that_cannot_be_is_not_found(alice: Api, weird: str) -> None:
    for operation in OPERATIONS:
        if "_id}" in path_of(operation):
            target = path(operation, weird, weird, weird)
            answer = alice.client.open(
                f"/api/v1{target}",
                method=operation.method,
                headers={"Authorization": f"Bearer {alice.key}"},
                data=b"{}",
            )
            assert answer.status_code in (404, 308), target


@pytest.mark.parametrize("later", [("GET", "/webhooks")])
def test_what_comes_later_is_not_there_yet(alice: Api, later: tuple[str, str]) -> None:
    assert alice.call(*later, {} if later[0] == "POST" else None).status_code == 404


def test_another_method_is_refused(alice: Api) -> None:
    refused = alice.call("DELETE", "/members")
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) >= {"GET", "POST"}


# --- anything at all --------------------------------------------------------------------------------------------------

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -(2**63), 2**64 - 1, 10**15, "", "0", "1" * 20, "\x00", "\ud800", "2026-03-01T00:00:00Z"])
    | st.floats()
    | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@st.composite
def bent(draw: st.DrawFn, document: Any) -> Any:
    """Return a good document with something in it replaced by anything."""
    if not document or draw(st.integers(0, 4)) == 0:
        return draw(anything)
    if isinstance(document, dict):
        name = draw(st.sampled_from(sorted(document)))
        return {**document, name: draw(bent(document[name]))}
    if isinstance(document, list):
        place = draw(st.integers(0, len(document) - 1))
        return [*document[:place], draw(bent(document[place])), *document[place + 1 :]]
    return draw(anything)


RICH = {
    **EXAMPLES[Programme],
    "campaigns": [{"key": "w", "multiplier": "3", "from": "2026-01-01T00:00:00Z", "min_basis": "50.00"}],
    "expiry": {"kind": "days", "days": 5},
    "deficit": "carry",
}
BASKET_LINE = {"quantity": 2, "unit_price": "19.99", "discount": "1.00", "tags": ["x"], "vendor": "v"}
GOOD: dict[type, Any] = {
    Programme: RICH,
    schemas.NewMember: {"email": "a@b.c", "platform_id": "c1", "birthday": "1990-01-01", "tags": ["vip"]},
    schemas.PreviewBasket: {"currency": "EUR", "lines": [BASKET_LINE], "member_id": NOBODY},
}


@named(WRITES)
def test_no_body_breaks_anything(alice: Api, operation: Operation) -> None:
    target = path(operation, alice.member()["id"])
    good = GOOD.get(operation.takes, EXAMPLES[operation.takes])

    @SOME
    @given(document=bent(good), key=st.none() | st.text("ab", min_size=1, max_size=2))
    def send(document: Any, key: str | None) -> None:
        answer = alice.call(operation.method, target, json.dumps(document).encode(), key)
        assert answer.status_code < 500

    send()
    for shown in ("/members", "/programme", "/programme/versions", "/reports/accounts"):
        assert alice.get(shown).status_code == 200


@named(READS)
def test_no_parameter_breaks_anything(alice: Api, operation: Operation) -> None:
    if operation.query is None:
        return
    target = path(operation, alice.member()["id"])

    @SOME
    @given(st.dictionaries(st.sampled_from([*operation.query.model_fields]), st.binary(max_size=30), max_size=3))
    def send(asked: dict[str, bytes]) -> None:
        query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
        fine = (200, 404, 422) if NotFound in operation.errors else (200, 422)
        assert alice.get(f"{target}?{query}").status_code in fine

    send()


def test_a_review_app_with_an_impossible_name_is_no_review_app(alice: Api) -> None:
    assert alice.post("/review-apps/%00/disconnect").status_code == 404
