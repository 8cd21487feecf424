"""Fixtures that every test may ask for. A server starts when the first test needs it, once per test process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Connection, Engine, event

from tests.build import Tessera, open_tessera
from tests.postbox import open_postbox
from tests.servers import Chromium, Postgres, find_chromium, postgres_server, valkey_server

# "ci": the same examples on every run, so that a red build is about the change. "soak" (`make soak`): fresh ones, many.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("soak", max_examples=5000, deadline=None, print_blob=True)
settings.load_profile("ci")


_PAGES = ("browser", "wordpress", "widgets", "theme", "sandbox")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that open pages: few tests, and long ones, which nobody should wait for in the end."""
    items.sort(key=lambda item: item.path.parent.name not in _PAGES)


class _SharedStatements(dict[tuple[Any, ...], Any]):
    """Statements by their dialect's name: each test has engines of its own, and compiling took a third of its time."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), value)


_statements = _SharedStatements()


@event.listens_for(Engine, "engine_connect")
def _share_statements(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_statements)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    with valkey_server() as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    found = find_chromium()
    if found is None and os.environ.get("CI"):
        pytest.fail("no Chromium: in CI a skipped browser test would hide a broken installation")
    if found is None:
        pytest.skip("no Chromium: set CHROMIUM, or `npm ci` in tests/browser (x86-64 Linux)")
    return found


@pytest.fixture(scope="session")
def admin_schema() -> Any:
    """Shopify's schema, which the fake Shopify stands on; skipped, with the reason, where it cannot be fetched."""
    from tests.fakes.shopify import schema

    try:
        return schema.admin()
    except schema.NotAvailable as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, empty database; the test runs on each kind we support."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tessera.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that all migrations have run on, to be copied."""
    path = tmp_path_factory.mktemp("template") / "tessera.db"
    open_tessera(f"sqlite:///{path}").engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        open_tessera(url).engine.dispose()
        yield postgres.name(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database that all migrations have run on, of each kind we support."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database(request.getfixturevalue("postgres_template")) as url:
        yield url


@pytest.fixture
def tessera(migrated_url: str) -> Iterator[Tessera]:
    """An installation on a fresh database, its programme clock at `tests.build.START`."""
    opened = open_tessera(migrated_url, migrate=False)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def postbox() -> Iterator[Any]:
    """A mail server that keeps what it is sent."""
    with open_postbox() as server:
        yield server
