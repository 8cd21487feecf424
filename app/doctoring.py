"""Look at an installation as a doctor does: what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

import migrations
from app import shops
from app.config import Config, ConfigError, read_config
from app.db import make_engine, reading
from app.models import clock, inbox
from app.vault import CannotOpen, Vault
from connectors import CONNECTORS


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    ok: bool
    advice: str


def examine() -> list[Finding]:
    """Return what was found, good or bad."""
    try:
        config = read_config()
    except ConfigError as error:
        return [Finding("settings", False, str(error))]
    return [Finding("settings", True, "complete"), *_database(config), *_redis(config)]


def _database(config: Config) -> Iterator[Finding]:
    engine = make_engine(config.database_url)
    try:
        yield from _inside(engine, config)
    except SQLAlchemyError as error:
        yield Finding("database", False, f"{str(error).splitlines()[0]}; check DATABASE_URL and that it is running")
    finally:
        engine.dispose()


def _inside(engine: Engine, config: Config) -> Iterator[Finding]:
    with reading(engine) as connection:
        known = migrations.current(connection)
        if known != migrations.head():
            yield Finding("database", False, f"at {known or 'nothing'}, should be {migrations.head()}; tessera migrate")
            return
        yield Finding("database", True, f"at {known}")
        instant = connection.execute(select(clock.c.instant)).scalar()
        if instant is not None and not config.test_clock:
            yield Finding("clock", False, "a test instant is set but ignored; TEST_CLOCK=1 tessera clock real")
        oldest = connection.execute(select(func.min(inbox.c.received_at)).where(inbox.c.state == "new")).scalar()
        waits_s = int((datetime.now(UTC) - oldest).total_seconds()) if oldest else 0
        lagging = f"the oldest delivery waits {waits_s} s; is a worker running?"
        yield Finding("inbox", waits_s < 300, lagging if waits_s else "nothing waits")
        failed = connection.execute(select(func.count()).where(inbox.c.state == "failed")).scalar() or 0
        yield Finding("deliveries", not failed, f"{failed} failed; see GET /api/v1/deliveries?state=failed")
        yield from _shops(connection, config)


def _shops(connection: Connection, config: Config) -> Iterator[Finding]:
    """Find shops that nothing can be verified or opened for, and those that the platform has cut off."""
    vault = Vault(config.encryption_keys)
    for shop in shops.everyone(connection):
        signing = CONNECTORS[shop.platform].secret_settings
        if signing and not any(name in config.connectors for name in signing):
            yield Finding(f"shop {shop.id}", False, f"no delivery of it can be verified; set {signing[0]}")
        if shop.state in ("disconnected", "locked_out"):
            yield Finding(f"shop {shop.id}", False, f"disconnected: {shop.row['state_reason']}")
        try:
            shop.pepper(vault)
        except CannotOpen as error:
            yield Finding(f"shop {shop.id}", False, f"{error}; put the old key back, after the new one")


def _redis(config: Config) -> Iterator[Finding]:
    if config.redis_url is None:
        yield Finding("queue", True, "no REDIS_URL: the worker runs in the web process")
        return
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        with Redis.from_url(config.redis_url, socket_timeout=2) as redis:
            policy = redis.config_get("maxmemory-policy")
    except RedisError as error:
        yield Finding("redis", False, f"{error}; deliveries still work, a little later")
        return
    kept = dict(policy).get("maxmemory-policy") == "noeviction"
    yield Finding("redis", kept, "reachable" if kept else "set maxmemory-policy to noeviction")
