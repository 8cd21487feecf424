"""Tiers follow orders, activities and merges in the transaction that settles them; a tier entered brings its gift.

Source: semantics 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from app.activities import Activities, Activity, Grant
from app.desk import Desk
from app.person import Person
from app.purchases import Purchase
from app.rules.tiers import Event
from app.tier_states import GIFT, Move
from app.told import Told

if TYPE_CHECKING:
    from app.orders import Order


class TierReview:
    """What becomes of members' tiers as facts take effect."""

    def __init__(self, connection: Connection, desk: Desk, activities: Activities) -> None:
        self.desk = desk
        self.activities = activities
        self._touched: dict[str, bool] = {}  # members with other purchases than before → whether they became less
        self._since: datetime | None = None  # when the order now settled began to count
        desk.tiers.follow = self._follow
        desk.purchases.watchers.append(self._purchase)
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

    def _merged(self, old: str, survivor: str, at: datetime) -> None:
        self.desk.tiers.join(old, survivor, at, self.desk.now)

    def _follow(self, move: Move) -> None:
        """Give what a tier entered from below brings, once; take back what a refund has undone."""
        for tier in move.lost:
            self._take_back(move, tier)
        ladder = move.version.programme.ladder
        if ladder.height(move.after) > ladder.height(move.before):
            self._give(move)

    def _give(self, move: Move) -> None:
        state, key = self.desk.tiers.state(move.member_id), move.after
        if key in state.gifts:
            self._give_again(move, state.gifts[key])
            return
        perks = next(tier.perks for tier in move.version.programme.tiers if tier.key == key)
        if not perks.entry_points and perks.entry_reward is None:
            return
        told = {"rule": GIFT, "kind": GIFT, "tier": key, "points": perks.entry_points, "version": move.version.number}
        grant = Grant(
            id=f"{GIFT}:{move.member_id}:{key}",
            kind=GIFT,
            at=move.at,
            points=perks.entry_points,
            subject=key,
            rule=f"tiers.{key}",
            version=move.version.number,
            explanation=told | ({"reward": perks.entry_reward} if perks.entry_reward else {}),
        )
        state.gifts[key] = grant.id
        self.activities.known.setdefault(grant.id, None)  # the member's gifts are loaded: it is not there
        self.activities.grant(move.member_id, grant)

    def _give_again(self, move: Move, gift: str) -> None:
        """Give back what a refund took; a gift that stands is not given twice."""
        known = self._gift(gift)
        if known is not None and not known.target:
            self.activities.settle(known, int(known.explanation["points"]), move.at)

    def _take_back(self, move: Move, tier: str) -> None:
        state = self.desk.tiers.state(move.member_id)
        by_hand = any(each.tier == tier and each.source in ("manual", "merge") for each in state.history)
        known = self._gift(state.gifts[tier]) if tier in state.gifts and not by_hand else None
        if known is not None and known.target:
            self.activities.settle(known, 0, move.at)

    def _gift(self, gift: str) -> Activity | None:
        """Return an activity with the lots that its settlement may touch, closed ones too."""
        known = self.activities.get(gift)
        if known is not None:
            keys = {lot for _, lot, _ in known.points.takes if lot} | (
                {known.points.lot} if known.points.lot else set()
            )
            self.desk.book.load_lots(keys, self.desk.people.survivor)
        return known
