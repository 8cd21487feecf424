"""How often an address may ask something of this process in a minute. Addresses are forgotten with the minute."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

MINUTE_S = 60.0
MOST_ADDRESSES = 50_000  # remembered at a time; who comes beyond that is let in


@dataclass(slots=True)
class Patience:
    """`most`: askings of one address in a minute. Behind one address there may be a whole office."""

    most: int
    clock: Callable[[], float] = time.monotonic
    _asked: Counter[str] = field(default_factory=Counter)
    _since: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lasts(self, address: str) -> bool:
        """Count one asking; tell whether it may be answered."""
        whose = _whose(address)
        with self._lock:
            if self.clock() - self._since >= MINUTE_S:
                self._asked, self._since = Counter(), self.clock()
            if whose in self._asked or len(self._asked) < MOST_ADDRESSES:
                self._asked[whose] += 1
            return self._asked[whose] <= self.most


def _whose(address: str) -> str:
    """Return whom an address belongs to: of IPv6 the first half, since everybody has all of the second."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(int(found) >> 64) if isinstance(found, IPv6Address) else address
