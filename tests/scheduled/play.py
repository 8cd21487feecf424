"""A shop whose calendar is played: members with birthdays and orders, time that passes, what was given when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app import schedules, shops
from app.activities.mechanism import Grant
from app.audit import audit
from app.db import reading, transaction
from app.members import enrolling, erasing
from app.members.enrolling import Named
from app.models import activities
from app.models import shops as shops_table
from app.schedules import Ticked
from app.settling import Settling
from app.tiers import ranks
from tests.build import START, Shop, Tessera, order, programme

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def moment(text: str) -> datetime:
    """Read "2026-03-01" or "2026-03-01T12:00" as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Play:
    shop: Shop

    @property
    def tessera(self) -> Tessera:
        return self.shop.tessera

    def enrol(self, name: str, birthday: str | None = None, at: str | None = None, **named: Any) -> str:
        """Enrol or complete a member; return its id."""
        if at is not None:
            self.tessera.set_clock(moment(at))
        day = None if birthday is None else date.fromisoformat(birthday)
        with transaction(self.tessera.engine) as connection:
            shop = shops.get(connection, self.shop.id)
            now = self.tessera.services.clock.now(connection)
            told = Named(platform_id=name, birthday=day, **named)
            return enrolling.enrol(connection, self.tessera.services.vault, shop, told, now).member_id

    def buy(self, name: str, at: str, order_id: str | None = None, **changes: Any) -> str:
        """Let a customer buy for EUR 39.98 at a moment, which becomes now; return the order's id."""
        when = moment(at).isoformat().replace("+00:00", "Z")
        self.tessera.set_clock(moment(at))
        order_id = order_id or f"{name}-{when}"
        told = {"placed_at": when, "updated_at": when, "customer": {"id": name}, **changes}
        assert self.shop.tell(order(id=order_id, **told)).failed == 0
        return order_id

    def tell_order(self, order_id: str, **changes: Any) -> None:
        """Tell of an order without moving the clock."""
        assert self.shop.tell(order(id=order_id, **changes)).failed == 0

    def target(self, order_id: str) -> int:
        return self.shop.order(order_id).target

    def visit(self, name: str, *days: str) -> None:
        """Let a customer visit at each of these moments, the last of which becomes now."""
        for day in days:
            self.tessera.set_clock(moment(day))
            when = moment(day).isoformat()
            told = {"id": f"{name}-{day}", "customer": {"id": name}, "kind": "site_visit", "at": when}
            assert self.shop.tell(told, topic="activity").failed == 0

    def grant(self, name: str, grant: Grant) -> None:
        member_id = self.enrol(name)
        with transaction(self.tessera.engine) as connection:
            work = Settling(connection, shops.get(connection, self.shop.id), grant.at)
            work.load([], member_ids=[member_id])
            work.activities.grant(member_id, grant)
            work.flush()

    def now(self) -> datetime:
        with reading(self.tessera.engine) as connection:
            return self.tessera.services.clock.now(connection)

    def tick(self, at: str | None = None) -> Ticked:
        if at is not None:
            self.tessera.set_clock(moment(at))
        return schedules.tick(self.tessera.engine, self.tessera.services.clock)

    def days(self, first: str, last: str) -> None:
        """Tick at noon of each day."""
        day, end = date.fromisoformat(first), date.fromisoformat(last)
        while day <= end:
            self.tick(f"{day}T12:00")
            day += timedelta(days=1)

    def awards(self, *kinds: str) -> list[Any]:
        """Return what was awarded, by when it was for."""
        mine = select(activities).where(activities.c.shop_id == self.shop.id)
        with reading(self.tessera.engine) as connection:
            rows = connection.execute(mine.order_by(activities.c.at, activities.c.id)).all()
        return [row for row in rows if not kinds or row.kind in kinds]

    def given(self) -> list[tuple[str, int]]:
        """Return the local day and the points of each award."""
        with reading(self.tessera.engine) as connection:
            zone = shops.get(connection, self.shop.id).zone
        return [(row.at.astimezone(zone).date().isoformat(), row.posted) for row in self.awards()]

    def publish(self, *rules: dict[str, Any], **top: Any) -> None:
        """Publish the next version, in effect from now on."""
        self.shop.publish(programme(activities=list(rules), **top))

    def erase(self, member_id: str) -> None:
        with transaction(self.tessera.engine) as connection:
            shop, when = shops.hold(connection, self.shop.id, exclusive=True), datetime.now(UTC)
            now = self.tessera.services.clock.now(connection)
            erasing.erase(connection, self.tessera.services.vault, shop, member_id, erasing.Moment(now, when))

    def into_tier(self, name: str, key: str) -> None:
        member_id = self.enrol(name)
        with transaction(self.tessera.engine) as connection:
            now, shop = self.tessera.services.clock.now(connection), shops.get(connection, self.shop.id)
            ranks.set_by_hand(connection, shop, member_id, key, reason="test", keeps_until=None, now=now)

    def agrees(self) -> None:
        assert audit(self.tessera.engine, self.shop.id) == []


def rule(kind: str, points: int = 100, **changes: Any) -> dict[str, Any]:
    return {"key": kind, "kind": kind, "points": points, **changes}


def play(
    tessera: Tessera,
    *rules: dict[str, Any],
    zone: str = "Europe/Paris",
    since: datetime = LONG_AGO,
    now: str | None = None,
    **top: Any,
) -> Play:
    """Make a shop whose programme has these rules, in effect since the beginning of 2026."""
    shop = tessera.shop()
    with transaction(tessera.engine) as connection:
        connection.execute(update(shops_table).where(shops_table.c.id == shop.id).values(timezone=zone))
    tessera.set_clock(START if now is None else moment(now))
    shop.publish(programme(activities=list(rules), **top), since)
    return Play(shop)
