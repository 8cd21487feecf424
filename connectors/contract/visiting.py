"""Shoppers whom a platform vouches for: it signs the calls that it passes on to us, or hands out sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a shop's page. `customer_id`: the platform's; None: nobody is logged in."""

    ref: str
    customer_id: str | None


class Proxy(Protocol):
    def visitor(
        self,
        unverified_query: str,
        settings: Mapping[str, str],
        now: datetime,
        secrets: Callable[[str], Sequence[str]],
    ) -> Visitor:
        """Return who a passed-on call is from. `unverified_query`: as it came.

        `secrets`: of the shop of a name, newest first, where the shop's own sign; none: there is no such shop.
        Raises: BadSignature.
        """

    def customer(self, unverified_token: str, settings: Mapping[str, str], now: datetime) -> Visitor:
        """Return who a session is of that the platform hands to its own pages of a customer. Raises: BadSignature."""
