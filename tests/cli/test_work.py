"""drain, tick, audit, doctor."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from app.db import reading, transaction
from app.intake import inbox
from app.models import balances, lots, shops
from app.models import inbox as deliveries
from tests import build
from tests.build import Shop
from tests.cli.conftest import KEYS, create
from tests.command import Tessera

NOTHING = {"done": 0, "ignored": 0, "failed": 0, "outbox_done": 0, "outbox_waiting": 0}


def states(shop: Shop) -> list[str]:
    with reading(shop.tessera.engine) as connection:
        return list(connection.execute(sa.select(deliveries.c.state).order_by(deliveries.c.id)).scalars())


# --- drain ------------------------------------------------------------------------------------------------------------


def test_drain_works_until_nothing_waits_and_tells_what_it_did(anywhere: Tessera, shop: Shop) -> None:
    assert anywhere("drain", "--json").json == NOTHING
    for document, topic in ((build.order(), "order"), (build.order(id="2"), "order"), ({}, "unheard of")):
        shop.deliver(document, topic=topic)
    ran = anywhere("drain", "--json")
    assert (ran.code, ran.json) == (0, NOTHING | {"done": 2, "ignored": 1})
    assert shop.balance()["available"] == 2 * 399
    assert anywhere("drain", "--json").json == NOTHING  # only what was finished since it started
    assert anywhere("drain").out == "done 0, ignored 0, failed 0, outbox_done 0, outbox_waiting 0\n"


def test_drain_is_exit_1_when_a_delivery_failed(anywhere: Tessera, shop: Shop) -> None:
    shop.deliver(build.order())
    shop.deliver(b"{")
    ran = anywhere("drain", "--json")
    assert (ran.code, ran.json) == (1, NOTHING | {"done": 1, "failed": 1})
    assert anywhere("drain", "--json").code == 0


def test_drain_is_exit_3_when_the_time_is_up_and_still_tells(anywhere: Tessera, shop: Shop) -> None:
    shop.deliver(build.order())
    ran = anywhere("drain", "--timeout", "0", "--json")
    assert (ran.code, ran.json) == (3, NOTHING)
    assert "waiting" in ran.line
    assert anywhere("drain", "--timeout", "0.0").code == 3
    assert anywhere("drain", "--json").json == NOTHING | {"done": 1}


@pytest.mark.parametrize("anywhere", ["postgresql"], indirect=True)
def test_drain_waits_for_rows_that_another_worker_has_in_hand(anywhere: Tessera, shop: Shop) -> None:
    """The other worker finishes its row, as failed, with a stamp from before this drain began."""
    stamp = datetime.now(UTC)
    shop.deliver(b"{", key="in another's hands")
    shop.deliver(build.order())
    theirs = deliveries.c.key == "in another's hands"
    with transaction(shop.tessera.engine) as connection:
        connection.execute(sa.select(deliveries.c.id).where(theirs).with_for_update())
        assert anywhere("drain", "--timeout", "0.2", "--json").code == 3
        assert states(shop) == ["new", "done"]
        shop.deliver(build.order(id="2"))
        running = anywhere.start("drain", "--json")
        while states(shop) != ["new", "done", "done"]:
            time.sleep(0.01)
        assert running.process.is_alive()
        connection.execute(sa.update(deliveries).where(theirs).values(state="failed", reason="x", finished_at=stamp))
    ran = running.wait()
    assert (ran.code, ran.json) == (1, NOTHING | {"done": 1, "failed": 1})


def test_one_shop_whose_key_is_lost_does_not_stop_the_others(anywhere: Tessera, shop: Shop) -> None:
    other = shop.tessera.shop(build.programme())
    shop.deliver(build.order())
    other.deliver(build.order())
    with transaction(shop.tessera.engine) as connection:
        connection.execute(sa.update(shops).where(shops.c.id == shop.id).values(pepper=b"\x01lost" + b"x" * 40))
    ran = anywhere("drain", "--json")
    assert (ran.code, "ENCRYPTION_KEYS" in ran.line) == (2, True)
    assert (other.balance()["available"], shop.balances()) == (399, [])


# --- tick -------------------------------------------------------------------------------------------------------------


def test_tick_books_what_is_due_until_nothing_is(anywhere: Tessera, shop: Shop) -> None:
    anywhere("clock", "set", "2026-03-01T12:00:00Z")
    shop.publish(build.programme(pending_days=14))
    shop.tell(build.order(placed_at="2026-03-01T13:00:00Z", updated_at="2026-03-01T13:00:00Z"))
    assert shop.balance() == {"issued": 399, "pending": 399}
    ticked = anywhere("tick", "--json").json
    assert (ticked["members"], ticked["orders"], ticked["scheduled"]) == (0, 0, 0)
    anywhere("clock", "advance", "30d")
    assert {name: count for name, count in anywhere("tick", "--json").json.items() if count} == {"members": 1}
    assert shop.balance() == {"issued": 399, "available": 399}
    assert anywhere("tick").out.startswith("members 0, orders 0, ")


# --- audit ------------------------------------------------------------------------------------------------------------


def test_audit_agrees_with_an_honest_ledger(anywhere: Tessera, shop: Shop) -> None:
    shop.tell(build.order(), build.order(refunds=[build.refund()], updated_at="2026-03-02T10:00:05Z"))
    ran = anywhere("audit", "--json")
    assert (ran.code, ran.json) == (0, {"differences": []})
    assert anywhere("audit", "--shop", shop.id).out == "everything agrees with the journal\n"


@pytest.mark.parametrize(
    ("table", "change"),
    [(balances, {"available": balances.c.available + 1}), (lots, {"remaining": lots.c.remaining - 1})],
)
def test_audit_finds_what_was_changed_behind_its_back(
    anywhere: Tessera, shop: Shop, table: sa.Table, change: dict[str, Any]
) -> None:
    shop.tell(build.order())
    with transaction(shop.tessera.engine) as connection:
        connection.execute(sa.update(table).values(change))
    ran = anywhere("audit", "--json")
    assert ran.code == 1
    found = ran.json["differences"]
    assert found
    assert {difference["shop_id"] for difference in found} == {shop.id}
    assert all(difference["recorded"] != difference["recomputed"] for difference in found)
    told = anywhere("audit")
    assert (told.code, f"{len(found)} differences" in told.out) == (1, True)
    other = create(anywhere, "--ref", "other")
    assert anywhere("audit", "--shop", other["shop_id"]).code == 0


def test_audit_of_an_unknown_shop_is_exit_2(anywhere: Tessera) -> None:
    for shop_id in ("nobody", "0" * 24, "\udcff"):
        assert anywhere("audit", "--shop", shop_id).code == 2


# --- doctor -----------------------------------------------------------------------------------------------------------


def test_a_doctor_on_a_fresh_machine_says_to_migrate(tessera: Tessera) -> None:
    ran = tessera("doctor")
    assert (ran.code, "tessera migrate" in ran.out) == (1, True)
    assert tessera("migrate").code == 0
    healthy = tessera("doctor")
    assert (healthy.code, "BAD" in healthy.out) == (0, False)


def test_a_doctor_names_a_wrong_setting_and_a_database_that_is_away(tessera: Tessera) -> None:
    ran = tessera("doctor", APP_URL="http://shop.example")
    assert (ran.code, "APP_URL" in ran.out) == (1, True)
    ran = tessera("doctor", DATABASE_URL="postgresql+psycopg://x@/x?host=/nowhere", **KEYS)
    assert (ran.code, "BAD  database" in ran.out, "DATABASE_URL" in ran.out) == (1, True, True)


def test_a_doctor_finds_failed_deliveries_and_disconnected_shops(anywhere: Tessera, shop: Shop) -> None:
    assert anywhere("doctor").code == 0
    shop.tell(b"{")
    with transaction(shop.tessera.engine) as connection:
        connection.execute(sa.update(shops).values(state="disconnected", state_reason="no rights"))
    ran = anywhere("doctor")
    assert ran.code == 1
    assert "1 failed" in ran.out
    assert f"shop {shop.id}: disconnected: no rights" in ran.out


def test_a_doctor_finds_a_delivery_that_nobody_drains(anywhere: Tessera, shop: Shop) -> None:
    shop.deliver(build.order())
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    with transaction(shop.tessera.engine) as connection:
        connection.execute(sa.update(deliveries).values(received_at=long_ago))
    ran = anywhere("doctor")
    assert (ran.code, "is a worker running?" in ran.out) == (1, True)
    inbox.drain_all(shop.tessera.services.drain)
    assert anywhere("doctor").code == 0


def test_a_doctor_misses_the_secret_of_an_app(tessera: Tessera) -> None:
    create(tessera, platform="shopify")
    ran = tessera("doctor")
    assert (ran.code, "SHOPIFY_API_SECRET" in ran.out) == (1, True)
    assert tessera("doctor", SHOPIFY_API_SECRET="x").code == 0


def test_a_doctor_looks_at_redis(tessera: Tessera, valkey_url: str) -> None:
    tessera("migrate")
    assert "ok   redis: reachable" in tessera("doctor", REDIS_URL=valkey_url).out
    away = tessera("doctor", REDIS_URL="unix:///nowhere")
    assert (away.code, "BAD  redis" in away.out, "Traceback" in away.err) == (1, True, False)
