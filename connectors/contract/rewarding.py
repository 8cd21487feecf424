"""Rewards at a platform: a code, a gift card or store credit that works at its checkout.

Codes are ours, unguessable and always the same for one reward, so that a call can be repeated: what is there already is
looked up by its code, and made to be what it should be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from connectors.contract import PlatformRefused, Unauthorized, Unclear
from connectors.contract.installing import Credentials
from connectors.neutral.calling import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One reward of one member, as a platform has to make it."""

    id: str  # ours; it is noted at the platform
    kind: str
    code: str
    shared: str | None = None  # a code by which the discount is found that all codes of this reward are worth
    title: str  # what the merchant reads
    currency: str  # the shop's
    value: Mapping[str, Any] = field(default_factory=dict)  # as `app.rules.rewards.value_of` tells it
    starts_at: datetime
    ends_at: datetime | None = None
    customer_id: str | None = None  # the platform's; None: it does not know this member
    email: str | None = None  # only in memory, and in the call

    def money(self, name: str) -> str:
        """Return an amount of the value: always of the shop's currency, as discounts are. Raises: PlatformRefused."""
        told: Mapping[str, str] = self.value[name]
        if told["currency"] != self.currency:
            raise PlatformRefused(f"the reward is worth {told['currency']}, and the shop sells in {self.currency}")
        return told["amount"]


@dataclass(frozen=True, slots=True)
class Made:
    """`code`: what the shopper types in; None: it needs none."""

    code: str | None


@dataclass(frozen=True, slots=True)
class Ended:
    """`used`: an order has used it, or is about to."""

    used: bool


@contextmanager
def only_looking() -> Iterator[None]:
    """Look whether a reward is there: a refusal to look does not say that it is not. Raises: Unclear."""
    try:
        yield
    except Unauthorized:
        raise
    except PlatformRefused as error:
        raise Unclear(f"it may be there, and cannot be looked for: {error}") from error


class Rewarder(Protocol):
    counts_late: timedelta  # a use may be counted so long after it happened

    def cannot(self, kind: str, value: Mapping[str, Any], scopes: Collection[str]) -> str | None:
        """Return why this platform cannot make such a reward; None: it can. `scopes`: what the merchant has granted."""

    def make(self, caller: Caller, ref: str, credentials: Credentials, grant: Grant, *, unsure: bool) -> Made:
        """Make a reward. `unsure`: an earlier call may have made it.

        Once: by its code; one that is there already is made to be what it should be.
        Raises: PlatformDown, PlatformRefused (nothing is there), Unclear.
        """

    def end(self, caller: Caller, ref: str, credentials: Credentials, grant: Grant) -> Ended:
        """End a code, so that no order can use it from now on; then tell whether one has.

        Once: what is not there any more is ended. Raises: PlatformDown, PlatformRefused.
        """
