"""The engine, the transaction, and what differs between PostgreSQL and SQLite.

SQLite: WAL, synchronous=FULL, every write transaction begins with BEGIN IMMEDIATE, so that it never has to
be upgraded in the middle. PostgreSQL: READ COMMITTED with row locks; deadlocks are retried by the caller.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any, TypeVar

import orjson
from sqlalchemy import Column, Connection, Engine, Table, create_engine, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.pool import QueuePool

T = TypeVar("T")

RETRY_SQLSTATES = ("40001", "40P01", "55P03")  # serialization failure, deadlock, lock not available


def dumps(value: object) -> str:
    return orjson.dumps(value).decode()


def make_engine(url: str, pool_size: int = 20) -> Engine:
    """Make the engine of one process. The pool holds a connection for each thread: opening one is dear."""
    common: dict[str, Any] = {"json_serializer": dumps, "json_deserializer": orjson.loads}
    common["hide_parameters"] = True  # an error's text goes into the log; what was to be written may be somebody's
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=pool_size, **common)
    if url != "sqlite://":  # in memory each connection would be a database of its own
        common |= {"poolclass": QueuePool, "pool_size": pool_size}
    engine = create_engine(url, connect_args={"timeout": 30.0, "check_same_thread": False}, **common)
    # writers of one process wait for each other here; SQLite itself would let them poll
    engine.update_execution_options(write_lock=threading.Lock())
    event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _tune_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Open a write transaction; commit at the end, roll back on any exception."""
    lock = engine.get_execution_options().get("write_lock") or nullcontext()
    with lock, engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads: one consistent moment, no write lock."""
    options: dict[str, Any] = {"reading": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"  # else each statement would see a moment of its own
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def conflicts(error: DBAPIError) -> bool:
    """Tell whether another transaction was in the way, so that the same work may succeed when done again."""
    if isinstance(error, IntegrityError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    return state in RETRY_SQLSTATES or (isinstance(error, OperationalError) and "locked" in str(error.orig))


def is_down(error: Exception) -> bool:
    """Tell whether the database was away or too busy, however often it was tried: it was not the work's fault."""
    if isinstance(error, IntegrityError):
        return False
    return isinstance(error, OperationalError | InterfaceError) or (
        isinstance(error, DBAPIError) and (error.connection_invalidated or conflicts(error))
    )


def retrying(engine: Engine, work: Callable[[Connection], T], attempts: int = 12) -> T:
    """Run work in a transaction, again when another transaction was in the way.

    Once: each attempt is rolled back before the next. Raises: the last conflict, or any other error at once.
    """
    for attempt in range(attempts):
        try:
            with transaction(engine) as connection:
                return work(connection)
        except DBAPIError as error:
            if not conflicts(error) or attempt == attempts - 1:
                raise
        time.sleep(random.uniform(0, 0.005 * (attempt + 1)))  # noqa: S311 (spreads retries; no secret)
    raise AssertionError("unreachable")


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one of its unique keys is known; tell whether it was new."""
    statement = _insert_new(table, connection.dialect.name)
    # without this option SQLAlchemy does not tell how many rows an INSERT made on PostgreSQL
    return connection.execute(statement, row, execution_options={"preserve_rowcount": True}).rowcount == 1


@cache
def _insert_new(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def write_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], update: Sequence[str] = ()
) -> None:
    """Insert rows in one statement; with `update`, overwrite those columns where the primary key is known.

    PostgreSQL gets the rows as one JSON document (one statement, one plan, any number of rows); SQLite as
    executemany. Not for binary columns. Raises: IntegrityError.
    """
    if not rows:
        return
    if is_sqlite(connection):
        connection.execute(_sqlite_insert(table, tuple(update)), list(rows))
    else:
        document = orjson.dumps([dict(row) for row in rows], default=str).decode()
        connection.exec_driver_sql(_recordset_sql(table, tuple(rows[0]), tuple(update)), {"rows": document})


@cache
def _sqlite_insert(table: Table, update: tuple[str, ...]) -> sqlite.Insert:
    statement = sqlite.insert(table)
    if not update:
        return statement
    changes = {name: statement.excluded[name] for name in update}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changes)


@cache
def _recordset_sql(table: Table, columns: tuple[str, ...], update: tuple[str, ...]) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    names = ", ".join(columns)
    types = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in columns)
    sql = f"INSERT INTO {table.name} ({names}) SELECT {names} FROM jsonb_to_recordset(%(rows)s::jsonb) AS r({types})"  # noqa: S608 (names come from our own tables)
    if not update:
        return sql
    keys = ", ".join(column.name for column in table.primary_key.columns)
    return f"{sql} ON CONFLICT ({keys}) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in update)


def next_numbers(connection: Connection, sequence: str, column: Column[int], count: int, shop_id: str) -> list[int]:
    """Reserve `count` numbers that grow in lock order, because they are asked for while the locks are held.

    On PostgreSQL from a sequence; on SQLite the one writer counts on.
    """
    if is_sqlite(connection):
        highest = select(func.max(column)).where(column.table.c.shop_id == shop_id)
        first = (connection.execute(highest).scalar() or 0) + 1
        return list(range(first, first + count))
    numbers = text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)")
    rows = connection.execute(numbers, {"sequence": sequence, "count": count})
    return sorted(row[0] for row in rows)
