"""Activities: everything earned by anything but an order, through one mechanism and once for each business fact.

Caps hold under parallel requests because the caller holds the member's balance. Source: semantics 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, bindparam, select, update

from app.activities.bought import Bought
from app.activities.judging import Judging
from app.activities.rows import CHANGES, Activity, Grant, activity_of, row_of
from app.db import write_rows
from app.desk import Desk
from app.ledger.orders import OrderPoints, Posting, post_difference
from app.models import activities
from app.programmes import Version
from app.rewards import gifts
from app.rules.activities import Occasion, Taken, Verdict
from app.rules.document import ActivityRule
from app.rules.expiry import pending_until

__all__ = ["Activities", "Activity", "Grant"]


class Activities(Judging):
    """The activities that one transaction works on."""

    def __init__(self, connection: Connection, desk: Desk) -> None:
        super().__init__(connection, desk)
        self.bought = Bought(connection, desk.shop.id, desk.purchases)
        self.known: dict[str, Activity | None] = {}
        self._changed: dict[str, Activity] = {}
        self.watchers: list[Callable[[Activity], None]] = []  # told of each settling

    def find(self, ids: Iterable[str]) -> None:
        """Load activities by id; one that is not there is remembered as missing."""
        wanted = sorted(set(ids) - self.known.keys())
        if not wanted:
            return
        self.known |= dict.fromkeys(wanted)
        self.read(activities.c.id.in_(wanted))

    def read(self, *conditions: ColumnElement[bool]) -> list[Activity]:
        """Load the activities that a condition names, with one statement."""
        found, mine = [], activities.c.shop_id == self.desk.shop.id
        for row in self.connection.execute(select(activities).where(mine, *conditions)).mappings():
            if self.known.get(row["id"]) is None:
                self.known[row["id"]] = activity_of(row)
            found.append(cast(Activity, self.known[row["id"]]))
        return found

    def read_to_settle(self, *conditions: ColumnElement[bool]) -> list[Activity]:
        """Load activities with what their settlement may touch: their lots, closed ones too."""
        found = self.read(*conditions)
        keys = {lot for each in found for _, lot, _ in each.points.takes if lot}
        keys |= {each.points.lot for each in found if each.points.lot}
        self.desk.book.load_lots(keys, self.desk.people.survivor)
        return found

    def get(self, activity_id: str) -> Activity | None:
        self.find([activity_id])
        return self.known[activity_id]

    def award(  # noqa: PLR0913  one award: whose, by which rule, and what it is for
        self,
        member_id: str,
        rule: ActivityRule,
        version: Version,
        activity_id: str,
        at: datetime,
        *,
        subject: str | None = None,
        amount: Fraction | None = None,
        points: int | None = None,
        extra: Mapping[str, Any] | None = None,
        ask_age: bool = False,
    ) -> Activity:
        """Award what a rule gives for something that happened, if who, when, caps and budget allow.

        Once for each id. A refusal says why in `state` and `reason`; it is not written down, and may be asked again.
        `amount`: money for the rule's rate, in the programme's currency. `points`: instead of the rule's own.
        `extra`: more for the explanation. `ask_age`: the caller journals what `desk.ages` was told.
        The member and its account must be loaded.
        """
        known = self.get(activity_id)
        if known is not None:
            return known
        occasion = Occasion(rule.kind, at, subject, amount)
        doer = self.doer(member_id, version, at)
        verdict = self.closed(member_id, version, doer, activity_id, occasion, ask_age=ask_age) or self.judge(
            member_id, rule, version, occasion, activity_id, points, doer
        )
        return self.enact(member_id, rule, version, activity_id, occasion, verdict, extra=extra)

    def enact(  # noqa: PLR0913  one verdict, and all that its row and entry tell
        self,
        member_id: str,
        rule: ActivityRule,
        version: Version,
        activity_id: str,
        occasion: Occasion,
        verdict: Verdict,
        *,
        extra: Mapping[str, Any] | None = None,
        verified: bool = True,
        facts: str = "",
        at: datetime | None = None,
    ) -> Activity:
        """Let a verdict take effect: an award, or an activity that waits. A refusal is only told."""
        told = self.explained(rule, version, occasion, verdict, extra)
        if verdict.state == "refused":
            return self.refused(activity_id, member_id, occasion, verdict, told)
        grant = Grant(
            id=activity_id,
            kind=occasion.kind,
            at=occasion.at,
            points=verdict.points,
            explanation=told,
            subject=occasion.subject,
            rule=rule.key,
            version=version.number,
            pending_days=rule.pending_days,
            expiry=rule.expiry,
            verified=verified,
            facts=facts,
            waits=verdict.reason,
            posted_at=at,
        )
        return self.grant(member_id, grant)

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
            facts=grant.facts,
        )
        self.known[grant.id] = made
        if grant.waits is not None:
            made.state, made.reason, made.worth = "review", grant.waits, grant.points
            self.note(made)
        else:
            self.settle(made, grant.points, grant.posted_at or grant.at)
        return made

    def note(self, activity: Activity) -> None:
        """Note an activity to be written, with what it takes of caps and budget as it stands now."""
        activity.member_id = self.desk.people.survivor(activity.member_id)
        self._changed[activity.id] = activity
        taken = Taken(activity.rule, activity.subject, activity.at, activity.taken)
        self.past.note(activity.id, activity.member_id, None if activity.state == "refused" else taken)
        rule = self._rule(activity)
        budget = None if rule is None else rule.budget
        if rule is not None:
            self.desk.boosters.give(activity, rule)
        gifts.follow(self.desk, activity)
        if budget is not None and activity.rule is not None and activity.taken != activity.counted:
            self.budgets.move(activity.rule, budget, activity.at, activity.taken - activity.counted)
        activity.counted = activity.taken

    def _rule(self, activity: Activity) -> ActivityRule | None:
        if activity.version is None:
            return None
        rules = self.desk.versions[activity.version - 1].programme.activities
        return next((rule for rule in rules if rule.key == activity.rule), None)

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
        self.note(activity)
        account = self.desk.book.account(activity.member_id)
        post_difference(account, activity.points, activity.target - activity.points.posted, self._posting(activity, at))
        for watch in self.watchers:
            watch(activity)

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
        for each in self._changed.values():  # its member may have been merged since
            each.member_id = self.desk.people.survivor(each.member_id)
        rows = [row_of(self.desk.shop.id, each) for each in self._changed.values()]
        write_rows(self.connection, activities, rows, update=CHANGES)
        self._keep_evidence()
        self.budgets.flush()
        self._changed = {}

    def _keep_evidence(self) -> None:
        sealed = [{"of": each.id, "evidence": each.sealed} for each in self._changed.values() if each.sealed]
        if sealed:
            mine = and_(activities.c.shop_id == self.desk.shop.id, activities.c.id == bindparam("of"))
            self.connection.execute(update(activities).where(mine), sealed)
