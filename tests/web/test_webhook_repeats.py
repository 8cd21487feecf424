"""The same delivery again, two that look the same, and a database that is away (semantics §10)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import create_app
from app.db import make_engine, transaction
from app.intake import inbox
from app.services import Services, make_services
from connectors import CONNECTORS
from connectors.contract import Envelope, VerifiedBody
from tests.build import Tessera, config
from tests.edge import ORDER_POINTS, Door, open_door


def test_the_same_delivery_again_is_200_and_has_one_effect(door: Door) -> None:
    body = json.dumps(door.order()).encode()
    for _ in range(3):
        assert door.post(body, door.signed(body, delivery="d-1")).status_code == 200
    assert door.verdicts() == [("done", None)]
    assert door.post(body, door.signed(body, delivery="d-1")).status_code == 200
    assert door.verdicts() == [("done", None)]
    assert door.points() == ORDER_POINTS[door.platform]
    assert len(door.shop.entries()) == 1


def test_the_same_order_in_another_delivery_posts_nothing_more(door: Door) -> None:
    for _ in range(3):
        assert door.deliver(door.order()).status_code == 200
    assert door.verdicts() == [("done", None)] * 3
    assert len(door.shop.entries()) == 1


@pytest.mark.parametrize("platform", ["custom", "sandbox"])
def test_other_bytes_under_a_delivery_id_of_a_custom_shop_are_409(tessera: Tessera, platform: str) -> None:
    door = open_door(tessera, platform)
    assert door.deliver(door.order(), delivery="d-1").status_code == 200
    answer = door.deliver(door.order(id="other"), delivery="d-1")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "conflict")
    assert door.deliver(door.order(), delivery="d-1").status_code == 200
    assert door.verdicts() == [("done", None)]


def test_another_shop_may_use_the_same_delivery_id(custom: Door, tessera: Tessera) -> None:
    other = open_door(tessera, "custom")
    assert custom.deliver(custom.order(), delivery="d-1").status_code == 200
    assert other.deliver(other.order(id="other"), delivery="d-1").status_code == 200
    assert (custom.verdicts(), other.verdicts()) == ([("done", None)], [("done", None)])


def test_two_woocommerce_orders_of_one_second_share_their_delivery_id_and_both_count(woocommerce: Door) -> None:
    assert woocommerce.deliver(woocommerce.order(id=640), delivery="same").status_code == 200
    assert woocommerce.deliver(woocommerce.order(id=641), delivery="same").status_code == 200
    assert woocommerce.verdicts() == [("done", None)] * 2
    assert woocommerce.points() == 2 * ORDER_POINTS["woocommerce"]


def test_deliveries_that_two_processes_number_alike_are_both_kept(custom: Door) -> None:
    """Ids are made by time and a counter of the process: two processes may make the same one."""
    services, numbers = custom.tessera.services, iter([7, 7, 7, 8])
    for key in ("first", "second"):
        with transaction(services.engine) as connection:
            body = VerifiedBody(key.encode())
            envelope = Envelope(key=key, topic="order")
            assert inbox.accept(
                connection, services.vault, custom.shop.id, envelope, body, new_id=lambda: next(numbers)
            )
    assert [(row.id, row.key) for row in custom.kept()] == [(7, "first"), (8, "second")]


# --- a database that is away ------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite:////nowhere/at/all.db", "postgresql+psycopg://x@/x?host=/nowhere"])
def away(request: pytest.FixtureRequest) -> Iterator[Services]:
    settings = config(database_url=request.param, sandbox=True, instance=Path("/nowhere"))
    services = make_services(settings)
    yield services
    services.engine.dispose()


@pytest.mark.parametrize("platform", CONNECTORS)
def test_without_its_database_a_delivery_is_503_and_to_be_tried_again(away: Services, platform: str) -> None:
    connector = CONNECTORS[platform]
    path = f"/webhooks/{platform}" + (f"/{'0' * 24}" if connector.signed_by == "shop" else "")
    signed = connector.sign("order", "d-1", b"{}", "hush", 0) | connector.naming("a.myshopify.com")
    answer = create_app(away).test_client().post(path, data=b"{}", headers=signed)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "nowhere" not in answer.text  # where the database is is nobody's business


def test_without_their_database_other_pages_are_503_too(away: Services) -> None:
    client = create_app(away).test_client()
    key = {"Authorization": f"Bearer tes_{'0' * 24}_x"}
    for path in (f"/widget/v1/{'0' * 24}/programme", "/api/v1/programme"):
        answer = client.get(path, headers=key)
        assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200


CUT = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_connections_that_the_database_has_cut_are_made_anew(custom: Door) -> None:
    assert custom.deliver(custom.order()).status_code == 200
    if custom.tessera.engine.dialect.name == "postgresql":  # SQLite has no connections to cut
        other = make_engine(custom.tessera.services.config.database_url)
        with other.begin() as connection:
            connection.execute(CUT)
        other.dispose()
    assert custom.deliver(custom.order(id="other")).status_code == 200
    assert custom.verdicts() == [("done", None)] * 2


def test_a_delivery_that_could_not_be_stored_is_stored_when_it_is_sent_again(custom: Door) -> None:
    services, broken = custom.tessera.services, make_engine("sqlite:////nowhere/at/all.db")
    body = json.dumps(custom.order()).encode()
    signed = custom.signed(body)
    client = create_app(replace(services, engine=broken)).test_client()
    assert client.post(custom.path, data=body, headers=signed).status_code == 503
    assert custom.post(body, signed).status_code == 200
    assert custom.verdicts() == [("done", None)]
