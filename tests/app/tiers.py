"""A shop with tiers, as these tests play it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from app import schedules, shops
from app.audit import audit
from app.db import reading, transaction
from app.models import entries, members, redemptions, tier_changes
from app.tiers import ranks
from app.tiers.ranks import Tier
from tests.build import Shop, Tessera, line, order, programme

LADDER = [
    {"key": "entry", "enter": "0"},
    {"key": "gold", "enter": "500", "multiplier": "2"},
    {"key": "platinum", "enter": "1000", "multiplier": "3"},
]
YEAR = {"by": "spend", "window": "calendar_year"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def document(**changes: Any) -> dict[str, Any]:
    return programme() | {"tiers": LADDER} | changes


@dataclass(frozen=True)
class Club:
    """A shop with one member, ada, and how to buy there."""

    shop: Shop

    @property
    def tessera(self) -> Tessera:
        return self.shop.tessera

    def buy(self, order_id: str, day: str, price: str = "500.00", **changes: Any) -> None:
        """Let time come to a day, then let ada buy and pay there and then."""
        self.sleep_until(day)
        self.tell(order_id, day, price, **changes)

    def tell(self, order_id: str, day: str, price: str = "500.00", *, at: str | None = None, **changes: Any) -> None:
        lines = changes.pop("lines", [line(quantity=1, unit_price=price)])
        placed, updated = f"{day}T10:00:00Z", f"{at or day}T10:00:05Z"
        told = order(id=order_id, placed_at=placed, updated_at=updated, lines=lines, **changes)
        assert self.shop.tell(told).failed == 0

    def sleep_until(self, day: str) -> None:
        self.tessera.set_clock(moment(f"{day}T12:00:00"))

    def tick(self, day: str | None = None) -> None:
        if day is not None:
            self.sleep_until(day)
        schedules.tick(self.tessera.engine, self.tessera.services.clock)

    @property
    def ada(self) -> str:
        with reading(self.tessera.engine) as connection:
            mine = select(members.c.id).where(members.c.shop_id == self.shop.id, members.c.merged_into.is_(None))
            return str(connection.execute(mine).scalar_one())

    def now(self, member_id: str | None = None) -> Tier:
        """Return where a member stands, as read from outside."""
        with reading(self.tessera.engine) as connection:
            shop, at = shops.get(connection, self.shop.id), self.tessera.services.clock.now(connection)
            tier = ranks.of(connection, shop, member_id or self.ada, datetime(2026, 1, 1, tzinfo=UTC), at)
        assert tier is not None
        return tier

    def history(self) -> list[tuple[str, str, str | None, str]]:
        """Return every change: (tier, day, last day kept, source)."""
        with reading(self.tessera.engine) as connection:
            mine = select(tier_changes).where(tier_changes.c.shop_id == self.shop.id)
            rows = list(connection.execute(mine.order_by(tier_changes.c.member_id, tier_changes.c.n)))
        until = [None if row.keeps_until is None else row.keeps_until.date().isoformat() for row in rows]
        return [(row.tier, row.at.date().isoformat(), u, row.source) for row, u in zip(rows, until, strict=True)]

    def by_hand(self, key: str, until: str | None = None) -> None:
        with transaction(self.tessera.engine) as connection:
            shop, now = shops.get(connection, self.shop.id), self.tessera.services.clock.now(connection)
            keeps = None if until is None else moment(f"{until}T00:00:00")
            ranks.set_by_hand(connection, shop, self.ada, key, reason="a friend", keeps_until=keeps, now=now)

    def gifts(self) -> list[int]:
        with reading(self.tessera.engine) as connection:
            mine = select(entries).where(entries.c.shop_id == self.shop.id, entries.c.source_type == "activity")
            return [row.points for row in connection.execute(mine.order_by(entries.c.n))]

    def rewards(self) -> list[str]:
        """Return what was given free of points."""
        with reading(self.tessera.engine) as connection:
            mine = select(redemptions.c.reward).where(redemptions.c.shop_id == self.shop.id, redemptions.c.given)
            return list(connection.execute(mine).scalars())

    def proved(self) -> None:
        found = [each.line() for each in audit(self.tessera.engine, self.shop.id)]
        assert not found, found


def open_club(tessera: Tessera, **changes: Any) -> Club:
    return Club(tessera.shop(document(**changes)))
