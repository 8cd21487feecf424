"""Is the process alive, can it do its work, and who may count."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from app import create_app
from app.db import transaction
from app.intake.inbox import drain_all
from app.models import inbox
from app.services import make_services
from tests.build import Tessera, config
from tests.edge import Door, client_of


def test_alive_and_ready(tessera: Tessera) -> None:
    drain_all(tessera.services.drain)  # what other tests left waiting
    client = client_of(tessera)
    assert client.get("/health/live").get_json() == {"status": "ok"}
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.get_json()["database"]) == (200, "ok")


def test_not_ready_while_a_delivery_waits_too_long(custom: Door) -> None:
    custom.deliver(custom.order())
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    with transaction(custom.tessera.engine) as connection:
        connection.execute(update(inbox).where(inbox.c.shop_id == custom.shop.id).values(received_at=long_ago))
    lagging = custom.client.get("/health/ready")
    assert (lagging.status_code, lagging.get_json()["status"]) == (503, "unready")
    assert lagging.get_json()["inbox_lag_s"] > 3000
    drain_all(custom.tessera.services.drain)
    assert custom.client.get("/health/ready").status_code == 200


def test_not_ready_before_the_database_is_migrated(tmp_path: Path) -> None:
    services = make_services(config(database_url=f"sqlite:///{tmp_path}/empty.db"))
    assert create_app(services).test_client().get("/health/ready").status_code == 503
    services.engine.dispose()


def ready_with(tessera: Tessera, redis_url: str | None) -> tuple[int, object, object]:
    """Return the answer's code and what it says of the queue and of Redis."""
    drain_all(tessera.services.drain)
    services = replace(tessera.services, config=replace(tessera.services.config, redis_url=redis_url))
    answer = create_app(services).test_client().get("/health/ready")
    told = answer.get_json()
    return answer.status_code, told["queue"], told.get("redis")


def test_whether_redis_answers_is_told(tessera: Tessera, valkey_url: str) -> None:
    assert ready_with(tessera, valkey_url) == (200, "redis", "ok")
    assert ready_with(tessera, None) == (200, "database", None)


def test_without_redis_we_are_ready_all_the_same(tessera: Tessera) -> None:
    for url in ("unix:///nowhere/socket", "redis://127.0.0.1:1/0", "redis://nowhere.invalid/0"):
        assert ready_with(tessera, url) == (200, "redis", "down")


def test_a_redis_that_hangs_holds_up_the_answer_for_a_moment_only(tessera: Tessera) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        began = time.monotonic()
        assert ready_with(tessera, f"redis://127.0.0.1:{deaf.getsockname()[1]}/0") == (200, "redis", "down")
        assert time.monotonic() - began < 3


def test_counts_are_for_who_holds_the_token(custom: Door) -> None:
    custom.post(b"{}", {})
    assert custom.client.get("/metrics").status_code == 404  # off without METRICS_TOKEN
    services = custom.tessera.services
    client = create_app(replace(services, config=replace(services.config, metrics_token="s3cret"))).test_client()
    for value in ("", "Bearer", "Bearer wrong", "Bearer é", "Basic s3cret"):
        assert client.get("/metrics", headers={"Authorization": value}).status_code == 401
    told = client.get("/metrics", headers={"Authorization": "Bearer s3cret"})
    assert (told.status_code, told.mimetype) == (200, "text/plain")
    assert 'tessera_deliveries_refused_total{label="custom"}' in told.text
