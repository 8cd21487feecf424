"""One installation on each kind of database for all tests here: each test makes shops of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.build import Tessera, open_tessera
from tests.platforms.world import OURS, World


@pytest.fixture
def installation(migrated_url: str) -> Iterator[Tessera]:
    opened = open_tessera(migrated_url, migrate=False, app_url=OURS)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def world(installation: Tessera) -> World:
    return World(installation, datetime(2026, 11, 21, 12, tzinfo=UTC))
