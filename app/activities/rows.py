"""An activity in memory and in its row, and the grant it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from app.ledger.orders import OrderPoints
from app.models import activities
from app.rules.document import Expiry

CHANGES = tuple(
    column.name for column in activities.columns if column.name not in ("shop_id", "id", "evidence", "facts")
)


@dataclass(slots=True, kw_only=True)
class Activity:
    """One thing done, and what the ledger says of it. `id` names the business fact and is its first entry's key."""

    id: str
    member_id: str
    kind: str
    at: datetime
    subject: str | None = None
    rule: str | None = None
    version: int | None = None
    state: str = "awarded"
    reason: str | None = None
    worth: int = 0  # what it is worth while it waits for review
    target: int = 0
    took: int = 0  # room under the member's cap; never given back
    points: OrderPoints
    explanation: Mapping[str, Any] = field(default_factory=dict)
    verified: bool = False
    facts: str = ""  # a hash of what was told
    sealed: bytes | None = None  # evidence to be written, sealed
    counted: int = 0  # what it takes of its rule's budget, as the budget knows

    @property
    def taken(self) -> int:
        """Return what it takes of caps and budget. Units: points."""
        return {"awarded": self.target, "review": self.worth}.get(self.state, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Points that a rule has decided on."""

    id: str
    kind: str
    at: datetime
    points: int
    explanation: Mapping[str, Any]
    subject: str | None = None
    rule: str | None = None
    version: int | None = None
    pending_days: int = 0
    expires_at: datetime | None = None  # None: by `expiry`, else by the version's
    expiry: Expiry | None = None  # the rule's own
    verified: bool = True
    facts: str = ""
    posted_at: datetime | None = None  # the entry's `at`, where it is not the fact's
    waits: str | None = None  # why it waits for the merchant's review; nothing is posted then


def activity_of(row: RowMapping) -> Activity:
    points = OrderPoints(
        row["id"],
        row["posted"],
        row["postings"],
        row["lot"],
        row["available_from"],
        row["expires_at"],
        [(slot, lot, points) for slot, lot, points in row["takes"]],
        kind="activity",
    )
    found = Activity(points=points, facts=row["facts"], **{name: row[name] for name in _PLAIN})
    found.counted = found.taken
    return found


_PLAIN = (
    "id",
    "member_id",
    "kind",
    "at",
    "subject",
    "rule",
    "version",
    "state",
    "reason",
    "worth",
    "target",
    "took",
    "explanation",
    "verified",
)


def row_of(shop_id: str, each: Activity) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        **{name: getattr(each, name) for name in _PLAIN},
        "facts": each.facts,
        "posted": each.points.posted,
        "postings": each.points.postings,
        "lot": each.points.lot,
        "available_from": each.points.available_from,
        "expires_at": each.points.expires_at,
        "takes": each.points.takes,
    }
