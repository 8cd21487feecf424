"""With Redis: a doorbell and nothing more. It may be away, hang, or forget everything."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from app import create_app, worker
from app.db import reading
from app.models import entries
from app.worker import QUEUE, doorbell
from tests import command
from tests.build import FERNET, Tessera
from tests.command import Running
from tests.edge import Door, open_door
from tests.worker.together import wait_until

Work = Callable[[str | None], Running]


@pytest.fixture
def bells(valkey_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey_url) as client:
        client.flushall()
        yield client


def settings(tessera: Tessera) -> dict[str, str]:
    return {
        "DATABASE_URL": tessera.services.config.database_url,
        "SECRET_KEY": "a secret of the tests",
        "ENCRYPTION_KEYS": FERNET,
        "TEST_CLOCK": "1",
    }


@pytest.fixture
def work(tessera: Tessera, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    """Start `tessera worker` processes on the installation; what still runs at the end is killed."""
    machine = command.Tessera(tmp_path_factory.mktemp("worker"), settings(tessera))
    started: list[Running] = []

    def start(redis_url: str | None) -> Running:
        started.append(machine.start("worker", REDIS_URL=redis_url))
        return started[-1]

    yield start
    for running in started:
        running.kill()


def rung(door: Door, redis_url: str) -> Door:
    """Return the door of a web process that rings this Redis."""
    services = replace(door.tessera.services, ring=doorbell(redis_url))
    return replace(door, client=create_app(services).test_client())


def done(door: Door, count: int) -> bool:
    return [row.state for row in door.kept()] == ["done"] * count


def deliver(door: Door, *order_ids: str) -> None:
    for order_id in order_ids:
        assert door.deliver(door.order(id=order_id)).status_code == 200


# --- the bell ---------------------------------------------------------------------------------------------------------


def test_ringing_again_while_a_job_waits_adds_none(bells: redis.Redis, valkey_url: str) -> None:
    ring = doorbell(valkey_url)
    for shop_id in ("a", "b", "a", "a", "b"):
        ring(shop_id)
    jobs = Queue(QUEUE, connection=bells, serializer=JSONSerializer).get_jobs()
    assert [list(job.args) for job in jobs] == [["a"], ["b"]]
    assert {job.timeout for job in jobs} == {-1}  # it must not strike in the middle of a batch


def test_jobs_are_json_and_name_only_the_shop(bells: redis.Redis, valkey_url: str) -> None:
    doorbell(valkey_url)("a")
    [key] = bells.keys("rq:job:*")
    assert "a" in str(json.loads(zlib.decompress(bells.hget(key, "data"))))


def test_after_its_job_has_run_the_bell_rings_anew(
    tessera: Tessera, bells: redis.Redis, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = replace(tessera.services, config=replace(tessera.services.config, redis_url=valkey_url))
    monkeypatch.setattr(worker, "_services", here)  # of the process that carries jobs out
    door = rung(open_door(tessera), valkey_url)
    for number in (1, 2):
        deliver(door, str(number))
        assert len(bells.keys("tessera:bell:*")) == 1
        SimpleWorker([QUEUE], connection=bells, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")
        assert done(door, number)
        assert bells.keys("tessera:bell:*") == []


# --- Redis away -------------------------------------------------------------------------------------------------------


def test_without_redis_a_delivery_is_taken_all_the_same(tessera: Tessera) -> None:
    for url in ("unix:///nowhere/socket", "redis://127.0.0.1:1/0", "redis://nowhere.invalid/0"):
        door = rung(open_door(tessera), url)
        deliver(door, "1", "2")
        assert len(door.kept()) == 2


def test_a_redis_that_hangs_holds_up_one_delivery_for_a_moment_and_then_none(tessera: Tessera) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        door = rung(open_door(tessera), f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        began = time.monotonic()
        deliver(door, *map(str, range(10)))
        assert time.monotonic() - began < 3  # ten times half a second would be five


def test_a_worker_without_redis_serves_and_stops_when_told(tessera: Tessera, work: Work) -> None:
    for url, told in (("unix:///nowhere/socket", signal.SIGTERM), (None, signal.SIGTERM), (None, signal.SIGINT)):
        door = open_door(tessera)
        deliver(door, "1")
        running = work(url)
        wait_until(lambda door=door: done(door, 1))  # type: ignore[misc]
        os.kill(running.process.pid, told)
        ran = running.wait()
        assert (ran.code, "Traceback" in ran.err) == (0, False), ran.err


SLOW = """
import time
from app import worker
from app.config import read_config
from app.services import make_services

def slowly(*args, **named):
    print("begun", flush=True)
    time.sleep(0.5)
    print("finished", flush=True)

worker.inbox.drain_all = slowly
worker.run_alone(make_services(read_config()))
"""


@pytest.mark.parametrize("told", worker.TOLD)
def test_a_worker_that_is_told_to_stop_finishes_what_it_has_in_hand(tessera: Tessera, told: int) -> None:
    env = {**os.environ, **settings(tessera)}
    with subprocess.Popen(
        [sys.executable, "-c", SLOW], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(told)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, "Traceback" in err) == (0, "finished\n", False), err


# --- the whole way ----------------------------------------------------------------------------------------------------


def jobs_carried_out(bells: redis.Redis) -> int:
    return sum(int(bells.hget(key, "successful_job_count") or 0) for key in bells.smembers("rq:workers"))


def test_a_delivery_goes_all_the_way_and_nothing_is_lost(
    tessera: Tessera, bells: redis.Redis, valkey_url: str, work: Work
) -> None:
    door = rung(open_door(tessera), valkey_url)
    running = work(valkey_url)
    wait_until(lambda: bells.smembers("rq:workers"))
    deliver(door, "by a job")
    wait_until(lambda: jobs_carried_out(bells) == 1)
    assert done(door, 1)
    bells.flushall()  # it forgets everything, the worker too
    deliver(door, "after a flush")
    wait_until(lambda: done(door, 2))
    running.kill()
    deliver(door, "while nobody works")
    bells.flushall()  # the job is lost with the worker
    again = work(valkey_url)
    wait_until(lambda: done(door, 3))
    wait_until(lambda: bells.smembers("rq:workers"))
    os.kill(again.process.pid, signal.SIGTERM)
    ran = again.wait()
    assert (ran.code, "Traceback" in ran.err) == (0, False), ran.err
    assert door.points() == 3 * 399


def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_nothing(tessera: Tessera, work: Work) -> None:
    door = open_door(tessera)
    door.shop.deliver(*(door.order(id=str(number), customer={"id": f"c{number % 7}"}) for number in range(1200)))
    began = work(None)
    wait_until(lambda: any(row.state == "done" for row in door.kept()))
    began.kill()
    work(None)
    wait_until(lambda: done(door, 1200))
    with reading(tessera.engine) as connection:
        posted = connection.execute(entries.select().where(entries.c.shop_id == door.shop.id)).all()
    assert len(posted) == len({entry.key for entry in posted}) == 1200
    assert door.points() == 1200 * 399
