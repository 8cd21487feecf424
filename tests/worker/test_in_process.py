"""The worker as a thread of the web's process, where there is no Redis; and what it does with what nobody foresaw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

import migrations
from app import create_app, schedules
from app.db import reading, transaction
from app.intake import deliveries, inbox
from app.models import balances, programme_versions, shops
from app.rules.programme import InvalidProgramme
from app.services import Services, make_services
from app.worker import Worker
from tests.build import START, Tessera, config, open_tessera
from tests.edge import Door, open_door
from tests.worker.together import wait_until

Start = Callable[..., Worker]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a worker that sweeps and ticks only when a test says how often."""
    started: list[Worker] = []

    def make(services: Services, sweep_s: float = 3600, tick_s: float = 3600) -> Worker:
        worker = Worker(services, sweep_s, tick_s)
        worker.start()
        started.append(worker)
        return worker

    yield make
    for worker in started:
        worker.stop()


def done(door: Door) -> bool:
    return {row.state for row in door.kept()} == {"done"}


def test_a_delivery_rings_and_the_worker_drains(tessera: Tessera, start: Start) -> None:
    worker = start(tessera.services)
    door = open_door(tessera)
    client = create_app(replace(tessera.services, ring=worker.ring)).test_client()
    for number in range(3):
        rung = replace(door, client=client)
        assert rung.deliver(door.order(id=str(number))).status_code == 200
        wait_until(lambda: done(door))
    assert door.points() == 3 * 399


def test_what_no_bell_announced_is_found_by_the_sweep(tessera: Tessera, start: Start) -> None:
    start(tessera.services, sweep_s=0.02)
    door = open_door(tessera)
    door.deliver(door.order())
    wait_until(lambda: done(door))
    assert door.points() == 399


def test_it_ticks(tessera: Tessera, start: Start) -> None:
    door = open_door(tessera, pending_days=14)
    door.deliver(door.order(placed_at="2026-02-28T10:00:00Z", updated_at="2026-02-28T10:00:00Z"))
    door.shop.drain()
    assert door.points() == 0
    tessera.set_clock(START.replace(month=4))
    try:
        start(tessera.services, sweep_s=0.02, tick_s=0.02)
        wait_until(lambda: door.points() == 399)
    finally:
        tessera.set_clock(START)


def test_it_ticks_however_much_waits(tessera: Tessera, start: Start) -> None:
    quiet, busy = open_door(tessera, pending_days=14), open_door(tessera)
    quiet.deliver(quiet.order(placed_at="2026-02-28T10:00:00Z", updated_at="2026-02-28T10:00:00Z"))
    quiet.shop.drain()
    busy.shop.deliver(*(busy.order(id=str(number)) for number in range(4 * inbox.BATCH)))
    try:
        worker = start(tessera.services, tick_s=0.05)
        wait_until(lambda: any(row.state == "done" for row in busy.kept()))
        tessera.set_clock(START.replace(month=4))
        wait_until(lambda: quiet.points() == 399)
        waiting = not done(busy)
        worker.stop()
        assert waiting
    finally:
        tessera.set_clock(START)
        inbox.drain_all(tessera.services.drain)


def test_a_database_that_is_away_is_waited_for(tmp_path: Path, start: Start) -> None:
    """The thread begins before there is a database at all."""
    services = make_services(config(database_url=f"sqlite:///{tmp_path}/later/tessera.db"))
    worker = start(services, sweep_s=0.02)
    worker.ring()
    (tmp_path / "later").mkdir()
    migrations.upgrade(services.engine)
    door = open_door(Tessera(services))
    door.deliver(door.order())
    wait_until(lambda: done(door))
    worker.stop()
    services.engine.dispose()


def test_it_stops_between_two_batches_however_much_waits(tessera: Tessera) -> None:
    door = open_door(tessera)
    for number in range(6):
        door.deliver(door.order(id=str(number)))
    looks = iter([False, False, True, True, True])
    inbox.drain_all(tessera.services.drain, limit=2, enough=lambda: next(looks))
    states = [row.state for row in door.kept()]
    assert states.count("done") in (0, 2)  # what other tests left waiting may have gone first
    inbox.drain_all(tessera.services.drain)
    assert done(door)


# --- what nobody foresaw ----------------------------------------------------------------------------------------------


