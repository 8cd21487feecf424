"""The values that a programme document is made of: the last that is right, and the first that is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.rules.fields import (
    ActivityKind,
    CalendarDay,
    ClockTime,
    Country,
    Days,
    Exact,
    Key,
    Name,
    PlatformText,
    Points,
    PositiveExact,
    Time,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        (Key, "a", "a"),
        (Key, "x" * 100, "x" * 100),
        (Name, "x" * 200, "x" * 200),
        (Name, "a\u200db", "a\u200db"),
        (PlatformText, "x" * 255, "x" * 255),
        (PlatformText, " a ", " a "),
        (Points, 0, 0),
        (Points, 2**63 - 1, 2**63 - 1),
        (Days, 0, 0),
        (Days, 3650, 3650),
        (Exact, "0", Decimal(0)),
        (Exact, "9223372036854775807", Decimal(2**63 - 1)),
        (Exact, Decimal("0.5"), Decimal("0.5")),
        (PositiveExact, "0.00000000000000000001", Decimal("1E-20")),
        (Time, "2026-03-01T13:00:00+01:00", NOON),
        (Time, "2026-03-01t12:00:00.000000z", NOON),
        (Time, NOON.astimezone(timezone(timedelta(hours=5))), NOON),
        (CalendarDay, "2026-12-31", date(2026, 12, 31)),
        (CalendarDay, date(2026, 12, 31), date(2026, 12, 31)),
        (ClockTime, "24:00", "24:00"),
        (Country, "FR", "FR"),
        (ActivityKind, "custom:" + "x" * 80, "custom:" + "x" * 80),
        (ActivityKind, "review", "review"),
    ],
)
def test_what_is_just_right_is_read(kind: Any, value: Any, read: Any) -> None:
    found = TypeAdapter(kind).validate_python(value)
    assert found == read
    assert not isinstance(found, datetime) or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (Key, "", "string_too_short"),
        (Key, "x" * 101, "string_too_long"),
        (Key, "a\x7fb", "not_printable"),
        (Key, " a", "not_printable"),
        (Name, "", "string_too_short"),
        (Name, "x" * 201, "string_too_long"),
        (Name, "a ", "not_printable"),
        (PlatformText, "", "string_too_short"),
        (PlatformText, "x" * 256, "string_too_long"),
        (PlatformText, "a\x00", "not_printable"),
        (PlatformText, "a\udfff", "string_unicode"),
        (Points, -1, "greater_than_equal"),
        (Points, 2**63, "less_than_equal"),
        (Days, -1, "greater_than_equal"),
        (Days, 3651, "less_than_equal"),
        (Exact, "9223372036854775807.1", "too_large"),
        (Exact, 5, "not_a_decimal"),
        (PositiveExact, "0.0", "not_above_zero"),
        (Time, NOON.replace(tzinfo=None), "not_a_time"),
        (Time, "2026-03-01T12:00:00.0000000Z", "not_a_time"),
        (Time, 5, "not_a_time"),
        (CalendarDay, "2026-02-29", "not_a_day"),
        (CalendarDay, "20261231", "not_a_day"),
        (CalendarDay, NOON, "not_a_day"),
        (CalendarDay, 5, "not_a_day"),
        (ClockTime, "24:01", "not_a_clock_time"),
        (ClockTime, "23:60", "not_a_clock_time"),
        (Country, "FRA", "not_a_country"),
        (ActivityKind, "custom:" + "x" * 81, "unknown_kind"),
        (ActivityKind, "custom:", "unknown_kind"),
        (ActivityKind, "dance", "unknown_kind"),
    ],
)
def test_what_is_just_wrong_is_refused(kind: Any, value: Any, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    assert [each["type"] for each in caught.value.errors()] == [code]
