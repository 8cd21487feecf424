"""What a tier brings when it is entered: points and a reward, once for each member and tier.

Source: semantics 6.
"""

from __future__ import annotations

from datetime import datetime

from app.activities.mechanism import Activities, Activity, Grant
from app.desk import Desk
from app.ledger.orders import family
from app.programmes import Version
from app.rewards import gifts
from app.rules.activities import NO_LONGER
from app.tiers.states import GIFT, Move


class Gifts:
    """The gifts of one transaction."""

    def __init__(self, desk: Desk, activities: Activities) -> None:
        self.desk = desk
        self.activities = activities

    def joined(self, member_id: str, at: datetime) -> None:
        """Give what the entry tier brings to somebody who has just enrolled, or proved to be a guest of before."""
        version = self.desk.version_at(at)
        if version is not None and version.programme.tiers:
            self._give(member_id, version.programme.tiers[0].key, version, at)

    def follow(self, move: Move) -> None:
        """Give what a tier entered from below brings; take back what a refund has undone."""
        for tier in move.lost:
            self._take_back(move, tier)
        ladder = move.version.programme.ladder
        if ladder.height(move.after) > ladder.height(move.before):
            self._give(move.member_id, move.after, move.version, move.at)

    def _give(self, member_id: str, key: str, version: Version, at: datetime) -> None:
        """Give once; a gift that a refund took back is given again, one that stands is not."""
        state = self.desk.tiers.state(member_id)
        known = self._gift(state.gifts[key]) if key in state.gifts else None
        if known is not None:
            if known.state == "refused":
                known.state, known.reason = "awarded", None
                self.activities.settle(known, int(known.explanation["points"]), at)
            return
        perks = next(tier.perks for tier in version.programme.tiers if tier.key == key)
        if perks.entry_points or perks.entry_reward is not None:
            grant = _grant(member_id, key, version, at)
            state.gifts[key] = grant.id
            self.activities.known.setdefault(grant.id, None)  # a member's gifts are loaded: it is not there
            self.activities.grant(member_id, grant)

    def _take_back(self, move: Move, tier: str) -> None:
        state = self.desk.tiers.state(move.member_id)
        by_hand = any(each.tier == tier and each.source in ("manual", "merge") for each in state.history)
        known = self._gift(state.gifts[tier]) if tier in state.gifts and not by_hand else None
        if known is not None and known.state == "awarded":
            known.state, known.reason = "refused", NO_LONGER
            self.activities.settle(known, 0, move.at)

    def merge(self, survivor: str, twice: dict[str, tuple[str, str]], at: datetime) -> None:
        """Of two gifts for one tier, reverse what is unspent of the later one. Source: semantics 1.2."""
        for tier, ids in sorted(twice.items()):
            both = [gift for gift in map(self._gift, ids) if gift is not None]
            both.sort(key=lambda gift: (gift.at, gift.id))
            self.desk.tiers.state(survivor).gifts[tier] = both[0].id
            for later in both[1:]:
                lots = family(self.desk.book.account(survivor), later.points)
                self.activities.settle(later, max(0, later.points.posted - sum(lot.remaining for lot in lots)), at)
                gifts.take_back(self.desk, later)

    def _gift(self, gift: str) -> Activity | None:
        """Return an activity with the lots that its settlement may touch, closed ones too."""
        known = self.activities.get(gift)
        if known is not None:
            named = (known.points.lot, *(lot for _, lot, _ in known.points.takes))
            self.desk.book.load_lots([lot for lot in named if lot], self.desk.people.survivor)
        return known


def _grant(member_id: str, key: str, version: Version, at: datetime) -> Grant:
    perks = next(tier.perks for tier in version.programme.tiers if tier.key == key)
    told = {"rule": GIFT, "kind": GIFT, "tier": key, "points": perks.entry_points, "version": version.number}
    return Grant(
        id=f"{GIFT}:{member_id}:{key}",
        kind=GIFT,
        at=at,
        points=perks.entry_points,
        subject=key,
        rule=f"tiers.{key}",
        version=version.number,
        explanation=told | ({"reward": perks.entry_reward} if perks.entry_reward else {}),
    )
