"""Rewards: what each kind costs and is worth, who may have it now, and how much of it an order gave back.

Source: semantics 4.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.rules.document import Reward
from app.rules.money import ONE, ZERO, decimals_of, exact, total
from app.rules.order import Order
from app.rules.when import Window

BY_ORDER = frozenset(("amount_off", "percent_off", "free_shipping", "free_product", "pay_with_points"))
CODED = BY_ORDER | {"gift_card"}  # carries a code of ours
ENTITLING = frozenset(("exclusive_product", "early_access", "exclusive_content"))
FIXED = frozenset(("amount_off", "percent_off", "free_shipping"))  # all codes of such a reward are worth the same
BY_PLATFORM = CODED | {"store_credit"}  # the shop itself must carry it out
ONLY_WHOLE = frozenset(("free_shipping", "gift_card"))  # come back only when the whole order does

DEAD = frozenset(("cancelled", "voided", "expired", "deleted", "failed", "draft"))  # such an order uses no code
_ALPHABET = "ACDEFGHJKMNPQRTVWXY34679"  # nothing in it looks like anything else in it
_CODE = re.compile(rf"TES(-[{_ALPHABET}]{{4}}){{3}}")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a reward cannot be had now."""

    code: str
    message: str


class WrongPoints(ValueError):
    """So many points cannot be spent on this reward; the message says how many can."""


def code_of(digest: bytes) -> str:
    """Write a keyed hash as a code that people can read out and type: TES-XXXX-XXXX-XXXX."""
    number, letters = int.from_bytes(digest), []
    for _ in range(12):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    text = "".join(letters)
    return f"TES-{text[:4]}-{text[4:8]}-{text[8:]}"


def looks_like_code(text: str) -> bool:
    """Tell whether a code, in capitals, may be one of ours; most of a shop's are not."""
    return _CODE.fullmatch(text) is not None


def cost(reward: Reward, asked: int | None, currency: str) -> int:
    """Return the points a redemption takes.

    Units: `asked` points, for pay_with_points only; no more are taken than the amount they are worth needs.
    Raises: WrongPoints.
    """
    if reward.kind != "pay_with_points":
        if asked is not None and asked != reward.points:
            raise WrongPoints(f"{reward.key} costs {reward.points} points; leave points out")
        return reward.points
    if asked is None:
        raise WrongPoints("say how many points to pay with")
    least, most = max(1, reward.min_points), reward.max_points
    if asked < least or (most is not None and asked > most):
        span = f"at least {least}" if most is None else f"from {least} to {most}"
        raise WrongPoints(f"pay with {span} points")
    amount = worth(reward, asked, currency)
    if not amount:
        raise WrongPoints(f"{asked} points are worth less than the smallest coin")
    return ceil(amount * _price(reward))


def _price(reward: Reward) -> Fraction:
    """Return how many points one unit of the currency takes."""
    if reward.rate is None or not reward.rate.points:
        raise WrongPoints(f"{reward.key} has no rate")
    return exact(reward.rate.points) / exact(reward.rate.per)


def worth(reward: Reward, points: int, currency: str) -> Fraction:
    """Return the money that points pay for, rounded down to the currency's decimals."""
    unit = 10 ** decimals_of(currency)
    return Fraction(floor(points / _price(reward) * unit), unit)


def money_text(amount: Fraction, currency: str) -> str:
    """Write an amount with its currency's decimals, rounded half up."""
    decimals = decimals_of(currency)
    cents = floor(amount * 10**decimals + Fraction(1, 2))
    return str(Decimal(cents).scaleb(-decimals)) if decimals else str(cents)


def money(amount: Fraction, currency: str) -> dict[str, str]:
    return {"amount": money_text(amount, currency), "currency": currency}


def value_of(reward: Reward, points: int, currency: str, min_basket: Mapping[str, str] | None) -> dict[str, Any]:
    """Return what the shop is told to do for a redemption; nothing that does not apply stands in it."""
    amount = reward.amount
    told: dict[str, Any] = {
        "amount": money(exact(amount.amount), amount.currency) if amount else None,
        "percent": f"{reward.percent:f}" if reward.percent is not None else None,
        "max_amount": money(exact(reward.max_amount.amount), reward.max_amount.currency) if reward.max_amount else None,
        "product": reward.product,
        "content": reward.content,
        "min_basket": min_basket,
        "products": list(reward.products),
        "collections": list(reward.collections),
        "combines": reward.combines if reward.kind in BY_ORDER else None,
        "personal": reward.personal,
    }
    if reward.kind == "pay_with_points":
        told["amount"] = money(worth(reward, points, currency) if points else ZERO, currency)
    return {name: value for name, value in told.items() if value not in (None, [])}


