"""Values as the API takes them. Each type refuses what cannot be stored or meant, and says what to write instead."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.members import cards
from app.members.emails import normal_email
from app.rules.fields import Time

MOST_POINTS = 10**15
MOST_ROWS = 200
ROWS = 50

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_SCHEMA: dict[str, Any] = {"type": "string", "format": "date"}
_TIME_SCHEMA: dict[str, Any] = {"type": "string", "format": "date-time"}


class Given(BaseModel):
    """What a request brings: strict types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Told(BaseModel):
    """What an answer tells; here to be described, the answers themselves are plain dictionaries."""

    model_config = ConfigDict(extra="forbid")


def _plain(value: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise PydanticCustomError("control_character", "Write plain text without control characters.")
    return value


def _said(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "Write some text.")
    return value


def _an_email(value: str) -> str:
    if not _EMAIL.fullmatch(normal_email(value) or ""):
        raise PydanticCustomError("not_an_email", "Write an e-mail address such as ada@example.com.")
    return value


def _a_card(value: str) -> str:
    number = cards.read_number(value)
    if number is None:
        raise PydanticCustomError("not_a_card", "Write the 12 digits of the card; one of these is wrong.")
    return number


def _not_zero(value: int) -> int:
    if value == 0:
        raise PydanticCustomError("zero", "Write a number above or below 0.")
    return value


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value) and value >= "1900":
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("not_a_day", "Write a day since 1900 such as 1990-12-31.")


def _this_age(value: datetime) -> datetime:
    if not 1970 <= value.year < 2200:
        raise PydanticCustomError("out_of_range", "Write a time between 1970 and 2199.")
    return value


def _number(text: object) -> object:
    """Read the digits of a query parameter."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10 else text


Plain = Annotated[str, AfterValidator(_plain)]
Text = Annotated[Plain, Field(min_length=1, max_length=255), AfterValidator(_said)]
Reason = Annotated[Plain, Field(min_length=1, max_length=500), AfterValidator(_said)]
SoughtEmail = Annotated[Plain, Field(min_length=1, max_length=320), AfterValidator(_said)]
Email = Annotated[SoughtEmail, AfterValidator(_an_email)]
CardNumber = Annotated[
    Plain,
    Field(max_length=40),
    AfterValidator(_a_card),
    WithJsonSchema({"type": "string", "pattern": "^[1-9]([ -]?[0-9]){11}$"}),
]
PointsChange = Annotated[
    int,
    Field(ge=-MOST_POINTS, le=MOST_POINTS),
    AfterValidator(_not_zero),
    WithJsonSchema({"type": "integer", "minimum": -MOST_POINTS, "maximum": MOST_POINTS, "not": {"const": 0}}),
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema(_DAY_SCHEMA)]
Moment = Annotated[Time, AfterValidator(_this_age), WithJsonSchema(_TIME_SCHEMA)]
Cursor = Annotated[Plain, Field(min_length=1, max_length=1000)]
Limit = Annotated[int, BeforeValidator(_number), Field(ge=1, le=MOST_ROWS)]

# What answers hold
Id = Annotated[str, WithJsonSchema({"type": "string", "minLength": 1})]
TimeText = Annotated[str, WithJsonSchema(_TIME_SCHEMA)]
DayText = Annotated[str, WithJsonSchema(_DAY_SCHEMA)]
Whole = Annotated[int, WithJsonSchema({"type": "integer", "format": "int64"})]
ExactText = Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+|/[0-9]+)?$"})]
