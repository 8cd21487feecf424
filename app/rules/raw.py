"""Reading a programme document as it was sent: whatever is wrong in it, what is right can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic_core import PydanticCustomError

from app.rules.fields import read_time
from app.rules.money import BadNumber, parse_decimal


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where ("earning.products.0.rate.per"), what kind, and what to do."""

    field: str
    code: str
    message: str


def at(document: object, *path: str) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def rows(document: object, *path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object of a list with its place."""
    listed = at(document, *path)
    for position, row in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(row, dict):
            yield f"{'.'.join(path)}.{position}", row


def texts(value: object) -> list[str]:
    """Return the texts of a list, at their places; what is none is left empty."""
    return [each if isinstance(each, str) else "" for each in value] if isinstance(value, list) else []


def number(value: object) -> Decimal | None:
    try:
        return parse_decimal(value)
    except BadNumber:
        return None


def no_time(hours: object) -> bool:
    """Tell whether hours begin when they end; both clocks write midnight."""
    return isinstance(hours, list) and len(hours) == 2 and (hours[0] == hours[1] or hours == ["24:00", "00:00"])


def time(value: object) -> datetime | None:
    try:
        return read_time(value)
    except PydanticCustomError:
        return None
