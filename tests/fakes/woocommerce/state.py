"""What a WooCommerce shop holds: plain tables of REST documents, with the shop's own clock and settings."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Doc = dict[str, Any]

STATUSES = (
    "pending",
    "on-hold",
    "processing",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
    "trash",
)


@dataclass(frozen=True)
class Key:
    """A granted REST key. Its rights are those of the user who granted it, at every call anew."""

    id: int
    consumer_key: str
    consumer_secret: str
    permissions: str  # read, write, read_write
    user: str


@dataclass
class State:
    """One shop."""

    host: str
    version: str = "10.5.0"
    currency: str = "EUR"
    timezone: str = "Europe/Berlin"
    prices_include_tax: bool = False
    free_shipping_by_coupon: bool = True  # a zone has the method, and it asks for a coupon
    parallel_creates: bool = False  # two coupons of one code can be made: no unique index forbids it
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    users: dict[str, str] = field(default_factory=lambda: {"boss": "administrator", "till": "shop_manager"})
    keys: list[Key] = field(default_factory=list)
    orders: dict[int, Doc] = field(default_factory=dict)
    refunds: dict[int, list[Doc]] = field(default_factory=dict)
    products: dict[int, Doc] = field(default_factory=dict)
    variations: dict[int, list[Doc]] = field(default_factory=dict)
    customers: dict[int, Doc] = field(default_factory=dict)
    coupons: dict[int, Doc] = field(default_factory=dict)
    webhooks: dict[int, Doc] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(10))

    @property
    def url(self) -> str:
        return f"https://{self.host}"

    def now(self) -> datetime:
        """Return the shop's time: WordPress keeps whole seconds."""
        return self.clock().replace(microsecond=0)

    def stamp(self, doc: Doc, *names: str) -> Doc:
        """Write a moment into a document as WordPress does: local and in UTC, neither with an offset."""
        now = self.now()
        for name in names:
            doc[name] = local(now, self.timezone)
            doc[f"{name}_gmt"] = plain(now)
        return doc

    def role(self, user: str) -> str | None:
        return self.users.get(user)

    def may_manage(self, user: str) -> bool:
        return self.role(user) in ("administrator", "shop_manager")


def plain(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def local(moment: datetime, timezone: str) -> str:
    return moment.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%dT%H:%M:%S")
