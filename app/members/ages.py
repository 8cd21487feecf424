"""Whether members are old enough. The answer is journalled with the fact that asked, because birthdays are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from app.members.person import Person
from app.rules.eligibility import old_enough


@dataclass(slots=True)
class Ages:
    """`given` are the answers of a replay, by order; `told` those found since the caller emptied it."""

    given: Mapping[str, bool] = field(default_factory=dict)
    told: dict[str, bool] = field(default_factory=dict)

    def begin(self, given: Mapping[str, bool] | None) -> None:
        """Begin a fact: in a replay with the answers that were found then."""
        self.given, self.told = given or {}, {}

    def ask(self, order_id: str, person: Person, years: int, at: datetime, zone: ZoneInfo) -> bool:
        """Tell whether a member is so old at a moment; nobody is whose birthday is not known."""
        if order_id in self.given:
            found = self.given[order_id]
        else:
            found = person.birthday is not None and old_enough(person.birthday, years, at, zone)
        self.told[order_id] = found
        return found
