"""Shoppers whom a platform vouches for: it passes their browser's calls on to us, and signs who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a shop's page. `customer_id`: the platform's; None: nobody is logged in."""

    ref: str
    customer_id: str | None


class Proxy(Protocol):
    def visitor(self, unverified_query: str, settings: Mapping[str, str], now: datetime) -> Visitor:
        """Return who a passed-on call is from. `unverified_query`: as it came. Raises: BadSignature."""
