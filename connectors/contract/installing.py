"""How a shop is connected: the merchant's browser leaves for the platform, agrees there, and comes back.

What may be trusted differs: Shopify signs what the browser brings back; WooCommerce sends the key from its own server,
without naming the shop and without a signature. So an attempt is remembered here, by a token that is used once; the key
is proved by a call to the shop that the attempt is for; and the browser that comes back must be the one that left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from connectors.neutral.calling import Caller

Credentials = Mapping[str, str]  # what calls to one shop need; sealed at rest, in no log


class LiveCredentials(Mapping[str, str]):
    """Credentials that are good whenever they are looked at: those that end are renewed by then."""

    def renew(self, refused: str) -> None:
        """Renew an access token that the platform no longer accepts. Raises: PlatformDown, Unauthorized."""
        raise NotImplementedError


class BadShop(Exception):
    """What the merchant wrote is no shop of this platform. The message is for the merchant."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a browser brings: never to be believed before the connector has looked."""

    query: Mapping[str, str]
    raw_query: str = ""
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Places:
    """Our own addresses that the platform has to know."""

    app: str
    granted: str  # the platform's server brings the key
    back: str  # the browser comes back


@dataclass(frozen=True, slots=True)
class Returned:
    """A browser that is back. `code`: what still has to be exchanged for credentials."""

    token: str
    agreed: bool
    code: str = ""
    ref: str = ""  # the shop that it says it comes from, where that is signed


@dataclass(frozen=True, slots=True)
class About:
    """What a shop says of itself."""

    currency: str
    timezone: str
    origins: tuple[str, ...]
    version: str = ""
    facts: Mapping[str, str | bool] = field(default_factory=dict)  # shown to the merchant and to `tessera doctor`


@dataclass(frozen=True, slots=True)
class Held:
    """Credentials with their ends. None: they hold until they are taken back."""

    credentials: Credentials
    access_until: datetime | None = None
    refresh_until: datetime | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Embedding:
    """What a page shown inside the platform's admin needs in its head: who we are, and the admin's own script."""

    meta: str
    key: str
    script: str
    comes_back_to: str  # the parameter that says where the script goes with a session
    again: str  # the header of a 401 that makes it try once more with a fresh one
    asks: str  # the script's function that asks the merchant for more rights, from `window` on
    tells: str  # its function that tells which of our blocks the shop shows


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a merchant puts something of ours into the shop."""

    label: str
    address: str
    action: str = ""
    block: str = ""  # the admin's name of it, where the admin tells of it
    added: str = ""  # the address once it is there


@dataclass(frozen=True, slots=True)
class Right:
    """What a merchant may allow besides what every installation asks for."""

    key: str
    what: str  # it makes possible
    scopes: tuple[str, ...]


class Installer(Protocol):
    """What a platform must offer so that merchants can connect their shop by themselves."""

    title: str  # what merchants call the platform
    asks_for_shop: bool  # the merchant writes the shop's address; False: the platform sends the merchant to us
    key_steps: tuple[str, ...]  # how a merchant makes a key by hand; none: only the platform grants keys
    key_fields: tuple[tuple[str, str, str], ...]  # what to type in then: name, label, example
    rights: tuple[Right, ...]  # what merchants may allow besides

    def typed(self, form: Mapping[str, str]) -> Credentials:
        """Read a key that a merchant typed in; nobody has proved it yet. Raises: BadShop."""

    def shop_of(self, visit: Visit, settings: Mapping[str, str], now: datetime) -> str:
        """Return the platform's name of the shop that a merchant wants to connect. Raises: BadShop, BadSignature."""

    def look(self, caller: Caller, ref: str) -> None:
        """Look whether there is such a shop, before anyone is sent there. Raises: PlatformDown, PlatformRefused."""

    def leave_for(
        self, ref: str, token: str, places: Places, settings: Mapping[str, str], besides: Collection[str] = ()
    ) -> str:
        """Return where the merchant agrees. `besides`: scopes that are asked for beside the usual ones."""

    def granted(self, unverified_body: bytes) -> tuple[str, Credentials]:
        """Read what the platform's server brings: our token, and credentials yet to be proved. Raises: BadFact."""

    def returned(self, visit: Visit, settings: Mapping[str, str], now: datetime) -> Returned:
        """Read what the browser brings back. Raises: BadSignature."""

    def exchange(self, caller: Caller, ref: str, code: str, settings: Mapping[str, str], now: datetime) -> Held:
        """Exchange a code for credentials. Raises: PlatformDown, PlatformRefused."""

    def session(self, token: str, settings: Mapping[str, str], now: datetime) -> str:
        """Return the shop whose staff a session is of. Raises: BadSignature: or the platform has no such sessions."""

    def embedding(self, settings: Mapping[str, str]) -> Embedding | None:
        """Return what pages inside the platform's admin need; None: they stand alone."""

    def came_from(self, visit: Visit) -> str | None:
        """Return the shop whose admin shows this page, where that may ask for a session; unproved."""

    def places(self, ref: str, settings: Mapping[str, str]) -> tuple[Spot, ...]:
        """Return where the merchant puts our blocks into the shop."""

    def frames(self, ref: str) -> tuple[str, ...]:
        """Return the origins that may show a shop's pages of ours in a frame."""

    def enter(self, caller: Caller, ref: str, session: str, settings: Mapping[str, str], now: datetime) -> Held:
        """Exchange a session that the platform vouches for, already read, for credentials.

        Raises: PlatformDown, PlatformRefused: the platform has no such sessions, or does not accept this one.
        """

    def renew(
        self, caller: Caller, ref: str, credentials: Credentials, settings: Mapping[str, str], now: datetime
    ) -> Held:
        """Return credentials for ones that end. Once: asked for again after a lost answer, it gives the next ones.

        Raises: PlatformDown, Unauthorized: they have ended, and the merchant has to open our page again.
        """

    def prove(self, caller: Caller, ref: str, credentials: Credentials) -> tuple[Credentials, About]:
        """Call the shop with the credentials; return how to call it from now on, and what it says of itself.

        Raises: PlatformDown, PlatformRefused: these credentials are not this shop's.
        """

    def equip(self, caller: Caller, ref: str, credentials: Credentials, webhook_url: str, secret: str) -> None:
        """Make the shop tell us what happens.

        Once: what is there already stays. Raises: PlatformDown, PlatformRefused.
        """

    def mend(self, caller: Caller, ref: str, credentials: Credentials, webhook_url: str, secret: str) -> int:
        """Make webhooks that are missing, switch on again those that are off; return how many there were of both.

        Raises: PlatformDown, PlatformRefused.
        """

    def leave(self, caller: Caller, ref: str, credentials: Credentials, webhook_url: str) -> None:
        """Take back what `equip` made, as far as the platform lets us. Raises: PlatformDown, PlatformRefused."""
