"""What a Shopify shop holds. Objects are GraphQL nodes as plain dicts; a connection is a list until it is asked for."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

Node = dict[str, Any]

ACCESS = timedelta(minutes=60)
REFRESH = timedelta(days=90)


@dataclass
class Token:
    """An offline token and its refresh token. A pair is replaced as a whole; the old refresh token stays usable until
    the new pair is first used (shopify.dev changelog, 2026-08-28)."""

    access: str
    refresh: str
    scopes: frozenset[str]
    access_until: datetime
    refresh_until: datetime
    replaces: Token | None = None  # what a lost answer leaves usable
    used: bool = False


@dataclass
class Shop:
    """One shop with the app or without."""

    domain: str
    currency: str = "EUR"
    timezone: str = "Europe/Paris"
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    capacity: float = 2000.0  # of the bucket, in cost points
    restores: float = 100.0  # cost points a second
    seconds: Callable[[], float] = time.monotonic  # the time of the bucket
    answers_by: str = ""  # an API version, where it is another than what was asked for
    scopes: frozenset[str] = frozenset()  # granted by the merchant; empty: not installed
    tokens: list[Token] = field(default_factory=list)
    orders: dict[str, Node] = field(default_factory=dict)
    customers: dict[str, Node] = field(default_factory=dict)
    products: dict[str, Node] = field(default_factory=dict)
    variants: dict[str, Node] = field(default_factory=dict)
    discounts: dict[str, Node] = field(default_factory=dict)  # by id
    codes: dict[str, str] = field(default_factory=dict)  # CODE → discount id
    bulk_codes: dict[str, Node] = field(default_factory=dict)
    automatic: dict[str, Node] = field(default_factory=dict)  # automatic discounts, by id
    segments: dict[str, Node] = field(default_factory=dict)
    gift_cards: dict[str, Node] = field(default_factory=dict)
    credits: dict[str, Node] = field(default_factory=dict)  # customer → store credit account
    metafields: dict[tuple[str, str, str], Node] = field(default_factory=dict)
    bulk: dict[str, Node] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)  # path → the bulk operation's result
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(6_000_000_000_001))  # beyond 32 bits, as theirs

    @property
    def url(self) -> str:
        return f"https://{self.domain}"

    def now(self) -> datetime:
        return self.clock()

    def stamp(self) -> str:
        """Shopify's GraphQL tells whole seconds in UTC."""
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def gid(self, kind: str) -> str:
        return f"gid://shopify/{kind}/{next(self.ids)}"

    def token(self, access: str) -> Token | None:
        """Return the living pair of an access token. Its first use ends what it replaced."""
        for each in self.tokens:
            if each.access == access and self.now() < each.access_until:
                each.used = True
                if each.replaces in self.tokens:
                    self.tokens.remove(each.replaces)
                each.replaces = None
                return each
        return None


def bag(shop: Shop, amount: Decimal | str, presentment: tuple[str, Decimal | str] | None = None) -> Node:
    """Return an amount in the shop's money, and in the shopper's."""
    own = {"amount": str(amount), "currencyCode": shop.currency}
    if presentment is None:
        return {"shopMoney": own, "presentmentMoney": dict(own)}
    return {"shopMoney": own, "presentmentMoney": {"amount": str(presentment[1]), "currencyCode": presentment[0]}}


def legacy(gid: str) -> int:
    """Return the number that webhooks call the id."""
    return int(gid.rpartition("/")[2])
