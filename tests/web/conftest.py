"""One installation on each kind of database for all tests here: each test makes shops of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors import CONNECTORS
from tests.build import Tessera, kept_open
from tests.edge import Door, open_door


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def tessera(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tessera]:
    """An installation with the sandbox on, its programme clock at `tests.build.START`."""
    with kept_open(request, tmp_path_factory, sandbox=True) as opened:
        yield opened


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
