"""What a shop platform must offer, and the neutral facts it speaks (`facts`).

Each folder beside this one fills `Connector` in once. Nothing here knows a database, a clock or a web framework.

Errors, and what each does to the delivery that raised it:

    ConnectorError
    ├── BadSignature      401, nothing stored
    ├── Ping              200, nothing stored (a platform tries the address out)
    ├── Ignored           200, kept as `ignored`: a topic or state we have no use for
    ├── BadFact           200, kept as `failed` with the reason: signed, but not to be believed
    │   └── Disconnected  … and the shop is marked disconnected: the platform no longer lets us read
    ├── PlatformDown      a call to the platform may be tried again
    ├── Unclear           … must not, and nobody knows whether it acted: a merchant looks
    └── PlatformRefused   a call to the platform must not be tried again
        ├── Unauthorized  … because our key is not valid any more
        └── NotThere      … because there is no such thing
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NewType, Protocol

from connectors.contract.facts import (
    STATUS_RANK,
    ZERO,
    ActivityTold,
    Charge,
    CustomerDeleted,
    CustomerRef,
    CustomerTold,
    DiscountCode,
    Fact,
    Fulfilment,
    FulfilmentTold,
    Line,
    OrderDeleted,
    OrderState,
    OrderTold,
    PrivacyAsked,
    ProductTold,
    Refund,
    RefundLine,
    RefundTold,
    ScopesTold,
    ShopUninstalled,
    Variant,
    highest_status,
)

if TYPE_CHECKING:
    from connectors.contract.companion import Companion
    from connectors.contract.installing import Installer
    from connectors.contract.perks import PerkKeeper
    from connectors.contract.rewarding import Rewarder
    from connectors.contract.syncing import Reader
    from connectors.contract.telling import ShopTeller, Teller
    from connectors.contract.visiting import Proxy

__all__ = [
    "STATUS_RANK",
    "ZERO",
    "ActivityTold",
    "BadFact",
    "BadSignature",
    "Charge",
    "Connector",
    "ConnectorError",
    "CustomerDeleted",
    "CustomerRef",
    "CustomerTold",
    "Disconnected",
    "DiscountCode",
    "Envelope",
    "Fact",
    "Fulfilment",
    "FulfilmentTold",
    "Ignored",
    "Line",
    "NotThere",
    "OrderDeleted",
    "OrderState",
    "OrderTold",
    "Ping",
    "PlatformDown",
    "PlatformRefused",
    "PrivacyAsked",
    "ProductTold",
    "Refund",
    "RefundLine",
    "RefundTold",
    "ScopesTold",
    "ShopSettings",
    "ShopUninstalled",
    "Unauthorized",
    "Unclear",
    "Variant",
    "VerifiedBody",
    "highest_status",
]

VerifiedBody = NewType("VerifiedBody", bytes)  # only Connector.verify makes one


class ConnectorError(Exception):
    """Anything a connector may raise on purpose."""


class BadSignature(ConnectorError):
    """The delivery does not prove where it comes from."""


class Ping(ConnectorError):
    """The platform only tries the address out; there is nothing to keep."""


class Ignored(ConnectorError):
    """A signed delivery that says nothing we use."""


class BadFact(ConnectorError):
    """A signed delivery that cannot be read or believed. The message is shown to the merchant."""


class Disconnected(BadFact):
    """A signed error object instead of a resource: we lost the right to read."""


class PlatformDown(ConnectorError):
    """The platform could not answer; try again later.

    `acted`: False: it did nothing; None: nobody knows. Units: `after_s`, seconds that it asks to be left alone.
    """

    def __init__(self, message: str, *, acted: Literal[False] | None = False, after_s: float | None = None) -> None:
        super().__init__(message)
        self.acted, self.after_s = acted, after_s


class Unclear(ConnectorError):
    """Nobody knows whether a call acted, and doing it again could double it. The message is for the merchant."""


class PlatformRefused(ConnectorError):
    """The platform answered no; trying again will not help. `code`: its own word for why."""

    def __init__(self, message: str, *, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code, self.status = code, status


class Unauthorized(PlatformRefused):
    """Our key or token is not valid any more, or its rights do not reach: the merchant has to connect again."""


class NotThere(PlatformRefused):
    """What was asked for does not exist, or not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """What translation needs to know of the shop."""

    platform_ref: str
    currency: str
    paid_statuses: tuple[str, ...] = ("processing", "completed")  # WooCommerce's status list that earns
    allow_test_orders: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What the inbox needs to know of a delivery before anyone reads it."""

    key: str  # unique per shop: the same key is the same delivery
    topic: str
    same_bytes: bool = False  # True: other bytes under the same key are refused with 409
    event_id: str | None = None  # correlates deliveries of one action; never deduplicates


class Connector(Protocol):
    name: str  # "shopify": the registry's key, the URL segment, and the folder of recorded payloads
    signed_by: Literal["app", "shop"]
    """Whose secret signs. "app": one secret for all shops, the shop is named by a header (`shop_ref`).
    "shop": the shop's own secret, the shop is named by the path."""
    settings: tuple[str, ...]  # the environment variables this platform needs; `app.config` reads no others
    secret_settings: tuple[str, ...]  # those of them that sign, newest first
    told_as: Mapping[str, str]  # the topics under which an order and a customer are told as they stand
    delivery_header: str  # which header holds the delivery's own id
    issues_codes: Literal["here", "platform"]
    """Who makes the code of a reward. "here": we do, and the shop asks us what it is good for. "platform": it is a
    discount of the platform's own, made there before anyone can use it."""
    vouches_for_shoppers: bool  # True: the shop's own server asks for shopper tokens through REST
    installer: Installer | None  # how merchants connect a shop by themselves; None: by the command line
    reader: Reader | None  # how its orders are read at the platform; None: they only come
    rewarder: Rewarder | None  # how its rewards are made, where `issues_codes` is "platform"
    teller: Teller | None  # how it keeps facts of customers for its themes
    shop_teller: ShopTeller | None  # how it keeps facts of the shop itself for its themes
    perks: PerkKeeper | None  # how it gives a tier's members a standing discount and free shipping
    proxy: Proxy | None  # how it vouches for shoppers whose calls it passes on
    companion: Companion | None  # our plugin inside its shops
    tells_old_states: bool  # True: a delivery may carry an old state, so that an order whose points move is read again

    def default_origins(self, ref: str, app_url: str) -> tuple[str, ...]:
        """Return the storefront origins a shop of this name has when none are given."""

    def naming(self, ref: str) -> dict[str, str]:
        """Return the headers by which a genuine delivery names its shop; none where the path does."""

    def shop_ref(self, unverified_headers: Mapping[str, str]) -> str:
        """Return the platform's name of the shop. Only for `signed_by == "app"`. Raises: BadSignature."""

    def verify(
        self, unverified_headers: Mapping[str, str], unverified_body: bytes, secrets: Sequence[str], now_s: int
    ) -> VerifiedBody:
        """Return the body once its signature holds under any of the secrets (newest first).

        `now_s` is real time, Unix seconds. Header names are lower case. Raises: BadSignature, Ping.
        """

    def envelope(self, headers: Mapping[str, str], body: VerifiedBody) -> Envelope:
        """Name the delivery. Never parses the body; every header may be missing."""

    def translate(self, topic: str, document: object, settings: ShopSettings) -> tuple[Fact, ...]:
        """Put one parsed delivery into neutral facts. Raises: Ignored, BadFact, Disconnected."""

    def sign(self, topic: str, delivery_id: str, body: bytes, secret: str, now_s: int) -> dict[str, str]:
        """Return the headers a genuine delivery would carry (for `tessera replay` and tests)."""
