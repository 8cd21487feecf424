"""One installation on each kind of database for all tests here: each test makes shops of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.build import START, Tessera, open_tessera


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tessera]:
    if request.param == "sqlite":
        opened = open_tessera(f"sqlite:///{tmp_path_factory.mktemp('spending') / 'tessera.db'}")
        yield opened
        opened.engine.dispose()
        return
    with request.getfixturevalue("postgres").database() as url:
        opened = open_tessera(url)
        yield opened
        opened.engine.dispose()


@pytest.fixture
def tessera(installation: Tessera) -> Tessera:
    installation.set_clock(START)
    return installation
