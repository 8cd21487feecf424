"""Activities: told by the shop's own systems, read, approved, rejected."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app import shops
from app.activities import commands, views
from app.activities.commands import Deed
from app.errors import Conflict, IdempotencyConflict, NotFound
from app.members.views import living, member_row
from app.rules.fields import ActivityKind, CurrencyCode, Exact
from app.rules.usual import COMPUTED
from app.web.api.fields import Cursor, Given, Id, Limit, Moment, Plain, Reason, Text, TimeText, Told, Whole
from app.web.api.operations import Answer, Call, operation
from app.web.api.reading import after, page, wrong
from app.web.api.schemas import Nothing

MOST_EVIDENCE = 16 * 1024


def _told_by_somebody(kind: str) -> str:
    if kind in COMPUTED:
        raise PydanticCustomError("not_told", "This kind follows from orders or the calendar; nobody tells it.")
    return kind


def _storable(evidence: Evidence) -> Evidence:
    if len(orjson.dumps(evidence.model_dump(mode="json"))) > MOST_EVIDENCE:
        raise PydanticCustomError("too_long", "Send at most 16 KiB of evidence.")
    return evidence


class Evidence(Given):
    """What proves an activity. Further keys are kept, sealed, for the merchant's eyes."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[str, Field(max_length=4_000)] | int | bool | None] = Field(init=False)

    amount: Exact | None = Field(None, description="Money spent, for rules with a rate: the total of a receipt.")
    currency: CurrencyCode | None = None
    text: Annotated[str, Field(max_length=10_000)] | None = Field(
        None, description="What was written; the same text told before goes to review."
    )
    picture_url: Annotated[Plain, Field(max_length=2_000)] | None = None
    picture_sha256: Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$")] | None = None


ToldKind = Annotated[ActivityKind, AfterValidator(_told_by_somebody)]
SentEvidence = Annotated[Evidence, AfterValidator(_storable)]


class NewActivity(Given):
    kind: ToldKind
    subject: Text | None = Field(None, description="What it was done to: a product, a network, a field, a campaign.")
    evidence: SentEvidence | None = None
    at: Moment | None = Field(None, description="Default: now.")
    id: Annotated[Plain, Field(min_length=1, max_length=255, pattern="^[!-~]+$")] | None = Field(
        None, description="Your own name of what happened: one effect for each."
    )


class SelfReported(Given):
    """What a shopper's browser may tell; a subject is the name of a thing, never a text."""

    kind: ActivityKind
    subject: Annotated[str, Field(pattern="^[A-Za-z0-9_.:/-]{1,100}$")] | None = None
    evidence: SentEvidence | None = None

    def deed(self) -> Deed:
        evidence = None if self.evidence is None else self.evidence.model_dump(mode="json", exclude_none=True)
        return Deed(kind=self.kind, subject=self.subject, evidence=evidence, self_reported=True)


class Rejection(Given):
    reason: Reason = Field(description="Only its SHA-256 is kept.")


class ActivityTold(Told):
    """What became of an activity. `reason` is a stable word; see the documentation of activities."""

    id: Id
    member_id: str
    kind: str
    subject: str | None
    at: TimeText
    state: Literal["awarded", "review", "refused"]
    reason: str | None
    points: Whole = Field(description="What it earned; while it waits, what it will earn.")
    rule: str | None
    version: int | None
    verified: bool = Field(description="False: nobody but the shopper says so.")
    entry: str | None = Field(description="Its first entry in the ledger.")
    explanation: dict[str, Any]


class ActivityShown(ActivityTold):
    evidence: dict[str, Any] | None


class Activities(Told):
    data: list[ActivityShown]
    next: str | None


class ActivitiesPage(Given):
    cursor: Cursor | None = Field(None, description="The `next` of the page before.")
    limit: Limit = Field(50, description="Rows a page.")


class ActivitiesQuery(ActivitiesPage):
    state: Literal["review"] = Field("review", description="What waits for the merchant.")


