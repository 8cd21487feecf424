"""What every member of a tier gets with every order, kept at a platform: a standing discount, free shipping."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from connectors.contract.installing import Credentials
from connectors.neutral.calling import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Perk:
    """What the members of one tier get. At least one of `percent` and `free_shipping`."""

    id: str  # ours; it is noted at the platform
    title: str  # what shoppers read beside the discount
    code: str  # where the platform wants one
    tag: str  # what the tier's customers carry, where the platform tags customers
    percent: Decimal | None
    free_shipping: bool
    since: datetime
    emails: tuple[str, ...] = ()  # of the tier's members, where `by_email`; only in memory, and in the call


class PerkKeeper(Protocol):
    by_email: bool  # True: a perk is for the addresses that it names; False: for the customers that carry its tag

    def cannot(self, scopes: Collection[str]) -> str | None:
        """Return why the shop can have no perks; None: it can. `scopes`: what the merchant has granted."""

    def keep(
        self, caller: Caller, ref: str, credentials: Credentials, perks: Sequence[Perk], dropped: Sequence[str]
    ) -> None:
        """Make a shop's perks these, and take back others of ours. `dropped`: codes of perks that are no more.

        Once: what is there already stays. Raises: PlatformDown, PlatformRefused, with what the merchant can do.
        """
