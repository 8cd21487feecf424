"""Programme time: what availability, expiry, schedules and versions go by. Real time is for security.

With TEST_CLOCK=1 one instant in the database holds for web, worker and command line; it stands still
between commands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from app.models import clock as table


def real_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Programme time and real time, as arguments rather than globals."""

    test: bool = False
    real: Callable[[], datetime] = real_now

    def now(self, connection: Connection) -> datetime:
        """Return programme time."""
        if self.test:
            instant: datetime | None = connection.execute(select(table.c.instant)).scalar()
            if instant is not None:
                return instant
        return self.real()

    def set(self, connection: Connection, instant: datetime | None) -> None:
        """Set programme time for every process, or None for real time. Only with TEST_CLOCK=1."""
        connection.execute(delete(table))
        connection.execute(insert(table).values(id=1, instant=instant))

    def advance(self, connection: Connection, by: timedelta) -> datetime:
        instant = self.now(connection) + by
        self.set(connection, instant)
        return instant
