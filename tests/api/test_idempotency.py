"""A request with a key happens once, whatever happens to the network or the process."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import Connection, delete, func, select, update

from app.clock import Clock
from app.db import reading, transaction
from app.models import idempotency
from app.points import adjusting
from tests.api.conftest import Api, open_api
from tests.build import Tessera, programme

T = TypeVar("T")

GIFT = {"points": 100, "reason": "hello"}


def rows(api: Api) -> int:
    with reading(api.shop.tessera.engine) as connection:
        mine = select(func.count()).select_from(idempotency).where(idempotency.c.shop_id == api.shop.id)
        return connection.execute(mine).scalar_one()


@pytest.fixture
def path(alice: Api) -> str:
    return f"/members/{alice.member()['id']}/adjustments"


def test_the_same_request_again_gets_the_same_answer_byte_for_byte(alice: Api, path: str) -> None:
    first = alice.post(path, GIFT, key="k1")
    again = alice.post(path, GIFT, key="k1")
    assert (first.status_code, "Idempotency-Replayed" in first.headers) == (201, False)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert (again.data, again.content_type) == (first.data, first.content_type)
    assert first.json["entry"]["id"] == "adjust:k1"
    assert len(alice.entries(path.split("/")[2])) == 1


def test_without_a_key_every_call_is_new(alice: Api, path: str) -> None:
    alice.post(path, GIFT)
    alice.post(path, GIFT)
    assert len(alice.entries(path.split("/")[2])) == 2


def test_another_request_under_the_key_is_a_conflict(alice: Api, path: str) -> None:
    first = alice.post(path, GIFT, key="k1")
    other_body = alice.post(path, {**GIFT, "points": 101}, key="k1")
    other_spelling = alice.post(path, b'{"reason":"hello","points":100}', key="k1")
    other_path = alice.post(path.replace("adjustments", "tier"), GIFT, key="k1")
    other_method = alice.put("/programme/draft", GIFT, key="k1")
    for refused in (other_body, other_spelling, other_path, other_method):
        assert (refused.status_code, refused.json["code"]) == (409, "idempotency_conflict")
    assert alice.post(path, GIFT, key="k1").data == first.data


def test_a_key_belongs_to_one_shop(alice: Api, charlie: Api) -> None:
    mine = alice.post("/members", {"platform_id": "c1"}, key="k1")
    theirs = charlie.post("/members", {"platform_id": "c1"}, key="k1")
    assert theirs.status_code == 201
    assert theirs.json["id"] != mine.json["id"]


def test_business_refusals_are_kept(alice: Api, path: str) -> None:
    refused = alice.post(path, {"points": -1, "reason": "x"}, key="k1")
    invalid = alice.post(path, {"points": 0}, key="k2")
    alice.post(path, GIFT)
    again = alice.post(path, {"points": -1, "reason": "x"}, key="k1")
    assert (refused.status_code, again.status_code, again.data) == (409, 409, refused.data)
    assert (again.content_type, again.headers["Idempotency-Replayed"]) == (refused.content_type, "true")
    still = alice.post(path, {"points": 0}, key="k2")
    assert (invalid.status_code, still.data, still.headers["Idempotency-Replayed"]) == (422, invalid.data, "true")


def test_what_was_not_found_or_not_readable_is_not_kept(alice: Api, path: str) -> None:
    assert alice.post(f"/members/m_{'0' * 20}/adjustments", GIFT, key="k1").status_code == 404
    assert alice.post(path, b"{", key="k1").status_code == 400
    assert alice.post(path, b"[]", key="k1").status_code == 400
    assert rows(alice) == 0
    assert alice.post(path, GIFT, key="k1").status_code == 201


def test_nothing_is_kept_for_who_may_not_enter(alice: Api, path: str) -> None:
    stranger = dataclasses.replace(alice, key="tes_wrong")
    assert stranger.post(path, GIFT, key="k1").status_code == 401
    assert rows(alice) == 0


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "k" * 256, "tab\tbed"])
def test_a_malformed_key_is_named(alice: Api, path: str, key: str) -> None:
    refused = alice.post(path, GIFT, key=key)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert alice.entries(path.split("/")[2]) == []


def test_the_longest_key_is_taken(alice: Api, path: str) -> None:
    assert alice.post(path, GIFT, key="~" * 255).status_code == 201


def test_the_ledger_remembers_longer_than_the_kept_answers(alice: Api, path: str, tessera: Tessera) -> None:
    first = alice.post(path, GIFT, key="k1")
    with transaction(tessera.engine) as connection:
        connection.execute(delete(idempotency))
    other = alice.post(path, {**GIFT, "points": 7}, key="k1")
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")
    later = alice.post(path, GIFT, key="k1")
    assert (later.status_code, later.json["entry"]) == (201, first.json["entry"])
    assert len(alice.entries(path.split("/")[2])) == 1


def test_a_request_in_flight_is_told_to_wait(alice: Api, path: str, tessera: Tessera) -> None:
    body = b'{"points":100,"reason":"hello"}'
    alice.post(path, body, key="k1")
    with transaction(tessera.engine) as connection:  # as if its process had died before the commit
        connection.execute(update(idempotency).values(status=None, body=None, started_at=datetime.now(UTC)))
    waiting = alice.post(path, body, key="k1")
    assert (waiting.status_code, waiting.json["code"], waiting.headers["Retry-After"]) == (409, "in_flight", "1")
    assert "Idempotency-Replayed" not in waiting.headers
    with transaction(tessera.engine) as connection:
        connection.execute(update(idempotency).values(started_at=datetime.now(UTC) - timedelta(seconds=61)))
    taken_over = alice.post(path, body, key="k1")
    assert taken_over.status_code == 201
    assert len(alice.entries(path.split("/")[2])) == 1


class StandsStill(Clock):
    """The clock of a process that sleeps between its reservation, 90 s ago, and its effect."""

    meanwhile: Callable[[], object] | None = None

    def now(self, connection: Connection) -> datetime:
        todo, StandsStill.meanwhile = StandsStill.meanwhile, None
        if todo is not None:
            todo()
        return super().now(connection)


def test_who_lost_the_key_meanwhile_has_no_effect(tessera: Tessera) -> None:
    shop = open_api(tessera, tessera.shop(programme()))
    shop.put("/programme/draft", programme())
    clock = StandsStill(test=True, real=lambda: datetime.now(UTC) - timedelta(seconds=90))
    slow = dataclasses.replace(tessera, services=dataclasses.replace(tessera.services, clock=clock))
    if tessera.engine.dialect.name == "postgresql":  # SQLite has one writer: nobody else commits in between
        StandsStill.meanwhile = lambda: shop.post("/programme/publish", {}, key="k1")
    lost = open_api(slow, shop.shop).post("/programme/publish", {}, key="k1")
    if tessera.engine.dialect.name == "postgresql":
        assert (lost.status_code, lost.json["code"]) == (409, "in_flight")
    assert len(shop.get("/programme/versions").json["data"]) == 2
    assert shop.post("/programme/publish", {}, key="k1").headers["Idempotency-Replayed"] == "true"


def test_a_crash_between_the_effect_and_its_commit_leaves_nothing(
    alice: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = adjusting.adjust

    def crash(*given, **named):
        genuine(*given, **named)
        raise RuntimeError("the process dies here")

    monkeypatch.setattr(adjusting, "adjust", crash)
    alice.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    assert (
        alice.client.open(
            f"/api/v1{path}",
            method="POST",
            json=GIFT,
            headers={"Authorization": f"Bearer {alice.key}", "Idempotency-Key": "k1"},
        ).status_code
        == 500
    )
    monkeypatch.undo()
    assert alice.entries(path.split("/")[2]) == []
    assert alice.post(path, GIFT, key="k1").status_code == 201


def at_once(api: Api, send: Callable[[Api, int], T]) -> list[T]:
    """Let eight clients of one server send at the same moment."""
    start = Barrier(8, timeout=30)

    def one(number: int) -> T:
        client = api.client.application.test_client()
        start.wait()
        return send(dataclasses.replace(api, client=client), number)

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(8)))


@pytest.mark.parametrize("what", ["adjustment", "publication", "member"])
def test_eight_at_once_have_one_effect(alice: Api, path: str, what: str) -> None:
    alice.put("/programme/draft", programme())
    target, body = {
        "adjustment": (path, GIFT),
        "publication": ("/programme/publish", {}),
        "member": ("/members", {"email": "new@example.com"}),
    }[what]

    def send(one: Api, _: int) -> tuple[int, bytes]:
        for _ in range(1000):
            response = one.post(target, body, key="k1")
            if response.status_code != 409:
                break
            assert response.json["code"] == "in_flight"
        return response.status_code, response.data

    answers = Counter(at_once(alice, send))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 201
    assert len(alice.entries(path.split("/")[2])) == (1 if what == "adjustment" else 0)
    assert len(alice.get("/programme/versions").json["data"]) == (2 if what == "publication" else 1)
    assert len(alice.get("/members").json["data"]) == (2 if what == "member" else 1)


def test_eight_without_a_key_make_one_member(alice: Api) -> None:
    def send(one: Api, number: int) -> tuple[int, str]:
        body = {"platform_id": "c1", "email": "ada@example.com", "email_verified": number % 2 == 0}
        response = one.post("/members", body)
        return response.status_code, response.json["id"]

    answers = at_once(alice, send)
    assert len({member_id for _, member_id in answers}) == 1
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert len(alice.get("/members").json["data"]) == 1


def test_eight_that_together_take_more_than_there_is_never_overdraw(alice: Api, path: str) -> None:
    alice.post(path, {"points": 500, "reason": "a start"})
    statuses = at_once(alice, lambda one, _: one.post(path, {"points": -100, "reason": "x"}).status_code)
    assert Counter(statuses) == {201: 5, 409: 3}
    assert alice.get("/reports/accounts").json["available"] == 0
