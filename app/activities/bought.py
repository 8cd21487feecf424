"""Which products members have bought and kept: for rules that ask for a buyer of a product, or for a set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, and_, select

from app.models import orders
from app.orders import state as order_state
from app.orders.purchases import Purchases
from app.orders.state import Held
from app.rules.basis import left_of
from connectors.contract import OrderState


class Bought:
    """The products of counted orders; read from the orders' held lines, and only when a rule asks."""

    def __init__(self, connection: Connection, shop_id: str, purchases: Purchases) -> None:
        self.connection = connection
        self.shop_id = shop_id
        self.purchases = purchases
        self._held: dict[str, Held] = {}

    def saw(self, order_id: str, held: Held) -> None:
        """Note an order as it was just settled."""
        self._held[order_id] = held

    def load(self, member_ids: Iterable[str]) -> None:
        """Load the products of all these members' purchases with one statement."""
        bought = [each for member_id in set(member_ids) for each in self.purchases.of(member_id)]
        wanted = sorted({each.order_id for each in bought if each.counts} - self._held.keys())
        if not wanted:
            return
        mine = and_(orders.c.shop_id == self.shop_id, orders.c.id.in_(wanted))
        for row in self.connection.execute(select(orders.c.id, orders.c.held).where(mine)):
            self.saw(row.id, order_state.load(row.held))

    def by(self, member_id: str) -> Mapping[str, frozenset[str]]:
        """Return the products of a member's counted purchases, by order."""
        self.load([member_id])
        counted = [each.order_id for each in self.purchases.of(member_id) if each.counts]
        return {order_id: _kept(self._held[order_id].effective()) for order_id in counted if order_id in self._held}


def _kept(state: OrderState | None) -> frozenset[str]:
    if state is None:
        return frozenset()
    left = left_of(state)
    if left.everything_back:
        return frozenset()
    pairs = zip(state.lines, left.units, strict=True)
    return frozenset(line.product_id for line, units in pairs if line.product_id and line.kind == "item" and units > 0)
