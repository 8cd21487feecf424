"""What moves a referral besides its friend's orders: time, and the merchant's word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from app import journal, shops
from app.clock import Clock
from app.errors import Conflict, NotFound
from app.models import referrals
from app.referrals import rows as referral_rows
from app.referrals.review import ReferralReview, review_of
from app.referrals.rows import Referral
from app.rules.document import Referrals
from app.rules.referrals import large_enough
from app.settling import Settling
from app.shops import Shop

BATCH = 500

# --- what time brings about -------------------------------------------------------------------------------------------


def due(connection: Connection, clock: Clock, shop_id: str) -> int:
    """Let one batch of referrals expire, be awarded, or wait for review; return how many were due."""
    shop = shops.hold(connection, shop_id)
    now = clock.now(connection)
    mine = and_(referrals.c.shop_id == shop_id, referrals.c.due_at <= now)
    statement = select(referrals.c.id).where(mine).order_by(referrals.c.due_at, referrals.c.id).limit(BATCH)
    ids = list(connection.execute(statement).scalars())
    if ids:
        pass_moment(Settling(connection, shop, now), ids)
    return len(ids)


def pass_moment(settling: Settling, ids: Sequence[str], signs: Mapping[str, Sequence[str]] | None = None) -> None:
    """Let the moment of referrals pass. Once: under both members' locks, what is no longer due stays.

    `signs`: what was found then, when this is a replay; fingerprints are not in the journal.
    """
    review = _load(settling, ids)
    rows = [review.rows[name] for name in ids if name in review.rows]
    pairs = {row.id: (row.referrer_id, row.friend_id) for row in rows if row.state == "waiting"}
    if signs is None:
        found = referral_rows.signs(settling.connection, settling.desk.shop.id, pairs)
        signs = {name: sorted(found[name]) for name in sorted(found) if found[name]}
    limited = [row.referrer_id for row in rows if review.rules(row).max_per_month is not None]
    months = Months(settling, limited)
    for row in rows:
        if row.due_at is not None and row.due_at <= settling.desk.now:
            _pass(review, row, signs.get(row.id, ()), months)
    body = {"referrals": list(ids), "signs": signs}
    settling.rows.append(journal.Row("referrals_due", settling.desk.shop.id, settling.desk.now, body))
    settling.flush()


def _load(settling: Settling, ids: Sequence[str]) -> ReferralReview:
    shop_id = settling.desk.shop.id
    known = referral_rows.select_rows(settling.connection, shop_id, referrals.c.id.in_(list(ids)))
    settling.load([], member_ids={member for row in known for member in (row.referrer_id, row.friend_id)})
    return review_of(settling.reviews)


class Months:
    """When the referrers of a batch were awarded, for a limit a month."""

    def __init__(self, settling: Settling, referrers: Sequence[str]) -> None:
        self.zone = settling.desk.shop.zone
        known = referral_rows.awarded(settling.connection, settling.desk.shop.id, referrers) if referrers else {}
        self._awarded: dict[str, list[datetime]] = known

    def full(self, referrer_id: str, at: datetime, most: int | None) -> bool:
        month = self._month(at)
        return most is not None and sum(self._month(one) == month for one in self._awarded.get(referrer_id, ())) >= most

    def note(self, referrer_id: str, at: datetime) -> None:
        self._awarded.setdefault(referrer_id, []).append(at)

    def _month(self, at: datetime) -> tuple[int, int]:
        local = at.astimezone(self.zone)
        return (local.year, local.month)


def _pass(review: ReferralReview, row: Referral, signs: Sequence[str], months: Months) -> None:
    at, rules = row.due_at or review.desk.now, review.rules(row)
    if row.state == "open":
        _expire(review, row, "no_order", at)
        return
    if row.decision is None:
        full = {"max_per_month"} if months.full(row.referrer_id, at, rules.max_per_month) else set()
        review.note_signs(row, {*signs, *full, *review.traits(row)})
        review.settle(row, at)
    if row.state == "waiting":
        _award(review, row, rules, at)
        if row.rewarded_at is not None:
            months.note(row.referrer_id, at)


def _award(review: ReferralReview, row: Referral, rules: Referrals, at: datetime) -> None:
    first = review.bought(row)
    if first is None or not large_enough(first.spend, rules):
        _expire(review, row, "below_minimum", at)
        return
    row.rewarded_at = at
    review.become(row, "rewarded", at)


def _expire(review: ReferralReview, row: Referral, reason: str, at: datetime) -> None:
    row.reasons = [reason]
    review.become(row, "expired", at)


# --- the merchant's word ----------------------------------------------------------------------------------------------


def decide(
    connection: Connection, shop: Shop, referral_id: str, decision: str, *, reason: str | None, now: datetime
) -> Referral:
    """Approve what is held for review, or reject a referral for good.

    Once: saying the same again changes nothing. Raises: NotFound, Conflict (nothing to approve).
    """
    settling = Settling(connection, shop, now)
    review = _load(settling, [referral_id])
    row = review.rows.get(referral_id)
    if row is None:
        raise NotFound("there is no such referral")
    if row.decision == decision:
        return row
    if decision == "approve" and row.state not in ("review", "rejected"):
        raise Conflict(f"this referral is {row.state}; only one under review can be approved")
    row.note = reason
    return carry_out(settling, row, decision)


def carry_out(settling: Settling, row: Referral, decision: str) -> Referral:
    """Let the merchant's decision take effect; replay comes through here too."""
    review, now = review_of(settling.reviews), settling.desk.now
    row.decision, row.decided_at = decision, now
    review.settle(row, now)
    if row.state == "waiting" and row.due_at is not None and row.due_at <= now:
        _award(review, row, review.rules(row), now)
    body = {"referral": row.id, "decision": decision}
    settling.rows.append(journal.Row("referral_decision", row.id, now, body))
    settling.flush()
    return row


def replay_decision(settling: Settling, body: Mapping[str, Any]) -> None:
    carry_out(settling, _load(settling, [body["referral"]]).rows[body["referral"]], body["decision"])
