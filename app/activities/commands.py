"""What merchants and shoppers do with activities: tell of one, approve it, reject it; and what an enrolment brings.

Each runs in the caller's transaction and writes its own row of the journal.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, and_, select

from app import journal
from app.activities.mechanism import Activity
from app.activities.of_customers import tell_once
from app.activities.telling import happening
from app.errors import Conflict, NotFound
from app.intake.told import Told, faceless, seal_evidence
from app.models import activities
from app.rules.activities import REJECTED
from app.settling import Settling
from app.shops import Shop
from app.vault import Vault
from connectors.contract import ActivityTold, CustomerRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody tells of a member. Without `at`: now. Without `id`: a new one."""

    kind: str
    subject: str | None = None
    evidence: Mapping[str, Any] | None = None
    at: datetime | None = None
    id: str | None = None
    self_reported: bool = False

    def fact(self, at: datetime) -> ActivityTold:
        evidence = dict(self.evidence or {})
        amount, currency = evidence.pop("amount", None), evidence.pop("currency", None)
        return ActivityTold(
            id=self.id or secrets.token_hex(12),
            customer=CustomerRef(),
            kind=self.kind,
            at=at,
            subject=self.subject,
            amount=None if amount is None else Decimal(amount),
            currency=currency,
            evidence=evidence,
        )


def tell(connection: Connection, vault: Vault, shop: Shop, member_id: str, deed: Deed, now: datetime) -> Activity:
    """Let an activity of a member take effect; what a browser tells in vain is not written down.

    Once: the same id with the same facts answers with the first record. Raises: IdempotencyConflict.
    """
    fact = faceless(deed.fact(deed.at or _told_at(connection, shop.id, deed.id) or now), shop.pepper(vault))
    told = Told(
        fact=fact,
        member_id=member_id,
        self_reported=deed.self_reported,
        sealed_evidence=seal_evidence(shop, vault, deed.evidence or {}),
    )
    settling = Settling(connection, shop, now)
    settling.load([told])
    known = settling.activities.get(happening(fact, now).id)
    made = settling.telling.tell(
        member_id, happening(fact, now, deed.self_reported), keep_refused=not deed.self_reported
    )
    if known is not None or (deed.self_reported and made.state == "refused"):
        return made
    made.sealed = told.sealed_evidence
    extra: dict[str, Any] = {"member": member_id, "of_age": settling.desk.ages.told}
    if deed.self_reported:
        extra["self_reported"] = True
    settling.rows.append(journal.fact_row(fact, made.id, now, extra))
    settling.flush()
    return made


def _told_at(connection: Connection, shop_id: str, told_id: str | None) -> datetime | None:
    """Return when a known activity was: told again without its time, it is the same."""
    if told_id is None:
        return None
    mine = and_(activities.c.shop_id == shop_id, activities.c.id == f"activity:{told_id}")
    found: datetime | None = connection.execute(select(activities.c.at).where(mine)).scalar()
    return found


def approve(connection: Connection, shop: Shop, activity_id: str, now: datetime) -> Activity:
    """Award what waits for review: what it was worth when it was told. Once: approved again, nothing happens.

    Raises: NotFound, Conflict (it was refused).
    """
    settling, activity = _held(connection, shop, activity_id, now)
    if activity.state == "refused":
        raise Conflict(f"the activity was refused: {activity.reason}")
    if activity.state == "review":
        award(settling, activity, now)
        _write(settling, activity, {"approved": True}, now)
    return activity


def award(settling: Settling, activity: Activity, at: datetime) -> None:
    """Award what waits."""
    worth, activity.worth = activity.worth, 0
    activity.state, activity.reason = "awarded", None
    settling.activities.settle(activity, worth, at)


def reject(connection: Connection, shop: Shop, activity_id: str, reason: str, now: datetime) -> Activity:
    """Refuse what waits for review, or take back what was awarded; it takes no more of caps and budget.

    Once: rejected again, nothing happens. Raises: NotFound, Conflict (it had been refused already).
    """
    settling, activity = _held(connection, shop, activity_id, now)
    if activity.state == "refused" and activity.reason != REJECTED:
        raise Conflict(f"the activity was refused: {activity.reason}")
    if activity.state != "refused":
        sha256 = hashlib.sha256(reason.encode()).hexdigest()
        take_back(settling, activity, sha256, now)
        _write(settling, activity, {"approved": False, "reason_sha256": sha256}, now)
    return activity


def take_back(settling: Settling, activity: Activity, reason_sha256: str, at: datetime) -> None:
    """Refuse an activity, whatever it was before."""
    activity.state, activity.reason = "refused", REJECTED
    activity.explanation = {**activity.explanation, "reason": REJECTED, "reason_sha256": reason_sha256}
    settling.activities.settle(activity, 0, at)


def _held(connection: Connection, shop: Shop, activity_id: str, now: datetime) -> tuple[Settling, Activity]:
    """Return an activity with its member's lock held. Raises: NotFound."""
    mine = and_(activities.c.shop_id == shop.id, activities.c.id == activity_id)
    member_id = connection.execute(select(activities.c.member_id).where(mine)).scalar()
    if member_id is None:
        raise NotFound("there is no such activity")
    settling = Settling(connection, shop, now)
    settling.load([], member_ids=[member_id])
    (activity,) = settling.activities.read_to_settle(activities.c.id == activity_id)
    return settling, activity


def _write(settling: Settling, activity: Activity, body: Mapping[str, Any], now: datetime) -> None:
    settling.rows.append(journal.Row("activity_decision", activity.id, now, {"activity": activity.id, **body}))
    settling.flush()


def replay_decision(connection: Connection, shop: Shop, at: datetime, body: Mapping[str, Any]) -> None:
    """Replay what a merchant decided."""
    settling, activity = _held(connection, shop, body["activity"], at)
    if body["approved"]:
        award(settling, activity, at)
    else:
        take_back(settling, activity, body["reason_sha256"], at)
    settling.flush()


def enrolled(
    connection: Connection, shop: Shop, member_id: str, fields: list[str], now: datetime, joined: bool
) -> None:
    """Follow an enrolment by the merchant: signing up, if the member has joined by it, and what it tells of them."""
    told = [("sign_up", None)] if joined else []
    follow_enrolment(connection, shop, member_id, told + [("profile_field", name) for name in fields], now)


def follow_enrolment(
    connection: Connection,
    shop: Shop,
    member_id: str,
    told: list[tuple[str, str | None]],
    now: datetime,
    of_age: Mapping[str, bool] | None = None,
) -> None:
    """Let what an enrolment tells of take effect; nothing is written where no rule gives anything for it.

    `of_age`: the answers that were found, when this is a replay.
    """
    settling = Settling(connection, shop, now)
    settling.desk.ages.begin(of_age)
    rules = {rule.kind for version in settling.desk.versions for rule in version.programme.activities}
    wanted = [(kind, subject) for kind, subject in told if kind in rules]
    if not wanted:
        return
    settling.load([], member_ids=[member_id])
    made = [tell_once(settling.telling, member_id, kind, now, subject) for kind, subject in wanted]
    if any(made):
        body = {"member": member_id, "told": wanted, "of_age": settling.desk.ages.told}
        settling.rows.append(journal.Row("enrolment", member_id, now, body))
        settling.flush()
