"""Orders and programmes with a default for every field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.rules.earning import Context, Earned, earn
from app.rules.programme import Programme, parse_programme
from connectors.contract import Charge, Fulfilment, Line, OrderState, Refund, RefundLine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)  # a Sunday
HOUR = timedelta(hours=1)
NOBODY = Context()


def document(*, currency: str = "EUR", campaigns: Any = (), tiers: Any = (), **earning: Any) -> dict[str, Any]:
    """A programme that gives 10 points per EUR 1 unless told otherwise."""
    earning = {"rate": {"points": "10", "per": "1"}} | earning
    return {
        "name": "Club",
        "currency": currency,
        "earning": earning,
        "campaigns": list(campaigns),
        "tiers": list(tiers),
    }


def programme(**changes: Any) -> Programme:
    return parse_programme(document(**changes))


def rate(points: str, per: str = "1") -> dict[str, str]:
    return {"points": points, "per": per}


def line(unit_price: str = "19.99", quantity: int = 2, discount: str = "0", **changes: Any) -> Line:
    defaults: dict[str, Any] = {
        "id": "l1",
        "quantity": quantity,
        "gross": Decimal(unit_price) * quantity,
        "discount": Decimal(discount),
    }
    return Line(**defaults | changes)


def order(*lines: Line, **changes: Any) -> OrderState:
    """Without arguments: the first case, 2 × 19.99 EUR, tax included, paid."""
    defaults: dict[str, Any] = {
        "id": "1001",
        "placed_at": NOON,
        "updated_at": NOON,
        "status": "paid",
        "currency": "EUR",
        "prices_include_tax": True,
        "paid": "full",
        "lines": lines or (line(),),
    }
    return OrderState(**defaults | changes)


def refund(*lines: RefundLine, **changes: Any) -> Refund:
    amounts = {key: Decimal(value) for key, value in changes.items()}
    return Refund(id="r", lines=lines, **amounts)


def back(quantity: int = 1, amount: str | None = None, line_id: str = "l1") -> RefundLine:
    return RefundLine(line_id=line_id, quantity=quantity, amount=None if amount is None else Decimal(amount))


def after(state: OrderState, *refunds: Refund) -> OrderState:
    return replace(state, refunds=(*state.refunds, *refunds))


def shipping(amount: str = "4.90", tax: str = "0") -> Charge:
    return Charge(kind="shipping", amount=Decimal(amount), tax=Decimal(tax))


def sent(units: dict[str, int], hours: int = 1, *, counts: bool = True, delivered: bool = False) -> Fulfilment:
    created = NOON + hours * HOUR
    return Fulfilment(
        id=str(hours),
        created_at=created,
        updated_at=created + HOUR / 2,
        units=units,
        counts=counts,
        delivered=delivered,
    )


def target(state: OrderState, rules: Programme | None = None, context: Context = NOBODY, **changes: Any) -> int:
    return earned(state, rules, context, **changes).target


def earned(state: OrderState, rules: Programme | None = None, context: Context = NOBODY, **changes: Any) -> Earned:
    return earn(state, rules or programme(), context, **changes)


# What an activity rule of each kind must say besides its key, kind and points.
SETTINGS: dict[str, dict[str, Any]] = {
    "order_count_milestone": {"milestone": {"at": "4"}},
    "spend_milestone": {"milestone": {"every": "100"}},
    "product_set": {"product_set": {"products": ["a", "b"]}},
    "win_back": {"win_back": {"days_without_order": 90}},
    "next_purchase_booster": {"booster": {"multiplier": "2", "valid_days": 7}},
    "streak": {"streak": {"length": 7}},
    "leaderboard_prize": {"contest": {"prizes": [10]}},
    "surprise": {"surprise": {"members": 3, "seed": "s"}},
}
