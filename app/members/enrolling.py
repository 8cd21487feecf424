"""Members that the merchant names: enrolled, found again, or completed by what is newly known of them.

Source: interfaces, `POST /members`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from app import journal
from app.activities import commands
from app.errors import IdentityConflict
from app.members import birthdays
from app.members.emails import Traits, email_ref, traits_of
from app.members.people import People
from app.members.person import Person
from app.settling import Settling, share_again
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
    Raises: IdentityConflict, Invalid; Conflict, for a birthday changed less than a year ago.
    """
    hashed = email_ref(shop.pepper(vault), named.email)
    ref = CustomerRef(id=named.platform_id, email_verified=named.email_verified, email_ref=hashed)
    settling = Settling(connection, shop, now)
    people = settling.desk.people
    people.load([ref])
    before = _known(people)
    person = people.people[resolve(people, ref, now)]
    new, joined = person.new, person.claimed and (person.new or "claimed" in person.changes)
    note(person, now, named.told)
    traits = traits_of(shop.pepper(vault), named.email)
    sealed = None if named.email is None else vault.seal(shop.id, named.email.strip().encode())
    _complete(person, named, now, traits, sealed)
    if _known(people) != before:
        settling.rows.append(_fact(people, ref, person, now, named.told))
    flush(settling, now)
    filled = ["birthday"] if named.birthday is not None else []
    commands.enrolled(connection, shop, person.id, filled, now, joined=joined)
    return Enrolled(person.id, new)


def flush(settling: Settling, now: datetime) -> None:
    """Write what the identities led to; what merged members share is settled again as one member's."""
    merged = [survivor for _, survivor in settling.desk.people.merges]
    settling.flush()
    if merged:
        share_again(settling.connection, settling.desk.shop, now, merged)


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
    plain = ("id", "merged_into", "requested_at", "tags", "country", "customer_groups", "email_norm_ref")
    seen = {tuple(getattr(person, name) for name in plain) for person in people.people.values()}
    return dict(people.proofs), set(people.contacts), seen


def _complete(person: Person, named: Named, now: datetime, traits: Traits, sealed_email: bytes | None) -> None:
    """Note what the merchant tells; an e-mail that is only claimed never replaces one."""
    person.note_email(traits, sealed_email, replace=named.email_verified)
    if named.birthday is not None:
        birthdays.tell(person, named.birthday, now)


def _fact(people: People, ref: CustomerRef, person: Person, now: datetime, told: Mapping[str, Any]) -> journal.Row:
    named = {"id": ref.id, "email_ref": ref.email_ref, "email_verified": ref.email_verified}
    body = {"ref": named, "enrolled": [each.id for each in people.people.values() if each.new], "told": dict(told)}
    traits = {"ref": person.email_norm_ref, "disposable": person.disposable_email}
    return journal.Row("member", person.id, now, {**body, "traits": traits})
