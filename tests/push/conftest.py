"""One installation on each kind of database, a push service on a network without sockets, and a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.build import Tessera, kept_open
from tests.push.street import Street


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def tessera(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tessera]:
    with kept_open(request, tmp_path_factory) as opened:
        yield opened


@pytest.fixture
def street(tessera: Tessera) -> Street:
    return Street(tessera)
