"""Orders: what is held of each, and its settlement: state → target → difference.

The points of an order are a pure function of its state now, the version effective when it was placed, its
frozen context, and the cap room left. A delivery only says "look again". Source: semantics 1.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from app.desk import Desk
from app.errors import TooManyPoints
from app.ledger.account import MOST_POINTS
from app.ledger.orders import OrderPoints, Posting, post_difference
from app.order_state import Held
from app.programmes import Version, effective
from app.purchases import Purchase
from app.rules.earning import Context, Earned, ProductFacts, earn
from app.rules.expiry import pending_until
from connectors.contract import CustomerRef, Line, OrderState


@dataclass(slots=True)
class Order:
    """An order under its lock."""

    id: str
    held: Held
    points: OrderPoints
    member_id: str | None = None
    customer: tuple[str | None, str | None] | None = None  # (id, e-mail ref) the member was resolved by
    version: int | None = None
    tier: str | None = None
    boosters: tuple[tuple[str, str], ...] | None = None  # (rule, multiplier); None: it has not earned yet
    segments: tuple[str, ...] = ()
    line_facts: dict[str, ProductFacts] = field(default_factory=dict)
    placed_at: datetime | None = None
    state: str = "waiting"
    target: int = 0
    spend: Fraction | None = None  # kept basis in the programme's currency; None: not known there
    counts: bool = False  # its earn moment is reached and something is kept
    lines: list[dict[str, Any]] = field(default_factory=list)
    explanation: Mapping[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    look_again_at: datetime | None = None
    stored: bool = False

    @property
    def lot_keys(self) -> list[str]:
        """Return the lots a settlement of this order may touch besides the member's open ones."""
        keys = {lot for _, lot, _ in self.points.takes if lot} | ({self.points.lot} if self.points.lot else set())
        return sorted(keys)


def settle(order: Order, desk: Desk) -> None:
    """Post what the order's target differs from what was posted. Once: repeats post nothing.

    The caller holds the locks of the order and its members. Source: semantics 1.4, 2.
    """
    state = order.held.effective()
    if state is None:
        return
    order.state, order.placed_at = state.status, state.placed_at
    if order.member_id is not None:
        order.member_id = desk.people.survivor(order.member_id)
    member_id = _member(order, state, desk)
    version = _version(order, state, desk)
    if version is None:
        order.target, order.explanation = 0, {"reason": "no programme was in effect when the order was placed"}
        order.member_id = member_id
        desk.purchases.note(_purchase(order))
        return
    _freeze(order, state, version, member_id, desk)
    earned = earn(
        state,
        version.programme,
        Context(order.tier, order.segments, order.line_facts),
        in_force=desk.boosters.in_force(order, member_id, state.placed_at),
        zone=desk.shop.zone,
        now=desk.now,
        version=version.number,
        allow_test=desk.shop.settings.allow_test_orders,
    )
    if earned.target > MOST_POINTS:
        raise TooManyPoints(f"the order would earn {earned.target} points; a member can have {MOST_POINTS} at most")
    _note(order, earned, member_id, desk.now)
    desk.boosters.bind(order, member_id, state.placed_at)
    if order.member_id != member_id:
        _leave(order, desk, version)
        order.member_id = member_id
    if member_id is not None:
        _post(order, order.target - order.points.posted, desk, version, earned)
    desk.purchases.note(_purchase(order))


def _purchase(order: Order) -> Purchase:
    return Purchase(order.id, order.member_id, order.placed_at, order.spend, order.target, order.counts)


def _member(order: Order, state: OrderState, desk: Desk) -> str | None:
    """Return who the order credits: of the winning state; the same customer keeps the member it had."""
    customer = state.customer
    if customer is None:
        order.customer = None
        return None
    named = (customer.id, customer.email_ref)
    if order.member_id is not None and order.customer is not None and _same(order.customer, named):
        order.customer = named
        return order.member_id
    order.customer = named
    return desk.people.resolve(customer, desk.now)


def _same(before: tuple[str | None, str | None], now: tuple[str | None, str | None]) -> bool:
    return before[0] == now[0] if now[0] is not None or before[0] is not None else before[1] == now[1]


def _version(order: Order, state: OrderState, desk: Desk) -> Version | None:
    if order.version is not None:
        return desk.versions[order.version - 1]
    return effective(desk.versions, state.placed_at)


def _freeze(order: Order, state: OrderState, version: Version, member_id: str | None, desk: Desk) -> None:
    """Freeze version, tier and product facts when first seen; later changes never move the points."""
    order.version = version.number
    if order.tier is None and member_id is not None:
        order.tier = desk.tier_at(member_id, state.placed_at, version)
    for line in state.lines:
        if line.id not in order.line_facts:
            order.line_facts[line.id] = _product_facts(line, desk.products)


def _product_facts(line: Line, products: Mapping[str, ProductFacts]) -> ProductFacts:
    """Return what the order itself says of the product; where it is silent, what the catalogue says."""
    known = products.get(line.product_id or "", ProductFacts())
    return ProductFacts(
        tuple(line.tags or known.tags), tuple(line.collections or known.collections), line.vendor or known.vendor
    )


def _note(order: Order, earned: Earned, member_id: str | None, now: datetime) -> None:
    order.target = earned.target if member_id is not None else 0
    order.spend = earned.kept_basis
    order.counts = earned.earned_at is not None and any(line.part for line in (*earned.lines, *earned.charges))
    order.explanation = earned.explanation
    order.lines = [_line(line) for line in order.explanation["lines"]]
    order.flags = (*earned.flags, *(() if member_id else ("nobody",)))
    order.look_again_at = earned.look_again_at
    if order.look_again_at is not None and order.look_again_at <= now:
        order.look_again_at = None


def _line(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"platform_id": told["line"], **{name: told[name] for name in ("basis", "factor", "points_exact")}}


def _leave(order: Order, desk: Desk, version: Version) -> None:
    """Reverse everything at the member the order no longer belongs to."""
    if order.member_id is None:
        return
    account = desk.book.account(order.member_id)
    posting = _posting(order, desk, version)
    posting.explanation = {"rule": "customer_changed", "version": version.number}
    posting.policy = "carry" if posting.policy == "pending_only" else posting.policy
    post_difference(account, order.points, -order.points.posted, posting)
    order.points.lot, order.points.takes = None, []


def _post(order: Order, difference: int, desk: Desk, version: Version, earned: Earned) -> None:
    if difference == 0 or order.member_id is None:
        return
    points = order.points
    if difference > 0 and points.available_from is None and points.lot is None and earned.earned_at is not None:
        days = version.programme.earning.pending_days
        points.available_from = pending_until(earned.earned_at, days, desk.shop.zone)
    post_difference(desk.book.account(order.member_id), points, difference, _posting(order, desk, version))


def _posting(order: Order, desk: Desk, version: Version) -> Posting:
    return Posting(
        at=order.held.changed_at(),
        now=desk.now,
        explanation=order.explanation,
        facts=order.held.sha256,
        version=version.number,
        grace=desk.grace,
        policy=version.programme.deficit,
    )


def customers_of(held: Held) -> list[CustomerRef]:
    return [held.full.customer] if held.full is not None and held.full.customer is not None else []