@pytest.fixture
def refusing(tessera: Tessera) -> Iterator[None]:
    """Let the database refuse every order called `bad`, as if it broke a rule nobody remembers."""
    if tessera.engine.dialect.name == "sqlite":
        made = [
            "CREATE TRIGGER refuse BEFORE INSERT ON orders WHEN NEW.id = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END"
        ]
        undone = ["DROP TRIGGER refuse"]
    else:
        raising = "BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'unique_violation'; END"
        calling = "BEFORE INSERT ON orders FOR EACH ROW WHEN (NEW.id = 'bad') EXECUTE FUNCTION refuse()"
        made = [
            f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {raising} $$",
            f"CREATE TRIGGER refuse {calling}",
        ]
        undone = ["DROP FUNCTION refuse CASCADE"]
    for statements in (made, undone):
        with transaction(tessera.engine) as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
        if statements is made:
            yield


def test_a_delivery_that_the_database_refuses_each_time_fails_alone(tessera: Tessera, refusing: None) -> None:
    door = open_door(tessera)
    for order_id in ("a", "bad", "b", "c"):
        door.deliver(door.order(id=order_id))
    assert [state for state, _ in door.verdicts()] == ["done", "failed", "done", "done"]
    assert "could not be settled" in str(door.verdicts()[1][1])
    assert door.points() == 3 * 399


def test_a_shop_whose_key_is_lost_waits_and_the_others_are_served(tessera: Tessera, start: Start) -> None:
    lost, other = open_door(tessera), open_door(tessera)
    mine = shops.c.id == lost.shop.id
    with transaction(tessera.engine) as connection:
        kept = connection.execute(sa.select(shops.c.pepper).where(mine)).scalar_one()
        connection.execute(sa.update(shops).where(mine).values(pepper=b"\x01lost" + b"x" * 40))
    for door in (lost, other):
        assert door.deliver(door.order()).status_code == 200
    start(tessera.services, sweep_s=0.02)
    wait_until(lambda: done(other))
    assert [row.state for row in lost.kept()] == ["new"]
    with transaction(tessera.engine) as connection:
        connection.execute(sa.update(shops).where(mine).values(pepper=kept))
    wait_until(lambda: done(lost))


def test_a_batch_is_finished_in_the_transaction_of_its_effect(tessera: Tessera) -> None:
    """Whatever ends the process before COMMIT leaves neither: the delivery waits and no point has moved."""
    door = open_door(tessera)
    door.deliver(door.order())

    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    sa.event.listen(tessera.engine, "commit", kill)
    try:
        with pytest.raises(Killed):
            inbox.drain_shop(tessera.services.drain, door.shop.id)
    finally:
        sa.event.remove(tessera.engine, "commit", kill)
    assert [row.state for row in door.kept()] == ["new"]
    with reading(tessera.engine) as connection:
        assert connection.execute(sa.select(balances).where(balances.c.shop_id == door.shop.id)).all() == []
    assert door.verdicts() == [("done", None)]


def test_a_shop_that_nothing_can_be_done_for_holds_up_no_other(tmp_path: Path) -> None:
    tessera = open_tessera(f"sqlite:///{tmp_path}/tessera.db")
    broken, door = open_door(tessera), open_door(tessera, pending_days=14)
    version = {"shop_id": broken.shop.id, "version": 2, "effective_from": START, "published_at": START}
    with transaction(tessera.engine) as connection:  # as if a later release were stricter
        connection.execute(sa.insert(programme_versions), [{**version, "document": {"name": "unreadable"}}])
    for one in (broken, door):
        one.deliver(one.order(placed_at="2026-02-28T10:00:00Z", updated_at="2026-02-28T10:00:00Z"))

    with pytest.raises(InvalidProgramme):
        inbox.drain_all(tessera.services.drain)
    assert (done(broken), done(door)) == (False, True)
    tessera.set_clock(START.replace(month=4))
    with pytest.raises(InvalidProgramme):
        schedules.tick(tessera.engine, tessera.services.clock)
    assert door.points() == 399
    tessera.engine.dispose()


def test_bodies_are_dropped_30_days_after_success_and_found_by_an_index(tessera: Tessera) -> None:
    door, other = open_door(tessera), open_door(tessera)
    for one in (door, other):
        one.deliver(one.order())
        one.deliver(b"{")
        one.shop.drain()
    now = max(row.finished_at for row in door.kept())
    statements: list[str] = []
    listen = (tessera.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    sa.event.listen(*listen)
    with transaction(tessera.engine) as connection:
        assert deliveries.drop_bodies(connection, door.shop.id, now + timedelta(days=29)) == 0
        assert deliveries.drop_bodies(connection, door.shop.id, now + timedelta(days=31)) == 1
        sa.event.remove(*listen)
        if tessera.engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[-1]}", (None, door.shop.id, now, "", ""))
            assert "ix_inbox_bodies" in str(plan.all())
    assert [(row.state, row.body is None) for row in door.kept()] == [("done", True), ("failed", False)]
    assert {row.body is None for row in other.kept()} == {False}
