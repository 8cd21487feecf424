"""Leaky buckets: how much of a platform's patience with one shop is left, as all who call it know it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

RESERVE = 0.2  # of a bucket is left to whoever a person waits for
SMALL = (1000.0, 50.0)  # what a shop that nobody has told of is taken for: points, and points a second


class Buckets(Protocol):
    """What is known of a shop's bucket."""

    def wait_s(self, shop: str, cost: float) -> float:
        """Take so many points; return the seconds until they will be there."""

    def told(self, shop: str, available: float, maximum: float, restores: float) -> None:
        """Note what an answer says of the bucket. Units: points, and points a second."""


@dataclass
class OwnBuckets:
    """Buckets of one process."""

    now: Callable[[], float] = time.monotonic
    known: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)  # available, at, maximum, rate
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_s(self, shop: str, cost: float) -> float:
        with self.lock:
            available, maximum, restores = self._level(shop)
            self.known[shop] = (available - cost, self.now(), maximum, restores)
        return max(0.0, (cost + RESERVE * maximum - available) / max(restores, 1.0))

    def told(self, shop: str, available: float, maximum: float, restores: float) -> None:
        """Never more than we think there is left: calls that are on their way have taken theirs already."""
        with self.lock:
            level = self._level(shop)[0] if shop in self.known else maximum
            self.known[shop] = (min(available, level), self.now(), maximum, restores)

    def _level(self, shop: str) -> tuple[float, float, float]:
        available, at, maximum, restores = self.known.get(shop, (SMALL[0], self.now(), *SMALL))
        return min(maximum, available + (self.now() - at) * restores), maximum, restores
