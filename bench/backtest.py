"""A back-test of many orders in one process: orders a second, and the most memory it took. `ARGS=backtest` runs it.

`python -m bench.backtest 1000000` takes that many. The orders are copies of some that the engine has settled, written
set-based; the back-test itself runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from app import shops
from app.backtest.asking import ask
from app.db import reading, transaction
from app.models import lots, members, orders
from app.rules.programme import parse_programme
from bench import deliveries
from tests.build import Shop, Tessera, open_tessera, programme

ORDERS = 20_000
PATTERNS = 200
ORDERS_A_MEMBER = 5
AT_ONCE = 5_000
FIRST = datetime(2024, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
DRAFT: dict[str, Any] = programme(
    rate={"points": "15", "per": "1"},
    products=[{"key": "stone", "match": {"tag": "stoneware"}, "multiplier": "1.5"}],
    tiers=[{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "500", "multiplier": "2"}],
    rewards=[{"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}],
)


def run(count: int = ORDERS, url: str = "") -> dict[str, Any]:
    """Make the orders, then try a draft on them in another process."""
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite:///{Path(folder) / 'backtest.db'}"
        shop = make(open_tessera(url), count)
        command = [sys.executable, "-m", "bench.backtest", "--measure", url, shop.id]
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return {"orders": count, **json.loads(ran.stdout)}


def make(tessera: Tessera, count: int) -> Shop:
    """Make a shop with so many orders, all but the first few of them copies. Closes the database."""
    shop = tessera.shop(programme())
    shop.deliver(*(deliveries.order(number) for number in range(PATTERNS)))
    assert shop.drain().done == PATTERNS
    with transaction(tessera.engine) as connection:
        patterns = _rows(connection, orders, shop.id)
        of_lots = {row["source_id"]: row for row in _rows(connection, lots, shop.id)}
        person = _rows(connection, members, shop.id)[0]
    for first in range(PATTERNS, count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count))
        with transaction(tessera.engine) as connection:
            _insert(connection, members, (_member(person, n) for n in numbers if n % ORDERS_A_MEMBER == 0))
            _insert(connection, orders, (_order(patterns[n % PATTERNS], n) for n in numbers))
            _insert(connection, lots, (_lot(of_lots[patterns[n % PATTERNS]["id"]], n) for n in numbers))
    with tessera.engine.connect().execution_options(isolation_level="AUTOCOMMIT", reading=True) as connection:
        connection.exec_driver_sql("ANALYZE" if tessera.engine.dialect.name == "postgresql" else "PRAGMA optimize")
    tessera.engine.dispose()
    return shop


def _rows(connection: Connection, table: Table, shop_id: str) -> list[dict[str, Any]]:
    found = connection.execute(select(table).where(table.c.shop_id == shop_id))
    return [dict(row) for row in found.mappings()]


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    if made := list(rows):
        connection.execute(insert(table), made)


def _member_id(number: int) -> str:
    return f"m_{number // ORDERS_A_MEMBER * 2654435761 % 2**32:020x}"  # spread, as random ids are


def _placed_at(number: int) -> datetime:
    return FIRST + timedelta(minutes=number * 7919 % 1_000_000)


def _member(person: dict[str, Any], number: int) -> dict[str, Any]:
    return {**person, "id": _member_id(number)}


def _order(pattern: dict[str, Any], number: int) -> dict[str, Any]:
    placed_at = _placed_at(number)
    full = {**pattern["held"]["full"], "id": f"s{number}", "placed_at": placed_at.isoformat()}
    return {
        **pattern,
        "id": f"s{number}",
        "held": {**pattern["held"], "full": full},
        "placed_at": placed_at,
        "member_id": _member_id(number),
        "lot": f"order:s{number}:1",
    }


def _lot(pattern: dict[str, Any], number: int) -> dict[str, Any]:
    key = f"order:s{number}:1"
    remaining = 0 if number % 3 else pattern["points"]  # two of three are spent
    changes = {"key": key, "root": key, "source_id": f"s{number}", "remaining": remaining}
    return {**pattern, **changes, "member_id": _member_id(number)}


def measure(url: str, shop_id: str) -> dict[str, Any]:
    """Run the back-test here."""
    engine = open_tessera(url).engine
    before = _peak_mb()
    began = told = time.perf_counter()

    def progress(done: int, whole: int) -> None:
        nonlocal told
        if time.perf_counter() - told > 5:
            told = time.perf_counter()
            print(f"{done} of {whole}, {done / (told - began):.0f}/s, {_peak_mb()} MB", file=sys.stderr)

    with reading(engine) as connection:
        answer = ask(connection, shops.get(connection, shop_id), parse_programme(DRAFT), NOW, progress=progress)
    seconds = time.perf_counter() - began
    replayed = answer["orders"]["replayed"]
    return {
        "orders_per_second": round(replayed / seconds),
        "seconds": round(seconds, 1),
        "peak_mb": _peak_mb(),
        "grown_mb": _peak_mb() - before,
    }


def _peak_mb() -> int:
    """Return the most memory this process ever had; Linux's own counter begins anew with a program, rusage does not."""
    status = Path("/proc/self/status")
    if status.exists():
        told = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(told["VmHWM"].split()[0]) // 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    if sys.argv[1] == "--measure":
        print(json.dumps(measure(*sys.argv[2:4])))
    else:
        print(json.dumps(run(int(sys.argv[1]), os.environ.get("BACKTEST_URL", ""))))
