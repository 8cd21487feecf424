"""Referrals: a member's link, friends told by the shop's server, and the queue of those held for review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import and_

from app import shops
from app.errors import Conflict, NotFound
from app.members.views import held_row, living, member_row, time_text
from app.models import referrals
from app.referrals import moments, referring
from app.referrals import rows as referral_rows
from app.referrals.referring import Telling
from app.referrals.rows import Referral
from app.rules.referrals import show_code
from app.web.api.answers import Next
from app.web.api.examples import EXAMPLES
from app.web.api.fields import Email, Given, Id, Moment, Reason, Text, TimeText, Told, Whole
from app.web.api.operations import Answer, Call, operation
from app.web.api.reading import after, page
from app.web.api.schemas import Page

State = Literal["open", "waiting", "review", "rewarded", "rejected", "expired"]


class Friend(Given):
    """At least one of `email` and `platform_id`."""

    email: Email | None = None
    platform_id: Text | None = Field(None, description="The friend's customer id at the shop platform.")

    @model_validator(mode="after")
    def _somebody(self) -> Friend:
        if self.email is None and self.platform_id is None:
            raise PydanticCustomError("missing", "Name at least one of email and platform_id.")
        return self


class Fingerprints(Given):
    """Opaque texts, compared and never shown; only keyed hashes of them are kept."""

    address: Text | None = None
    device: Text | None = None
    payment: Text | None = None

    def told(self) -> dict[str, str]:
        return {kind: text for kind, text in self.model_dump().items() if text is not None}


class NewReferral(Given):
    code: Text = Field(description="As it stood in the link or was typed in; dashes, blanks and case do not count.")
    friend: Friend
    at: Moment | None = Field(None, description="When the friend came by the link. Default: now.")
    fingerprints: Fingerprints = Fingerprints()
    network: Text | None = Field(None, description="The network the friend came from, such as an IP prefix.")


class Decision(Given):
    reason: Reason


class ReferralsQuery(Page):
    state: State | None = None
    member_id: Text | None = Field(None, description="Only friends whom this member brought.")


class Counts(Told):
    open: Whole
    waiting: Whole
    review: Whole
    rewarded: Whole
    rejected: Whole
    expired: Whole


class MemberReferral(Told):
    """What a member shares, and what became of it."""

    code: str
    url: str | None = Field(description="Null where neither a landing page nor a storefront is known.")
    counts: Counts


class Gift(Told):
    """A reward of the programme, given free of points."""

    to: Literal["referrer", "friend"]
    reward: str


class SidePoints(Told):
    referrer: Whole
    friend: Whole


class ReferralTold(Told):
    id: Id
    code: str
    state: State
    reasons: list[str] = Field(description="Why it is held, rejected or expired.")
    referrer_id: Id
    friend_id: Id
    at: TimeText
    version: int = Field(description="The programme version in effect at the link; its rules stay.")
    order_id: str | None = Field(description="The friend's first order, while it counts.")
    due_at: TimeText | None = Field(description="When it is awarded, or when the time for a first order ends.")
    rewarded_at: TimeText | None
    decided_at: TimeText | None
    points: SidePoints
    gifts: list[Gift]


class ReferralsTold(Told):
    data: list[ReferralTold]
    next: str | None = Next


@operation(
    "GET",
    "/members/<member:member_id>/referral",
    tag="Referrals",
    writes=True,
    gives={200: MemberReferral},
    errors=(NotFound, Conflict),
)
def read_member_referral(call: Call, _: object, member_id: str) -> Answer:
    """Read a member's referral link.

    The code is made when it is first asked for and stays. 404 while the programme has no referrals.
    """
    shop = shops.hold(call.connection, call.shop.id)
    row = living(held_row(call.connection, shop.id, member_id))
    return Answer(referring.shared(call.connection, shop, row.id, call.now))


@operation(
    "POST",
    "/referrals",
    tag="Referrals",
    takes=NewReferral,
    gives={201: ReferralTold, 200: ReferralTold},
    errors=(NotFound,),
)
def tell_referral(call: Call, given: NewReferral) -> Answer:
    """Tell that a friend came by a code.

    201 for a new link; 200 with the link that stands where the friend has one already: the first wins until it
    expires. The e-mail finds or makes only the unclaimed member of that e-mail unless somebody has verified it.
    """
    shop = shops.hold(call.connection, call.shop.id)
    told = Telling(
        code=given.code,
        email=given.friend.email,
        platform_id=given.friend.platform_id,
        at=given.at,
        fingerprints=given.fingerprints.told(),
        network=given.network,
    )
    row, new = referring.tell(call.connection, call.vault, shop, told, call.now)
    return Answer(_shown(call, [row])[0], 201 if new else 200)


@operation("GET", "/referrals", tag="Referrals", query=ReferralsQuery, gives={200: ReferralsTold}, errors=(NotFound,))
def list_referrals(call: Call, asked: ReferralsQuery) -> Answer:
    """List referrals.

    In the order of their ids; `state=review` is the queue of those held, each with its reasons.
    """
    last = after(asked.cursor, "referrals", str)
    chosen = referrals.c.id > (last or "")
    if asked.state is not None:
        chosen = and_(chosen, referrals.c.state == asked.state)
    if asked.member_id is not None:
        member_id = member_row(call.connection, call.shop.id, asked.member_id).id
        chosen = and_(chosen, referrals.c.referrer_id == member_id)
    rows = referral_rows.select_rows(call.connection, call.shop.id, chosen, asked.limit + 1)
    return Answer(page(_shown(call, rows), asked.limit, "referrals", [row.id for row in rows]))


@operation(
    "POST",
    "/referrals/<member:referral_id>/approve",
    tag="Referrals",
    takes=Decision,
    gives={200: ReferralTold},
    errors=(NotFound, Conflict),
)
def approve_referral(call: Call, given: Decision, referral_id: str) -> Answer:
    """Approve a referral held for review.

    Its signs no longer count; it goes on as if there were none, and is awarded at once if its order has survived.
    """
    return _decide(call, referral_id, "approve", given.reason)


@operation(
    "POST",
    "/referrals/<member:referral_id>/reject",
    tag="Referrals",
    takes=Decision,
    gives={200: ReferralTold},
    errors=(NotFound,),
)
def reject_referral(call: Call, given: Decision, referral_id: str) -> Answer:
    """Reject a referral.

    Nobody is awarded; points that either side already had from it are taken back.
    """
    return _decide(call, referral_id, "reject", given.reason)


def _decide(call: Call, referral_id: str, decision: str, reason: str) -> Answer:
    shop = shops.hold(call.connection, call.shop.id)
    row = moments.decide(call.connection, shop, referral_id, decision, reason=reason, now=call.now)
    return Answer(_shown(call, [row])[0])


def _shown(call: Call, rows: list[Referral]) -> list[dict[str, Any]]:
    points = referral_rows.points_of(call.connection, call.shop.id, rows)
    return [_document(row, points) for row in rows]


def _document(row: Referral, points: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": show_code(row.code),
        "state": row.state,
        "reasons": row.reasons,
        "referrer_id": row.referrer_id,
        "friend_id": row.friend_id,
        "at": time_text(row.at),
        "version": row.version,
        "order_id": row.order_id,
        "due_at": time_text(row.due_at),
        "rewarded_at": time_text(row.rewarded_at),
        "decided_at": time_text(row.decided_at),
        "points": {"referrer": points.get(row.award_id, 0), "friend": points.get(row.welcome_id, 0)},
        "gifts": row.gifts,
    }


_ID = "m_5f3a9c1e7b2d4f608a1c"
_FRIEND_ID = "m_0b7d2e9f4a6c8135e1f2"
_SHOWN = {
    "id": _FRIEND_ID,
    "code": "KXW3N-T7PQ9",
    "state": "review",
    "reasons": ["same_device"],
    "referrer_id": _ID,
    "friend_id": _FRIEND_ID,
    "at": "2026-03-01T10:00:00Z",
    "version": 1,
    "order_id": None,
    "due_at": None,
    "rewarded_at": None,
    "decided_at": None,
    "points": {"referrer": 0, "friend": 0},
    "gifts": [],
}
_COUNTS = {"open": 1, "waiting": 0, "review": 1, "rewarded": 3, "rejected": 0, "expired": 0}
EXAMPLES.update(
    {
        NewReferral: {"code": "KXW3N-T7PQ9", "friend": {"email": "bob@example.com"}, "network": "203.0.113.0/24"},
        Decision: {"reason": "They are brothers, and live together"},
        MemberReferral: {"code": "KXW3N-T7PQ9", "url": "https://shop.example/?ref=KXW3N-T7PQ9", "counts": _COUNTS},
        ReferralTold: _SHOWN,
        ReferralsTold: {"data": [_SHOWN], "next": None},
    }
)
