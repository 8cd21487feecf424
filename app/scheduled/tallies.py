"""How everybody stands in a contest that runs, counted once a minute for all who look: a page may be asked for often.

A count reads what every member did in the period. Of several that ask at once, one counts and the others wait.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from threading import Lock

from app.scheduled.standings import Field, Placed, Score, Standing, best, places

REMEMBERED_S = 60.0
MOST = 16  # contests a process remembers
SHOWN = 100

Key = tuple[str, str, str, int]  # shop, rule, period, version


@dataclass(frozen=True, slots=True)
class Tally:
    """The first hundred, and of all scores how many have one so good or better."""

    placed: list[Placed]
    among: int
    scores: list[Score]  # each once, the worst first
    so_far: list[int]  # how many have this one or a worse one

    def place(self, score: Score) -> int:
        """Return the place of a score: one more than there are better ones."""
        found = bisect_right(self.scores, score)
        return self.among - (self.so_far[found - 1] if found else 0) + 1


def tally(everybody: Field) -> Tally:
    """Count how everybody stands now."""
    counts: Counter[Score] = Counter()

    def counted() -> Iterator[Standing]:
        for each in everybody.standings():
            counts[each.score] += 1
            yield each

    top, among = best(counted(), SHOWN, ties=False)
    scores = sorted(counts)
    return Tally(places(top), among, scores, list(accumulate(counts[score] for score in scores)))


@dataclass(slots=True)
class _Slot:
    lock: Lock = field(default_factory=Lock)
    counted_at: float = 0.0
    tally: Tally | None = None


@dataclass(slots=True)
class Tallies:
    """What a process remembers of contests."""

    clock: Callable[[], float] = time.monotonic
    _slots: dict[Key, _Slot] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, key: Key, everybody: Field) -> Tally:
        """Return a count of the last minute, or count now."""
        with self._lock:
            if key not in self._slots and len(self._slots) >= MOST:
                self._slots.clear()
            slot = self._slots.setdefault(key, _Slot())
        with slot.lock:
            if slot.tally is None or self.clock() - slot.counted_at >= REMEMBERED_S:
                slot.tally, slot.counted_at = tally(everybody), self.clock()
            return slot.tally
