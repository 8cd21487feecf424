"""A member's cap, shared out over the orders of its period: each takes its own points or the room that is left.

Orders share in the order they were placed, whatever the order of arrival; activities take room at their own time
and never give it back. Source: semantics 2, "Caps".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, func, select

from app.models import activities, orders
from app.orders.purchases import Purchase, Purchases
from app.programmes import Version
from app.rules.caps import Cap, cap_at


class Touch(NamedTuple):
    """A member whose room may have changed, and the moment of the fact that did it."""

    member_id: str
    at: datetime


class Shares:
    """The room under the caps of the members that one transaction works on."""

    def __init__(
        self, connection: Connection, shop_id: str, zone: ZoneInfo, versions: Sequence[Version], purchases: Purchases
    ) -> None:
        self.connection = connection
        self.shop_id = shop_id
        self.zone = zone
        self.purchases = purchases
        self.capped = any(version.programme.earning.caps.member for version in versions)
        self.touched: list[Touch] = []
        self._took: dict[str, dict[str, tuple[datetime, int]]] = {}  # member → activity → (at, points)

    def load(self, member_ids: Iterable[str]) -> None:
        """Load what these members' activities took: one statement, and none where no version has a cap."""
        wanted = sorted(set(member_ids) - self._took.keys()) if self.capped else []
        if not wanted:
            return
        self.purchases.load(wanted)
        self._took |= {member_id: {} for member_id in wanted}
        mine = and_(activities.c.shop_id == self.shop_id, activities.c.member_id.in_(wanted), activities.c.took > 0)
        columns = (activities.c.member_id, activities.c.id, activities.c.at, activities.c.took)
        for row in self.connection.execute(select(*columns).where(mine)):
            self._took[row.member_id][row.id] = (row.at, row.took)

    def join(self, old: str, survivor: str, at: datetime) -> None:
        """Let two members be one: the periods they share are settled again as one member's."""
        self.load([old, survivor])
        self.purchases.load([old, survivor])
        self.purchases.join(old, survivor)
        if self.capped:
            self._took[survivor] |= self._took.pop(old)
            self.touched.append(Touch(survivor, at))

    def cap_of(self, version: Version, moment: datetime) -> Cap | None:
        """Return a version's cap for the period of a moment."""
        cap = version.programme.earning.caps.member
        return cap_at(cap, moment, self.zone) if cap is not None else None

    def room_for_order(self, cap: Cap, member_id: str, placed_at: datetime, order_id: str) -> int:
        """Return what earlier orders of the period and its activities leave to an order; below 0 is none."""
        self.load([member_id])
        mine = (placed_at, order_id)
        earlier = sum(
            each.points
            for each in self.purchases.of(member_id)
            if each.placed_at is not None and cap.holds(each.placed_at) and (each.placed_at, each.order_id) < mine
        )
        return cap.points - earlier - self._taken(member_id, cap)

    def room_for_activity(self, cap: Cap, member_id: str, activity_id: str) -> int:
        """Return what everything booked so far in the period leaves to an activity; below 0 is none."""
        self.load([member_id])
        booked = sum(
            each.points
            for each in self.purchases.of(member_id)
            if each.placed_at is not None and cap.holds(each.placed_at)
        )
        return cap.points - booked - self._taken(member_id, cap, but=activity_id)

    def _taken(self, member_id: str, cap: Cap, but: str | None = None) -> int:
        took = self._took.get(member_id, {})
        return sum(points for name, (at, points) in took.items() if name != but and cap.holds(at))

    def note_activity(self, member_id: str, activity_id: str, at: datetime, took: int) -> None:
        """Note the room that an activity takes."""
        if not self.capped:
            return
        self.load([member_id])
        before = self._took[member_id].get(activity_id, (at, 0))[1]
        self._took[member_id][activity_id] = (at, took)
        if took != before:
            self.touched.append(Touch(member_id, at))

    def follow(self, before: Purchase | None, after: Purchase | None, at: datetime) -> None:
        """Note whose room changes with an order that was settled."""
        if self.capped and before != after:
            members = {each.member_id for each in (before, after) if each is not None and each.member_id is not None}
            self.touched += [Touch(member_id, at) for member_id in sorted(members)]

    def unequal(self, member_id: str) -> Iterator[str]:
        """Yield the member's orders whose points are not their share, in the order they were placed.

        Each must have been settled before the next is asked for: what it takes decides what the next ones may.
        """
        self.load([member_id])
        purchases = self.purchases.of(member_id)
        moments = [each.placed_at for each in purchases if each.placed_at is not None]
        sums = [0, *accumulate(each.points for each in purchases)]  # points of all before
        shift = 0  # how much those before have changed meanwhile; only ever of orders later than where they stand
        for place, each in enumerate(purchases):
            sums[place] += shift
            if each.cap is None:
                continue
            first, end = bisect_left(moments, each.cap.begins), min(place, bisect_left(moments, each.cap.ends))
            earlier = sums[end] - sums[first] if first < end else 0
            room = each.cap.points - earlier - self._taken(member_id, each.cap)
            if min(each.own, max(0, room)) != each.points:
                yield each.order_id
                settled = self.purchases.get(each.order_id)
                shift += (settled.points if settled is not None else 0) - each.points

    def may_follow(self, member_id: str, moment: datetime) -> Iterator[str]:
        """Yield the capped orders that an order placed at a moment may change."""
        for each in self.purchases.of(member_id):
            if (
                each.cap is not None
                and each.placed_at is not None
                and each.placed_at >= moment
                and each.cap.holds(moment)
            ):
                yield each.order_id


def room_now(
    connection: Connection, shop_id: str, version: Version, member_id: str | None, now: datetime, zone: ZoneInfo
) -> int | None:
    """Return what an order placed now would have room for; None: there is no cap. A newcomer has the whole of it."""
    told = version.programme.earning.caps.member
    if told is None:
        return None
    cap = cap_at(told, now, zone)
    if member_id is None:
        return cap.points
    bought = and_(
        orders.c.shop_id == shop_id, orders.c.member_id == member_id, orders.c.placed_at.between(cap.begins, now)
    )
    done = and_(
        activities.c.shop_id == shop_id,
        activities.c.member_id == member_id,
        activities.c.at >= cap.begins,
        activities.c.at < cap.ends,
    )
    earlier = connection.execute(select(func.coalesce(func.sum(orders.c.target), 0)).where(bought)).scalar_one()
    taken = connection.execute(select(func.coalesce(func.sum(activities.c.took), 0)).where(done)).scalar_one()
    return max(0, cap.points - int(earlier) - int(taken))
