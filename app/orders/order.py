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
from app.ledger.account import MOST_POINTS, SOMEDAY, earliest
from app.ledger.orders import OrderPoints, Posting, post_difference
from app.orders import arms
from app.orders.arms import Sold
from app.orders.freezing import Frozen, freeze
from app.orders.purchases import Purchase
from app.orders.state import Held
from app.programmes import Version, effective
from app.rules.caps import Cap
from app.rules.earning import Context, Earned, ProductFacts, earn
from app.rules.memberships import Bought, bought
from app.rules.pending import release_of
from connectors import CONNECTORS
from connectors.contract import CustomerRef, OrderState

COUNTED_ONLY = "tiers"


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
    member: Frozen | None = None  # None: nobody was known yet to freeze anything of
    line_facts: dict[str, ProductFacts] = field(default_factory=dict)
    places: dict[str, bool] = field(default_factory=dict)  # limited campaign → whether it has a place
    placed_at: datetime | None = None
    state: str = "waiting"
    target: int = 0
    spend: Fraction | None = None  # kept basis in the programme's currency; None: not known there
    counts: bool = False  # its earn moment is reached and something is kept
    memberships: tuple[Bought, ...] = ()  # on its kept lines, by its own version
    earned_at: datetime | None = None  # its earn moment, known once it is settled
    own: int = 0  # its points before the member's cap
    cap: Cap | None = None  # the member's, frozen with the version
    lines: list[dict[str, Any]] = field(default_factory=list)
    explanation: Mapping[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    look_again_at: datetime | None = None
    stored: bool = False
    arm: str | None = None  # "experiment:arm" of the shopper, as first told
    sold: Sold | None = None  # with an arm: by its state now; None: nothing
    past: str | None = None  # what an import chose for it, if it is from before the first programme
    doubted: bool = False  # its points moved by what a delivery said, on a platform whose deliveries may be old

    @property
    def reread(self) -> bool:
        """Tell whether it is to be read again at the platform."""
        return self.held.ambiguous or (self.doubted and not self.held.reread)

    @property
    def lot_keys(self) -> list[str]:
        """Return the lots a settlement of this order may touch besides the member's open ones."""
        keys = {lot for _, lot, _ in self.points.takes if lot} | ({self.points.lot} if self.points.lot else set())
        return sorted(keys)


def settle(order: Order, desk: Desk, because: datetime | None = None) -> None:
    """Post what the order's target differs from what was posted. Once: repeats post nothing.

    `because`: the moment of another fact that changes this order, by the room under a cap. The caller holds the locks
    of the order and its members. Source: semantics 1.4, 2.
    """
    state = order.held.effective()
    if state is None:
        return
    order.state, order.placed_at = state.status, state.placed_at
    arms.note(order, state, desk)
    if order.member_id is not None:
        order.member_id = desk.people.survivor(order.member_id)
    member_id = _member(order, state, desk)
    version, past = _version(order, state, desk), _past(order, state, desk)
    if past is not None:
        because = max(because or desk.now, desk.now)  # an import gives now, whenever it was bought
    if version is None:
        order.target, order.explanation = 0, {"reason": "no programme was in effect when the order was placed"}
        order.member_id = member_id
        desk.purchases.note(_purchase(order, because))
        return
    freeze(order, state, version, member_id, desk)
    if past == COUNTED_ONLY:
        _count_only(order, _earned(order, state, version, member_id, desk), member_id, desk)
        desk.purchases.note(_purchase(order, because))
        return
    earned = _decided(order, state, version, member_id, desk)
    _note(order, earned, member_id, desk.now)
    order.memberships = bought(state, version.programme.memberships) if earned.earned_at else ()
    desk.boosters.bind(order, member_id, state.placed_at)
    if order.member_id != member_id:
        _leave(order, desk, version, because)
        order.member_id = member_id
    posting = _posting(order, desk, version, because)
    _fix_dates(order, state, desk, earned, posting)
    if member_id is not None and order.target != order.points.posted:
        post_difference(desk.book.account(member_id), order.points, order.target - order.points.posted, posting)
        order.doubted = CONNECTORS[desk.shop.platform].tells_old_states
    desk.purchases.note(_purchase(order, because))
    _keep_alive(order, desk)


def _decided(order: Order, state: OrderState, version: Version, member_id: str | None, desk: Desk) -> Earned:
    """Return what the order earns once its places under the caps are taken. Raises: TooManyPoints."""
    earned = _earned(order, state, version, member_id, desk)
    while member_id is not None and earned.counts and earned.undecided:
        order.places |= desk.places.decide(version.programme.compiled, earned.undecided, order.id, member_id)
        earned = _earned(order, state, version, member_id, desk)
    if earned.target > MOST_POINTS:
        raise TooManyPoints(f"the order would earn {earned.target} points; a member can have {MOST_POINTS} at most")
    return earned


def _past(order: Order, state: OrderState, desk: Desk) -> str | None:
    """Return what an import chose for an order from before the first programme; None: it is none of those."""
    order.past = order.held.past if effective(desk.versions, state.placed_at) is None else None
    return order.past


def _count_only(order: Order, earned: Earned, member_id: str | None, desk: Desk) -> None:
    """Let an order count for tiers and for how often somebody has bought, and earn nothing."""
    order.cap, order.places, order.boosters = None, {}, ()
    _note(order, earned, member_id, desk.now)
    order.memberships = ()
    order.member_id, order.target, order.lines = member_id, 0, []
    order.explanation = {"reason": "it was imported to count for tiers, and earns no points"}


def _earned(order: Order, state: OrderState, version: Version, member_id: str | None, desk: Desk) -> Earned:
    member = order.member or Frozen()
    return earn(
        state,
        version.programme,
        Context(order.tier, member.segments, order.line_facts, member.tags, member.unmet, order.places),
        room=_room(order, member_id, desk),
        in_force=desk.boosters.in_force(order, member_id, state.placed_at),
        zone=desk.shop.zone,
        now=desk.now,
        version=version.number,
        allow_test=desk.shop.settings.allow_test_orders,
    )


def _purchase(order: Order, because: datetime | None) -> Purchase:
    return Purchase(
        order.id,
        order.member_id,
        order.placed_at,
        order.spend,
        order.target,
        order.counts,
        order.own,
        order.cap,
        dict(order.places),
        order.memberships,
        because or order.earned_at,
        counted_only=order.past == COUNTED_ONLY,
    )


def _room(order: Order, member_id: str | None, desk: Desk) -> int | None:
    """Return what is left under the member's cap for this order; None: there is no cap."""
    if order.cap is None or order.placed_at is None or member_id is None:
        return None
    return desk.shares.room_for_order(order.cap, member_id, order.placed_at, order.id)


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
    found = effective(desk.versions, state.placed_at)
    if found is None and order.held.past is not None and desk.versions:
        return min(desk.versions, key=lambda version: version.effective_from)
    return found


def _note(order: Order, earned: Earned, member_id: str | None, now: datetime) -> None:
    order.target = earned.target if member_id is not None else 0
    order.own = earned.own_points
    order.spend = earned.kept_basis
    order.counts = earned.counts
    order.earned_at = earned.earned_at
    order.explanation = earned.explanation
    order.lines = [_line(line) for line in order.explanation["lines"]]
    order.flags = (*earned.flags, *(() if member_id else ("nobody",)))
    order.look_again_at = earned.look_again_at
    if order.look_again_at is not None and order.look_again_at <= now:
        order.look_again_at = None


def _line(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"platform_id": told["line"], **{name: told[name] for name in ("basis", "factor", "points_exact")}}


def _leave(order: Order, desk: Desk, version: Version, because: datetime | None) -> None:
    """Reverse everything at the member the order no longer belongs to."""
    if order.member_id is None:
        return
    account = desk.book.account(order.member_id)
    posting = _posting(order, desk, version, because)
    posting.explanation = {"rule": "customer_changed", "version": version.number}
    posting.policy = "carry" if posting.policy == "pending_only" else posting.policy
    post_difference(account, order.points, -order.points.posted, posting)
    order.points.lot, order.points.takes = None, []


def _fix_dates(order: Order, state: OrderState, desk: Desk, earned: Earned, posting: Posting) -> None:
    """Fix the dates of the order's points: by its first posting above 0, or once the event they wait for is seen."""
    points, version = order.points, _version(order, state, desk)
    first = points.available_from is None and points.lot is None and order.target > points.posted
    waiting = points.available_from == SOMEDAY
    if version is None or order.member_id is None or earned.earned_at is None or not (first or waiting):
        return
    release = release_of(state, version.programme.earning, earned.earned_at, zone=desk.shop.zone, now=desk.now)
    if not release.known:
        points.available_from = SOMEDAY
        points.expires_at = points.expires_at or desk.expires_at(version, None)
        order.look_again_at = earliest(order.look_again_at, release.look_again_at)
        return
    points.available_from = release.at
    from_then = posting.at if order.past else release.at or posting.at  # imported points live from their import
    expires_at = desk.expires_at(version, from_then)
    points.expires_at = earliest(points.expires_at, expires_at) if waiting else points.expires_at or expires_at
    account = desk.book.accounts[order.member_id]
    lot = account.lots.get(points.lot or "")
    if release.at is not None and lot is not None:
        account.release(lot, release.at, points.expires_at)
        desk.book.account(order.member_id)  # what can be spent by now is booked


def _keep_alive(order: Order, desk: Desk) -> None:
    """Let the member's last order move the open lots, where lots live by activity."""
    if order.member_id is None or not any(v.programme.expiry.kind == "inactivity" for v in desk.versions):
        return
    moments = [each.placed_at for each in desk.purchases.of(order.member_id) if each.counts and each.placed_at]
    if moments:
        desk.keep_alive(order.member_id, moments[-1])


def _posting(order: Order, desk: Desk, version: Version, because: datetime | None) -> Posting:
    changed_at = order.held.changed_at()
    return Posting(
        at=changed_at if because is None else max(changed_at, because),
        now=desk.now,
        explanation=order.explanation,
        facts=order.held.sha256,
        version=version.number,
        grace=desk.grace,
        policy=version.programme.deficit,
    )


def customers_of(held: Held) -> list[CustomerRef]:
    return [held.full.customer] if held.full is not None and held.full.customer is not None else []
