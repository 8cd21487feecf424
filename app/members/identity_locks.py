"""Identities read, and locks on those that nobody has yet.

Where no row stands there is none to lock: a bucket's row stands for it. Each shop has the same few buckets; its
first newcomer makes their rows. Lock order: orders by id, then buckets, then balances by member id. A batch full
of newcomers holds nearly all buckets, so two such batches of one shop go one after the other; who is already
known needs none.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, Connection, Row, Select, Text, and_, cast, func, select, true
from sqlalchemy.dialects import postgresql

from app.db import is_sqlite
from app.models import identities, identity_locks

BUCKETS = 256


def look_up(connection: Connection, shop_id: str, values: Collection[str]) -> Sequence[Row[Any]]:
    """Return all identities of values, closed ones too."""
    return connection.execute(_of_values(connection, shop_id, values)).all() if values else ()


def _of_values(connection: Connection, shop_id: str, values: Collection[str]) -> Select[Any]:
    """Look each value up in the index: a cached plan may take a shop for small, and read all of it for each."""
    if is_sqlite(connection):
        return select(identities).where(identities.c.shop_id == shop_id, identities.c.value.in_(values))
    wanted = func.unnest(cast(sorted(values), ARRAY(Text))).table_valued("value", name="wanted").render_derived()
    mine = and_(identities.c.shop_id == shop_id, identities.c.value == wanted.c.value)
    each = select(identities).where(mine).offset(0).lateral()  # OFFSET 0: not to be joined in any other way
    return select(each).select_from(wanted).join(each, true())


def hold(connection: Connection, shop_id: str, values: Iterable[str]) -> None:
    """Lock values of identities until the transaction ends. SQLite's one writer holds everything already."""
    wanted = sorted({bucket_of(value) for value in values})
    if not wanted or is_sqlite(connection):
        return
    if _lock(connection, shop_id, wanted) < len(wanted):
        rows = [{"shop_id": shop_id, "bucket": bucket} for bucket in range(BUCKETS)]
        connection.execute(postgresql.insert(identity_locks).values(rows).on_conflict_do_nothing())
        _lock(connection, shop_id, wanted)


def bucket_of(value: str) -> int:
    """Return a value's bucket: the same in every process."""
    return zlib.crc32(value.encode()) % BUCKETS


def _lock(connection: Connection, shop_id: str, buckets: list[int]) -> int:
    mine = (identity_locks.c.shop_id == shop_id) & identity_locks.c.bucket.in_(buckets)
    statement = select(identity_locks.c.bucket).where(mine).order_by(identity_locks.c.bucket).with_for_update()
    return len(connection.execute(statement).all())
