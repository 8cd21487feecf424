"""Reading a shop's orders at its platform: what heals lost, late, stale and silent deliveries.

What is read goes the way of a delivery, under topics that no delivery from outside can have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from connectors.contract.installing import Credentials
from connectors.neutral.calling import Caller

READ_ORDER, ORDER_GONE = "read.order", "read.order_gone"
READ = (READ_ORDER, ORDER_GONE)

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """As much of an order as tells whether we hold it as it is."""

    id: str
    updated_at: datetime
    refund_ids: frozenset[str] | None  # None: they change no refund without changing `updated_at`


class Reader(Protocol):
    every: timedelta  # how often its changes are read
    sees: timedelta | None  # how far back; None: all orders. An older one is not gone, only out of sight

    def listed_orders(
        self, caller: Caller, ref: str, credentials: Credentials, since: datetime
    ) -> Iterator[list[Listed]]:
        """Yield every order that was placed since a moment. Raises: PlatformDown, PlatformRefused."""

    def changed_orders(
        self, caller: Caller, ref: str, credentials: Credentials, since: datetime
    ) -> Iterator[list[Document]]:
        """Yield the orders that have changed since a moment, whole, with their refunds' lines, oldest change first.

        Raises: PlatformDown, PlatformRefused.
        """

    def order(self, caller: Caller, ref: str, credentials: Credentials, order_id: str) -> Document | None:
        """Return an order, whole; None: it is not there any more. Raises: PlatformDown, PlatformRefused."""
