"""Facts that a platform keeps for us, so that its themes can draw them without a request."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.contract.installing import Credentials
from connectors.neutral.calling import Caller


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """One customer. `tags`: what it carries; `not_tags`: other tags of ours, that it does not."""

    customer_id: str
    document: Mapping[str, Any]
    tags: frozenset[str] = frozenset()
    not_tags: frozenset[str] = frozenset()


class Teller(Protocol):
    def may(self, scopes: Collection[str]) -> bool:
        """Tell whether the merchant has granted what this needs."""

    def tell(self, caller: Caller, ref: str, credentials: Credentials, facts: Sequence[CustomerFacts]) -> None:
        """Keep these facts. Once: told again they are the same; a customer who is gone is passed over.

        Raises: PlatformDown, PlatformRefused.
        """


class ShopTeller(Protocol):
    def tell(self, caller: Caller, ref: str, credentials: Credentials, facts: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep facts of the whole shop, by name, each of 15 KB at most, where its themes alone can read them.

        Once: told again they are the same. Raises: PlatformDown, PlatformRefused.
        """
