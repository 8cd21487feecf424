"""What is wrong with a programme document, said so that a merchant can mend it.

The cross-checks read the document as it was sent, so that one wrong value never hides another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from pydantic_core import ErrorDetails

from app.rules.checks_activities import activity_checks
from app.rules.checks_experiments import experiment_checks
from app.rules.checks_lots import lot_checks
from app.rules.checks_orders import order_checks
from app.rules.checks_referrals import referral_checks
from app.rules.checks_rewards import reward_checks
from app.rules.checks_schedules import schedule_checks
from app.rules.checks_tiers import tier_checks
from app.rules.document import Match
from app.rules.raw import Problem, no_time
from app.rules.raw import at as _at
from app.rules.raw import number as _number
from app.rules.raw import rows as _rows
from app.rules.raw import time as _time

__all__ = ["InvalidProgramme", "Problem", "cross_checks", "problem_of"]


class InvalidProgramme(Exception):
    """The document is not a programme. `problems` holds everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{each.field}: {each.message}" for each in self.problems[:3]))


# pydantic's error type → (our code, what to do)
_ADVICE = {
    "missing": ("missing", "Add this key."),
    "extra_forbidden": ("unknown_key", "Remove this key: a programme has no such setting."),
    "string_type": ("wrong_type", "Write a text in quotes."),
    "int_type": ("wrong_type", "Write a whole number without quotes."),
    "int_parsing_size": ("out_of_range", "Write a number that fits in 64 bits."),
    "bool_type": ("wrong_type", "Write true or false."),
    "model_type": ("wrong_type", "Write an object: keys and values in braces."),
    "mapping_type": ("wrong_type", "Write an object: keys and values in braces."),
    "dict_type": ("wrong_type", "Write an object: keys and values in braces."),
    "tuple_type": ("wrong_type", "Write a list in square brackets."),
    "literal_error": ("unknown_value", "Write one of: {expected}."),
    "string_too_short": ("too_short", "Write at least {min_length} character(s)."),
    "string_too_long": ("too_long", "Write at most {max_length} characters."),
    "too_short": ("too_short", "List at least {min_length}."),
    "too_long": ("too_long", "List at most {max_length}."),
    "greater_than_equal": ("out_of_range", "Write a number of at least {ge}."),
    "less_than_equal": ("out_of_range", "Write a number of at most {le}."),
    "string_pattern_mismatch": ("not_a_language", 'Write a language such as "en" or "pt-BR".'),
    "string_unicode": ("not_printable", "Write valid text."),
}


def problem_of(error: ErrorDetails) -> Problem:
    """Translate one of pydantic's errors."""
    field = ".".join(str(part) for part in error["loc"] if part not in ("[key]", ""))
    code, advice = _ADVICE.get(error["type"], (error["type"], error["msg"].replace("{", "").replace("}", "")))
    return Problem(field, code, advice.format(**error.get("ctx", {})))


_KEYED = (
    ("earning", "products"),
    ("earning", "markets"),
    ("earning", "margins"),
    ("segments",),
    ("campaigns",),
    ("tiers",),
    ("rewards",),
    ("memberships",),
    ("experiments",),
)


def cross_checks(document: object) -> Iterator[Problem]:
    """Yield what is wrong between values that may each be right."""

    for path in _KEYED:
        yield from _repeated_keys(document, path)
    yield from _double_matches(document)
    yield from _own_rate_twice(document)
    yield from _empty_times(document)
    yield from _announcement(document)
    yield from _tier_ladder(document)
    yield from reward_checks(document)
    yield from (Problem(*found) for found in lot_checks(document))
    yield from order_checks(document)
    yield from activity_checks(document)
    yield from referral_checks(document)
    yield from tier_checks(document)
    yield from experiment_checks(document)
    yield from (Problem(*fault) for fault in schedule_checks(document))


def _repeated_keys(document: object, path: tuple[str, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, row in _rows(document, *path):
        key = row.get("key")
        if isinstance(key, str):
            if key in seen:
                yield Problem(f"{place}.key", "duplicate_key", "Give every entry of the list a key of its own.")
            seen.add(key)


def _double_matches(document: object) -> Iterator[Problem]:
    kinds = tuple(Match.model_fields)
    for place, row in _rows(document, "earning", "products"):
        if sum(_at(row, "match", kind) is not None for kind in kinds) > 1:
            yield Problem(f"{place}.match", "too_many", f"Keep one of {', '.join(kinds)}; make a rule for each.")


def _own_rate_twice(document: object) -> Iterator[Problem]:
    currency, rates = _at(document, "currency"), _at(document, "earning", "rates")
    if isinstance(currency, str) and isinstance(rates, dict) and currency in rates:
        message = "Write the rate of the programme's own currency in earning.rate only."
        yield Problem(f"earning.rates.{currency}", "duplicate_rate", message)


def _empty_times(document: object) -> Iterator[Problem]:
    for place, row in _rows(document, "campaigns"):
        first, end = _time(row.get("from")), _time(row.get("to"))
        if first is not None and end is not None and first >= end:
            yield Problem(f"{place}.to", "empty_period", "Write a time after from; to is exclusive.")
        if no_time(row.get("hours")):
            yield Problem(f"{place}.hours", "empty_period", "Write an end that differs from the start.")


def _announcement(document: object) -> Iterator[Problem]:
    first, end = (_time(_at(document, "display", "announcement", name)) for name in ("from", "to"))
    if first is not None and end is not None and first >= end:
        yield Problem("display.announcement.to", "empty_period", "Write a time after from; to is exclusive.")


def _tier_ladder(document: object) -> Iterator[Problem]:
    below: Decimal | None = None
    for place, row in _rows(document, "tiers"):
        enter = _number(row.get("enter"))
        elsewhere = enter != 0 if enter is not None else "enter" in row and row["enter"] is None
        if place == "tiers.0" and elsewhere:
            yield Problem(f"{place}.enter", "no_entry_tier", 'Write "0": everyone starts in the first tier.')
        if enter is not None and below is not None and enter <= below:
            yield Problem(f"{place}.enter", "not_ascending", "Write a threshold above the tier before.")
        below = enter if enter is not None else below
