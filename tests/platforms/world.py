"""Our installation and a shop of each platform on one network without sockets."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.services import alarm
from connectors.neutral.buckets import OwnBuckets
from connectors.neutral.calling import Caller
from tests.build import Tessera, app_of
from tests.fakes.wire import Wire
from tests.fakes.woocommerce import Store

OURS = "https://tessera.example"


class World:
    """`browser` is the merchant's; `store` is the merchant's shop."""

    def __init__(self, tessera: Tessera, real: datetime) -> None:
        self.real = real
        self.wire = Wire({})
        self.slept_s = 0.0
        buckets = OwnBuckets(self.seconds)
        caller = Caller(self.wire.session(), self.sleep, random.Random(1), buckets, alarm)
        clock = replace(tessera.services.clock, test=False, real=lambda: self.real)
        self.tessera = Tessera(replace(tessera.services, caller=caller, clock=clock))
        self.app = app_of(self.tessera.services)
        self.browser = self.app.test_client()
        self.store = self.new_store("mugs.example")

    def sleep(self, seconds: float) -> None:
        self.slept_s += seconds

    def seconds(self) -> float:
        """Return the time of buckets: it passes while somebody sleeps."""
        return self.real.timestamp() + self.slept_s

    def new_store(self, host: str) -> Store:
        store = Store(host, self.post, clock=lambda: self.real)
        self.wire.hosts = {**self.wire.hosts, host: store.app}
        return store

    def post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """The shop's server calls us."""
        assert url.startswith(OURS)
        return (
            self.app.test_client().post(url.removeprefix(OURS), base_url=OURS, data=body, headers=headers).status_code
        )

    def pass_time(self, **span: float) -> None:
        self.real += timedelta(**span)

    def open(self, url: str, browser: FlaskClient | None = None, **more: object) -> TestResponse:
        return (browser or self.browser).get(url.removeprefix(OURS), base_url=OURS, **more)

    def begin(self, shop: str = "https://mugs.example", browser: FlaskClient | None = None) -> TestResponse:
        return (browser or self.browser).post("/install/woocommerce", base_url=OURS, data={"shop": shop})

    def agree(self, address: str, user: str = "boss") -> TestResponse:
        """The owner follows an address to the shop, logs in, and approves; returns where she is sent."""
        parts = urlsplit(address)
        assert parts.path == "/wc-auth/v1/authorize"
        owner = self.store.app.test_client()
        at = {"base_url": f"https://{parts.netloc}", "query_string": urlencode(parse_qsl(parts.query))}
        owner.post("/wc-auth/v1/login/", data={"username": user}, **at)
        return owner.post("/wc-auth/v1/access_granted/", **at)
