"""What runs beside the web: a thread of the same process without Redis, RQ with it. No rule lives here.

Redis is only a doorbell: a job says "drain", the inbox says what. A sweep finds what no bell announced.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app import schedules
from app.config import read_config
from app.intake import inbox
from app.outbox import working
from app.platforms import comparing, goods, hooks, importing, perks, reading, shop_facts, telling, tokens
from app.platforms.rewarding import EFFECTS
from app.privacy import carrying_out
from app.push.sending import MESSAGES
from app.services import Services, make_services

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger()

SWEEP_S = 5.0
TICK_S = 30.0
OUTBOX_S = 1.0
QUEUE = "tessera"
TOLD = (signal.SIGINT, signal.SIGTERM)


class Worker:
    """Drain when rung, sweep every few seconds, tick every half minute."""

    def __init__(self, services: Services, sweep_s: float = SWEEP_S, tick_s: float = TICK_S) -> None:
        self.services = services
        self.sweep_s = sweep_s
        self.tick_s = tick_s
        self._bell = threading.Event()
        self._stop = threading.Event()
        self._ticked_at = 0.0
        self._thread = threading.Thread(target=self.run, name="tessera-worker", daemon=True)
        self._calls = threading.Thread(target=self._call_platforms, name="tessera-platforms", daemon=True)
        self._outbox = threading.Thread(target=self._carry_out, name="tessera-outbox", daemon=True)
        self._messages = threading.Thread(target=self._send, name="tessera-messages", daemon=True)

    def ring(self, _shop_id: str = "") -> None:
        self._bell.set()

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Let the batch and the call in hand finish, then end; what is unfinished by then waits for the next worker."""
        self._stop.set()
        self._bell.set()
        ends_at = time.monotonic() + timeout_s
        for thread in (self._thread, self._calls, self._outbox, self._messages):
            if thread.is_alive():
                thread.join(max(0.0, ends_at - time.monotonic()))

    def run(self) -> None:
        self._calls.start()
        self._outbox.start()
        self._messages.start()
        while not self._stop.is_set():
            self._bell.clear()
            if self._tick_is_due():
                self._once(lambda: schedules.tick(self.services.engine, self.services.clock))
                self._ticked_at = time.monotonic()
            self._once(lambda: inbox.drain_all(self.services.drain, enough=self._has_other_work))
            if not self._tick_is_due():
                self._bell.wait(self.sweep_s)

    def _call_platforms(self) -> None:
        """Call the platforms beside the draining: a shop that answers slowly holds up no points."""
        while not self._stop.wait(self.sweep_s):
            self._once(lambda: tokens.keep_alive(self.services, self.services.clock.real()))
            self._once(lambda: hooks.run_due(self.services))
            self._once(lambda: reading.run_again(self.services))
            self._once(lambda: reading.run_due(self.services))
            self._once(lambda: comparing.run_due(self.services))
            self._once(lambda: carrying_out.run_due(self.services))
            self._once(lambda: telling.run_due(self.services))
            self._once(lambda: perks.run_due(self.services))
            self._once(lambda: shop_facts.run_due(self.services))
            self._once(lambda: goods.run_due(self.services))
            self._once(lambda: importing.run_due(self.services))

    def _carry_out(self) -> None:
        """Carry out what waits in the outbox, every second: a shopper waits for her code."""
        while not self._stop.wait(min(self.sweep_s, OUTBOX_S)):
            self._once(lambda: working.run_due(self.services, EFFECTS))

    def _send(self) -> None:
        """Send messages to devices beside that: a push service that hangs holds up no code."""
        while not self._stop.wait(min(self.sweep_s, OUTBOX_S)):
            self._once(lambda: working.run_due(self.services, MESSAGES))

    def _tick_is_due(self) -> bool:
        return time.monotonic() - self._ticked_at >= self.tick_s

    def _has_other_work(self) -> bool:
        """Tell whether to leave what waits for a while: a queue that never runs dry must not hold up the calendar."""
        return self._stop.is_set() or self._tick_is_due()

    def _once(self, work: Callable[[], object]) -> None:
        try:
            work()
        except SQLAlchemyError as error:  # the database is away; the rows wait for it
            log.error("worker_waits_for_database", error=str(error).splitlines()[0])
        except Exception:
            log.exception("worker_failed")  # a bug must not end the thread: the next round tries again


