"""What the rules need to see of an order. Any object of this shape will do; nothing here is a class to inherit.

Amounts are decimals in whole currency units, as displayed (with tax iff the order's prices include it), times are
aware, ids are text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol


class Facts(Protocol):
    """What product rules match on beside the ids; an order freezes them."""

    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def collections(self) -> Sequence[str]: ...
    @property
    def vendor(self) -> str | None: ...


class FrozenFacts(Facts, Protocol):
    @property
    def band(self) -> str | None:
        """Return the key of the margin band; None: in none, or its cost is not known."""


class OrderLine(Facts, Protocol):
    """One line, for all units ever ordered on it."""

    @property
    def id(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def gross(self) -> Decimal: ...
    @property
    def discount(self) -> Decimal: ...
    @property
    def tax(self) -> Decimal: ...
    @property
    def kind(self) -> str:
        """Return "item", "gift_card" or "tip"."""

    @property
    def removed(self) -> int: ...
    @property
    def product_id(self) -> str | None: ...
    @property
    def variant_id(self) -> str | None: ...


class OrderCharge(Protocol):
    """Something paid for beside the lines."""

    @property
    def kind(self) -> str:
        """Return "shipping", "tip", "duty" or "fee"."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def tax(self) -> Decimal: ...


class RefundedLine(Protocol):
    @property
    def line_id(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def amount(self) -> Decimal | None: ...


class OrderRefund(Protocol):
    @property
    def lines(self) -> Sequence[RefundedLine]: ...
    @property
    def money(self) -> Decimal: ...
    @property
    def shipping(self) -> Decimal: ...
    @property
    def total(self) -> Decimal | None: ...


class OrderFulfilment(Protocol):
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def units(self) -> Mapping[str, int]: ...
    @property
    def counts(self) -> bool: ...
    @property
    def delivered(self) -> bool: ...


class CodeUsed(Protocol):
    @property
    def code(self) -> str: ...


class Order(Protocol):
    """An order as it stands now."""

    @property
    def placed_at(self) -> datetime: ...
    @property
    def status(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def prices_include_tax(self) -> bool: ...
    @property
    def paid(self) -> str:
        """Return "none", "part" or "full"."""

    @property
    def lines(self) -> Sequence[OrderLine]: ...
    @property
    def charges(self) -> Sequence[OrderCharge]: ...
    @property
    def order_discount(self) -> Decimal: ...
    @property
    def order_discount_tax(self) -> Decimal: ...
    @property
    def total(self) -> Decimal | None: ...
    @property
    def refunds(self) -> Sequence[OrderRefund]: ...
    @property
    def all_refunded(self) -> bool: ...
    @property
    def paid_amount(self) -> Decimal | None: ...
    @property
    def paid_of(self) -> Decimal | None: ...
    @property
    def paid_at(self) -> datetime | None: ...
    @property
    def fulfilled_at(self) -> datetime | None: ...
    @property
    def completed_at(self) -> datetime | None: ...
    @property
    def delivered_at(self) -> datetime | None: ...
    @property
    def fulfilments(self) -> Sequence[OrderFulfilment]: ...
    @property
    def discount_codes(self) -> Sequence[CodeUsed]: ...
    @property
    def country(self) -> str | None:
        """Return where it goes: ISO 3166-1 alpha-2, None where nobody told."""

    @property
    def test(self) -> bool: ...
    @property
    def in_shop_money(self) -> Order | None: ...
