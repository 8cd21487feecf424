"""Keep members' rhythms up to date while facts take effect: orders, visits, birthdays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.activities.mechanism import Activities
from app.desk import Desk
from app.intake.told import Told
from app.members import birthdays
from app.members.person import Person
from app.orders.order import Order
from app.scheduled import rhythm_rows


class Rhythms:
    """The rhythms of the members one transaction works on; what changed is worked out from the orders as written."""

    def __init__(self, connection: Connection, desk: Desk, activities: Activities) -> None:
        self.connection = connection
        self.desk = desk
        self.activities = activities
        self._before: dict[str, tuple[datetime | None, ...]] = {}

    def load(self, told: Sequence[Told]) -> None:
        """Remember what the members had bought."""
        self._before = {member_id: self._bought(member_id) for member_id in self.desk.people.people}

    def _bought(self, member_id: str) -> tuple[datetime | None, ...]:
        return tuple(each.placed_at for each in self.desk.purchases.of(member_id) if each.counts)

    def order(self, order: Order) -> None:
        """Nothing yet: orders are looked at when all are written."""

    def customer(self, told: Told, person: Person) -> None:
        """Take over a birthday, unless it was changed less than a year ago."""
        if told.birthday is not None:
            birthdays.note(person, told.birthday, self.desk.now)

    def flush(self) -> None:
        """Write the rhythms of who bought, returned or visited something. Orders are written already."""
        people, shop = self.desk.people, self.desk.shop
        moved = {each for each in people.people if self._bought(each) != self._before.get(each, ())}
        merged = {each for each, person in people.people.items() if person.merged_into is not None}
        touched = {people.survivor(each) for each in moved | merged}
        rhythm_rows.refresh(self.connection, shop.id, shop.zone, touched)
        rhythm_rows.visited(self.connection, shop.id, shop.zone, self._visits())
        self._before = {each: self._bought(each) for each in people.people}

    def _visits(self) -> dict[str, list[datetime]]:
        visits: dict[str, list[datetime]] = {}
        for each in self.activities.known.values():
            if each is not None and each.kind == rhythm_rows.VISIT:
                visits.setdefault(self.desk.people.survivor(each.member_id), []).append(each.at)
        return visits
