"""Anybody may name an address that we then call: so only so many are called in a minute, by each process."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.errors import Unavailable

MOST, WITHIN = 30, timedelta(minutes=1)


@dataclass
class Probes:
    """Calls to addresses that nobody has vouched for yet."""

    when: deque[datetime] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, now: datetime) -> None:
        """Count one more call. Raises: Unavailable: there were too many."""
        with self.lock:
            while self.when and self.when[0] <= now - WITHIN:
                self.when.popleft()
            if len(self.when) >= MOST:
                raise Unavailable("many shops are being connected just now: try again in a minute")
            self.when.append(now)
