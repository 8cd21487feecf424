"""An empty folder, and what may be done from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.config import read_config
from app.services import make_services
from app.shops import Keys
from tests import build
from tests.build import FERNET
from tests.command import Tessera
from tests.servers import Postgres

KEYS = {"SECRET_KEY": "a secret of the tests", "ENCRYPTION_KEYS": FERNET}


@pytest.fixture
def tessera(tmp_path: Path) -> Tessera:
    """A fresh machine: an empty home, the programme clock allowed."""
    return Tessera(tmp_path, {"TEST_CLOCK": "1"})


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tessera]:
    """An installation on each kind of database, migrated."""
    if request.param == "sqlite":
        yield Tessera(tmp_path, {"TEST_CLOCK": "1"})
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database(request.getfixturevalue("postgres_template")) as url:
        yield Tessera(tmp_path, {"TEST_CLOCK": "1", "DATABASE_URL": url, **KEYS})


@pytest.fixture
def document(tmp_path: Path) -> Callable[..., str]:
    """Write a document into a file; return its path."""

    def write(content: object, name: str = "document.json") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return str(path)

    return write


def create(tessera: Tessera, *options: str, platform: str = "custom", **env: str) -> dict[str, Any]:
    ref = "shop.myshopify.com" if platform == "shopify" else "shop.example"
    ran = tessera(
        "shop", "create", "--platform", platform, "--ref", ref, "--currency", "EUR", "--json", *options, **env
    )
    return dict(ran.json)


def opened(tessera: Tessera) -> build.Tessera:
    """Open the installation from here, to deliver and to look inside."""
    return build.Tessera(make_services(read_config(tessera.environment({}), tessera.home)))


@pytest.fixture
def shop(anywhere: Tessera, document: Callable[..., str]) -> Iterator[build.Shop]:
    """A custom shop with a programme of 10 points per EUR 1 since the beginning of 2026."""
    made = create(anywhere)
    published = ["programme", "publish", document(build.programme()), "--shop", made["shop_id"]]
    assert anywhere(*published, "--effective-from", "2026-01-01T00:00:00Z").code == 0
    inside = opened(anywhere)
    yield build.Shop(inside, Keys(made["shop_id"], made["api_key"], made["webhook_secret"]), "custom")
    inside.engine.dispose()
