"""Everything that is known of a person, as one document: rows as they are, what is sealed opened."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from app.models import metadata
from app.vault import CannotOpen, Vault

_OURS = ("shop_id", "norm_ref", "email_norm_ref", "network_ref", "digest", "code_secret")  # keyed hashes name nobody


def export(connection: Connection, vault: Vault, shop_id: str, member_ids: Sequence[str]) -> bytes:
    """Return what every table holds of members, by table."""
    told = {
        table.name: [_row(vault, shop_id, row) for row in _rows(connection, table, shop_id, member_ids)]
        for table in metadata.sorted_tables
        if _names_members(table)
    }
    kept = {name: rows for name, rows in told.items() if rows}
    return json.dumps(kept, default=str, ensure_ascii=False, indent=1).encode()


def _names_members(table: Table) -> bool:
    return "shop_id" in table.c and ("member_id" in table.c or table.name == "members")


def _rows(connection: Connection, table: Table, shop_id: str, member_ids: Sequence[str]) -> Sequence[RowMapping]:
    column = table.c.id if table.name == "members" else table.c.member_id
    mine = select(table).where(table.c.shop_id == shop_id, column.in_(member_ids))
    return connection.execute(mine).mappings().all()


def _row(vault: Vault, shop_id: str, row: RowMapping) -> dict[str, Any]:
    return {name: _open(vault, shop_id, value) for name, value in row.items() if name not in _OURS}


def _open(vault: Vault, shop_id: str, value: object) -> object:
    if not isinstance(value, bytes):
        return value
    try:
        return vault.open(shop_id, value).decode("utf-8", "replace")
    except CannotOpen:
        return None
