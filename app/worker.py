"""What runs beside the web: a thread of the same process without Redis, RQ with it. No rule lives here.

Redis is only a doorbell: a job says "drain", the inbox says what. A sweep finds what no bell announced.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app import inbox, schedules
from app.config import read_config
from app.services import Services, make_services

log = structlog.get_logger()

SWEEP_S = 5.0
TICK_S = 30.0
QUEUE = "tessera"


class Worker:
    """Drain when rung, sweep every few seconds, tick every half minute."""

    def __init__(self, services: Services, sweep_s: float = SWEEP_S, tick_s: float = TICK_S) -> None:
        self.services = services
        self.sweep_s = sweep_s
        self.tick_s = tick_s
        self._bell = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name="tessera-worker", daemon=True)

    def ring(self, _shop_id: str = "") -> None:
        self._bell.set()

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Let the batch in hand finish, then end."""
        self._stop.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def run(self) -> None:
        ticked_at = 0.0
        while not self._stop.is_set():
            self._bell.clear()
            self._once(lambda: inbox.drain_all(self.services.drain))
            if time.monotonic() - ticked_at >= self.tick_s:
                self._once(lambda: schedules.tick(self.services.engine, self.services.clock))
                ticked_at = time.monotonic()
            self._bell.wait(self.sweep_s)

    def _once(self, work: Callable[[], object]) -> None:
        try:
            work()
        except SQLAlchemyError as error:  # the database is away; the rows wait for it
            log.error("worker_waits_for_database", error=str(error).splitlines()[0])
        except Exception:
            log.exception("worker_failed")  # a bug must not end the thread: the next round tries again


def doorbell(redis_url: str) -> Callable[[str], None]:
    """Return a bell that enqueues one job per shop; while it waits, ringing again changes nothing."""
    from redis import Redis
    from redis.exceptions import RedisError
    from rq import Queue
    from rq.serializers import JSONSerializer

    connection = Redis.from_url(redis_url, socket_connect_timeout=0.5, socket_timeout=0.5)
    queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)

    def ring(shop_id: str) -> None:
        try:
            if connection.set(f"tessera:bell:{shop_id}", 1, nx=True, ex=int(SWEEP_S)):
                queue.enqueue("app.worker.drain_job", shop_id, result_ttl=0, failure_ttl=3600)
        except RedisError as error:  # the sweep will find the row
            log.warning("doorbell_silent", error=str(error))

    return ring


_services: Services | None = None


def drain_job(shop_id: str) -> None:
    """Drain one shop: all that an RQ job says."""
    services = _of_this_process()
    if services.config.redis_url:
        from redis import Redis

        Redis.from_url(services.config.redis_url).delete(f"tessera:bell:{shop_id}")
    while inbox.drain_shop(services.drain, shop_id).total:
        pass


def _of_this_process() -> Services:
    global _services  # noqa: PLW0603 (RQ hands a job nothing but its name and arguments)
    _services = _services or make_services(read_config())
    return _services


def run_rq(services: Services) -> None:
    """Work until told to stop: one queue per process (RQ loses jobs of a killed worker that has several)."""
    from redis import Redis
    from rq import SimpleWorker
    from rq.serializers import JSONSerializer

    global _services  # noqa: PLW0603
    _services = services
    sweeper = Worker(services)
    sweeper.start()
    rq_worker: Any = SimpleWorker(
        [QUEUE], connection=Redis.from_url(str(services.config.redis_url)), serializer=JSONSerializer
    )
    try:
        rq_worker.work(with_scheduler=False, logging_level="WARNING")
    finally:
        sweeper.stop()
