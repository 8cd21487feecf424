"""A member and its identities as one transaction knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import Row

from app.members.emails import Traits


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
    requested_at: datetime | None = None
    birthday: date | None = None
    tags: tuple[str, ...] = ()
    country: str | None = None
    customer_groups: tuple[str, ...] = ()
    birthday_changed_at: datetime | None = None
    accepts_marketing: bool | None = None  # None: never told
    email_norm_ref: str | None = None
    disposable_email: bool = False
    erased: bool = False
    changes: dict[str, Any] = field(default_factory=dict)

    def tell(self, **facts: Any) -> None:
        """Note what rules may see of the member: tags, country, customer groups; None: nothing was told."""
        for name, value in facts.items():
            if value is not None:
                setattr(self, name, value)
                self.changes[name] = list(value) if isinstance(value, tuple) else value

    def request(self, at: datetime) -> None:
        """Note that somebody asked for this member to be in the programme. Once: the first moment counts."""
        if self.requested_at is None:
            self.requested_at = self.changes["requested_at"] = at

    def note_email(self, traits: Traits, sealed: bytes | None, replace: bool = True) -> None:
        """Note the newest e-mail, or the first one; nothing more of somebody who has been erased."""
        if self.erased:
            return
        if sealed is not None and (replace or not self.has_email):
            self.changes["email"] = sealed
            self.has_email = True
        if traits.ref is not None and (replace or self.email_norm_ref is None):
            self.email_norm_ref, self.disposable_email = traits.ref, traits.disposable
            self.changes |= {"email_norm_ref": traits.ref, "disposable_email": traits.disposable}


Key = tuple[str, str]  # (kind, value)


class Join(Protocol):
    """Told of a member who is new, or who has just been claimed."""

    def __call__(self, member_id: str, at: datetime, *, new: bool, claimed: bool) -> None: ...


@dataclass(slots=True)
class Added:
    """An identity that the database does not hold yet; it may be closed before it is written."""

    key: Key
    member_id: str
    closed_at: datetime | None = None


def person_of(row: Row[Any]) -> Person:
    return Person(
        row.id,
        row.claimed,
        row.enrolled_at,
        row.merged_into,
        row.told_at,
        row.email is not None,
        requested_at=row.requested_at,
        birthday=row.birthday,
        birthday_changed_at=row.birthday_changed_at,
        tags=tuple(row.tags),
        country=row.country,
        customer_groups=tuple(row.customer_groups),
        accepts_marketing=row.accepts_marketing,
        email_norm_ref=row.email_norm_ref,
        disposable_email=row.disposable_email,
        erased=row.erased_at is not None,
    )


def member_row(shop_id: str, person: Person) -> Mapping[str, Any]:
    return {
        "shop_id": shop_id,
        "id": person.id,
        "claimed": person.claimed,
        "email": person.changes.get("email"),
        "phone": person.changes.get("phone"),
        "birthday": person.birthday,
        "birthday_day": person.changes.get("birthday_day"),
        "birthday_set_at": person.changes.get("birthday_set_at"),
        "birthday_changed_at": person.birthday_changed_at,
        "tags": list(person.tags),
        "country": person.country,
        "customer_groups": list(person.customer_groups),
        "accepts_marketing": person.accepts_marketing,
        "merged_into": person.merged_into,
        "requested_at": person.requested_at,
        "enrolled_at": person.enrolled_at,
        "told_at": person.changes.get("told_at"),
        "email_norm_ref": person.email_norm_ref,
        "disposable_email": person.disposable_email,
    }
