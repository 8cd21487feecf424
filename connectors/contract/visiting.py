"""Shoppers whom a platform vouches for: it passes their browser's calls on to us, and signs who they are."""

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
