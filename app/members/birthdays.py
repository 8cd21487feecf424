"""A member's birthday: told by the merchant or the platform, changed at most once a year. Source: semantics 3."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.members.person import Person

UNTIL_THE_NEXT_CHANGE = timedelta(days=365)
KNOWN_SINCE = timedelta(days=30)  # a date entered later is not celebrated yet


def note(person: Person, day: date, now: datetime) -> bool:
    """Note a birthday. The first one is an entry, another one a change; False: changed less than a year ago.

    Of somebody who has been erased nothing is noted.
    """
    if person.birthday == day or person.erased:
        return True
    changes = {"birthday": day, "birthday_day": day.month * 100 + day.day, "birthday_set_at": now}
    if person.birthday is not None:
        changed = person.birthday_changed_at
        if changed is not None and now < changed + UNTIL_THE_NEXT_CHANGE:
            return False
        person.birthday_changed_at = changes["birthday_changed_at"] = now
    person.birthday = day
    person.changes |= changes
    return True
