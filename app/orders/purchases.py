"""What the members of one transaction have bought: slim rows for caps, tiers, milestones and segments.

Loaded with one statement for all members, and kept up to date while orders are settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from sqlalchemy import Connection, and_, select

from app.models import orders
from app.rules.caps import Cap
from app.rules.memberships import Bought


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order as measures see it."""

    order_id: str
    member_id: str | None
    placed_at: datetime | None
    spend: Fraction | None  # kept basis in the programme's currency; 0 until the earn moment; None: not known there
    points: int  # the order's target
    counts: bool  # its earn moment is reached and something is kept
    own: int = 0  # its points before the member's cap
    cap: Cap | None = None  # frozen with the order
    places: Mapping[str, bool] = field(default_factory=dict)  # limited campaign → whether it has a place
    memberships: tuple[Bought, ...] = ()
    since: datetime | None = field(default=None, compare=False)  # when it became so; known while it is settled
    counted_only: bool = False  # imported: it counts, and earns nothing

    @property
    def measured(self) -> int:
        """Return the points that tiers measure: of what is only counted, those that it would have earned."""
        return self.own if self.counted_only else self.points

    def less_than(self, other: Purchase) -> bool:
        """Tell whether anything about it is less than it was."""
        return (
            (self.spend or 0) < (other.spend or 0)
            or self.points < other.points
            or self.counts < other.counts
            or self.memberships != other.memberships
        )


Watcher = Callable[[Purchase | None, Purchase], None]


class Purchases:
    """The purchases of the loaded members, by member."""

    def __init__(self, connection: Connection, shop_id: str) -> None:
        self.connection = connection
        self.shop_id = shop_id
        self._orders: dict[str, Purchase] = {}
        self._of: dict[str, dict[str, Purchase]] = {}
        self.watchers: list[Watcher] = []  # told of each change just before it: (before, after)

    def load(self, member_ids: Iterable[str]) -> None:
        """Load what these members have bought. Their balances must be locked: then nobody else settles for them."""
        wanted = sorted(set(member_ids) - self._of.keys())
        if not wanted:
            return
        for member_id in wanted:
            self._of[member_id] = {}
        columns = (
            orders.c.id,
            orders.c.member_id,
            orders.c.placed_at,
            orders.c.spend,
            orders.c.target,
            orders.c.counts,
            orders.c.memberships,
            orders.c.own,
            orders.c.cap,
            orders.c.cap_from,
            orders.c.cap_to,
            orders.c.places,
            orders.c.past,
        )
        mine = and_(orders.c.shop_id == self.shop_id, orders.c.member_id.in_(wanted))
        for row in self.connection.execute(select(*columns).where(mine)):
            if row.id in self._orders:
                continue  # settled in this transaction already; it may have changed hands
            spend = None if row.spend is None else Fraction(row.spend)
            cap = None if row.cap is None else Cap(row.cap, row.cap_from, row.cap_to)
            bought = tuple(Bought(*each) for each in row.memberships)
            told = (row.id, row.member_id, row.placed_at, spend, row.target, row.counts, row.own, cap, row.places)
            self._keep(Purchase(*told, memberships=bought, counted_only=row.past == "tiers"))

    def begin(self, member_id: str) -> None:
        """Begin with a member who is new in this transaction: there is nothing to load."""
        self._of.setdefault(member_id, {})

    def get(self, order_id: str) -> Purchase | None:
        """Return an order as last noted."""
        return self._orders.get(order_id)

    def note(self, purchase: Purchase) -> None:
        """Note an order as it was just settled; it may have changed hands."""
        before = self._orders.get(purchase.order_id)
        if before == purchase:
            return
        for watch in self.watchers:
            watch(before, purchase)
        self._keep(purchase)

    def _keep(self, purchase: Purchase) -> None:
        before = self._orders.get(purchase.order_id)
        if before is not None and before.member_id is not None:
            self._of.get(before.member_id, {}).pop(purchase.order_id, None)
        self._orders[purchase.order_id] = purchase
        if purchase.member_id is not None:
            self._of.setdefault(purchase.member_id, {})[purchase.order_id] = purchase

    def join(self, old: str, survivor: str) -> None:
        """Hand everything of a merged member to the survivor. Both must be loaded."""
        moved = {key: replace(each, member_id=survivor) for key, each in self._of.get(old, {}).items()}
        self._orders |= moved
        self._of.setdefault(survivor, {}).update(moved)
        self._of[old] = {}

    def of(self, member_id: str) -> list[Purchase]:
        """Return a member's purchases by (placed_at, id)."""
        placed = [each for each in self._of.get(member_id, {}).values() if each.placed_at is not None]
        return sorted(placed, key=lambda each: (each.placed_at, each.order_id))

    def places_of(self, member_id: str, campaign: str, but: str | None = None) -> int:
        """Return in how many of a member's orders a limited campaign counts; one order may be left out."""
        mine = self._of.get(member_id, {})
        return sum(1 for each in mine.values() if each.order_id != but and each.places.get(campaign))