def run_alone(services: Services) -> None:
    """Drain by our own sweep until told to stop; told twice, end at once."""
    worker = Worker(services, sweep_s=1.0)
    # waited for, not handled: a handler runs wherever the process happens to be, in the middle of a commit too
    signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
    worker.start()
    signal.sigwait(TOLD)
    for told in TOLD:
        signal.signal(told, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)
    worker.stop()


def _leave_when_told() -> None:
    """Exit in order from a process whose main thread only waits."""
    for told in TOLD:
        signal.signal(told, lambda *_: sys.exit(0))


# --- with Redis -------------------------------------------------------------------------------------------------------


def _redis(url: str) -> Redis:
    """Connect without patience: nobody waits for a doorbell."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5, retry=Retry(NoBackoff(), 0))


def doorbell(redis_url: str) -> Callable[[str], None]:
    """Return a bell that enqueues one job per shop; while it waits, ringing again changes nothing.

    After a failure it stays silent for the time of a sweep: a Redis that hangs must not hold up deliveries.
    """
    from redis.exceptions import RedisError
    from rq import Queue
    from rq.serializers import JSONSerializer

    connection = _redis(redis_url)
    queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
    silent_until = 0.0

    def ring(shop_id: str) -> None:
        nonlocal silent_until
        if time.monotonic() < silent_until:
            return
        try:
            if connection.set(_bell(shop_id), 1, nx=True, ex=int(SWEEP_S)):
                # no timeout: it would strike in the middle of a batch, and a delivery would be blamed for it
                queue.enqueue("app.worker.drain_job", shop_id, job_timeout=-1, result_ttl=0, failure_ttl=3600)
        except RedisError as error:  # the sweep will find the row
            silent_until = time.monotonic() + SWEEP_S
            log.warning("doorbell_silent", error=str(error))

    return ring


def redis_answers(redis_url: str) -> bool:
    """Tell whether Redis answers just now."""
    from redis.exceptions import RedisError

    try:
        with _redis(redis_url) as connection:
            return bool(connection.ping())
    except RedisError:
        return False


def _bell(shop_id: str) -> str:
    return f"tessera:bell:{shop_id}"


_services: Services | None = None
_stopping = threading.Event()


def drain_job(shop_id: str) -> None:
    """Drain one shop: all that an RQ job says. The bell is taken down first: who rings from now on is heard."""
    from redis.exceptions import RedisError

    services = _of_this_process()
    if services.config.redis_url:
        try:
            _redis(services.config.redis_url).delete(_bell(shop_id))
        except RedisError as error:
            log.warning("doorbell_silent", error=str(error))
    while not _stopping.is_set() and inbox.drain_shop(services.drain, shop_id).total:
        pass


def _of_this_process() -> Services:
    global _services  # noqa: PLW0603 (RQ hands a job nothing but its name and arguments)
    _services = _services or make_services(read_config())
    return _services


def run_rq(services: Services) -> None:
    """Work until told to stop. While Redis is away the sweep goes on alone."""
    from redis.exceptions import RedisError

    global _services  # noqa: PLW0603
    _services = services
    sweeper = Worker(services)
    sweeper.start()
    try:
        while not _stopping.is_set():
            _leave_when_told()  # RQ's own handlers are for RQ's loop
            try:
                _listen(str(services.config.redis_url))
            except RedisError as error:
                log.warning("doorbell_silent", error=str(error))
                _leave_when_told()
                _stopping.wait(SWEEP_S)
    finally:
        sweeper.stop()


def _listen(redis_url: str) -> None:
    """Carry out jobs until told to stop: one queue per process (RQ loses jobs of a killed worker that has several).

    Raises: RedisError. It also returns when Redis goes away.
    """
    from redis import Redis
    from rq import SimpleWorker
    from rq.serializers import JSONSerializer

    class Listener(SimpleWorker):
        def handle_warm_shutdown_request(self) -> None:
            _stopping.set()

    listener: Any = Listener([QUEUE], connection=Redis.from_url(redis_url), serializer=JSONSerializer)
    listener.work(with_scheduler=False, logging_level="WARNING")
