"""Friends whom members bring: linked by a code, followed by their orders, settled by state like everything else.

A referral goes `open → waiting → rewarded`; `review` holds it back with the reasons, `rejected` is the merchant's
word, `expired` means no order that counts. Time alone moves it in `app.referrals.referring`. Source: semantics 7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.activities.mechanism import Activities
from app.desk import Desk
from app.intake.told import Told
from app.members.person import Person
from app.models import referrals
from app.orders.order import Order
from app.referrals import rows
from app.referrals.awards import Awards
from app.referrals.rows import Referral
from app.rules.document import Referrals
from app.rules.referrals import Bought, Standing, heeded, read_code, standing, survives_at, window_ends


@dataclass(frozen=True, slots=True)
class Link:
    """A member's code, brought by a friend."""

    code: str
    referrer_id: str
    at: datetime
    source: str
    signs: Sequence[str] = ()
    network_ref: str | None = None


class ReferralReview:
    """The referrals of the members that one transaction works on."""

    def __init__(self, connection: Connection, desk: Desk, activities: Activities) -> None:
        self.connection = connection
        self.desk = desk
        self.activities = activities
        self.awards = Awards(desk, activities)
        self.offered = rows.offered(desk)
        self.rows: dict[str, Referral] = {}
        self._of: dict[str, set[str]] = {}  # friend → ids
        self._by_order: dict[str, str] = {}
        self._codes: dict[str, str | None] = {}  # told here → who made it
        self._changed: set[str] = set()
        desk.people.after_merge.append(self._merged)

    # --- loading and writing ------------------------------------------------------------------------------------------

    def load(self, told: Sequence[Told]) -> None:
        """Load the referrals of every friend here, and the awards that may have to be taken back."""
        if not self.offered:
            return
        shop_id = self.desk.shop.id
        codes = rows.codes_told(told)
        self._codes |= {**dict.fromkeys(codes), **rows.members_of(self.connection, shop_id, codes)}
        friends = sorted(self.desk.people.people)
        for row in rows.select_rows(self.connection, shop_id, referrals.c.friend_id.in_(friends)):
            self._keep(row)
        ids = [name for row in self.rows.values() for name in (row.award_id, row.welcome_id)]
        self.activities.find(ids)
        points = [each.points for name in ids if (each := self.activities.known[name]) is not None]
        self.desk.book.load_lots(
            {lot for one in points for lot in (one.lot, *(taken for _, taken, _ in one.takes)) if lot},
            self._now,
        )

    def _keep(self, row: Referral) -> None:
        self.rows[row.id] = row
        self._of.setdefault(row.friend_id, set()).add(row.id)
        if row.order_id is not None:
            self._by_order[row.order_id] = row.id

    def flush(self) -> None:
        """Write what changed."""
        rows.save(self.connection, self.desk.shop.id, [self.rows[name] for name in sorted(self._changed)])
        self._changed = set()

    # --- following facts ----------------------------------------------------------------------------------------------

    def customer(self, told: Told, person: Person) -> None:
        """Nothing follows: e-mails are compared when a link is told and when its award falls due."""

    def order(self, order: Order) -> None:
        """Link the buyer by the order's code, then let the buyer's referrals follow what was bought."""
        if not self.offered:
            return
        if order.member_id is not None:
            self._follow_email(order, order.member_id)
            self._link_by_code(order, order.member_id)
        concerned = set(self._of.get(order.member_id or "", ()))
        if (before := self._by_order.get(order.id)) is not None:
            concerned.add(before)
        for name in sorted(concerned):
            self.settle(self.rows[name], order.held.changed_at())

    def _follow_email(self, order: Order, member_id: str) -> None:
        """Let the order decide who the friend is: until then only an e-mail was known."""
        ref = order.customer[1] if order.customer else None
        known = self.desk.people.proofs.get(("unclaimed", ref)) if ref else None
        guest = self.desk.people.survivor(known) if known else None
        if guest is None or guest == member_id or self._of.get(member_id):
            return
        for name in sorted(self._of.get(guest, ())):
            if self.rows[name].order_id is None:
                self._hand_over(self.rows[name], member_id)

    def _hand_over(self, row: Referral, friend_id: str) -> None:
        self._of.get(row.friend_id, set()).discard(row.id)
        row.friend_id = friend_id
        self._of.setdefault(friend_id, set()).add(row.id)
        self._changed.add(row.id)

    def _link_by_code(self, order: Order, member_id: str) -> None:
        written = order.held.full.referral_code if order.held.full is not None else None
        if written is None or order.placed_at is None:
            return
        code = read_code(written)
        referrer = self._codes.get(code) if code else None
        if code is None or referrer is None:
            if code is None or code in self._codes:
                order.flags = (*order.flags, "unknown_referral_code")
            return
        told = Link(code, referrer, order.placed_at, "order")
        self.link(told, member_id, order.held.changed_at())

    def _merged(self, old: str, survivor: str) -> None:
        """Follow a merge: whose friend somebody is, who brought whom, and that one cannot bring oneself."""
        if not self.offered:
            return
        for name in sorted(self._of.get(old, ())):
            self._hand_over(self.rows[name], survivor)
        for row in self.rows.values():
            if row.referrer_id == old:
                row.referrer_id = survivor
                self._changed.add(row.id)
        for name in sorted(self._of.get(survivor, ())):
            self.settle(self.rows[name], self.desk.now)

    # --- linking ------------------------------------------------------------------------------------------------------

    def link(self, told: Link, friend_id: str, changed_at: datetime) -> tuple[Referral | None, bool]:
        """Link a friend to who brought them, and say whether that is new; None where none were offered then.

        Once: the first link that has not expired stays.
        """
        version = self.desk.version_at(told.at)
        if version is None or version.programme.referrals is None:
            return None, False
        for row in rows.select_rows(self.connection, self.desk.shop.id, referrals.c.id == friend_id):
            if row.id not in self.rows:  # an order has shown since that this friend is another member
                self._keep(row)
        known = [row for row in self.rows.values() if friend_id in (row.id, row.friend_id)]
        standing_ones = [row for row in known if row.state != "expired"]
        if standing_ones:
            return min(standing_ones, key=_first), False
        row = Referral(
            id=friend_id,
            code=told.code,
            referrer_id=self.desk.people.survivor(told.referrer_id),
            friend_id=friend_id,
            at=told.at,
            source=told.source,
            version=version.number,
            signs=list(told.signs),
            network_ref=told.network_ref,
        )
        self._keep(row)
        self.note_signs(row, self.traits(row))
        self.settle(row, changed_at)
        return row, True

    def traits(self, row: Referral) -> set[str]:
        """Return the signs that lie in the two e-mails."""
        people = self.desk.people.people
        friend, referrer = people.get(self._now(row.friend_id)), people.get(self._now(row.referrer_id))
        found = {"disposable_email"} if friend is not None and friend.disposable_email else set()
        if friend and referrer and friend.email_norm_ref and friend.email_norm_ref == referrer.email_norm_ref:
            found.add("similar_email")
        return found

    def note_signs(self, row: Referral, signs: set[str]) -> None:
        row.signs = sorted({*row.signs, *signs})
        self._changed.add(row.id)

    # --- settling -----------------------------------------------------------------------------------------------------

    def rules(self, row: Referral) -> Referrals:
        rules = self.desk.versions[row.version - 1].programme.referrals
        assert rules is not None  # noqa: S101 (a link is made only by a version that has them)
        return rules

    def settle(self, row: Referral, changed_at: datetime) -> None:
        """Let a referral follow its friend's orders. Once: by state, so repeats change nothing."""
        rules, zone = self.rules(row), self.desk.shop.zone
        stand = standing(row.at, self._bought(row.friend_id), rules, zone)
        followed = self._follow_first(row, stand, changed_at)
        reasons = [] if row.decision else heeded({*row.signs, *self._signs_now(row, stand)}, rules.checks)
        row.reasons = row.reasons if row.state == "expired" and not (followed or reasons) else reasons
        if row.decision == "reject":
            self.become(row, "rejected", changed_at)
        elif reasons:
            self.become(row, "review", changed_at)
        elif row.rewarded_at is not None:
            self.become(row, "rewarded", changed_at)
        elif row.qualified_at is not None and (followed or row.state != "expired"):
            self.become(row, "waiting", changed_at, survives_at(row.qualified_at, rules, zone))
        elif row.state != "expired" or followed:
            self.become(row, "open", changed_at, window_ends(row.at, rules, zone))

    def _follow_first(self, row: Referral, stand: Standing, changed_at: datetime) -> bool:
        """Note the first order; when it is another, what had followed from the one before is void."""
        first = stand.first.order_id if stand.first else None
        if first == row.order_id:
            return False
        row.order_id, row.rewarded_at = first, None
        row.qualified_at = max(stand.first.placed_at, changed_at) if stand.first else None
        if first is not None:
            self._by_order[first] = row.id
        return True

    def _signs_now(self, row: Referral, stand: Standing) -> set[str]:
        friend = self._now(row.friend_id)
        found = {"same_identity"} if friend == self._now(row.referrer_id) else set()
        if stand.bought_before:
            found.add("not_first_order")
        others = [self.rows[name] for name in self._of.get(friend, ()) if name != row.id]
        if any(_first(other) < _first(row) for other in others if other.state not in ("expired", "rejected")):
            found.add("another_link")
        return found

    def become(self, row: Referral, state: str, at: datetime, due_at: datetime | None = None) -> None:
        """Put a referral into a state and let the points follow the change.

        While it is under review the referrer's award is held back; what the friend already has stays.
        """
        before, row.state, row.due_at = row.state, state, due_at
        self._changed.add(row.id)
        rules = self.rules(row)
        if state == "rewarded" and before != "rewarded":
            self.awards.thank(row, rules, at)
        elif state != "rewarded" and before == "rewarded":
            self.awards.settle(row.award_id, 0, at)
        if state == "rejected":
            self.awards.settle(row.welcome_id, 0, at)
        elif before == "rejected":
            self.awards.settle(row.welcome_id, rules.friend_points, at)
        if state not in ("review", "rejected"):
            self.awards.welcome(row, rules)
        if state not in ("open", "waiting", "review"):
            row.network_ref = None

    def _now(self, member_id: str) -> str:
        return self.desk.people.survivor(member_id) if member_id in self.desk.people.people else member_id

    def _bought(self, friend_id: str) -> list[Bought]:
        """Return the friend's orders that count, in time order."""
        return [
            Bought(each.order_id, each.placed_at, each.spend)
            for each in self.desk.purchases.of(self._now(friend_id))
            if each.counts and each.placed_at is not None
        ]

    def bought(self, row: Referral) -> Bought | None:
        """Return the friend's first order as it stands now."""
        return next((each for each in self._bought(row.friend_id) if each.order_id == row.order_id), None)


def _first(row: Referral) -> tuple[datetime, str]:
    return (row.at, row.id)


def review_of(reviews: Iterable[object]) -> ReferralReview:
    """Return the referrals among the reviews of a transaction."""
    return next(review for review in reviews if isinstance(review, ReferralReview))
