"""Activities that follow from what a platform tells of a customer: signing up, the newsletter, the profile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.activities.mechanism import Activities
from app.activities.telling import Happening, Telling
from app.desk import Desk
from app.intake.told import Told
from app.members.person import Person
from app.orders.order import Order
from connectors.contract import CustomerTold

KINDS = frozenset(("sign_up", "newsletter", "profile_field"))


class CustomerActivities:
    """What follows from customers' webhooks in one transaction. Once: each has a key of its member's own."""

    def __init__(self, connection: Connection, desk: Desk, work: Activities) -> None:
        self.desk = desk
        self.work = work
        self.telling = Telling(work)
        self.kinds = {rule.kind for version in desk.versions for rule in version.programme.activities} & KINDS
        self._before: dict[str, tuple[bool, bool | None]] = {}  # member → was told of before, accepted marketing

    def load(self, told: Sequence[Told]) -> None:
        """Remember what was known of the members, and load what they have by these kinds."""
        self._before = {
            each.id: (each.told_at is not None, each.accepts_marketing) for each in self.desk.people.people.values()
        }
        profiles = {name for one in told if isinstance(one.fact, CustomerTold) for name in one.fact.profile}
        if self.kinds and any(isinstance(one.fact, CustomerTold) for one in told):
            names = [name for member_id in self._before for name in ids_of(member_id, profiles)]
            self.work.find(names)

    def order(self, order: Order) -> None:
        """Nothing follows from an order."""

    def customer(self, told: Told, person: Person) -> None:
        """Tell of what is new: the account, the newsletter, filled-in fields of the profile."""
        fact = told.fact
        told_before, accepted = self._before.get(person.id, (False, None))
        self._before[person.id] = (True, person.accepts_marketing)
        if not isinstance(fact, CustomerTold) or not self.kinds or not person.claimed:
            return
        if person.new:
            self.work.known |= {name: self.work.known.get(name) for name in ids_of(person.id, fact.profile)}
        if fact.past:
            return
        if not told_before:
            self._tell(person.id, "sign_up", fact.updated_at)
        if person.accepts_marketing and not accepted:
            self._tell(person.id, "newsletter", fact.updated_at)
        for name in fact.profile:
            self._tell(person.id, "profile_field", fact.updated_at, name)

    def _tell(self, member_id: str, kind: str, at: datetime, subject: str | None = None) -> None:
        if kind in self.kinds:
            tell_once(self.telling, member_id, kind, at, subject)

    def flush(self) -> None:
        """The activities are written by their own room."""


def ids_of(member_id: str, profile: Sequence[str] | set[str]) -> list[str]:
    return [
        f"sign_up:{member_id}",
        f"newsletter:{member_id}",
        *(f"profile_field:{member_id}:{name}" for name in profile),
    ]


def tell_once(telling: Telling, member_id: str, kind: str, at: datetime, subject: str | None = None) -> bool:
    """Tell of something that a member does once, and whether it was new and gives something.

    Where no rule gives anything for it, nothing is written down.
    """
    name = f"{kind}:{member_id}" + (f":{subject}" if subject else "")
    if telling.work.get(name) is not None:
        return False
    happening = Happening(id=name, kind=kind, at=at, subject=subject)
    return telling.tell(member_id, happening, keep_refused=False).state != "refused"
