"""Who a fact is about: identities lead to members; a verified e-mail claims what a guest had earned.

Identities: `customer` (the platform's or the shop's own id), `email` (verified), `unclaimed` (an e-mail nobody
has verified, with an unclaimed member), `contact` (an unverified e-mail a claimed member carries: listed,
never a proof). E-mails stand here as keyed hashes only. Source: semantics 1.2.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from app.ledger.book import Book, move_lots
from app.ledger.merging import merge
from app.models import activities, balances, holds, identities, members, orders
from connectors.contract import CustomerRef


@dataclass(slots=True)
class Person:
    """A member as the batch knows it."""

    id: str
    claimed: bool
    enrolled_at: datetime
    merged_into: str | None = None
    told_at: datetime | None = None
    has_email: bool = False
    new: bool = False
    tags: tuple[str, ...] = ()
    country: str | None = None
    customer_groups: tuple[str, ...] = ()
    changes: dict[str, Any] = field(default_factory=dict)

    def tell(self, **facts: Any) -> None:
        """Note what rules may see of the member: tags, country, customer groups; None: nothing was told."""
        for name, value in facts.items():
            if value is not None:
                setattr(self, name, value)
                self.changes[name] = list(value) if isinstance(value, tuple) else value


Key = tuple[str, str]  # (kind, value)


@dataclass(slots=True)
class Added:
    """An identity that the database does not hold yet; it may be closed before it is written."""

    key: Key
    member_id: str
    closed_at: datetime | None = None


class People:
    """The members and identities of one shop that one transaction works on."""

    def __init__(self, connection: Connection, shop_id: str, book: Book) -> None:
        self.connection = connection
        self.shop_id = shop_id
        self.book = book
        self.people: dict[str, Person] = {}
        self.proofs: dict[Key, str] = {}  # open identities that prove a member
        self.contacts: set[tuple[str, str]] = set()  # (e-mail ref, member)
        self.closed_at: dict[Key, datetime] = {}  # when an identity was last closed
        self._added: list[Added] = []
        self._closed: list[tuple[Key, datetime]] = []
        self.merges: list[tuple[str, str]] = []
        self.watchers: list[Callable[[str, str, datetime], None]] = []  # told of each merge: (old, survivor, at)
        self.named: list[str] = []  # ids for new members, given by a replay
        self.enrolled: list[str] = []  # ids of members made since the caller emptied it

    def load(self, refs: Iterable[CustomerRef], member_ids: Iterable[str] = ()) -> list[str]:
        """Load identities of the refs and the members they prove; return those members' ids."""
        values = {value for ref in refs for value in (ref.id, ref.email_ref) if value}
        if values:
            mine = and_(identities.c.shop_id == self.shop_id, identities.c.value.in_(values))
            for row in self.connection.execute(select(identities).where(mine)):
                if row.closed_at is None:
                    self._note(row.kind, row.value, row.member_id)
                else:
                    self._note_closed((row.kind, row.value), row.closed_at)
        wanted = ({*self.proofs.values(), *member_ids} | {m for _, m in self.contacts}) - self.people.keys()
        while wanted:
            self._load_people(wanted)
            wanted = {p.merged_into for p in self.people.values() if p.merged_into} - self.people.keys()
        return list(self.people)

    def _note(self, kind: str, value: str, member_id: str) -> None:
        if kind == "contact":
            self.contacts.add((value, member_id))
        else:
            self.proofs[(kind, value)] = member_id

    def _note_closed(self, key: Key, at: datetime) -> None:
        self.closed_at[key] = max(at, self.closed_at.get(key, at))

    def _load_people(self, member_ids: Iterable[str]) -> None:
        statement = select(members).where(members.c.shop_id == self.shop_id, members.c.id.in_(list(member_ids)))
        for row in self.connection.execute(statement):
            self.people[row.id] = Person(
                row.id,
                row.claimed,
                row.enrolled_at,
                row.merged_into,
                row.told_at,
                row.email is not None,
                tags=tuple(row.tags),
                country=row.country,
                customer_groups=tuple(row.customer_groups),
            )

    def survivor(self, member_id: str) -> str:
        """Follow merges to the member that lives on."""
        while (into := self.people[member_id].merged_into) is not None:
            member_id = into
        return member_id

    def _find(self, kind: str, value: str | None) -> str | None:
        found = self.proofs.get((kind, value)) if value else None
        return self.survivor(found) if found else None

    def resolve(self, ref: CustomerRef, at: datetime) -> str:
        """Return the member a customer or guest is, enrolling or claiming as the identities allow."""
        by_id = self._find("customer", ref.id)
        by_email = self._find("email", ref.email_ref)
        unclaimed = self._find("unclaimed", ref.email_ref)
        verified = ref.email_verified and ref.email_ref is not None
        if ref.id is None and not verified:
            return by_email or self.guest(str(ref.email_ref), at)
        member = by_id or (by_email if verified else None)
        if member is None and verified and unclaimed:
            member = self._claim(unclaimed, str(ref.email_ref))
        if member is None:
            member = self._enrol(at, claimed=True)
        if verified and unclaimed and unclaimed != member:
            self.merge(unclaimed, member, at)
            self.close([("unclaimed", str(ref.email_ref))], at)
        self._attach(member, ref, verified, by_email)
        return member

    def guest(self, ref: str, at: datetime) -> str:
        """Return the unclaimed member of an e-mail that nobody has proved, whoever else has verified it."""
        return self._find("unclaimed", ref) or self._enrol(at, claimed=False, identity=("unclaimed", ref))

    def _attach(self, member: str, ref: CustomerRef, verified: bool, by_email: str | None) -> None:
        if ref.id is not None and ("customer", ref.id) not in self.proofs:
            self._add("customer", ref.id, member)
        if ref.email_ref is None or by_email == member:
            return
        if verified and by_email is None and ("email", ref.email_ref) not in self.proofs:
            self._add("email", ref.email_ref, member)
        elif (ref.email_ref, member) not in self.contacts:
            self._add("contact", ref.email_ref, member)

    def _add(self, kind: str, value: str, member_id: str) -> None:
        self._added.append(Added((kind, value), member_id))
        self._note(kind, value, member_id)

    def _enrol(self, at: datetime, claimed: bool, identity: Key | None = None) -> str:
        member_id = self.named.pop(0) if self.named else "m_" + secrets.token_hex(10)
        self.people[member_id] = Person(member_id, claimed, at, new=True)
        self.enrolled.append(member_id)
        self.book.begin(member_id)
        if identity:
            self._add(*identity, member_id)
        return member_id

    def _claim(self, member_id: str, ref: str) -> str:
        """Turn the unclaimed member of an e-mail into a claimed one."""
        self.people[member_id].claimed = True
        self.people[member_id].changes["claimed"] = True
        self.close([("unclaimed", ref)], self.book.now)
        self._add("email", ref, member_id)
        return member_id

    def merge(self, old: str, survivor: str, at: datetime) -> None:
        """Move everything of one member to another; the old id answers with the survivor from now on."""
        self.book.load([old, survivor])
        merge(self.book.account(old), self.book.account(survivor), at)
        self.people[old].merged_into = survivor
        self.people[old].changes["merged_into"] = survivor
        self.merges.append((old, survivor))
        for watch in self.watchers:
            watch(old, survivor, at)

    def close(self, keys: Iterable[Key], at: datetime) -> None:
        """Close identities: later facts of theirs open a new member."""
        for key in keys:
            if self.proofs.pop(key, None) is None:
                continue
            self._note_closed(key, at)
            fresh = [one for one in self._added if one.key == key and one.closed_at is None]
            for one in fresh:
                one.closed_at = at
            if not fresh:
                self._closed.append((key, at))

    def close_customer(self, customer_id: str, at: datetime) -> str | None:
        """Close a deleted customer's identity, and its e-mails where no other customer id is left."""
        member = self._find("customer", customer_id)
        if member is None:
            return None
        rows = self.connection.execute(
            select(identities.c.kind, identities.c.value).where(
                identities.c.shop_id == self.shop_id,
                identities.c.member_id == member,
                identities.c.closed_at.is_(None),
                identities.c.kind != "contact",
            )
        )
        keys = {(row.kind, row.value) for row in rows} | {one.key for one in self._added if one.member_id == member}
        others = [key for key in keys if key[0] == "customer" and key[1] != customer_id and key in self.proofs]
        for kind, value in keys:
            self.proofs.setdefault((kind, value), member)
        doomed = [("customer", customer_id)] if others else [key for key in keys if key[0] != "contact"]
        self.close(doomed, at)
        return member

    def flush(self) -> None:
        """Write new members and identities, closings, claims and merges."""
        self._flush_people()
        for (kind, value), at in self._closed:
            mine = and_(identities.c.shop_id == self.shop_id, identities.c.kind == kind, identities.c.value == value)
            self.connection.execute(
                update(identities).where(mine, identities.c.closed_at.is_(None)).values(closed_at=at)
            )
        self._flush_added()
        for old, survivor in self.merges:
            self._flush_merge(old, survivor)
        self._added, self._closed, self.merges = [], [], []

    def _flush_people(self) -> None:
        fresh = [person for person in self.people.values() if person.new]
        if fresh:
            self.connection.execute(insert(members), [_member_row(self.shop_id, person) for person in fresh])
            # the balance's row is what every later posting locks
            self.connection.execute(insert(balances), [{"shop_id": self.shop_id, "member_id": p.id} for p in fresh])
        for person in self.people.values():
            if person.changes and not person.new:
                mine = and_(members.c.shop_id == self.shop_id, members.c.id == person.id)
                self.connection.execute(update(members).where(mine).values(**person.changes))
            person.new, person.changes = False, {}

    def _flush_added(self) -> None:
        """Insert identities in one order, so that two batches with the same newcomers wait, not deadlock."""
        rows = [
            {
                "shop_id": self.shop_id,
                "id": secrets.token_hex(10),
                "kind": one.key[0],
                "value": one.key[1],
                "member_id": one.member_id,
                "closed_at": one.closed_at,
            }
            for one in sorted(self._added, key=lambda one: one.key)
        ]
        if rows:
            self.connection.execute(insert(identities), rows)

    def _flush_merge(self, old: str, survivor: str) -> None:
        for table in (identities, orders, holds, activities):
            mine = and_(table.c.shop_id == self.shop_id, table.c.member_id == old)
            self.connection.execute(update(table).where(mine).values(member_id=survivor))
        move_lots(self.connection, self.shop_id, old, survivor)


def _member_row(shop_id: str, person: Person) -> Mapping[str, Any]:
    return {
        "shop_id": shop_id,
        "id": person.id,
        "claimed": person.claimed,
        "email": person.changes.get("email"),
        "phone": person.changes.get("phone"),
        "birthday": person.changes.get("birthday"),
        "tags": list(person.tags),
        "country": person.country,
        "customer_groups": list(person.customer_groups),
        "merged_into": person.merged_into,
        "enrolled_at": person.enrolled_at,
        "told_at": person.changes.get("told_at"),
    }


def carrying(connection: Connection, shop_id: str, ref: str) -> list[str]:
    """Return every member that carries an e-mail, verified or not, oldest first."""
    mine = and_(
        identities.c.shop_id == shop_id,
        identities.c.value == ref,
        identities.c.kind != "customer",
        identities.c.closed_at.is_(None),
    )
    statement = (
        select(members.c.id)
        .join(identities, and_(identities.c.shop_id == members.c.shop_id, identities.c.member_id == members.c.id))
        .where(mine)
        .group_by(members.c.id, members.c.enrolled_at)
        .order_by(members.c.enrolled_at, members.c.id)
    )
    return [row.id for row in connection.execute(statement)]
