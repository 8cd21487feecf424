"""Fixtures that every test may ask for. A server starts when the first test needs it, once per test process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.build import Tessera, open_tessera
from tests.servers import Chromium, Postgres, find_chromium, postgres_server, valkey_server

# "ci": the same examples on every run, so that a red build is about the change. "soak" (`make soak`): fresh ones, many.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("soak", max_examples=5000, deadline=None, print_blob=True)
settings.load_profile("ci")


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


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, empty database; the test runs on each kind we support."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tessera.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def tessera(database_url: str) -> Iterator[Tessera]:
    """An installation on a fresh database, its programme clock at `tests.build.START`."""
    opened = open_tessera(database_url)
    yield opened
    opened.engine.dispose()
