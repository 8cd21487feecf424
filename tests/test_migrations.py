"""Migrations: numbered, one thing each, up and down on both databases, and equal to the models."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, inspect, update
from sqlalchemy.exc import DBAPIError

import migrations
from app import shops
from app.db import make_engine, reading, transaction
from app.models import entries, metadata
from app.models import shops as shops_table
from tests.build import START, Tessera, order, programme

VERSIONS = sorted(Path(migrations.HERE, "versions").glob("*.py"))


def test_they_go_up_down_and_up_again(database_url: str) -> None:
    engine = make_engine(database_url)
    migrations.upgrade(engine)
    migrations.downgrade(engine)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert migrations.current(connection) == migrations.head()
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_origins_of_shops_that_are_there_already_are_found(database_url: str) -> None:
    engine = make_engine(database_url)
    migrations.upgrade(engine, "0013_identity_locks")
    common = {"platform": "custom", "currency": "EUR", "timezone": "UTC", "settings": {}, "pepper": b""}
    listed = {"a": ["https://a", "https://b"], "b": ["https://b", "https://b"], "c": []}
    with transaction(engine) as connection:
        for name, origins in listed.items():
            row = {**common, "id": name, "ref": name, "origins": origins, "created_at": START}
            connection.execute(insert(shops_table), [row])
    migrations.upgrade(engine)
    with reading(engine) as connection:
        found = [shops.has_origin(connection, origin) for origin in ("https://a", "https://b", "https://c")]
    assert found == [True, True, False]
    engine.dispose()


def test_they_are_numbered_without_a_gap_and_head_names_the_last() -> None:
    names = [path.stem for path in VERSIONS]
    assert all(re.fullmatch(r"\d{4}_[a-z_]+", name) for name in names)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert migrations.head() == names[-1]


def test_the_database_itself_refuses_to_change_an_entry(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    for change in (update(entries).values(points=1), delete(entries)):
        with pytest.raises(DBAPIError, match="append-only"), transaction(tessera.engine) as connection:
            connection.execute(change)


def test_the_database_itself_refuses_a_business_fact_twice(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    (entry,) = shop.entries()
    again = {**entry._mapping, "n": 2}
    with pytest.raises(DBAPIError), transaction(tessera.engine) as connection:
        connection.execute(insert(entries), [again])
