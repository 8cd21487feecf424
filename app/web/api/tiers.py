"""Tiers: set by hand, a member's history, and who would move under the draft's rules."""

from __future__ import annotations

from pydantic import Field

from app import programmes, shops
from app.errors import NotFound
from app.members.views import held_row, member_row, view
from app.tiers import preview, ranks
from app.tiers.views import change_document
from app.web.api import answers, schemas
from app.web.api.examples import EXAMPLES
from app.web.api.fields import Given, Moment, Reason, Text, TimeText, Told, Whole
from app.web.api.operations import Answer, Call, operation
from app.web.api.reading import after, page, wrong


class NewTier(Given):
    key: Text = Field(description="A tier of the programme in effect.")
    reason: Reason
    keeps_until: Moment | None = Field(None, description="Then the measure decides again; null: until set again.")


class TierChange(Told):
    """One change. The tier holds from `at` on, until the next change."""

    n: int
    tier: str
    at: TimeText
    keeps_until: TimeText | None = Field(description="Until when it was kept at least, as known then.")
    source: str = Field(description="measure, membership, manual, merge, or programme: other tier rules.")
    reason: str


class TierChanges(Told):
    data: list[TierChange]
    next: str | None = answers.Next


class TierMoves(Told):
    """Who would move if the draft were in effect now. Members whose tier stays are not listed."""

    members: Whole = Field(description="All members of the shop.")
    before: dict[str, Whole] = Field(description="How many are in each tier now.")
    after: dict[str, Whole] = Field(description="How many would be.")
    moves: list[answers.TierMove]


_CHANGE = {
    "n": 1,
    "tier": "gold",
    "at": "2026-03-01T10:00:05Z",
    "keeps_until": "2027-12-31T23:00:00Z",
    "source": "measure",
    "reason": "the threshold is reached",
}
EXAMPLES |= {
    NewTier: {"key": "gold", "reason": "A friend of the house", "keeps_until": "2027-01-01T00:00:00Z"},
    TierChanges: {"data": [_CHANGE], "next": None},
    TierMoves: {
        "members": 1200,
        "before": {"entry": 1100, "gold": 100},
        "after": {"entry": 1060, "gold": 140},
        "moves": [{"before": "entry", "after": "gold", "members": 40, "first": ["m_5f3a9c1e7b2d4f608a1c"]}],
    },
}


@operation(
    "POST",
    "/members/<member:member_id>/tier",
    tag="Members",
    takes=NewTier,
    gives={200: answers.Member},
    errors=(NotFound,),
)
def set_tier(call: Call, given: NewTier, member_id: str) -> Answer:
    """Set a member's tier.

    By hand; it stays until set again, or until `keeps_until`. Then the measure decides.
    """
    shop = shops.hold(call.connection, call.shop.id)
    row = held_row(call.connection, shop.id, member_id)
    try:
        ranks.set_by_hand(
            call.connection,
            shop,
            row.id,
            given.key,
            reason=given.reason,
            keeps_until=given.keeps_until,
            now=call.now,
        )
    except NotFound as error:
        raise wrong("key", "unknown", "No programme is published, so there are no tiers.") from error
    return Answer(view(call.connection, call.vault, shop, row.id, call.now))


@operation(
    "GET",
    "/members/<member:member_id>/tiers",
    tag="Members",
    query=schemas.Page,
    gives={200: TierChanges},
    errors=(NotFound,),
)
def list_tiers(call: Call, asked: schemas.Page, member_id: str) -> Answer:
    """List a member's tiers.

    Every change, newest first; before the first one everyone is in the entry tier. Nothing here is ever changed.
    """
    row = member_row(call.connection, call.shop.id, member_id)
    last = after(asked.cursor, "tiers", int)
    if last is not None and not 0 < last < 2**31:
        raise wrong("cursor", "invalid", "Send the `next` of the page before, as it was.")
    rows = ranks.history(call.connection, call.shop.id, row.id, last, asked.limit + 1)
    return Answer(page([change_document(each) for each in rows], asked.limit, "tiers", [each["n"] for each in rows]))


@operation("GET", "/programme/draft/tiers", tag="Programme", gives={200: TierMoves}, errors=(NotFound,))
def preview_tiers(call: Call, _: None) -> Answer:
    """Preview the draft's tiers.

    Who would move, from which tier to which, if the draft were in effect now. Every member is reviewed; nothing is
    written. In a large shop it takes a while.
    """
    draft = programmes.check(programmes.draft(call.connection, call.shop.id))
    return Answer(preview.moves(call.connection, call.shop, draft, call.now))
