"""Activities: everything earned by anything but an order, through one mechanism and once for each business fact.

Source: semantics 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, select

from app.db import write_rows
from app.desk import Desk
from app.ledger.orders import OrderPoints, Posting, post_difference
from app.models import activities
from app.programmes import Version
from app.rules.document import Expiry
from app.rules.expiry import pending_until
from app.told import Told

_CHANGES = tuple(column.name for column in activities.columns if column.name not in ("shop_id", "id", "evidence"))


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
    target: int = 0
    took: int = 0  # room under the member's cap; never given back
    points: OrderPoints
    explanation: Mapping[str, Any] = field(default_factory=dict)
    verified: bool = False


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


class Activities:
    """The activities that one transaction works on."""

    def __init__(self, connection: Connection, desk: Desk) -> None:
        self.connection = connection
        self.desk = desk
        self.known: dict[str, Activity | None] = {}
        self._changed: dict[str, Activity] = {}

    def load(self, told: Sequence[Told]) -> None:
        """Load what the facts of this batch speak of."""

    def find(self, ids: Iterable[str]) -> None:
        """Load activities by id; one that is not there is remembered as missing."""
        wanted = sorted(set(ids) - self.known.keys())
        if not wanted:
            return
        self.known |= dict.fromkeys(wanted)
        mine = and_(activities.c.shop_id == self.desk.shop.id, activities.c.id.in_(wanted))
        for row in self.connection.execute(select(activities).where(mine)).mappings():
            self.known[row["id"]] = _activity(row)

    def get(self, activity_id: str) -> Activity | None:
        self.find([activity_id])
        return self.known[activity_id]

    def grant(self, member_id: str, grant: Grant) -> Activity:
        """Award points once for each id; later calls return the first record.

        Units: points ≥ 0. The member's account must be loaded.
        """
        known = self.get(grant.id)
        if known is not None:
            return known
        if grant.kind == "sign_up":
            self.desk.people.people[self.desk.people.survivor(member_id)].request(grant.at)
        version = self._version(grant)
        available_from = pending_until(grant.at, grant.pending_days, self.desk.shop.zone)
        expires_at = grant.expires_at or self.desk.expires_at(version, available_from or grant.at, grant.expiry)
        made = Activity(
            id=grant.id,
            member_id=member_id,
            kind=grant.kind,
            at=grant.at,
            subject=grant.subject,
            rule=grant.rule,
            version=grant.version,
            points=OrderPoints(grant.id, available_from=available_from, expires_at=expires_at, kind="activity"),
            explanation=grant.explanation,
            verified=grant.verified,
        )
        self.known[grant.id] = made
        self.settle(made, grant.points, grant.at)
        return made

    def _version(self, told: Activity | Grant) -> Version | None:
        """Return the version an activity is awarded by."""
        return self.desk.version_at(told.at) if told.version is None else self.desk.versions[told.version - 1]

    def _within(self, activity: Activity, target: int) -> int:
        """Return what of a target there is to give: nothing while the programme does not run, else the room left."""
        version = self._version(activity)
        if version is None or target <= 0:
            return target
        if not version.programme.phase.earns:
            activity.explanation = {**activity.explanation, "nothing_because": version.programme.phase.kind}
            return 0
        cap = self.desk.shares.cap_of(version, activity.at)
        if cap is None:
            return target
        room = max(activity.took, self.desk.shares.room_for_activity(cap, activity.member_id, activity.id))
        caps = {**activity.explanation.get("caps", {}), "room": room}
        activity.explanation = {**activity.explanation, "caps": caps}
        return min(target, max(0, room))

    def settle(self, activity: Activity, target: int, at: datetime) -> None:
        """Post what an activity's target differs from what was posted. Once: repeats post nothing.

        It takes no more than the room under the member's cap, at its own time, and never gives room back.
        """
        activity.member_id = self.desk.people.survivor(activity.member_id)
        activity.target = self._within(activity, target)
        activity.took = max(activity.took, activity.target)
        self.desk.shares.note_activity(activity.member_id, activity.id, activity.at, activity.took)
        self._changed[activity.id] = activity
        account = self.desk.book.account(activity.member_id)
        post_difference(account, activity.points, activity.target - activity.points.posted, self._posting(activity, at))

    def _posting(self, activity: Activity, at: datetime) -> Posting:
        version = self._version(activity)
        return Posting(
            at=at,
            now=self.desk.now,
            explanation=activity.explanation,
            facts="",
            version=activity.version,
            grace=self.desk.grace,
            policy=version.programme.deficit if version else "carry",
        )

    def flush(self) -> None:
        """Write what changed. Raises: IntegrityError where another transaction has told the same fact."""
        rows = [_row(self.desk.shop.id, each) for each in self._changed.values()]
        write_rows(self.connection, activities, rows, update=_CHANGES)
        self._changed = {}


def _activity(row: RowMapping) -> Activity:
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
    plain = {name: row[name] for name in _PLAIN}
    return Activity(points=points, **plain)


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
    "target",
    "took",
    "explanation",
    "verified",
)


def _row(shop_id: str, each: Activity) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        **{name: getattr(each, name) for name in _PLAIN},
        "posted": each.points.posted,
        "postings": each.points.postings,
        "lot": each.points.lot,
        "available_from": each.points.available_from,
        "expires_at": each.points.expires_at,
        "takes": each.points.takes,
    }
