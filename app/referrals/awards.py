"""What a referral gives to both sides: points through the one mechanism of activities, rewards free of points."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.activities.mechanism import Activities, Grant
from app.desk import Desk
from app.referrals.rows import Referral
from app.rewards import redemptions
from app.rules.document import Referrals


class Awards:
    """The awards of one transaction's referrals."""

    def __init__(self, desk: Desk, activities: Activities) -> None:
        self.desk = desk
        self.activities = activities

    def thank(self, row: Referral, rules: Referrals, at: datetime) -> None:
        """Award the referrer; again, where an earlier award was taken back."""
        told = {"order": row.order_id, "friend": row.id}
        self._give_points(row, "referral", row.referrer_id, rules.referrer_points, at, told)
        self._give_reward(row, "referrer", row.referrer_id, rules.referrer_reward, at)

    def welcome(self, row: Referral, rules: Referrals) -> None:
        """Give the friend what was promised. Once."""
        if self.activities.get(row.welcome_id) is None:
            told = {"referral": row.id}
            self._give_points(row, "referred_friend", row.friend_id, rules.friend_points, row.at, told)
        self._give_reward(row, "friend", row.friend_id, rules.friend_reward, row.at)

    def settle(self, name: str, points: int, at: datetime) -> None:
        """Let an award that was made be worth so much from now on."""
        known = self.activities.get(name)
        if known is not None and known.target != points:
            self.desk.people.reach(known.member_id)
            self.activities.settle(known, points, at)

    def _give_points(
        self, row: Referral, kind: str, member_id: str, points: int, at: datetime, told: Mapping[str, object]
    ) -> None:
        name = f"{kind}:{row.id}"
        if self.activities.get(name) is not None:
            self.settle(name, points, at)
            return
        explanation = {"rule": kind, "kind": kind, "version": row.version, "points": points, **told}
        grant = Grant(id=name, kind=kind, at=at, points=points, explanation=explanation, version=row.version)
        self.activities.grant(self.desk.people.reach(member_id), grant)

    def _give_reward(self, row: Referral, to: str, member_id: str, reward: str | None, at: datetime) -> None:
        """Give the friend or the referrer a reward free of points. Once: for each referral and side."""
        if reward is None or any(gift["to"] == to for gift in row.gifts):
            return
        member = self.desk.people.reach(member_id)
        version = self.desk.versions[row.version - 1]
        redemptions.give(self.desk, member, reward, f"referral:{row.id}:{to}", at, version)
        row.gifts = [*row.gifts, {"to": to, "reward": reward}]
