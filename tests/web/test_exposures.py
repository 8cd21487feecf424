"""Which experiment runs, and visitors counted by their arm: nothing of them is asked for, nothing is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.db import reading
from app.models import exposures
from app.patience import Patience
from tests.build import START, Tessera, programme
from tests.edge import Door, client_of, open_door

SPRING = {
    "key": "spring",
    "kind": "points_display",
    "share": "0.45",
    "holdout": "0.1",
    "from": "2026-03-01T00:00:00Z",
    "to": "2026-04-01T00:00:00Z",
}
ARMS = [{"key": "points", "share": "0.45"}, {"key": "none", "share": "0.45"}, {"key": "holdout", "share": "0.1"}]


@pytest.fixture
def shop(tessera: Tessera) -> Door:
    tessera.set_clock(START)
    return experimenting(tessera)


def experimenting(tessera: Tessera, **changes: Any) -> Door:
    door = open_door(tessera, published=False)
    door.shop.publish(programme(experiments=[SPRING | changes]), datetime(2026, 1, 1, tzinfo=UTC))
    return door


def told(shop: Door) -> Any:
    return shop.client.get(f"/widget/v1/{shop.shop.id}/programme").get_json()["experiment"]


def beacon(shop: Door, arm: object = "points", experiment: object = "spring", **more: Any) -> Any:
    body = json.dumps({"experiment": experiment, "arm": arm})
    given = {"data": body, "content_type": "text/plain;charset=UTF-8"} | more
    return shop.client.post(f"/widget/v1/{shop.shop.id}/exposures", **given)


def counted(shop: Door) -> dict[str, int]:
    """Return what is written of a shop's visitors: "experiment:arm day" → visitors."""
    services = shop.tessera.services
    services.exposures.flush(services.engine, services.clock)
    with reading(services.engine) as connection:
        rows = connection.execute(select(exposures).where(exposures.c.shop_id == shop.shop.id)).all()
    return {f"{row.experiment}:{row.arm} {row.day:%m-%d}": row.visitors for row in rows}


def test_the_page_is_told_what_to_draw_from(shop: Door) -> None:
    assert told(shop) == {"key": "spring", "arms": ARMS}


def test_there_is_one_only_while_it_runs(shop: Door) -> None:
    for moment, running in (("02-28T23:59:59", False), ("03-31T23:59:59", True), ("04-01T00:00:00", False)):
        shop.tessera.set_clock(datetime.fromisoformat(f"2026-{moment}+00:00"))
        assert bool(told(shop)) is running, moment
    assert told(open_door(shop.tessera)) is None


def test_a_programme_that_begins_later_tries_nothing_yet(tessera: Tessera) -> None:
    tessera.set_clock(START)
    door = open_door(tessera, published=False)
    door.shop.publish(programme(experiments=[SPRING]), START.replace(year=2027))
    assert told(door) is None
    assert beacon(door).status_code == 204
    assert counted(door) == {}


def test_visitors_are_counted_by_arm_and_by_the_shops_day(shop: Door) -> None:
    for arm in ("points", "none", "points", "holdout"):
        answer = beacon(shop, arm)
        assert (answer.status_code, answer.data) == (204, b"")
    assert counted(shop) == {"spring:points 03-01": 2, "spring:none 03-01": 1, "spring:holdout 03-01": 1}
    shop.tessera.set_clock(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))  # in Paris it is the next day
    beacon(shop)
    assert counted(shop)["spring:points 03-02"] == 1


def test_a_browser_asks_no_leave_and_leaves_nothing(shop: Door) -> None:
    answer = beacon(shop, headers={"Origin": "https://any.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert beacon(shop, content_type="application/json").status_code == 204
    assert counted(shop) == {"spring:points 03-01": 2}
    assert shop.client.options(f"/widget/v1/{shop.shop.id}/exposures").status_code == 204
    assert {column.name for column in exposures.columns} == {"shop_id", "experiment", "arm", "day", "visitors"}


def test_what_does_not_run_is_passed_over_in_silence(shop: Door, tessera: Tessera) -> None:
    other = experimenting(tessera, key="other", holdout="0")
    answers = [beacon(shop, arm) for arm in ("", "gold", "points ", "x" * 21)]
    answers += [beacon(shop, experiment=key) for key in ("", "other", "spring:points", "x" * 101, "\u00e9")]
    answers += [beacon(other, "holdout", "other"), beacon(open_door(tessera))]
    for path in ("0" * 24, "x" * 300, "a%00b", "é"):
        answers.append(shop.client.post(f"/widget/v1/{path}/exposures", json={"experiment": "a", "arm": "b"}))
    assert {answer.status_code for answer in answers} == {204}
    assert (counted(shop), counted(other)) == ({}, {})


def test_what_is_over_counts_no_more(shop: Door) -> None:
    shop.tessera.set_clock(datetime(2026, 4, 1, tzinfo=UTC))
    beacon(shop)
    assert counted(shop) == {}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"experiment": "spring"', 400),
        (b'{"experiment": "a\\u0000", "arm": "b"}', 400),
        (b"[" * 900, 400),
        (b"{}", 422),
        (b'{"experiment": "spring", "arm": 7}', 422),
        (b'{"experiment": null, "arm": "points"}', 422),
        (b'{"experiment": "spring", "arm": "points", "id": "' + b"x" * 1000 + b'"}', 413),
    ],
)
def test_what_no_page_of_ours_sends_is_refused(shop: Door, body: bytes, status: int) -> None:
    assert beacon(shop, data=body).status_code == status
    assert counted(shop) == {}


def test_one_address_cannot_count_for_ever(shop: Door) -> None:
    flood = {"environ_base": {"REMOTE_ADDR": "2001:db8::7"}}
    neighbour = {"environ_base": {"REMOTE_ADDR": "2001:db8::8"}}  # the same line
    for _ in range(75):
        assert beacon(shop, **flood).status_code == beacon(shop, **neighbour).status_code == 204
    beacon(shop, "none", environ_base={"REMOTE_ADDR": "2001:db8:1::7"})
    assert counted(shop) == {"spring:points 03-01": 120, "spring:none 03-01": 1}


def test_patience_comes_back_with_the_minute() -> None:
    now = [100.0]
    patience = Patience(2, lambda: now[0])
    assert [patience.lasts("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert patience.lasts("192.0.2.2")
    now[0] += 60
    assert patience.lasts("192.0.2.1")
    assert patience.lasts("no address") is True


def test_nobody_is_shut_out_by_crowds_that_cannot_be_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.patience.MOST_ADDRESSES", 2)
    patience = Patience(1, lambda: 100.0)
    assert [patience.lasts(f"192.0.2.{number}") for number in (1, 2, 3, 3, 3, 1)] == [True] * 5 + [False]


def test_an_unknown_shop_is_asked_for_nothing_else(tessera: Tessera) -> None:
    assert client_of(tessera).get("/widget/v1/x/exposures").status_code == 405