@operation(
    "POST",
    "/members/<member:member_id>/activities",
    tag="Activities",
    takes=NewActivity,
    gives={201: ActivityTold},
    errors=(NotFound, Conflict, IdempotencyConflict),
)
def tell_activity(call: Call, given: NewActivity, member_id: str) -> Answer:
    """Tell of an activity.

    The first rule of the programme in effect at its time that fits decides: `awarded`, `review` (it waits for the
    merchant) or `refused` with a reason. With an `id` it has one effect, however often it is told: the same facts
    answer with the first record, other facts with 409. Without one, an Idempotency-Key is its id.
    """
    shop = shops.hold(call.connection, call.shop.id)
    row = living(member_row(call.connection, shop.id, member_id))
    if given.at is not None and given.at > call.now:
        raise wrong("at", "in_the_future", "Write a time that has been.")
    evidence = None if given.evidence is None else given.evidence.model_dump(mode="json", exclude_none=True)
    deed = Deed(kind=given.kind, subject=given.subject, evidence=evidence, at=given.at, id=given.id or call.key)
    made = commands.tell(call.connection, call.vault, shop, row.id, deed, call.now)
    return Answer(views.document(made), 201)


@operation(
    "GET",
    "/members/<member:member_id>/activities",
    tag="Activities",
    query=ActivitiesPage,
    gives={200: Activities},
    errors=(NotFound,),
)
def list_member_activities(call: Call, asked: ActivitiesPage, member_id: str) -> Answer:
    """List a member's activities.

    Newest first, refused ones too.
    """
    row = member_row(call.connection, call.shop.id, member_id)
    last = _place(asked.cursor, "member-activities")
    shown = views.of_member(call.connection, call.vault, call.shop.id, row.id, last, asked.limit + 1)
    return Answer(page(shown, asked.limit, "member-activities", [_cursor(each) for each in shown]))


@operation("GET", "/activities", tag="Activities", query=ActivitiesQuery, gives={200: Activities})
def list_activities(call: Call, asked: ActivitiesQuery) -> Answer:
    """List what waits for review.

    Oldest first, with the evidence. Approve or reject each.
    """
    last = _place(asked.cursor, "activities")
    shown = views.waiting(call.connection, call.vault, call.shop.id, last, asked.limit + 1)
    return Answer(page(shown, asked.limit, "activities", [_cursor(each) for each in shown]))


def _cursor(shown: dict[str, Any]) -> str:
    return f"{shown['at']} {shown['id']}"


def _place(cursor: str | None, name: str) -> views.Place | None:
    last = after(cursor, name, str)
    if last is None:
        return None
    at, _, activity_id = last.partition(" ")
    shape = "%Y-%m-%dT%H:%M:%S.%fZ" if "." in at else "%Y-%m-%dT%H:%M:%SZ"
    try:
        return datetime.strptime(at, shape).replace(tzinfo=UTC), activity_id
    except ValueError:
        raise wrong("cursor", "invalid", "Send the `next` of the page before, as it was.") from None


@operation(
    "POST",
    "/activities/<activity:activity_id>/approve",
    tag="Activities",
    takes=Nothing,
    gives={200: ActivityTold},
    errors=(NotFound, Conflict),
)
def approve_activity(call: Call, _: Nothing, activity_id: str) -> Answer:
    """Approve an activity that waits.

    It earns what it was worth when it was told. Approved again, nothing happens; 409 for a refused one.
    """
    shop = shops.hold(call.connection, call.shop.id)
    made = commands.approve(call.connection, shop, activity_id, call.now)
    return Answer(views.document(made))


@operation(
    "POST",
    "/activities/<activity:activity_id>/reject",
    tag="Activities",
    takes=Rejection,
    gives={200: ActivityTold},
    errors=(NotFound, Conflict),
)
def reject_activity(call: Call, given: Rejection, activity_id: str) -> Answer:
    """Reject an activity.

    What it had earned is reversed, and it takes no more of caps and budgets. Rejected again, nothing happens.
    """
    shop = shops.hold(call.connection, call.shop.id)
    made = commands.reject(call.connection, shop, activity_id, given.reason, call.now)
    return Answer(views.document(made))
