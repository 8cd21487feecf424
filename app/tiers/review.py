"""Tiers follow orders, activities and merges in the transaction that settles them; who joins begins in the entry tier.

Source: semantics 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from app.activities.mechanism import Activities, Activity
from app.desk import Desk
from app.intake.told import Told
from app.members.person import Person
from app.orders.purchases import Purchase
from app.rules.tiers import Event
from app.tiers.gifts import Gifts
from app.tiers.states import GIFT

if TYPE_CHECKING:
    from app.orders.order import Order


class TierReview:
    """What becomes of members' tiers as facts take effect."""

    def __init__(self, connection: Connection, desk: Desk, activities: Activities) -> None:
        self.desk = desk
        self.activities = activities
        self._touched: dict[str, bool] = {}  # members with other purchases than before → whether they became less
        self._since: datetime | None = None  # when the order now settled began to count
        self.gifts = Gifts(desk, activities)
        desk.tiers.follow = self.gifts.follow
        desk.purchases.watchers.append(self._purchase)
        desk.people.joins.append(self._joined)
        desk.people.watchers.append(self._merged)
        activities.watchers.append(self._activity)

    def load(self, told: Sequence[Told]) -> None:
        """Need nothing: the desk's tiers are loaded with the people."""

    def order(self, order: Order) -> None:
        """Review whose purchases have changed."""
        touched, self._touched = self._touched, {}
        at = max(order.held.changed_at(), self._since or order.held.changed_at())
        for member_id, lowered in touched.items():
            self.desk.tiers.follow_fact(member_id, self.desk.now, at, lowered=lowered)

    def customer(self, told: Told, person: Person) -> None:
        """Need nothing: what a customer tells moves no tier."""

    def flush(self) -> None:
        self.desk.tiers.flush()

    def _purchase(self, before: Purchase | None, after: Purchase) -> None:
        """Bring up whose purchases are about to change: what was due comes first."""
        self._since = after.since
        for purchase in (before, after):
            if purchase is not None and purchase.member_id is not None:
                member_id = self.desk.people.survivor(purchase.member_id)
                self.desk.tiers.bring_up(member_id, self.desk.now)
                left = before is not None and (purchase.member_id != after.member_id or after.less_than(before))
                self._touched[member_id] = self._touched.get(member_id, False) or left

    def _activity(self, activity: Activity) -> None:
        """Follow an activity that has just been settled: its points may be part of the measure."""
        if activity.kind == GIFT or not self._by_points():
            return
        tiers, now = self.desk.tiers, self.desk.now
        tiers.bring_up(activity.member_id, now)
        earned = tiers.state(activity.member_id).earned
        before = earned.pop(activity.id, Event(activity.at, Fraction(0))).value
        if activity.target:
            earned[activity.id] = Event(activity.at, Fraction(activity.target))
        if before != activity.target:
            tiers.follow_fact(activity.member_id, now, activity.at, lowered=activity.target < before)

    def _by_points(self) -> bool:
        return any(version.programme.tier_measure.by == "points" for version in self.desk.versions)

    def _joined(self, member_id: str, at: datetime, *, new: bool, claimed: bool) -> None:
        if new:
            self.desk.purchases.begin(member_id)
            self.desk.tiers.begin(member_id)
        if claimed:
            self.gifts.joined(member_id, at)

    def _merged(self, old: str, survivor: str, at: datetime) -> None:
        mine, theirs = self.desk.tiers.state(survivor).gifts, self.desk.tiers.state(old).gifts
        twice = {tier: (mine[tier], theirs[tier]) for tier in mine.keys() & theirs.keys()}
        self.desk.tiers.join(old, survivor, at, self.desk.now)
        self.gifts.merge(survivor, twice, at)
