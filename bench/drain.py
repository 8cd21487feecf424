"""Drained awards: parse, rules, ledger, journal, set-based. Its anchor is the ledger's own statements, an order each.

On PostgreSQL the anchor is pgbench (16 clients, prepared): lock the balance, insert entry and lot, update the
balance, commit. On SQLite it is the same with the standard library, one commit an order.
"""

from __future__ import annotations

import json
import re
import sqlite3
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from app.db import reading
from app.models import entries
from bench import deliveries
from tests.build import Tessera, open_tessera, programme
from tests.servers import Postgres, postgres_server

ORDERS = 2000
ROUNDS = 3

_TABLES = """
CREATE TABLE a_balance (id int PRIMARY KEY, points bigint NOT NULL);
CREATE TABLE a_entry (id text PRIMARY KEY, member int NOT NULL, points bigint NOT NULL, why text NOT NULL);
CREATE TABLE a_lot (id text PRIMARY KEY, member int NOT NULL, remaining bigint NOT NULL);
"""
_PGBENCH = r"""
\set member random(0, 4999)
BEGIN;
SELECT points FROM a_balance WHERE id = :member FOR UPDATE;
INSERT INTO a_entry VALUES (gen_random_uuid()::text, :member, 399, repeat('x', 400));
INSERT INTO a_lot VALUES (gen_random_uuid()::text, :member, 399);
UPDATE a_balance SET points = points + 399 WHERE id = :member;
COMMIT;
"""


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        results = {"sqlite": _sqlite(Path(folder))}
        with postgres_server(durable=True) as server, server.database() as url:
            results["postgresql"] = _postgresql(server, url, Path(folder))
    return results


def _sqlite(folder: Path) -> dict[str, Any]:
    tessera = open_tessera(f"sqlite:///{folder / 'drain.db'}", durable=True)
    pairs = [(_drained(tessera, number), _sqlite_anchor(folder / f"anchor{number}.db")) for number in range(ROUNDS)]
    return _told(tessera, pairs)


def _postgresql(server: Postgres, url: str, folder: Path) -> dict[str, Any]:
    tessera = open_tessera(url)
    script = folder / "award.sql"
    script.write_text(_PGBENCH)
    script.chmod(0o644)
    with tessera.engine.begin() as connection:
        connection.exec_driver_sql(_TABLES)
        connection.exec_driver_sql("INSERT INTO a_balance SELECT n, 0 FROM generate_series(0, 4999) n")
    pairs = [(_drained(tessera, number), _pgbench(server, url, script)) for number in range(ROUNDS)]
    return _told(tessera, pairs)


def _drained(tessera: Tessera, number: int) -> tuple[float, float]:
    """Deliver to a fresh shop, then drain; return awards per second and statements per order."""
    shop = tessera.shop(programme())
    shop.deliver(*(deliveries.order(number * ORDERS + one) for one in range(ORDERS)))
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(tessera.engine, "before_cursor_execute", count)
    began = time.perf_counter()
    done = shop.drain().done
    seconds = time.perf_counter() - began
    event.remove(tessera.engine, "before_cursor_execute", count)
    with reading(tessera.engine) as connection:
        posted = connection.execute(select(func.count()).where(entries.c.shop_id == shop.id)).scalar()
    assert done == posted == ORDERS
    return ORDERS / seconds, statements / ORDERS


def _sqlite_anchor(path: Path) -> float:
    with sqlite3.connect(path, isolation_level=None) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.executescript(_TABLES)
        database.executemany("INSERT INTO a_balance VALUES (?, 0)", [(member,) for member in range(5000)])
        began = time.perf_counter()
        for number in range(ORDERS):
            member = number * 7919 % 5000
            database.execute("BEGIN IMMEDIATE")
            database.execute("SELECT points FROM a_balance WHERE id = ?", (member,)).fetchone()
            database.execute("INSERT INTO a_entry VALUES (?, ?, 399, ?)", (f"e{number}", member, "x" * 400))
            database.execute("INSERT INTO a_lot VALUES (?, ?, 399)", (f"l{number}", member))
            database.execute("UPDATE a_balance SET points = points + 399 WHERE id = ?", (member,))
            database.execute("COMMIT")
        seconds = time.perf_counter() - began
    database.close()
    return ORDERS / seconds


def _pgbench(server: Postgres, url: str, script: Path) -> float:
    name, host = re.fullmatch(r".*/(\w+)\?host=(.+)", url).groups()  # type: ignore[union-attr]
    command = [server.binaries / "pgbench", "-n", "-M", "prepared", "-c16", "-j2", "-T3", "-f", script, "-h", host]
    told = subprocess.run([*command, "-U", "postgres", name], check=True, capture_output=True, text=True).stdout
    return float(re.search(r"tps = ([\d.]+)", told).group(1))  # type: ignore[union-attr]


def _told(tessera: Tessera, pairs: list[tuple[tuple[float, float], float]]) -> dict[str, Any]:
    tessera.engine.dispose()
    drained = statistics.median(rate for (rate, _), _ in pairs)
    anchor = statistics.median(rate for _, rate in pairs)
    return {
        "drained_per_second": round(drained, 1),
        "anchor_per_second": round(anchor, 1),
        "ratio": round(drained / anchor, 3),
        "statements_per_order": round(statistics.median(count for (_, count), _ in pairs), 4),
        "body_bytes": len(json.dumps(deliveries.order(1))),
    }
