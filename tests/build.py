"""Builders with a default for every field, and a small Tessera to try things on."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event, select

import migrations
from app import create_app, programmes, shops
from app.clock import Clock
from app.config import Config
from app.db import make_engine, reading, transaction
from app.intake import inbox
from app.intake.inbox import Outcome
from app.models import balances, entries, orders
from app.services import Services
from app.shops import Keys, NewShop
from app.vault import Vault
from connectors import CONNECTORS
from connectors.contract import VerifiedBody

FERNET = Fernet.generate_key().decode()
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def config(**changes: Any) -> Config:
    given: dict[str, Any] = {
        "database_url": "sqlite://",
        "app_url": "http://127.0.0.1:8000",
        "secret_key": "a secret of the tests",
        "encryption_keys": (FERNET,),
        "instance": Path("unused"),
        "test_clock": True,
        "push_services": ("push.example", "127.0.0.1"),
        "connectors": {"SHOPIFY_API_SECRET": "hush"},
    }
    return Config(**(given | changes))


_TOP = (
    "campaigns",
    "tiers",
    "tier_measure",
    "memberships",
    "rewards",
    "deficit",
    "activities",
    "segments",
    "expiry",
    "phase",
    "eligibility",
    "experiments",
    "display",
)


def programme(**earning: Any) -> dict[str, Any]:
    """Return a programme document: 10 points per EUR 1."""
    top = {name: earning.pop(name) for name in _TOP if name in earning}
    return {"name": "Club", "currency": "EUR", "earning": {"rate": {"points": "10", "per": "1"}, **earning}, **top}


def line(**changes: Any) -> dict[str, Any]:
    return {"id": "l1", "product_id": "p1", "quantity": 2, "unit_price": "19.99", **changes}


def order(**changes: Any) -> dict[str, Any]:
    """Return a custom shop's order: two of EUR 19.99, paid by ada."""
    return {
        "id": "1001",
        "placed_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-01T10:00:05Z",
        "currency": "EUR",
        "customer": {"id": "ada", "email": "ada@example.com"},
        "financial_status": "paid",
        "lines": [line()],
        **changes,
    }


def refund(refund_id: str = "r1", quantity: int = 1, **changes: Any) -> dict[str, Any]:
    lines = [{"line_id": "l1", "quantity": quantity}]
    return {"id": refund_id, "at": "2026-03-02T10:00:00Z", "lines": lines, **changes}


_wired: list[Flask] = []


def app_of(services: Services) -> Flask:
    """Return an application over services. Its URLs are compiled once a process: that took a fifth of many tests."""
    if not _wired:
        _wired.append(create_app(services))
    made = copy(_wired[0])
    made.config, made.extensions = copy(made.config), {**made.extensions, "tessera": services}
    return made


@dataclass(frozen=True)
class Tessera:
    """One installation on one database."""

    services: Services

    @property
    def engine(self) -> Engine:
        return self.services.engine

    def shop(self, document: Mapping[str, Any] | None = None, platform: str = "custom") -> Shop:
        """Make a shop; with a document, its programme is in effect since the beginning of 2026."""
        now = datetime.now(UTC)
        with transaction(self.engine) as connection:
            new = NewShop(platform, f"shop-{next(_numbers)}.example", "EUR", "Europe/Paris", ("https://shop.example",))
            keys = shops.create(connection, self.services.vault, new, now)
        shop = Shop(self, keys, platform)
        if document is not None:
            shop.publish(document, datetime(2026, 1, 1, tzinfo=UTC))
        return shop

    def client(self) -> FlaskClient:
        return app_of(self.services).test_client()

    def set_clock(self, moment: datetime) -> None:
        with transaction(self.engine) as connection:
            self.services.clock.set(connection, moment)


@dataclass(frozen=True)
class Shop:
    """One shop, as a test plays it."""

    tessera: Tessera
    keys: Keys
    platform: str

    @property
    def id(self) -> str:
        return self.keys.shop_id

    def publish(self, document: Mapping[str, Any], effective_from: datetime | None = None) -> None:
        with transaction(self.tessera.engine) as connection:
            now = self.tessera.services.clock.now(connection)
            programmes.publish(connection, self.id, document, effective_from, now)

    def deliver(self, *documents: object, topic: str = "order", key: str | None = None) -> None:
        """Put deliveries into the inbox as if their signatures had just been checked."""
        with transaction(self.tessera.engine) as connection:
            for document in documents:
                self._accept(connection, document, topic, key)

    def _accept(self, connection: Connection, document: object, topic: str, key: str | None) -> None:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        headers = {CONNECTORS[self.platform].delivery_header.lower(): key or f"d{next(_numbers)}"}
        verified = VerifiedBody(body)
        envelope = replace(CONNECTORS[self.platform].envelope(headers, verified), topic=topic)
        inbox.accept(connection, self.tessera.services.vault, self.id, envelope, verified)

    def drain(self) -> Outcome:
        total = Outcome()
        while (batch := inbox.drain_shop(self.tessera.services.drain, self.id)).total:
            total.add(batch)
        return total

    def tell(self, *documents: object, topic: str = "order") -> Outcome:
        """Deliver and drain one after the other."""
        total = Outcome()
        for document in documents:
            self.deliver(document, topic=topic)
            total.add(self.drain())
        return total

    def balances(self) -> list[dict[str, int]]:
        """Return what each member's accounts hold, the emptiest columns left out."""
        with reading(self.tessera.engine) as connection:
            rows = connection.execute(select(balances).where(balances.c.shop_id == self.id)).mappings()
            plain = [dict(row) for row in rows]
        hidden = ("shop_id", "member_id", "entries", "good_until")
        return [{name: value for name, value in row.items() if value and name not in hidden} for row in plain]

    def balance(self) -> dict[str, int]:
        """Return the only member's accounts."""
        (only,) = self.balances()
        return only

    def order(self, order_id: str = "1001") -> Any:
        with reading(self.tessera.engine) as connection:
            mine = (orders.c.shop_id == self.id) & (orders.c.id == order_id)
            return connection.execute(select(orders).where(mine)).one()

    def entries(self) -> list[Any]:
        with reading(self.tessera.engine) as connection:
            mine = select(entries).where(entries.c.shop_id == self.id)
            return list(connection.execute(mine.order_by(entries.c.member_id, entries.c.n)))


def open_tessera(url: str, durable: bool = False, migrate: bool = True, **changes: Any) -> Tessera:
    engine = make_engine(url)
    if engine.dialect.name == "sqlite" and not durable:  # a test's data need not survive a power cut
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    if migrate:
        migrations.upgrade(engine)
    settings = config(database_url=url, **changes)
    tessera = Tessera(Services(settings, engine, Vault(settings.encryption_keys), Clock(test=True)))
    tessera.set_clock(START)
    return tessera


@contextmanager
def kept_open(request: pytest.FixtureRequest, folders: pytest.TempPathFactory, **changes: Any) -> Iterator[Tessera]:
    """Open one database, of the kind that is the fixture's parameter, for all tests of a folder."""
    with ExitStack() as stack:
        url = f"sqlite:///{folders.mktemp('kept') / 'tessera.db'}"
        if request.param == "postgresql":
            url = stack.enter_context(request.getfixturevalue("postgres").database())
        opened = open_tessera(url, **changes)
        yield opened
        opened.engine.dispose()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
