"""Who earns at all: the person's part, frozen with an order, and the order's own: where it goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.rules.document import Eligibility
from app.rules.people import MemberFacts


@dataclass(frozen=True, slots=True)
class Standing:
    """What only eligibility asks of a member. Nothing here names a person."""

    enrolled: bool = True  # by request, not merely by having bought
    of_age: bool | None = None  # None: nobody told a birthday


def unmet(eligibility: Eligibility, facts: MemberFacts, standing: Standing) -> str | None:
    """Return the name of the first condition a member does not meet; None: the member may earn."""
    return next(_unmet(eligibility, facts, standing), None)


def _unmet(eligibility: Eligibility, facts: MemberFacts, standing: Standing) -> Iterator[str]:
    if eligibility.enrol == "on_request" and not standing.enrolled:
        yield "enrol"
    if eligibility.min_age is not None and not standing.of_age:
        yield "min_age"
    for name, has in (("any_tag", facts.tags), ("customer_groups", facts.customer_groups)):
        wanted = getattr(eligibility, name)
        if wanted and not set(wanted) & set(has):
            yield name
    for name, has in (("exclude_tags", facts.tags), ("exclude_customer_groups", facts.customer_groups)):
        if set(getattr(eligibility, name)) & set(has):
            yield name


def unmet_by_country(eligibility: Eligibility, country: str | None) -> str | None:
    """Return the name of the condition that an order's country does not meet; None: it may earn."""
    if eligibility.countries and country not in eligibility.countries:
        return "countries"
    return "exclude_countries" if country in eligibility.exclude_countries else None


def old_enough(born: date, years: int, at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether somebody is so many years old on the shop's day; a leap day's birthday comes on 1 March."""
    today = at.astimezone(zone).date()
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (not had_birthday) >= years


def asks_of_people(eligibility: Eligibility) -> bool:
    """Tell whether anything but the country is asked: what is promised to a stranger is then not sure."""
    plain = Eligibility(countries=eligibility.countries, exclude_countries=eligibility.exclude_countries)
    return eligibility != plain
