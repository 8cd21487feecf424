"""A demo shop whose webhooks go to a list, and a browser to click through it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse

from connectors.neutral import signature
from connectors.sandbox.shop import SandboxSettings, Shop

SECRET = "whsec_of_the_demo"
NOWHERE = "http://127.0.0.1:9"  # nothing listens there: the shop must do without


@dataclass
class Ear:
    """Hears webhooks as Tessera does, and can be deaf for a while."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int | Exception] = field(default_factory=list)  # what the next deliveries get instead of 200

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        lowered = {name.lower(): value for name, value in headers.items()}
        signature.verify(lowered, body, [SECRET], int(time.time()))
        given = self.answers.pop(0) if self.answers else 200
        self.heard.append({**lowered, "url": url, "body": body, "document": json.loads(body), "answer": given})
        if isinstance(given, Exception):
            raise given
        return given

    def documents(self, topic: str = "order") -> list[dict[str, Any]]:
        return [one["document"] for one in self.heard if one["tessera-topic"] == topic and one["answer"] == 200]

    def wait(self, until: Callable[[], object], timeout_s: float = 10) -> None:
        """Wait for the sending thread. Fails when it takes too long."""
        deadline = time.monotonic() + timeout_s
        while not until():
            assert time.monotonic() < deadline, f"heard only {[one['tessera-topic'] for one in self.heard]}"
            time.sleep(0.01)


def refusing(*_: object) -> int:
    raise requests.ConnectionError


def shop_settings(folder: Path) -> SandboxSettings:
    return SandboxSettings(
        app_url=NOWHERE, shop_id="s1", api_key="key", webhook_secret=SECRET, database=folder / "shop" / "sandbox.db"
    )


@contextmanager
def open_shop(folder: Path, post: Callable[[str, bytes, dict[str, str]], int]) -> Iterator[Shop]:
    shop = Shop(shop_settings(folder), post)
    try:
        yield shop
    finally:
        shop.close()


class Browser:
    """Clicks through the shop mounted at /demo. Forms are posted with the token of the page they are on."""

    def __init__(self, shop: Shop) -> None:
        def not_found(environ: Any, start_response: Any) -> list[bytes]:
            start_response("404 NOT FOUND", [])
            return [b""]

        self.client = Client(DispatcherMiddleware(not_found, {"/demo": shop}))

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/demo{path}")

    def post(self, path: str, *, page: str = "/login", **fields: str) -> TestResponse:
        found = re.search(r'name="form_token" value="([^"]+)"', self.get(page).text)
        assert found, f"no form on {page}"
        return self.client.post(f"/demo{path}", data={"form_token": found[1], **fields})

    def buy(self, *variants: str, **fields: str) -> int:
        """Put variants into the cart and buy them; returns the order's number."""
        for variant in variants:
            self.post("/cart/add", variant=variant, quantity="1")
        who = {"name": "Ada Guest", "email": "ada@example.com", **fields}
        bought = self.post("/checkout", page="/checkout", **who)
        assert bought.status_code == 303, bought.text
        return int(bought.location.rpartition("/")[2])

    def desk(self, number: int, action: str, **fields: str) -> TestResponse:
        """Press a button of the back office."""
        return self.post(f"/back-office/orders/{number}/{action}", page=f"/back-office/orders/{number}", **fields)
