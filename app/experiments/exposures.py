"""Visitors counted by the arm they are in, in this process first: a busy shop must not queue for one row.

What is counted is written every two seconds, and when the process ends; a crash loses no more than that.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from app import counters, programmes
from app.clock import Clock
from app.db import is_sqlite, retrying
from app.models import exposures as table
from app.models import shops as shops_table
from app.rules.experiments import running, tokens_of

log = structlog.get_logger()

FLUSH_S = 2.0
MOST = 10_000  # different things counted between two writings: whoever makes shops up gets no further


class Seen(NamedTuple):
    """What a browser says: taken for true only if such an experiment runs in such a shop when it is written."""

    shop_id: str
    experiment: str
    arm: str


def _later(work: Callable[[], None]) -> None:
    timer = threading.Timer(FLUSH_S, work)
    timer.daemon = True
    timer.start()


@dataclass(slots=True)
class Exposures:
    """What this process has counted and not written yet."""

    later: Callable[[Callable[[], None]], None] = _later
    _counts: Counter[Seen] = field(default_factory=Counter)
    _waits: bool = False  # a writing is on its way
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seen: Seen, engine: Engine, clock: Clock) -> None:
        """Count a visitor, and see to it that it is written."""
        with self._lock:
            if seen not in self._counts and len(self._counts) >= MOST:
                counters.count("exposures_ignored", "too_many")
                return
            self._counts[seen] += 1
            first, self._waits = not self._waits, True
        if first:
            self.later(lambda: self._due(engine, clock))

    def _due(self, engine: Engine, clock: Clock) -> None:
        with self._lock:
            self._waits = False
        self.flush(engine, clock)

    def flush(self, engine: Engine, clock: Clock) -> None:
        """Write what was counted; what cannot be written stays, and is tried again with the next visitor."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            retrying(engine, lambda connection: _write(connection, counts, clock.now(connection)))
        except SQLAlchemyError as error:
            with self._lock:
                self._counts.update(counts)
            log.warning("exposures_wait_for_database", error=str(error).splitlines()[0])


def _write(connection: Connection, counts: Mapping[Seen, int], now: datetime) -> None:
    rows = list(_rows(connection, counts, now))
    ignored = sum(counts.values()) - sum(row["visitors"] for row in rows)
    if ignored:
        counters.count("exposures_ignored", "unknown", ignored)
    if not rows:
        return
    statement: Any = (sqlite if is_sqlite(connection) else postgresql).insert(table)
    more = {"visitors": table.c.visitors + statement.excluded.visitors}
    keys = list(table.primary_key.columns)
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=more), rows)


def _rows(connection: Connection, counts: Mapping[Seen, int], now: datetime) -> Iterator[dict[str, Any]]:
    """Return what is true of it, in the order of its keys: two processes that write wait, and do not deadlock."""
    zones = _zones(connection, {seen.shop_id for seen in counts})
    for shop_id in sorted(zones):
        known = programmes.effective(programmes.versions(connection, shop_id), now)
        experiment = running(known.programme.experiments, now) if known else None
        for token in sorted(tokens_of(experiment)) if experiment else ():
            seen = Seen(shop_id, *token.split(":"))
            if counts.get(seen):
                yield {**seen._asdict(), "day": now.astimezone(zones[shop_id]).date(), "visitors": counts[seen]}


def _zones(connection: Connection, shop_ids: set[str]) -> dict[str, ZoneInfo]:
    """Return the zones of those shops that there are."""
    mine = select(shops_table.c.id, shops_table.c.timezone).where(shops_table.c.id.in_(sorted(shop_ids)))
    return {row.id: ZoneInfo(row.timezone) for row in connection.execute(mine)}
