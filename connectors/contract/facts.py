"""The neutral facts: what any platform's deliveries come down to.

Amounts are decimals in whole currency units, exactly as the platform told them; times are aware and in UTC; ids are
the platform's own, as text. Nothing here knows where a fact came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

ZERO = Decimal(0)

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
    completed_at: datetime | None = None  # only where no delivery is ever told: it counts as one some days later
    delivered_at: datetime | None = None
    fulfilments: tuple[Fulfilment, ...] = ()  # where the platform tells them one by one
    discount_codes: tuple[DiscountCode, ...] = ()
    test: bool = False
    country: str | None = None  # where it goes, else where it is billed: ISO 3166-1 alpha-2
    referral_code: str | None = None  # of the member who brought the buyer
    arm: str | None = None  # "experiment:arm" of the shopper; empty: what was told is none
    in_shop_money: OrderState | None = None  # the same order in the shop's currency, where it differs


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTold:
    """A full state arrived. `restored`: it also undoes one deletion. `reread`: we asked the platform for it. `past`:
    an import tells it, and what shall become of an order from before the first programme."""

    state: OrderState
    restored: bool = False
    reread: bool = False
    past: Literal["award", "tiers"] | None = None


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
    tags: tuple[str, ...] | None = None  # None: not told
    country: str | None = None  # ISO 3166-1 alpha-2; None: not told
    customer_groups: tuple[str, ...] | None = None  # roles or groups; None: this platform does not tell them
    accepts_marketing: bool | None = None  # None: not told
    profile: tuple[str, ...] = ()  # which fields of the profile are filled in: names, never what they hold
    past: bool = False  # an import tells it: nothing is new about it


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
    collections: tuple[str, ...] | None = ()  # None: not told
    vendor: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityTold:
    """Something a customer did beside buying; one effect for each id.

    `evidence` is plain as it was told; only keyed digests of its text and picture stay in the fact.
    """

    id: str
    customer: CustomerRef
    kind: str
    at: datetime | None  # None: nobody tells, so when it was received
    subject: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    digests: tuple[str, ...] = ()
    first_counts: bool = False  # True: told again with other facts, the first stays; else that is an error


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopUninstalled:
    """The merchant removed the app; tokens are dead already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopesTold:
    """What the merchant lets the app do has changed."""

    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyAsked:
    """A platform asks, in somebody's name: hand over what is known, forget, or make two customers one."""

    id: str
    kind: Literal["export", "erase_customer", "erase_shop", "merge_customers"]
    customer_id: str | None = None
    into_id: str | None = None
    email: str | None = None


Fact = (
    OrderTold
    | RefundTold
    | FulfilmentTold
    | OrderDeleted
    | CustomerTold
    | CustomerDeleted
    | ProductTold
    | ActivityTold
    | ShopUninstalled
    | ScopesTold
    | PrivacyAsked
)
