"""Reading a shop's orders at its platform: what heals lost, late, stale and silent deliveries.

What is read goes the way of a delivery, under topics that no delivery from outside can have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from connectors.contract.installing import Credentials
from connectors.neutral.calling import Caller

READ_ORDER, ORDER_GONE, READ_PRODUCT = "read.order", "read.order_gone", "read.product"
READ = (READ_ORDER, ORDER_GONE, READ_PRODUCT)
PAST_AWARD, PAST_TIERS, PAST_CUSTOMER = "past.award", "past.tiers", "past.customer"
FILE_AWARD, FILE_TIERS, FILE_CUSTOMER = "past.file.award", "past.file.tiers", "past.file.customer"  # neutral shape
FILES = (FILE_AWARD, FILE_TIERS, FILE_CUSTOMER)
PAST = (PAST_AWARD, PAST_TIERS, PAST_CUSTOMER, *FILES)
OURS = (*READ, *PAST)  # no delivery from outside can have these topics

Document = Mapping[str, Any]
Place = Mapping[str, Any]
Part = Literal["customers", "orders", "products"]


@dataclass(frozen=True, slots=True)
class Listed:
    """As much of an order as tells whether we hold it as it is."""

    id: str
    updated_at: datetime
    refund_ids: frozenset[str] | None  # None: they change no refund without changing `updated_at`


@dataclass(frozen=True, slots=True)
class Past:
    """Some of what happened in a shop before it came to us.

    `place`: where to go on after it, in the platform's own words; None: that was all. `in_all`: how many there are;
    None: not known yet. `wait`: nothing is ready, look again after so long.
    """

    documents: Sequence[Document]
    place: Mapping[str, Any] | None
    in_all: int | None = None
    wait: timedelta | None = None


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

    def past(self, caller: Caller, ref: str, credentials: Credentials, part: Part, place: Place) -> Past:
        """Return the next piece of a shop's customers, orders or products. `place`: empty at the beginning.

        Once: asked again with the same place it returns the same, or what is newer of it.
        Raises: PlatformDown, PlatformRefused.
        """

    def changed_products(
        self, caller: Caller, ref: str, credentials: Credentials, since: datetime
    ) -> Iterator[list[Document]]:
        """Yield the products that have changed since a moment, whole. Raises: PlatformDown, PlatformRefused."""

    def order(self, caller: Caller, ref: str, credentials: Credentials, order_id: str) -> Document | None:
        """Return an order, whole; None: it is not there any more. Raises: PlatformDown, PlatformRefused."""
