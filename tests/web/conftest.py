"""One installation on each kind of database for all tests here: each test makes shops of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors import CONNECTORS
from tests.build import Tessera, open_tessera
from tests.edge import Door, open_door
from tests.servers import Postgres


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def tessera(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tessera]:
    """An installation with the sandbox on, its programme clock at `tests.build.START`."""
    if request.param == "sqlite":
        opened = open_tessera(f"sqlite:///{tmp_path_factory.mktemp('web')}/tessera.db", sandbox=True)
        yield opened
        opened.engine.dispose()
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        opened = open_tessera(url, sandbox=True)
        yield opened
        opened.engine.dispose()


@pytest.fixture(params=CONNECTORS)
def door(tessera: Tessera, request: pytest.FixtureRequest) -> Door:
    """A shop on each platform."""
    return open_door(tessera, request.param)


@pytest.fixture
def custom(tessera: Tessera) -> Door:
    return open_door(tessera, "custom")


@pytest.fixture
def shopify(tessera: Tessera) -> Door:
    return open_door(tessera, "shopify")


@pytest.fixture
def woocommerce(tessera: Tessera) -> Door:
    return open_door(tessera, "woocommerce")
