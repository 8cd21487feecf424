"""What the draft would change, before it is published."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app import programmes
from app.errors import NotFound
from app.programmes import what_if
from app.tiers import preview
from app.web.api import answers
from app.web.api.fields import Given, Told, Whole
from app.web.api.operations import Answer, Call, operation


class WhatIf(Given):
    """Which orders to try the draft on; all of it may be left out."""

    orders: int = Field(
        what_if.MOST_ORDERS, ge=1, le=what_if.MOST_ORDERS, description="At most so many, the last ones."
    )
    days: int = Field(what_if.MOST_DAYS, ge=1, le=what_if.MOST_DAYS, description="None placed longer ago.")


class ChangedOrder(Told):
    order_id: str
    points_before: Whole
    points_after: Whole


class ChangedOrders(Told):
    compared: Whole
    points_before: Whole
    points_after: Whole
    earning_more: Whole
    earning_less: Whole
    most_affected: list[ChangedOrder]


class ChangedMember(Told):
    member_id: str
    points_before: Whole
    points_after: Whole


class ChangedMembers(Told):
    affected: Whole = Field(description="Members with an order that would earn more or less.")
    most_affected: list[ChangedMember]


class Change(Told):
    path: str = Field(description="Entries of lists by their keys: campaigns.spring.multiplier.")
    before: Any = Field(description="Null: it is not there.")
    after: Any


class DraftPreview(Told):
    version: int | None = Field(description="The version in effect, which the draft is compared with.")
    orders: ChangedOrders
    members: ChangedMembers
    changed: list[Change]
    tiers: list[answers.TierMove] = Field(description="Who would move between tiers, if the tier rules differ.")


@operation(
    "POST",
    "/programme/draft/preview",
    tag="Programme",
    writes=False,
    takes=WhatIf,
    gives={200: DraftPreview},
    errors=(NotFound,),
)
def preview_draft(call: Call, given: WhatIf) -> Answer:
    """Preview what the draft changes.

    The draft and the version in effect are both asked what the shop's last orders are worth, with today's members
    and catalogue: points over all, the orders and members that change most, and every setting that differs.
    Nothing is written. Caps per member are left out; places of limited campaigns are given out anew. Where the tier
    rules differ every member is reviewed, which takes a while in a large shop.
    """
    draft = programmes.check(programmes.draft(call.connection, call.shop.id))
    told = what_if.compare(call.connection, call.shop, draft, call.now, most=given.orders, days=given.days)
    known = programmes.effective(programmes.versions(call.connection, call.shop.id), call.now)
    if known is not None and known.programme.ladder != draft.ladder:
        told["tiers"] = preview.moves(call.connection, call.shop, draft, call.now)["moves"]
    return Answer(told)
