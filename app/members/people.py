"""Who a fact is about: identities lead to members; a verified e-mail claims what a guest had earned.

Identities: `customer` (the platform's or the shop's own id), `email` (verified), `unclaimed` (an e-mail nobody
has verified, with an unclaimed member), `contact` (an unverified e-mail a claimed member carries: listed,
never a proof). E-mails stand here as keyed hashes only. Source: semantics 1.2.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select, update

from app.db import is_sqlite
from app.ledger import telling
from app.ledger.book import Book
from app.ledger.merging import merge
from app.members import identity_locks
from app.members.handing_over import hand_over
from app.members.person import Added, Join, Key, Person, member_row, person_of
from app.models import balances, identities, members
from connectors.contract import CustomerRef


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
        self._guarded: set[str] = set()  # values whose buckets are held
        self._added: list[Added] = []
        self._closed: list[tuple[Key, datetime]] = []
        self.merges: list[tuple[str, str]] = []
        self.after_merge: list[Callable[[str, str], None]] = []  # told (old, survivor) once both are one
        self.watchers: list[Callable[[str, str, datetime], None]] = []  # told of each merge: (old, survivor, at)
        self.joins: list[Join] = []  # told of everyone who is new, or claimed
        self.named: list[str] = []  # ids for new members, given by a replay
        self.enrolled: list[str] = []  # ids of members made since the caller emptied it

    def load(self, refs: Iterable[CustomerRef], member_ids: Iterable[str] = (), lot_keys: Iterable[str] = ()) -> None:
        """Lock and load the identities of refs, the members they lead to, and their accounts.

        Once: before anything is resolved. What is read here stays true until the transaction ends: who adds, moves
        or closes an identity holds what guards its value. That is the balance of every member it leads to, or,
        where it leads to nobody, its bucket. So all is read again after a lock that may have had to wait.
        """
        values = {value for ref in refs for value in (ref.id, ref.email_ref) if value}
        members_too, lots_too = set(member_ids), list(lot_keys)
        self._read(values)
        while self._hold(values, members_too, lots_too):
            if not is_sqlite(self.connection):  # its one writer is us
                self._read(values)

    def load_members(self, member_ids: Iterable[str]) -> None:
        """Lock and load members beside those that are loaded, with their accounts and who they were merged into."""
        wanted = set(member_ids)
        while self._hold(set(), wanted, []):
            pass

    def _hold(self, values: set[str], member_ids: set[str], lot_keys: list[str]) -> bool:
        """Lock what guards the values as they were read; False when all of it is held already."""
        if bare := values - {value for _, value in self.proofs} - {value for value, _ in self.contacts} - self._guarded:
            identity_locks.hold(self.connection, self.shop_id, bare)
            self._guarded |= bare
            return True
        merged = {person.merged_into for person in self.people.values() if person.merged_into}
        wanted = {*self.proofs.values(), *member_ids, *merged} | {member for _, member in self.contacts}
        if not (wanted := wanted - self.book.accounts.keys()):
            return False
        self.book.load(wanted, lot_keys)
        self._load_people(wanted)
        return True

    def look(self, member_ids: Iterable[str]) -> None:
        """Load members without a lock, to choose among them; nothing may be posted for them."""
        self._load_people(member_ids)

    def _read(self, values: set[str]) -> None:
        self.proofs, self.contacts = {}, set()
        for row in identity_locks.look_up(self.connection, self.shop_id, values):
            if row.closed_at is None:
                self._note(row.kind, row.value, row.member_id)
            else:
                self._note_closed((row.kind, row.value), row.closed_at)

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
            self.people[row.id] = person_of(row)

    def reach(self, member_id: str) -> str:
        """Return the member that lives on, loading whom the batch did not speak of: rare, and out of lock order."""
        while member_id not in self.people or self.people[member_id].merged_into:
            if member_id not in self.people:
                self.book.load([member_id])
                self._load_people([member_id])
            member_id = self.people[member_id].merged_into or member_id
        return member_id

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

    def know(self, kind: str, value: str, member_id: str) -> Key:
        """Note an identity that was read elsewhere, its member's balance being held."""
        if (kind, value) not in self.proofs:
            self._note(kind, value, member_id)
        return (kind, value)

    def carry(self, ref: str, member_id: str) -> None:
        """Let a member carry an e-mail that proves nothing."""
        if (ref, member_id) not in self.contacts and self._find("email", ref) != member_id:
            self._add("contact", ref, member_id)

    def _enrol(self, at: datetime, claimed: bool, identity: Key | None = None) -> str:
        member_id = self.named.pop(0) if self.named else "m_" + secrets.token_hex(10)
        self.people[member_id] = Person(member_id, claimed, at, new=True)
        self.enrolled.append(member_id)
        self.book.begin(member_id)
        if identity:
            self._add(*identity, member_id)
        for watch in self.joins:
            watch(member_id, at, new=True, claimed=claimed)
        return member_id

    def _claim(self, member_id: str, ref: str) -> str:
        """Turn the unclaimed member of an e-mail into a claimed one."""
        self.people[member_id].claimed = True
        self.people[member_id].changes["claimed"] = True
        self.close([("unclaimed", ref)], self.book.now)
        self._add("email", ref, member_id)
        for watch in self.joins:
            watch(member_id, self.book.now, new=False, claimed=True)
        return member_id

    def merge(self, old: str, survivor: str, at: datetime) -> None:
        """Move everything of one member to another; the old id answers with the survivor from now on."""
        self.book.load([old, survivor])
        merge(self.book.account(old), self.book.account(survivor), at)
        self.people[old].merged_into = survivor
        self.people[old].changes["merged_into"] = survivor
        if (requested_at := self.people[old].requested_at) is not None:
            self.people[survivor].request(requested_at)
        self.merges.append((old, survivor))
        for watch in self.watchers:
            watch(old, survivor, at)
        for told in self.after_merge:
            told(old, survivor)

    def prove(self, member_id: str, ref: str, at: datetime) -> None:
        """Verify an e-mail that nobody has verified for a member, who takes what a guest had earned with it."""
        unclaimed = self._find("unclaimed", ref)
        if unclaimed == member_id and not self.people[member_id].claimed:
            self._claim(member_id, ref)
            return
        if unclaimed is not None and unclaimed != member_id:
            self.merge(unclaimed, member_id, at)
        self.close([("unclaimed", ref)], at)
        if self._find("email", ref) is None:
            self._add("email", ref, member_id)

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
        keys = self._proving(member)
        others = [key for key in keys if key[0] == "customer" and key[1] != customer_id]
        for key in keys:
            self.proofs.setdefault(key, member)
        self.close([("customer", customer_id)] if others else sorted(keys), at)
        return member

    def _proving(self, member_id: str) -> set[Key]:
        """Return the open identities that prove a member, those too that nobody in this transaction speaks of."""
        rows = self.connection.execute(
            select(identities.c.kind, identities.c.value).where(
                identities.c.shop_id == self.shop_id,
                identities.c.member_id == member_id,
                identities.c.closed_at.is_(None),
                identities.c.kind != "contact",
            )
        )
        stored = {(row.kind, row.value) for row in rows} - {key for key, _ in self._closed}
        added = {one.key for one in self._added if one.member_id == member_id and one.closed_at is None}
        return stored | {key for key in added if key[0] != "contact"}

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
            hand_over(self.connection, self.shop_id, old, survivor)
        self._added, self._closed, self.merges = [], [], []

    def _flush_people(self) -> None:
        fresh = [person for person in self.people.values() if person.new]
        if fresh:  # the balance's row is what every later posting locks
            self.connection.execute(insert(members), [member_row(self.shop_id, person) for person in fresh])
            self.connection.execute(insert(balances), [{"shop_id": self.shop_id, "member_id": p.id} for p in fresh])
        news = [one.id for one in self.people.values() if one.new or "email" in one.changes]
        telling.mark(self.connection, self.shop_id, news)
        for person in self.people.values():
            if person.changes and not person.new:
                whose = update(members).where(members.c.shop_id == self.shop_id, members.c.id == person.id)
                self.connection.execute(whose.values(person.changes))
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
