"""Members that the merchant names: enrolled, found again, or completed by what is newly known of them.

Source: interfaces, `POST /members`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from app import journal
from app.emails import email_ref
from app.errors import FieldError, IdentityConflict, Invalid
from app.ledger.book import Book
from app.members import People
from app.person import Person
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
    new = person.new
    _complete(person, named, None if named.email is None else vault.seal(shop.id, named.email.strip().encode()))
    row = _fact(people, ref, person.id, now) if _known(people) != before else None
    people.flush()
    book.flush()
    journal.write(connection, shop.id, [row] if row else [])
    return Enrolled(person.id, new)


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


def _proven(people: People, kind: str, value: str | None) -> str | None:
    member = people.proofs.get((kind, value)) if value else None
    return people.survivor(member) if member else None


def _known(people: People) -> tuple[object, ...]:
    """Return what of the people a replay would have to know."""
    return dict(people.proofs), set(people.contacts), {(p.id, p.merged_into) for p in people.people.values()}


def _complete(person: Person, named: Named, sealed_email: bytes | None) -> None:
    """Note what the merchant tells; an e-mail that is only claimed never replaces one."""
    if sealed_email is not None and (named.email_verified or not person.has_email):
        person.changes["email"] = sealed_email
        person.has_email = True
    if named.birthday is not None:
        person.changes["birthday"] = named.birthday
    if named.tags is not None:
        person.tell(tags=tuple(named.tags))


def _fact(people: People, ref: CustomerRef, member_id: str, now: datetime) -> journal.Row:
    named = {"id": ref.id, "email_ref": ref.email_ref, "email_verified": ref.email_verified}
    enrolled = [person.id for person in people.people.values() if person.new]
    return journal.Row("member", member_id, now, {"ref": named, "enrolled": enrolled})
