"""What a shop platform must offer, and the neutral facts it speaks.

Each folder beside this file fills `Connector` in once. Nothing here knows a database, a clock or a web
framework. Amounts are decimals in whole currency units, exactly as the platform told them; times are
aware and in UTC; ids are the platform's own, as text.

Errors, and what each does to the delivery that raised it:

    ConnectorError
    ├── BadSignature      401, nothing stored
    ├── Ping              200, nothing stored (a platform tries the address out)
    ├── Ignored           200, kept as `ignored`: a topic or state we have no use for
    ├── BadFact           200, kept as `failed` with the reason: signed, but not to be believed
    │   └── Disconnected  … and the shop is marked disconnected: the platform no longer lets us read
    ├── PlatformDown      a call to the platform may be tried again
    └── PlatformRefused   a call to the platform must not be tried again
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NewType, Protocol

VerifiedBody = NewType("VerifiedBody", bytes)  # only Connector.verify makes one

ZERO = Decimal(0)


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
    """The platform could not answer; try again later."""


class PlatformRefused(ConnectorError):
    """The platform answered no; trying again will not help."""


# The rank of an order's status (semantics 1.4). On equal update times the higher rank wins.
STATUS_RANK: Mapping[str, int] = {
    "draft": 0,
    "pending": 1,
    "failed": 1,
    "authorized": 2,
    "on-hold": 2,
    "part-paid": 3,
    "paid": 4,
    "processing": 4,
    "partially_refunded": 4,
    "fulfilled": 5,
    "completed": 6,
    "refunded": 7,
    "cancelled": 8,
    "voided": 8,
    "expired": 8,
    "deleted": 9,
}


def highest_status(statuses: Sequence[str]) -> str:
    """Return the status with the highest rank; the first of equals."""
    return max(statuses, key=lambda status: STATUS_RANK[status])


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRef:
    """Who bought: the platform's customer, an e-mail, or both. A guest has no id.

    `email` is plain as the platform sent it; it is replaced by `email_ref`, a keyed hash, before the
    state is stored, so that neither the order nor the journal holds an address.
    """

    id: str | None = None
    email: str | None = None
    email_verified: bool = False
    email_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an order, in the prices as displayed (with tax iff the order's prices include it)."""

    id: str
    quantity: int  # units ordered, whatever left since
    gross: Decimal  # unit price × ordered, before any discount
    discount: Decimal = ZERO  # everything allocated to this line, item and order level, for the whole line
    tax: Decimal = ZERO  # of the whole line after discount; contained in gross − discount iff prices include tax
    kind: Literal["item", "gift_card", "tip"] = "item"
    removed: int = 0  # units an edit took out; units of `refunds` are not counted here
    product_id: str | None = None
    variant_id: str | None = None
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    vendor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Something paid for beside the lines: outside the basis unless the programme says otherwise."""

    kind: Literal["shipping", "tip", "duty", "fee"]
    amount: Decimal  # as displayed
    tax: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    line_id: str
    quantity: int
    amount: Decimal | None = None  # taken back for the line, as displayed; None: in proportion to the units


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    id: str
    at: datetime | None = None
    lines: tuple[RefundLine, ...] = ()
    money: Decimal = ZERO  # given back without an item, ≥ 0; without tax where prices exclude tax
    money_tax: Decimal = ZERO  # only of a refund told alone: tax of `money`, to be added where prices include tax
    shipping: Decimal = ZERO  # touches only shipping
    total: Decimal | None = None  # all that is known of it: its total with tax. Its lines need a fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulfilment:
    id: str
    created_at: datetime
    updated_at: datetime
    units: Mapping[str, int] = field(default_factory=dict)  # line id → units
    counts: bool = True  # False: cancelled or failed
    delivered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountCode:
    """A code used on the order; its amounts are already contained in the lines' discounts."""

    code: str
    lines: Mapping[str, Decimal] = field(default_factory=dict)  # line id → discount
    shipping: Decimal = ZERO
    total: Decimal | None = None  # where the platform does not split it over lines


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderState:
    """An order as the platform holds it now: its full state, never an event.

    `paid` says how much of it counts as paid. For `part`, the share is `paid_amount ÷ paid_of`; without
    `paid_of` the rules divide by the kept lines with their tax, shipping and tip.
    """

    id: str
    placed_at: datetime
    updated_at: datetime
    status: str  # a key of STATUS_RANK: the highest that applies
    currency: str  # ISO 4217 of every amount here
    prices_include_tax: bool
    paid: Literal["none", "part", "full"]
    customer: CustomerRef | None = None
    lines: tuple[Line, ...] = ()
    charges: tuple[Charge, ...] = ()
    order_discount: Decimal = ZERO  # not allocated to lines (negative fees), ≥ 0, as displayed
    order_discount_tax: Decimal = ZERO
    total: Decimal | None = None  # the whole order with tax and shipping, before refunds
    refunds: tuple[Refund, ...] = ()
    all_refunded: bool = False  # the platform says "refunded" and names no refund
    paid_amount: Decimal | None = None
    paid_of: Decimal | None = None
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None  # everything is fulfilled since
    completed_at: datetime | None = None
    delivered_at: datetime | None = None
    fulfilments: tuple[Fulfilment, ...] = ()  # where the platform tells them one by one
    discount_codes: tuple[DiscountCode, ...] = ()
    test: bool = False
    in_shop_money: OrderState | None = None  # the same order in the shop's currency, where it differs


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTold:
    """A full state arrived. `restored`: it also undoes one deletion. `reread`: we asked the platform for it."""

    state: OrderState
    restored: bool = False
    reread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTold:
    """A refund told alone; it joins its order until a newer full state is held."""

    order_id: str
    refund: Refund
    in_shop_money: Refund | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilmentTold:
    order_id: str
    fulfilment: Fulfilment


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeleted:
    order_id: str
    final: bool  # True: the platform never brings it back


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTold:
    id: str
    updated_at: datetime
    email: str | None = None
    email_verified: bool = False
    phone: str | None = None
    birthday: date | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDeleted:
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    id: str
    price: Decimal | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductTold:
    id: str
    updated_at: datetime
    variants: tuple[Variant, ...] = ()
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    vendor: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopUninstalled:
    """The merchant removed the app; tokens are dead already."""


Fact = (
    OrderTold
    | RefundTold
    | FulfilmentTold
    | OrderDeleted
    | CustomerTold
    | CustomerDeleted
    | ProductTold
    | ShopUninstalled
)


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
    delivery_header: str  # which header holds the delivery's own id
    vouches_for_shoppers: bool  # True: the shop's own server asks for shopper tokens through REST

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
