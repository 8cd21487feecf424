"""Limited campaigns: the first so many orders that earn by one have a place in it, and keep it.

An order takes its place when it first counts: its earn moment is reached and everything else the campaign asks holds.
The answer, yes or no, is frozen with the order: a cancelled order keeps its place, and no later one gets it. Places are
counted by the campaign's key, so that publishing again does not give them out anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, select

from app.db import write_rows
from app.models import campaign_counts
from app.orders.purchases import Purchases
from app.rules.compiled import Compiled, ExactCampaign


class Places:
    """The places that one transaction gives out, each campaign's count under lock."""

    def __init__(self, connection: Connection, shop_id: str, purchases: Purchases) -> None:
        self.connection = connection
        self.shop_id = shop_id
        self.purchases = purchases
        self._counts: dict[str, int] = {}
        self._changed: set[str] = set()

    def decide(self, rules: Compiled, keys: Iterable[str], order_id: str, member_id: str) -> dict[str, bool]:
        """Return for each limited campaign whether the order gets a place. Once: the caller freezes the answer.

        The member's balance must be locked.
        """
        asked = set(keys)
        return {each.key: self._take(rules, each, order_id, member_id) for each in rules.limited if each.key in asked}

    def _take(self, rules: Compiled, campaign: ExactCampaign, order_id: str, member_id: str) -> bool:
        own = self.purchases.places_of(member_id, campaign.key, but=order_id)
        if campaign.max_per_member is not None and own >= campaign.max_per_member:
            return False
        if campaign.max_orders is None:
            return True
        self._hold(each.key for each in rules.limited if each.max_orders is not None)
        if self._counts[campaign.key] >= campaign.max_orders:
            return False
        self._counts[campaign.key] += 1
        self._changed.add(campaign.key)
        return True

    def _hold(self, keys: Iterable[str]) -> None:
        """Lock the counts of a version's campaigns at once and in one order, so that two workers wait, not deadlock."""
        wanted = sorted(set(keys) - self._counts.keys())
        if not wanted:
            return
        rows = [{"shop_id": self.shop_id, "campaign": key, "orders": 0} for key in wanted]
        write_rows(self.connection, campaign_counts, rows, update=("campaign",))
        self._counts |= counts(self.connection, self.shop_id, wanted)

    def flush(self) -> None:
        rows = [
            {"shop_id": self.shop_id, "campaign": key, "orders": self._counts[key]} for key in sorted(self._changed)
        ]
        write_rows(self.connection, campaign_counts, rows, update=("orders",))
        self._changed = set()


def counts(connection: Connection, shop_id: str, keys: Iterable[str]) -> dict[str, int]:
    """Return how many orders have a place in campaigns; those nobody has counted yet are left out."""
    mine = and_(campaign_counts.c.shop_id == shop_id, campaign_counts.c.campaign.in_(list(keys)))
    return {row.campaign: row.orders for row in connection.execute(select(campaign_counts).where(mine))}


def left_for(
    connection: Connection, shop_id: str, rules: Compiled, purchases: Purchases | None, member_id: str | None
) -> dict[str, bool]:
    """Return for each limited campaign whether an order placed now would still get a place."""
    limited = rules.limited
    taken = counts(connection, shop_id, [each.key for each in limited]) if limited else {}
    found = {}
    for each in limited:
        own = purchases.places_of(member_id, each.key) if purchases is not None and member_id is not None else 0
        room = each.max_orders is None or taken.get(each.key, 0) < each.max_orders
        found[each.key] = room and (each.max_per_member is None or own < each.max_per_member)
    return found
