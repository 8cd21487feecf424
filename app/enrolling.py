"""Members that the merchant names: enrolled, found again, or completed by what is newly known of them.

Source: interfaces, `POST /members`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from app import activity_commands, journal
from app.emails import email_ref
from app.errors import FieldError, IdentityConflict, Invalid
from app.ledger.book import Book
from app.members import People
from app.person import Person
from app.settling import share_again
from app.shops import Shop
from app.vault import Vault
from connectors.contract import CustomerRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Who the merchant means, and what there is to know. At least one of e-mail and platform id."""

    email: str | None = None
    email_verified: bool = False
    platform_id: str | None = None
    birthday: date | None = None
    tags: Sequence[str] | None = None
    country: str | None = None
    customer_groups: Sequence[str] | None = None

    @property
    def told(self) -> dict[str, Any]:
        """Return what rules may see of it, as the journal keeps it."""
        given = {"tags": self.tags, "country": self.country, "customer_groups": self.customer_groups}
        lists = {name: list(value) if not isinstance(value, str | None) else value for name, value in given.items()}
        return {name: value for name, value in lists.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Enrolled:
    member_id: str
    new: bool


def enrol(connection: Connection, vault: Vault, shop: Shop, named: Named, now: datetime) -> Enrolled:
    """Enrol or find a member and write down what is new of it.

    Once: the same identities lead to the same member; the caller retries on IntegrityError.
    Raises: IdentityConflict, Invalid.
    """
    if named.birthday is not None and named.birthday > now.date():
        problem = FieldError("birthday", "in_the_future", "Write a day that has been.")
        raise Invalid(problem.message, (problem,))
    hashed = email_ref(shop.pepper(vault), named.email)
    ref = CustomerRef(id=named.platform_id, email_verified=named.email_verified, email_ref=hashed)
    book = Book(connection, shop.id, now)
    people = People(connection, shop.id, book)
    people.load([ref])
    before = _known(people)
    person = people.people[resolve(people, ref, now)]
    new, joined = person.new, person.claimed and (person.new or "claimed" in person.changes)
    note(person, now, named.told)
    _complete(person, named, None if named.email is None else vault.seal(shop.id, named.email.strip().encode()))
    row = _fact(people, ref, person.id, now, named.told) if _known(people) != before else None
    flush(people, shop, now)
    journal.write(connection, shop.id, [row] if row else [])
    filled = ["birthday"] if named.birthday is not None else []
    activity_commands.enrolled(connection, shop, person.id, filled, now, joined=joined)
    return Enrolled(person.id, new)


def flush(people: People, shop: Shop, now: datetime) -> None:
    """Write what the people's identities led to; caps that merged members share are settled again."""
    merged = [survivor for _, survivor in people.merges]
    people.flush()
    people.book.flush()
    if merged:
        share_again(people.connection, shop, now, merged)


def resolve(people: People, ref: CustomerRef, at: datetime) -> str:
    """Return the member a merchant's reference means; replay comes through here too.

    An unverified e-mail alone means the unclaimed member of that e-mail, never one that has verified it.
    Raises: IdentityConflict, when the platform id and the verified e-mail prove two members.
    """
    if ref.id is None and not ref.email_verified:
        return people.guest(str(ref.email_ref), at)
    by_id = _proven(people, "customer", ref.id)
    by_email = _proven(people, "email", ref.email_ref if ref.email_verified else None)
    if by_id is not None and by_email is not None and by_id != by_email:
        raise IdentityConflict(f"the platform id belongs to {by_id}, the e-mail to {by_email}")
    return people.resolve(ref, at)


def note(person: Person, at: datetime, told: Mapping[str, Any]) -> None:
    """Note what rules may see of a member that the merchant named: that it is in by request, tags, country, groups.

    Replay comes through here too.
    """
    person.request(at)
    person.tell(**{name: tuple(value) if isinstance(value, list) else value for name, value in told.items()})


def _proven(people: People, kind: str, value: str | None) -> str | None:
    member = people.proofs.get((kind, value)) if value else None
    return people.survivor(member) if member else None


def _known(people: People) -> tuple[object, ...]:
    """Return what of the people a replay would have to know."""
    seen = {(p.id, p.merged_into, p.requested_at, p.tags, p.country, p.customer_groups) for p in people.people.values()}
    return dict(people.proofs), set(people.contacts), seen


def _complete(person: Person, named: Named, sealed_email: bytes | None) -> None:
    """Note what the merchant tells; an e-mail that is only claimed never replaces one."""
    if sealed_email is not None and (named.email_verified or not person.has_email):
        person.changes["email"] = sealed_email
        person.has_email = True
    if named.birthday is not None:
        person.birthday = person.changes["birthday"] = named.birthday


def _fact(people: People, ref: CustomerRef, member_id: str, now: datetime, told: Mapping[str, Any]) -> journal.Row:
    named = {"id": ref.id, "email_ref": ref.email_ref, "email_verified": ref.email_verified}
    enrolled = [person.id for person in people.people.values() if person.new]
    return journal.Row("member", member_id, now, {"ref": named, "enrolled": enrolled, "told": dict(told)})
