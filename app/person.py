"""A member and its identities as one transaction knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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


def member_row(shop_id: str, person: Person) -> Mapping[str, Any]:
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
