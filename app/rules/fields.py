"""The kinds of values a programme document is made of, each with a message that says what to write instead."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError

from app.rules.money import MAX_POINTS, BadNumber, is_currency, parse_decimal

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CUSTOM_KIND = re.compile(r"custom:[A-Za-z0-9_.-]{1,80}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_EXPERIMENT = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")


ACTIVITY_KINDS = (
    "sign_up",
    "newsletter",
    "profile_field",
    "social_connect",
    "social_follow",
    "social_share",
    "review",
    "photo_review",
    "question",
    "answer",
    "referral",
    "referred_friend",
    "wishlist_add",
    "site_visit",
    "streak",
    "email_open",
    "email_click",
    "push_opt_in",
    "birthday",
    "first_purchase_anniversary",
    "member_anniversary",
    "order_count_milestone",
    "spend_milestone",
    "product_set",
    "min_spend",
    "win_back",
    "next_purchase_booster",
    "receipt",
    "survey",
    "leaderboard_prize",
    "surprise",
    "contest",
    "in_store_scan",
    "manual",
)


class Part(BaseModel):
    """One object of the document: strict types, no unknown keys, never changed."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, hide_input_in_errors=True, serialize_by_alias=True
    )


def _read_decimal(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    try:
        return parse_decimal(value)
    except BadNumber:
        raise PydanticCustomError(
            "not_a_decimal", 'Write an exact decimal of at least 0 in quotes, such as "10" or "0.5".'
        ) from None


def _above_zero(value: Decimal) -> Decimal:
    if value <= 0:
        raise PydanticCustomError("not_above_zero", "Write a number above 0.")
    return value


def _at_most_one(value: Decimal) -> Decimal:
    if value > 1:
        raise PydanticCustomError("too_large", 'Write a share from "0" to "1", such as "0.5".')
    return value


def _not_huge(value: Decimal) -> Decimal:
    if value > MAX_POINTS:
        raise PydanticCustomError("too_large", "Write a number below 2^63.")
    return value


def read_time(value: object) -> datetime:
    """Read an RFC 3339 time with its offset; the answer is in UTC."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    try:
        if isinstance(value, str) and _RFC3339.fullmatch(value):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise PydanticCustomError("not_a_time", 'Write a time with its offset, such as "2026-01-31T00:00:00Z".')


def _write_time(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _known_currency(value: str) -> str:
    if not is_currency(value):
        raise PydanticCustomError("unknown_currency", 'Write an ISO 4217 currency in capitals, such as "EUR".')
    return value


def _known_country(value: str) -> str:
    if not _COUNTRY.fullmatch(value):
        raise PydanticCustomError("not_a_country", 'Write an ISO 3166-1 country in capitals, such as "FR".')
    return value


def _printable(value: str) -> str:
    if not value.isprintable() or value != value.strip():
        raise PydanticCustomError("not_printable", "Write plain characters without spaces around them.")
    return value


def _experiment_key(value: str) -> str:
    if not _EXPERIMENT.fullmatch(value):
        raise PydanticCustomError("not_a_plain_key", "Write 1 to 100 letters, digits, dots, hyphens and underscores.")
    return value


def _storable(value: str) -> str:
    """Refuse what no database keeps: NUL and lone surrogates."""
    if _UNSTORABLE.search(value):
        raise PydanticCustomError("not_printable", "Write the text exactly as the shop platform shows it.")
    return value


def _trimmed(value: str) -> str:
    if value != value.strip():
        raise PydanticCustomError("not_printable", "Write it without spaces around it.")
    return value


def _clock_time(value: str) -> str:
    if not _CLOCK.fullmatch(value):
        raise PydanticCustomError("not_a_clock_time", 'Write a time of day from "00:00" to "24:00".')
    return value


def _a_day(value: object) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    if type(value) is date:
        return value
    raise PydanticCustomError("not_a_day", 'Write a day such as "2026-12-31".')


def _activity_kind(value: str) -> str:
    if value not in ACTIVITY_KINDS and not _CUSTOM_KIND.fullmatch(value):
        raise PydanticCustomError("unknown_kind", 'Write a kind of activity, or "custom:" and a name of your own.')
    return value


def _list_to_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _empty_to_none(value: object) -> object:
    return None if value in ([], {}) else value


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("repeated", "Name each of them once.")
    return values


_DECIMAL_SCHEMA: dict[str, Any] = {"type": "string", "pattern": r"^[0-9]{1,20}(\.[0-9]{1,20})?$"}
_CLOCK_SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"}
_TIME_SCHEMA: dict[str, Any] = {"type": "string", "format": "date-time"}

Exact = Annotated[
    Decimal,
    BeforeValidator(_read_decimal),
    AfterValidator(_not_huge),
    PlainSerializer(lambda value: f"{value:f}", return_type=str),
    WithJsonSchema(_DECIMAL_SCHEMA),
]
PositiveExact = Annotated[Exact, AfterValidator(_above_zero), WithJsonSchema(_DECIMAL_SCHEMA)]
Share = Annotated[Exact, AfterValidator(_at_most_one), WithJsonSchema(_DECIMAL_SCHEMA)]
Time = Annotated[
    datetime,
    BeforeValidator(read_time),
    PlainSerializer(_write_time, return_type=str),
    WithJsonSchema(_TIME_SCHEMA),
]
CurrencyCode = Annotated[
    str, AfterValidator(_known_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})
]
Key = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
ExperimentKey = Annotated[
    str, AfterValidator(_experiment_key), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,100}$"})
]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable), AfterValidator(_trimmed)]
PlatformText = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_storable)]
Points = Annotated[int, Field(ge=0, le=MAX_POINTS)]
Days = Annotated[int, Field(ge=0, le=3650)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ClockTime = Annotated[str, AfterValidator(_clock_time), WithJsonSchema(_CLOCK_SCHEMA)]
CalendarDay = Annotated[
    date,
    BeforeValidator(_a_day),
    PlainSerializer(lambda value: value.isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date"}),
]
Country = Annotated[str, AfterValidator(_known_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})]
ActivityKind = Annotated[
    str,
    AfterValidator(_activity_kind),
    WithJsonSchema(
        {"anyOf": [{"enum": list(ACTIVITY_KINDS)}, {"type": "string", "pattern": "^custom:[A-Za-z0-9_.-]{1,80}$"}]}
    ),
]
List = BeforeValidator(_list_to_tuple)
EachOnce = AfterValidator(_each_once)
NoneIfEmpty = BeforeValidator(_empty_to_none)
