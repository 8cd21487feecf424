"""A plugin of ours that runs inside a shop: it draws points, and tells what the platform itself does not.

It shares a secret with us that follows from the shop's own, so that nothing more has to be kept: whoever changes the
one changes the other, and the plugin is told anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from connectors.contract.installing import Credentials
from connectors.neutral.calling import Caller


@dataclass(frozen=True, slots=True)
class Pairing:
    """What a plugin has to know of us. `webhook_secret`: the shop's newest."""

    app_url: str
    shop_id: str
    webhook_secret: str

    def __repr__(self) -> str:
        return f"Pairing({self.shop_id})"  # the secret is in no log


class Companion(Protocol):
    file: str  # the name of its ZIP

    def packed(self, app_url: str) -> bytes:
        """Return the ZIP that merchants upload: it belongs to this installation. Once: the same bytes each time."""

    def pair(self, caller: Caller, ref: str, credentials: Credentials, pairing: Pairing) -> bool:
        """Tell the plugin whose it is; return whether it is there. Once: told again it is the same.

        Raises: PlatformDown, PlatformRefused: it is there, and belongs to another installation.
        """
