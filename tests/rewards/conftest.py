"""One installation on each kind of database for all tests here: each test makes shops of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.build import START, Tessera, kept_open


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tessera]:
    with kept_open(request, tmp_path_factory) as opened:
        yield opened


@pytest.fixture
def tessera(installation: Tessera) -> Tessera:
    installation.set_clock(START)
    return installation
