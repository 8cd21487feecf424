"""Two members turn out to be one: of two equal one-time awards the later one's unspent part is reversed.

Source: semantics 1.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.activities.mechanism import Activities, Activity
from app.desk import Desk
from app.ledger.orders import family
from app.models import activities
from app.rewards import gifts
from app.rules.activities import MERGED
from app.rules.document import ActivityRule
from app.rules.periods import period_name
from app.rules.usual import once_in

WELCOME = "referred_friend"  # what a referral gives a friend: one person is welcomed once


class Merges:
    """Follows the merges of one transaction, each once."""

    def __init__(self, desk: Desk, work: Activities) -> None:
        self.desk = desk
        self.work = work
        self._followed = 0

    def follow(self, at: datetime) -> set[str]:
        """Settle what new merges bring about; return the members that live on."""
        merges = self.desk.people.merges[self._followed :]
        self._followed += len(merges)
        alive = {self.desk.people.survivor(survivor) for _, survivor in merges}
        for member_id in sorted(alive):
            self.settle(member_id, at)
        return alive

    def settle(self, member_id: str, at: datetime) -> None:
        """Keep the earlier of each two equal one-time awards, and of the later ones what is spent already."""
        same = [each for each in self.desk.people.people if self.desk.people.survivor(each) == member_id]
        self.work.read_to_settle(activities.c.member_id.in_(same), activities.c.state != "refused")
        standing = [
            each
            for each in self.work.known.values()
            if each and each.state != "refused" and each.reason != MERGED and each.member_id in same
        ]
        kept: dict[tuple[str, ...], int] = {}
        for each in sorted(standing, key=lambda one: (one.at, one.id)):
            for name, times in self._once(each):
                kept[name] = kept.get(name, 0) + 1
                if kept[name] > times:
                    self._take_back(each, at)
                    break

    def _once(self, each: Activity) -> Iterable[tuple[tuple[str, ...], int]]:
        """Yield what an award may stand for only so many times: (its name, times)."""
        rule = self._rule(each)
        if each.kind == WELCOME and rule is None and each.target >= each.took:  # else it was taken back
            yield (WELCOME,), 1
        for per, times, per_subject in once_in(rule) if rule is not None else ():
            subject = (each.subject or "",) if per_subject else ()
            yield (str(each.rule), period_name(per, each.at, self.desk.shop.zone), *subject), times

    def _rule(self, each: Activity) -> ActivityRule | None:
        if each.version is None:
            return None
        rules = self.desk.versions[each.version - 1].programme.activities
        return next((rule for rule in rules if rule.key == each.rule), None)

    def _take_back(self, each: Activity, at: datetime) -> None:
        """Reverse what of an award is not spent; it counts no more."""
        waiting = each.state == "review"
        each.member_id = self.desk.people.survivor(each.member_id)
        account = self.desk.book.account(each.member_id)
        unspent = sum(lot.remaining for lot in family(account, each.points))
        if waiting or unspent >= each.target:
            each.state = "refused"
        each.reason = MERGED
        self.work.settle(each, each.target - min(unspent, each.target), at)
        if each.kind == WELCOME:
            gifts.void(self.desk, f"gift:referral:{each.id.partition(':')[2]}:friend")
