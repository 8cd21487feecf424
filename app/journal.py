"""The fact journal: what replay and audit read. Append-only; no names, addresses, e-mails or IPs.

Rows are numbered while the locks of what they touch are held, so their order is the order of effect.
Source: semantics 8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection

from app.db import next_numbers, write_rows
from app.models import facts
from connectors.contract import (
    ActivityTold,
    CustomerDeleted,
    CustomerTold,
    Fact,
    FulfilmentTold,
    OrderDeleted,
    OrderTold,
    PrivacyAsked,
    ProductTold,
    RefundTold,
    ScopesTold,
    ShopUninstalled,
)

KINDS: Mapping[str, type[Fact]] = {
    "order": OrderTold,
    "refund": RefundTold,
    "fulfilment": FulfilmentTold,
    "order_deleted": OrderDeleted,
    "customer": CustomerTold,
    "customer_deleted": CustomerDeleted,
    "product": ProductTold,
    "activity": ActivityTold,
    "uninstalled": ShopUninstalled,
    "scopes": ScopesTold,
    "asked": PrivacyAsked,
}
_ADAPTERS = {kind: TypeAdapter[Any](type_) for kind, type_ in KINDS.items()}
_KIND_OF = {type_: kind for kind, type_ in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Row:
    kind: str
    subject: str
    at: datetime  # programme time
    body: Mapping[str, Any]


def write(connection: Connection, shop_id: str, rows: Sequence[Row]) -> None:
    """Append facts in the order given. Once: in the transaction of their effect, under its locks."""
    if not rows:
        return
    numbers = next_numbers(connection, "facts_seq", facts.c.seq, len(rows), shop_id)
    write_rows(
        connection,
        facts,
        [
            {"shop_id": shop_id, "seq": seq, "kind": row.kind, "subject": row.subject, "at": row.at, "body": row.body}
            for seq, row in zip(numbers, rows, strict=True)
        ],
    )


def fact_row(fact: Fact, subject: str, at: datetime, extra: Mapping[str, Any]) -> Row:
    """Put a connector's fact, already without personal data, into journal form."""
    kind = _KIND_OF[type(fact)]
    document = _ADAPTERS[kind].dump_python(fact, mode="json", exclude_defaults=True)
    return Row(kind, subject, at, {"fact": document, **extra})


def fact_of(kind: str, body: Mapping[str, Any]) -> Fact:
    fact: Fact = _ADAPTERS[kind].validate_python(body["fact"])
    return fact