@dataclass(frozen=True, slots=True)
class Average:
    """What counted orders of the last 90 days kept, in the programme's currency."""

    orders: int
    total: Fraction

    def above(self, percent: Decimal, currency: str) -> tuple[dict[str, str] | None, dict[str, Any]]:
        """Return the least basket that lies so many percent above, and how it was found; none without orders."""
        if not self.orders:
            return None, {"orders": 0, "percent": f"{percent:f}"}
        mean = self.total / self.orders
        told = {"average": money_text(mean, currency), "orders": self.orders, "percent": f"{percent:f}"}
        return money(mean * (1 + exact(percent) / 100), currency), told


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What of a reward is gone already."""

    stock: int = 0  # redemptions that were not voided, gifts too
    budget: int = 0  # points spent on it in the budget's period
    by_member: int = 0
    vouchers_left: int | None = None  # of a partner; None: it needs none


def why_not(reward: Reward, points: int, taken: Taken, *, eligible: bool = True) -> list[Reason]:
    """Return why a member may not have a reward, leaving time and balance aside. Units: `points` it would cost."""
    reasons = []
    if not eligible:
        reasons.append(Reason("not_eligible", "This reward is for other members."))
    if not reward.points and reward.kind != "pay_with_points":
        reasons.append(Reason("given_only", "This reward cannot be bought with points; rules give it."))
    if (reward.stock is not None and taken.stock >= reward.stock) or taken.vouchers_left == 0:
        reasons.append(Reason("out_of_stock", "None are left."))
    if reward.per_member is not None and taken.by_member >= reward.per_member:
        reasons.append(Reason("limit_reached", f"A member can have {reward.per_member} of these."))
    if reward.budget is not None and taken.budget + points > reward.budget.points:
        reasons.append(Reason("budget_spent", "What the shop gives in this period is spent."))
    return reasons


def why_not_now(reward: Reward, now: datetime, zone: ZoneInfo, *, spending: bool) -> list[Reason]:
    """Return why a reward cannot be had at this moment by anyone; `spending`: the programme's phase allows it."""
    reasons = []
    if not spending:
        reasons.append(Reason("programme_closed", "Points of this programme cannot be spent now."))
    if not Window.of(reward.when).runs_at(now, zone):
        reasons.append(Reason("not_now", "This reward cannot be had at this time."))
    return reasons


# --- orders that used a code ------------------------------------------------------------------------------------------


class UsedCode(Protocol):
    """What a code took off an order."""

    @property
    def lines(self) -> Mapping[str, Decimal]: ...
    @property
    def shipping(self) -> Decimal: ...
    @property
    def total(self) -> Decimal | None: ...


def all_back(order: Order) -> bool:
    """Tell whether everything of an order came back."""
    if order.status in DEAD or order.status == "refunded" or order.all_refunded:
        return True
    gone = _gone(order)
    return bool(order.lines) and all(gone[line.id] == 1 for line in order.lines)


def share_back(order: Order, code: UsedCode) -> Fraction:
    """Return which share of a code's discount lay on what came back: by line, and within a line by unit."""
    if all_back(order):
        return ONE
    off = {line: exact(amount) for line, amount in code.lines.items()}
    if not off and not code.shipping and code.total is not None:  # not split by the platform: by the lines' prices
        off = {line.id: exact(line.gross) for line in order.lines}
    whole = total([*off.values(), exact(code.shipping)])
    gone = _gone(order)
    back = total(amount * gone.get(line, ZERO) for line, amount in off.items())
    return back / whole if whole else ZERO


def _gone(order: Order) -> dict[str, Fraction]:
    """Return which share of each line's units was taken out or given back."""
    units = Counter({line.id: line.removed for line in order.lines})
    for refund in order.refunds:
        for back in refund.lines:
            units[back.line_id] += back.quantity
    return {
        line.id: Fraction(min(units[line.id], line.quantity), line.quantity) if line.quantity else ONE
        for line in order.lines
    }


def points_back(kind: str, points: int, share: Fraction, whole: bool) -> int:
    """Return the points of a redemption that come back by the share of its discount that did.

    Rounded down; the last gets the rest.
    """
    if whole:
        return points
    return 0 if kind in ONLY_WHOLE else floor(points * share)
