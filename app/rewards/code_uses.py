"""Orders that carry the code of a reward: they commit its hold, and what comes back of them gives points back.

By state, not by event: of several orders with one code the first that is not cancelled counts, by (placed_at, id).
An order that no longer carries the code is one that came back. Source: semantics 4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, select

from app.activities.mechanism import Activities
from app.db import write_rows
from app.desk import Desk
from app.intake.told import Told
from app.ledger import holds
from app.ledger.account import Account
from app.members.person import Person
from app.models import code_uses, redemptions
from app.orders.order import Order
from app.rewards.redemptions import made_there, normal_code
from app.rewards.rows import Redemption
from app.rules.money import ONE, ZERO
from app.rules.rewards import DEAD, all_back, looks_like_code, points_back, share_back
from connectors.contract import DiscountCode, OrderState, OrderTold

_CHANGES = ("placed_at", "live", "share", "whole")


@dataclass(frozen=True, slots=True)
class Use:
    """One order and the code of one redemption."""

    order_id: str
    placed_at: datetime
    live: bool
    share: Fraction  # of the discount that came back
    whole: bool

    @property
    def place(self) -> tuple[datetime, str]:
        return (self.placed_at, self.order_id)


def carried(state: OrderState | None) -> dict[str, DiscountCode]:
    """Return the codes of an order that may be ours."""
    told = state.discount_codes if state is not None else ()
    codes = {normal_code(each.code): each for each in told}
    return {code: each for code, each in codes.items() if looks_like_code(code)}


def sought(told: Sequence[Told], orders: Mapping[str, Order]) -> set[str]:
    """Return the codes that the orders of a batch carry, before and after its facts."""
    states = [order.held.full for order in orders.values()]
    states += [one.fact.state for one in told if isinstance(one.fact, OrderTold)]
    return {code for state in states for code in carried(state)}


def owners(connection: Connection, shop_id: str, codes: Iterable[str]) -> set[str]:
    """Return whose rewards the codes are, to be locked with the other members."""
    wanted = sorted(codes)
    mine = and_(redemptions.c.shop_id == shop_id, redemptions.c.code.in_(wanted))
    return set(connection.execute(select(redemptions.c.member_id).where(mine)).scalars()) if wanted else set()


class CodeUses:
    """The uses of codes that one transaction works on."""

    def __init__(self, connection: Connection, desk: Desk, activities: Activities) -> None:
        self.connection = connection
        self.desk = desk
        self._uses: dict[str, dict[str, Use]] = {}  # redemption → order → use
        self._changed: dict[tuple[str, str], Use] = {}

    def load(self, told: Sequence[Told]) -> None:
        """Load the rewards whose codes the batch speaks of, with every order that used one."""
        book = self.desk.book
        found = self.desk.redemptions.load(redemptions.c.code.in_(sorted(self.desk.codes))) if self.desk.codes else []
        late = {one.member_id for one in found} - book.accounts.keys()  # merged since their owners were looked up
        if late:
            self.desk.people.load_members(late)
        lots = [key for one in found if one.hold is not None for key in one.hold.lot_keys]
        book.load_lots(lots, self.desk.people.survivor)
        self._load_uses([one.id for one in found])

    def _load_uses(self, ids: Sequence[str]) -> None:
        mine = and_(code_uses.c.shop_id == self.desk.shop.id, code_uses.c.redemption_id.in_(ids))
        for row in self.connection.execute(select(code_uses).where(mine)).mappings() if ids else ():
            self._uses.setdefault(row["redemption_id"], {})[row["order_id"]] = _use(row)

    def order(self, order: Order) -> None:
        """Follow an order: each code it carries, or carried before."""
        codes = carried(order.held.full)
        known = [one for one, uses in self._uses.items() if order.id in uses]
        if not codes and not known:
            return
        state = order.held.effective()
        if state is None:
            return
        by_code = self.desk.redemptions.by_code
        now = {by_code[code].id: used for code, used in codes.items() if code in by_code}
        for redemption_id in sorted({*known, *now}):
            redemption = self.desk.redemptions.by_id[redemption_id]
            self._note(redemption, order, state, now.get(redemption_id))
            self._settle(redemption, order)

    def _note(self, redemption: Redemption, order: Order, state: OrderState, used: DiscountCode | None) -> None:
        """Note how an order stands to a code."""
        alive = used is not None and state.status not in DEAD
        late = redemption.lapses_at is not None and state.placed_at >= redemption.lapses_at
        if alive and (redemption.state == "voided" or late):
            redemption.flag("used_after_void")
            order.flags = (*(flag for flag in order.flags if flag != "used_after_void"), "used_after_void")
        counts = alive and not late
        share = share_back(state, used) if used is not None and counts else ONE
        use = Use(order.id, state.placed_at, counts, share, not counts or all_back(state))
        self._uses.setdefault(redemption.id, {})[order.id] = use
        self._changed[(redemption.id, order.id)] = use
        self.desk.redemptions.change(redemption)

    def _settle(self, redemption: Redemption, order: Order) -> None:
        """Commit the reward where an order uses it, and let as many points come back as that order gave back."""
        uses = self._uses[redemption.id].values()
        live = [use for use in uses if use.live]
        if redemption.state == "voided" or not (live or redemption.state == "committed"):
            return
        first = _first(uses)
        if len(live) > 1:
            redemption.flag("used_twice")
        redemption.order_id = first.order_id
        if redemption.state != "committed":
            self._commit(redemption, order)
        self._come_back(redemption, order, first)

    def _commit(self, redemption: Redemption, order: Order) -> None:
        at = order.held.changed_at()
        redemption.state, redemption.ended_at = "committed", at
        redemption.issued_at = redemption.issued_at or at  # the order was quicker than the platform's answer
        if redemption.hold is not None:
            holds.commit(self._account(redemption), redemption.hold, at)

    def _come_back(self, redemption: Redemption, order: Order, use: Use) -> None:
        hold = redemption.hold
        if hold is None:
            return
        account, at, now = self._account(redemption), order.held.changed_at(), self.desk.now
        back = points_back(redemption.kind, redemption.points, use.share, use.whole)
        if back > hold.returned and redemption.dead_at is None and made_there(self.desk.shop, redemption.kind):
            self.desk.redemptions.end(redemption, "returned")  # a code that lives and points would be both
        elif back > hold.returned:
            holds.give_back(account, hold, back, at, now, self.desk.grace)
        elif back < hold.returned:
            policy = self.desk.versions[redemption.version - 1].programme.deficit
            holds.take_again(account, hold, back, at, now, policy)

    def _account(self, redemption: Redemption) -> Account:
        return self.desk.book.account(self.desk.people.survivor(redemption.member_id))

    def customer(self, told: Told, person: Person) -> None:
        """Follow what was told of a customer: nothing here depends on it."""

    def flush(self) -> None:
        """Write the uses; the redemptions are written by the desk."""
        rows = [_row(self.desk.shop.id, redemption, use) for (redemption, _), use in self._changed.items()]
        write_rows(self.connection, code_uses, rows, update=_CHANGES)
        self._changed = {}


def _first(uses: Collection[Use]) -> Use:
    """Return the use that counts."""
    return min([use for use in uses if use.live] or uses, key=lambda use: use.place)


def first_of(connection: Connection, shop_id: str, redemption_id: str) -> Use | None:
    """Return the use of a code that counts; None: no order used it."""
    mine = and_(code_uses.c.shop_id == shop_id, code_uses.c.redemption_id == redemption_id)
    uses = [_use(row) for row in connection.execute(select(code_uses).where(mine)).mappings()]
    return _first(uses) if uses else None


def _use(row: RowMapping) -> Use:
    return Use(row["order_id"], row["placed_at"], row["live"], Fraction(row["share"]), row["whole"])


def _row(shop_id: str, redemption_id: str, use: Use) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "redemption_id": redemption_id,
        "order_id": use.order_id,
        "placed_at": use.placed_at,
        "live": use.live,
        "share": str(use.share or ZERO),
        "whole": use.whole,
    }
