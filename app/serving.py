"""The production server: one address, threads, and the worker beside it where there is no Redis."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from granian import Granian
from granian.constants import Interfaces
from sqlalchemy.engine import make_url
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from app import create_app, shops
from app.config import Config, ConfigError, read_config
from app.db import transaction
from app.logs import configure
from app.services import Services, make_services
from app.worker import Worker, doorbell
from connectors.sandbox.shop import SandboxSettings, make_shop

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 16
PARENT_S = 0.5


def application() -> WSGIApplication:
    """Make the application of one server process: what granian calls in each."""
    config = read_config()
    configure(config.log_format)
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    services = make_services(config)
    # A process of the server ends as a child of multiprocessing does: without atexit. The highest goes first.
    Finalize(None, services.exposures.flush, args=(services.engine, services.clock), exitpriority=1)
    if config.redis_url:
        services = replace(services, ring=doorbell(config.redis_url))
    if not config.redis_url or config.with_worker:
        services = _with_worker(services)
    flask_app = create_app(services)
    wsgi: Any = flask_app.wsgi_app
    if config.trusted_proxies:
        hops = config.trusted_proxies
        wsgi = ProxyFix(wsgi, x_for=hops, x_proto=hops, x_host=hops)
    flask_app.wsgi_app = DispatcherMiddleware(wsgi, _mounts(services))  # type: ignore[method-assign]
    return flask_app


def _leave_with_parent(parent: int) -> None:
    """End when the process that started us is gone: killed, it told nobody, and we would keep its port and lock."""
    while os.getppid() == parent:
        time.sleep(PARENT_S)
    os.kill(os.getpid(), signal.SIGTERM)


def _with_worker(services: Services) -> Services:
    worker = Worker(services)
    worker.start()
    Finalize(None, worker.stop, exitpriority=2)

    def ring(shop_id: str) -> None:
        worker.ring(shop_id)
        services.ring(shop_id)  # with Redis, whoever else works

    return replace(services, ring=ring)


def _mounts(services: Services) -> dict[str, Any]:
    """Mount the sandbox shop where it is on and there is one; it gets its keys at start like any shop."""
    config = services.config
    if not config.sandbox:
        return {}
    with transaction(services.engine) as connection:
        mine = [shop for shop in shops.everyone(connection) if shop.platform == "sandbox"]
        if not mine:
            return {}
        shop = mine[0]
        now = datetime.now(UTC)
        api_key = shops.rotate_key(connection, shop.id, now)
        secret = shop.webhook_secrets(services.vault, now)[0]
    settings = SandboxSettings(
        app_url=config.app_url,
        shop_id=shop.id,
        api_key=api_key,
        webhook_secret=secret,
        database=config.instance / f"sandbox-{shop.id}.db",
        currency=shop.currency,
    )
    sandbox = make_shop(settings)
    Finalize(None, sandbox.close, exitpriority=0)
    return {"/demo": sandbox}


def serve(config: Config, announce: Callable[[], None] = lambda: None) -> int:
    """Serve until told to stop; return the exit code. Raises: ConfigError (another serve has the file)."""
    host, port = _free_address(config.listen)
    lock = _sole_server(config)
    server = Granian(
        "app.serving:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1 if config.database_url.startswith("sqlite") else max(2, os.cpu_count() or 2),
        blocking_threads=THREADS,
        backlog=1024,
        factory=True,
        log_enabled=False,
        websockets=False,
        workers_kill_timeout=15,
        respawn_failed_workers=True,
    )
    server.on_startup(announce)
    try:
        server.serve()
    finally:
        if lock is not None:
            lock.close()
    return 0


def _free_address(listen: str) -> tuple[str, int]:
    """Return host and port once nobody else listens there; the server itself would share the port silently."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise ConfigError(f"cannot listen on {listen}: {error.strerror}; choose another with PORT=") from error
    return host, int(port)


def _sole_server(config: Config) -> TextIO | None:
    """Hold the lock of a SQLite file: two servers would write in each other's way."""
    if not config.database_url.startswith("sqlite"):
        return None
    database = Path(make_url(config.database_url).database or "tessera.db")
    database.parent.mkdir(parents=True, exist_ok=True)
    lock = database.with_suffix(database.suffix + ".serve").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise ConfigError(f"another `tessera serve` already uses {database}") from error
    return lock


def addresses(config: Config) -> Iterable[tuple[str, str]]:
    """Name what a person can open."""
    yield "app", config.app_url
    if config.sandbox:
        yield "demo shop", f"{config.app_url}/demo/"
    yield "API docs", f"{config.app_url}/api/docs"
