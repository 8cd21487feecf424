"""Activities that follow from orders: milestones, sets of products, large orders.

They are settled by state: whenever a member's purchases change, what these have earned is computed anew, and what is
no longer due is taken back. Once an award stands, only its condition is asked again, not who and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from app.activities.mechanism import Activities, Activity
from app.activities.merges import Merges
from app.desk import Desk
from app.intake.told import Told
from app.members.person import Person
from app.models import activities
from app.orders.order import Order
from app.programmes import Version
from app.rules.activities import MERGED, NO_LONGER, REJECTED, Doer, Occasion, Taken, Verdict, judge, misfit
from app.rules.document import ActivityRule
from app.rules.milestones import Buy, Due, dues_of
from app.rules.people import MemberFacts
from app.rules.usual import BY_ORDERS
from connectors.contract import CustomerTold, OrderTold

EACH_BY_ITSELF = "product_set"  # two sets may be complete at once; of other kinds the first rule that fits counts
_ANYBODY = Doer(MemberFacts())  # who a standing award is for is not asked again


class _Case(NamedTuple):
    """A rule whose condition one purchase fulfils."""

    rule: ActivityRule
    version: Version
    due: Due

    @property
    def occasion(self) -> Occasion:
        buy = self.due.buy
        return Occasion(self.rule.kind, buy.at, self.due.subject, buy.spend, None)

    @property
    def name(self) -> tuple[str, str]:
        """Name what may be awarded once only: by the first rule that fits."""
        return (self.rule.key if self.rule.kind == EACH_BY_ITSELF else self.rule.kind, self.due.subject)


class OrderActivities:
    """What follows from each settled order of one transaction."""

    def __init__(self, connection: Connection, desk: Desk, work: Activities) -> None:
        self.desk = desk
        self.work = work
        self.merges = Merges(desk, work)
        self.rules = [rule for version in desk.versions for rule in version.programme.activities]
        self.kinds = {rule.kind for rule in self.rules} & BY_ORDERS
        self._owner: dict[str, str | None] = {}  # order → member before this transaction, then as last settled
        self._mine: dict[str, set[str]] = {}  # member → ids of these activities

    def load(self, told: Sequence[Told]) -> None:
        """Load what the members have by these kinds so far, with one statement."""
        if not self.kinds:
            return
        people = sorted(self.desk.people.people)
        for found in self.work.read_to_settle(
            activities.c.member_id.in_(people), activities.c.kind.in_(sorted(BY_ORDERS))
        ):
            self._mine.setdefault(found.member_id, set()).add(found.id)
        orders = [one.fact.state.id for one in told if isinstance(one.fact, OrderTold)]
        by_orders = {f"{rule.kind}:{rule.key}" for rule in self.rules if rule.kind in ("min_spend", "product_set")}
        self.work.find(f"{name}:{order_id}" for name in by_orders for order_id in orders)
        for member_id in people:
            self._owner |= {each.order_id: member_id for each in self.desk.purchases.of(member_id)}
        if "product_set" in self.kinds:
            self.work.bought.load(people)

    def order(self, order: Order) -> None:
        """Settle what follows from the purchases of whom the order belonged to, and of whom it belongs to."""
        at = order.held.changed_at()
        changed = self.merges.follow(at)
        self.work.bought.saw(order.id, order.held)
        if self.kinds:
            changed |= {each for each in (self._owner.get(order.id), order.member_id) if each}
            self._owner[order.id] = order.member_id
        self._settle_all(changed, at)

    def customer(self, told: Told, person: Person) -> None:
        """Settle for members who turned out to be one."""
        if isinstance(told.fact, CustomerTold):
            self._settle_all(self.merges.follow(told.fact.updated_at), told.fact.updated_at)

    def joined(self, member_ids: Sequence[str], at: datetime) -> None:
        """Settle for members who were made one with others before this transaction's facts."""
        for member_id in sorted(set(member_ids)):
            self.merges.settle(member_id, at)
        self._settle_all(set(member_ids), at)

    def flush(self) -> None:
        """The activities are written by their own room."""

    def _settle_all(self, member_ids: set[str], at: datetime) -> None:
        for member_id in sorted({self.desk.people.survivor(each) for each in member_ids}):
            if self.kinds:
                self.settle(member_id, at)

    def settle(self, member_id: str, at: datetime) -> None:
        """Bring a member's awards of these kinds to what the purchases say now. Once: again changes nothing."""
        known = self._known(member_id)
        standing: set[str] = set()
        taken: dict[str, list[Taken]] = {}
        decided: set[tuple[str, str]] = set()
        for case in self._cases(member_id):
            before = known.get((case.rule.key, case.due.subject))
            if case.name in decided or not self._fits(member_id, case, before):
                continue
            decided.add(case.name)
            made = self._bring(member_id, case, before, taken.setdefault(case.rule.key, []), at)
            if made is not None:
                standing.add(made.id)
        for each in known.values():
            if each.id not in standing and each.state != "refused":
                each.state, each.reason = "refused", NO_LONGER
                self.work.settle(each, 0, at)

    def _cases(self, member_id: str) -> list[_Case]:
        """Return what is due, in time order; rules for one occasion stand in the document's order."""
        buys = self._buys(member_id)
        at = {buy.order_id: self.desk.version_at(buy.at) for buy in buys}
        versions = {version.number: version for version in at.values() if version is not None}
        cases = [
            _Case(rule, version, due)
            for version in versions.values()
            for rule in version.programme.activities
            if rule.kind in BY_ORDERS
            for due in dues_of(rule, buys)
            if at[due.buy.order_id] is version
        ]
        return sorted(cases, key=lambda case: (case.due.buy.at, case.due.buy.order_id))

    def _buys(self, member_id: str) -> list[Buy]:
        products = self.work.bought.by(member_id) if "product_set" in self.kinds else {}
        return [
            Buy(each.order_id, each.placed_at, each.spend, products.get(each.order_id, frozenset()))
            for each in self.desk.purchases.of(member_id)
            if each.counts and each.placed_at is not None
        ]

    def _known(self, member_id: str) -> dict[tuple[str | None, str | None], Activity]:
        """Return a member's awards of these kinds, by rule and occasion; the earlier of two that a merge has joined."""
        same = [each for each in self.desk.people.people if self.desk.people.survivor(each) == member_id]
        ids = {name for each in same for name in self._mine.get(each, ())}
        found = [each for name in ids if (each := self.work.known[name]) is not None and each.reason != MERGED]
        found.sort(key=lambda each: (each.at, each.id), reverse=True)
        return {(each.rule, each.subject): each for each in found}

    def _fits(self, member_id: str, case: _Case, before: Activity | None) -> bool:
        if before is not None:
            return True
        buy, zone = case.due.buy, self.desk.shop.zone
        doer = self.work.doer(member_id, case.version, buy.at, but=buy.order_id)
        return misfit(case.rule, case.occasion, doer, zone) is None

    def _bring(
        self, member_id: str, case: _Case, before: Activity | None, taken: list[Taken], at: datetime
    ) -> Activity | None:
        """Award what is due, or bring what stands to its worth now; None where nothing is given."""
        if before is not None and before.reason == REJECTED:
            return before
        verdict = self._judge(member_id, case, before, taken)
        if verdict.state == "refused":
            return None
        taken.append(Taken(case.rule.key, case.due.subject, case.due.buy.at, verdict.points))
        extra = {"order": case.due.buy.order_id}
        if before is None:
            name = self._id(member_id, case)
            made = self.work.enact(member_id, case.rule, case.version, name, case.occasion, verdict, extra=extra, at=at)
            self._mine.setdefault(member_id, set()).add(made.id)
            return made
        self._again(before, verdict, self.work.explained(case.rule, case.version, case.occasion, verdict, extra), at)
        return before

    def _judge(self, member_id: str, case: _Case, before: Activity | None, taken: list[Taken]) -> Verdict:
        rule, buy = case.rule, case.due.buy
        left = None
        if rule.budget is not None:
            left = self.work.budgets.left(rule.key, rule.budget, buy.at) + (before.counted if before else 0)
        doer = self.work.doer(member_id, case.version, buy.at, but=buy.order_id) if before is None else _ANYBODY
        zone, currency = self.desk.shop.zone, case.version.programme.currency
        return judge(rule, case.occasion, doer, taken=taken, currency=currency, zone=zone, budget_left=left)

    def _again(self, known: Activity, verdict: Verdict, explanation: dict[str, object], at: datetime) -> None:
        """Bring an award to its worth; one that was taken back stands again, as approved or waiting as it was."""
        waits = known.state == "review" or (known.reason == NO_LONGER and known.worth > 0)
        state, reason = ("review", verdict.reason) if waits and verdict.state == "review" else ("awarded", None)
        points = known.worth if state == "review" else known.target
        if (known.state, points) == (state, verdict.points):
            return
        known.state, known.reason, known.explanation = state, reason, explanation
        if state == "review":
            known.worth = verdict.points
            self.work.note(known)
        else:
            self.work.settle(known, verdict.points, at)

    def _id(self, member_id: str, case: _Case) -> str:
        """Name the fact: of an order where it is one for each order, else of the member."""
        name = f"{case.rule.kind}:{case.rule.key}:{case.due.subject}"
        if not case.due.of_order:
            name += f":{member_id}"
            self.work.known.setdefault(name, None)  # all of the member's are loaded
        elif self.work.get(name) is not None:  # the order was another's before
            name += f":{member_id}"
        return name
