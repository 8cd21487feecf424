"""A member's birthday: told by the merchant or the platform, changed at most once a year. Source: semantics 3."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.errors import Conflict, FieldError, Invalid
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
    if not changeable(person.birthday_changed_at, now):
        return False
    if person.birthday is not None:
        person.birthday_changed_at = changes["birthday_changed_at"] = now
    person.birthday = day
    person.changes |= changes
    return True


def changeable(changed_at: datetime | None, now: datetime) -> bool:
    """Tell whether a birthday may be entered or changed now."""
    return changed_at is None or now >= changed_at + UNTIL_THE_NEXT_CHANGE


def tell(person: Person, day: date, now: datetime) -> None:
    """Note a birthday that somebody tells. Raises: Invalid; Conflict, where it was changed less than a year ago."""
    if day > now.date():
        problem = FieldError("birthday", "in_the_future", "Write a day that has been.")
        raise Invalid(problem.message, (problem,))
    if not note(person, day, now) and person.birthday_changed_at is not None:
        since = f"{person.birthday_changed_at + UNTIL_THE_NEXT_CHANGE:%Y-%m-%d}"
        problem = FieldError("birthday", "changed_recently", f"It can be changed again from {since} on.")
        raise Conflict(f"the birthday was changed less than a year ago: {problem.message}", (problem,))


def take_back(person: Person, now: datetime) -> None:
    """Forget a birthday. It counts as a change: another one can be entered after a year."""
    if person.birthday is not None:
        person.birthday, person.birthday_changed_at = None, now
        gone = dict.fromkeys(("birthday", "birthday_day", "birthday_set_at"))
        person.changes |= {**gone, "birthday_changed_at": now}
