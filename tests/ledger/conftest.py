"""A database that holds the ledger's tables alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from app.db import make_engine
from app.models import (
    allocations,
    balances,
    connections,
    entries,
    expiry_warnings,
    lots,
    members,
    push_subscriptions,
    untold_members,
)
from app.models.base import metadata

TOLD = (members, connections, untold_members, push_subscriptions)  # the book asks whether anybody is to be told


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A transaction on it, in memory: quick, for what is the same on both databases."""
    engine = make_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection, [balances, entries, lots, allocations, expiry_warnings, *TOLD])
        yield connection
    engine.dispose()
