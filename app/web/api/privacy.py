"""People's privacy: what was asked for in somebody's name, what became of it, and exports to hand over."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping, and_, select

from app.errors import NotFound
from app.members.views import time_text
from app.models import privacy_requests as table
from app.web.api import schemas
from app.web.api.answers import Next
from app.web.api.fields import Given, Text, TimeText, Told
from app.web.api.operations import Answer, Call, operation
from app.web.api.reading import after, page


class PrivacyRequest(Told):
    id: str
    kind: Literal["export", "erase_customer", "erase_shop", "merge_customers"]
    customer_id: str | None = Field(description="The platform's; forgotten with the customer.")
    state: Literal["waiting", "done"]
    outcome: str | None
    has_export: bool = Field(description="There is an export to hand over. It is kept for 30 days.")
    asked_at: TimeText
    ended_at: TimeText | None


class PrivacyRequests(Told):
    data: list[PrivacyRequest]
    next: str | None = Next


class Export(Told):
    """Everything that is known of a person: rows of each table, as they are."""

    data: dict[str, list[dict[str, Any]]]


class ExportQuery(Given):
    id: Text = Field(description="The request's.")


@operation("GET", "/privacy/requests", tag="Privacy", query=schemas.Page, gives={200: PrivacyRequests})
def list_privacy_requests(call: Call, asked: schemas.Page) -> Answer:
    """List privacy requests.

    By their id. The platform asks in a customer's name; we carry it out within seconds, and keep this record.
    """
    last = after(asked.cursor, "privacy", str)
    mine = table.c.shop_id == call.shop.id
    wanted = select(table).where(mine if last is None else and_(mine, table.c.id > last)).order_by(table.c.id)
    rows = call.connection.execute(wanted.limit(asked.limit + 1)).mappings().all()
    return Answer(page([_told(row) for row in rows], asked.limit, "privacy", [row["id"] for row in rows]))


def _told(row: RowMapping) -> dict[str, Any]:
    return {
        "id": row["id"],
        "kind": row["kind"],
        "customer_id": row["customer_id"],
        "state": row["state"],
        "outcome": row["outcome"],
        "has_export": row["document"] is not None,
        "asked_at": time_text(row["asked_at"]),
        "ended_at": time_text(row["ended_at"]),
    }


@operation("GET", "/privacy/export", tag="Privacy", query=ExportQuery, gives={200: Export}, errors=(NotFound,))
def read_export(call: Call, asked: ExportQuery) -> Answer:
    """Read an export.

    For you to hand to the customer who asked.
    """
    mine = and_(table.c.shop_id == call.shop.id, table.c.id == asked.id)
    sealed = call.connection.execute(select(table.c.document).where(mine)).scalar()
    if sealed is None:
        raise NotFound("there is no such export, or not any more")
    return Answer({"data": json.loads(call.vault.open(call.shop.id, sealed))})


_EXAMPLE = {
    "id": "export:9999",
    "kind": "export",
    "customer_id": "191167",
    "state": "done",
    "outcome": "the export is ready",
    "has_export": True,
    "asked_at": "2026-03-02T10:00:00Z",
    "ended_at": "2026-03-02T10:00:04Z",
}
EXAMPLES: dict[type[BaseModel], Any] = {
    PrivacyRequest: _EXAMPLE,
    PrivacyRequests: {"data": [_EXAMPLE], "next": None},
    Export: {"data": {"members": [{"id": "m_5f3a9c1e7b2d4f608a1c", "email": "ada@example.com"}]}},
}
