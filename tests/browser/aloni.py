"""The demo shop in this process, with a programme of the test's own and a member who has something to show."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from app import shops
from app.clock import Clock
from app.db import transaction
from app.shops import NewShop
from app.worker import Worker
from connectors.sandbox.shop import SandboxSettings, make_shop
from tests.browser.street import Quiet
from tests.build import Shop, Tessera, open_tessera
from tests.edge import Door, client_of

MEMBER = "c1"


@dataclass(frozen=True)
class Aloni:
    url: str
    door: Door

    def api(self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.door.shop.keys.api_key}"} | ({"Idempotency-Key": key} if key else {})
        answer = self.door.client.open(f"/api/v1/{path}", method=method, json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        told: dict[str, Any] = answer.json
        return told

    def furnish(self, points: int, *rewards: str) -> None:
        """Give the member points, and let them take rewards."""
        _wait(self._members)
        member = self._members()[0]["id"]
        self.api("POST", f"members/{member}/adjustments", {"points": points, "reason": "A gift"}, key="furnish")
        for reward in rewards:
            self.api("POST", "redemptions", {"member_id": member, "reward": reward}, key=reward)

    def _members(self) -> list[dict[str, Any]]:
        found = self.api("GET", f"members?platform_id={MEMBER}")
        return list(found["data"])


@contextmanager
def open_aloni(folder: Path, template: Path, document: Mapping[str, Any]) -> Iterator[Aloni]:
    """Serve Tessera and its demo shop on a free port, a worker beside them."""
    database = f"sqlite:///{shutil.copy(template, folder / 'tessera.db')}"
    served: dict[str, Any] = {}

    def serve(*call: Any) -> Any:
        return served["app"](*call)

    server = make_server("127.0.0.1", 0, serve, threaded=True, request_handler=Quiet)
    url = f"http://127.0.0.1:{server.port}"
    opened = open_tessera(database, migrate=False, app_url=url, sandbox=True)
    tessera = Tessera(replace(opened.services, clock=Clock()))  # the shop's clock is the real one
    door = _door(tessera, url)
    door.shop.publish(document, datetime(2026, 1, 1, tzinfo=UTC))
    settings = SandboxSettings(
        app_url=url,
        shop_id=door.shop.id,
        api_key=door.shop.keys.api_key,
        webhook_secret=door.secret,
        database=folder / "aloni.db",
    )
    served["app"] = ours = door.client.application
    with ExitStack() as closing:
        closing.callback(opened.engine.dispose)
        closing.callback(server.server_close)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        closing.callback(thread.join)
        closing.callback(server.shutdown)
        worker = Worker(tessera.services, sweep_s=0.2)
        worker.start()
        closing.callback(worker.stop)
        shop = make_shop(settings)
        closing.callback(shop.close)
        served["app"] = DispatcherMiddleware(ours, {"/demo": shop})
        yield Aloni(url, door)


def _door(tessera: Tessera, url: str) -> Door:
    """Make the shop, as `tessera demo` does: its pages are at our own address."""
    with transaction(tessera.engine) as connection:
        new = NewShop("sandbox", "demo", "EUR", "Europe/Helsinki", (url,))
        keys = shops.create(connection, tessera.services.vault, new, datetime.now(UTC))
    return Door(tessera, "sandbox", "demo", Shop(tessera, keys, "sandbox"), client_of(tessera))


def _wait(until: Callable[[], object], timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)
