"""Accept: verify, store durably, 200. Its anchor verifies the same signature in the same server and stores nothing."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from cryptography.fernet import Fernet
from sqlalchemy import update

from app.clock import real_now
from app.db import make_engine, transaction
from app.models import shops as shops_table
from app.shops import NewShop, create
from app.vault import Vault
from bench import deliveries, load
from migrations import upgrade
from tests.servers import postgres_server

CONNECTIONS = 32
PER_ROUND = 1500
ROUNDS = 3


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        results = {"sqlite": _measure(f"sqlite:///{folder}/bench.db", Path(folder))}
        with postgres_server(durable=True) as server, server.database() as url:
            results["postgresql"] = _measure(url, Path(folder))
    return results


def _measure(url: str, folder: Path) -> dict[str, Any]:
    key = Fernet.generate_key().decode()
    shop_id = _shop(url, key)
    rounds: dict[str, list[load.Load]] = {"anchor": [], "accept": [], "repeat": []}
    cpu: dict[str, list[float]] = {"anchor": [], "accept": [], "repeat": []}
    with _served(url, key, folder) as (port, pids):
        for number in range(ROUNDS + 1):
            accept = list(deliveries.signed(f"/webhooks/custom/{shop_id}", number * PER_ROUND, PER_ROUND))
            anchor = list(deliveries.signed("/anchor/hmac", number * PER_ROUND, PER_ROUND))
            for name, batch in (("anchor", anchor), ("accept", accept), ("repeat", accept)):
                before = load.cpu_s(pids)
                measured = load.send(port, batch, CONNECTIONS)
                if number:  # the first round warms up
                    rounds[name].append(measured)
                    cpu[name].append((load.cpu_s(pids) - before) / PER_ROUND * 1e6)
    told = {name: _middle(rounds[name], cpu[name]) for name in rounds}
    base = told["anchor"]
    told["ratio"] = {
        name: {
            "rate": round(told[name]["per_second"] / base["per_second"], 3),
            "cpu": round(told[name]["cpu_us"] / base["cpu_us"], 3),
        }
        for name in ("accept", "repeat")
    }
    return told


def _middle(rounds: list[load.Load], cpu: list[float]) -> dict[str, Any]:
    def median(name: str) -> float:
        return round(statistics.median(getattr(one, name) for one in rounds), 2)

    return {
        "per_second": median("per_second"),
        "p50_ms": median("p50_ms"),
        "p99_ms": median("p99_ms"),
        "cpu_us": round(statistics.median(cpu), 1),
        "refused": sum(one.refused for one in rounds),
    }


def _shop(url: str, key: str) -> str:
    engine = make_engine(url)
    upgrade(engine)
    vault = Vault([key])
    with transaction(engine) as connection:
        keys = create(connection, vault, NewShop("custom", "bench", "EUR"), real_now())
        sealed = vault.seal(keys.shop_id, deliveries.SECRET.encode())
        connection.execute(update(shops_table).values(webhook_secret=sealed))
    engine.dispose()
    return keys.shop_id


@contextmanager
def _served(url: str, key: str, folder: Path) -> Iterator[tuple[int, list[int]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": "bench",
        "ENCRYPTION_KEYS": key,
        "INSTANCE": str(folder),
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "bench.serve", str(port), "1" if url.startswith("sqlite") else "2"]
    with subprocess.Popen(command, env=env) as server:
        for _ in range(600):
            try:
                requests.get(f"http://127.0.0.1:{port}/health/live", timeout=1)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        yield port, load.family(server.pid)
        server.terminate()
