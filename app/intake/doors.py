"""Which shops may deliver, remembered for a few seconds, so that accepting asks the database for nothing.

What is remembered may be stale, never wrong for long: a signature that fails is checked once more against the
database, so that a new secret holds at once; an old one ends within the time below.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

REMEMBERED_S = 10.0
MOST = 10_000  # shops a process remembers


@dataclass(frozen=True, slots=True)
class Door:
    shop_id: str
    secrets: tuple[str, ...]  # newest first


@dataclass(slots=True)
class Doors:
    clock: Callable[[], float] = time.monotonic
    _known: dict[tuple[str, str], tuple[float, Door]] = field(default_factory=dict)

    def remembered(self, key: tuple[str, str]) -> Door | None:
        found = self._known.get(key)
        return found[1] if found is not None and self.clock() - found[0] < REMEMBERED_S else None

    def remember(self, key: tuple[str, str], door: Door | None) -> Door | None:
        """Remember a shop's door; unknown shops are asked for each time."""
        if door is not None:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = (self.clock(), door)
        return door
