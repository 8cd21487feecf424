"""Members: enrol, find, read; their entries, adjustments and tier; tokens for shoppers."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import RowMapping, and_, select

from app import programmes, shops
from app.errors import (
    Conflict,
    Forbidden,
    IdempotencyConflict,
    IdentityConflict,
    InsufficientPoints,
    NotFound,
)
from app.members import cards, enrolling, tokens
from app.members.emails import email_ref
from app.members.enrolling import Named
from app.members.views import carrying, held_row, living, member_row, points_document, time_text, view, views
from app.models import identities, members
from app.points import adjusting, readouts, sentences
from app.rules.explain import ENGLISH
from app.rules.words import Words
from app.tiers import ranks
from app.web.api import answers, schemas
from app.web.api.operations import Answer, Call, operation
from app.web.api.reading import after, page, wrong
from app.web.gates import services
from connectors import CONNECTORS


@operation(
    "POST",
    "/members",
    tag="Members",
    takes=schemas.NewMember,
    gives={201: answers.Member, 200: answers.Member},
    errors=(IdentityConflict, Conflict),
)
def enrol_member(call: Call, given: schemas.NewMember) -> Answer:
    """Enrol or complete a member.

    201 for a new member, 200 for a known identity; a new verified e-mail or platform id is added to it; birthday,
    tags, country and customer groups are replaced where they are sent. A programme that enrols `on_request` takes
    this as the request. 409 `identity_conflict` where platform id and verified e-mail
    belong to two members, 409 `conflict` for a birthday that was changed less than a year ago (the first date told is
    no change). An e-mail without `email_verified` finds or makes only the unclaimed member of that
    e-mail; beside a platform id it is noted and proves nothing.
    """
    shop = shops.hold(call.connection, call.shop.id)
    named = Named(
        email=given.email,
        email_verified=given.email_verified,
        platform_id=given.platform_id,
        birthday=given.birthday,
        tags=given.tags,
        country=given.country,
        customer_groups=given.customer_groups,
    )
    enrolled = enrolling.enrol(call.connection, call.vault, shop, named, call.now)
    return Answer(_view(call, enrolled.member_id), 201 if enrolled.new else 200)


@operation("GET", "/members", tag="Members", query=schemas.MembersQuery, gives={200: answers.Members})
def list_members(call: Call, asked: schemas.MembersQuery) -> Answer:
    """List or look up members."""
    ids = _ids(call, asked)
    shown = views(call.connection, call.vault, call.shop, ids[: asked.limit], call.now)
    return Answer(page(shown, asked.limit, "members", ids))


def _ids(call: Call, asked: schemas.MembersQuery) -> list[str]:
    """Return the ids of a page and of the row after it."""
    last = after(asked.cursor, "members", str)
    if asked.email is not None:
        carriers = carrying(call.connection, call.shop.id, str(email_ref(call.shop.pepper(call.vault), asked.email)))
        if last is not None and last not in carriers:
            raise wrong("cursor", "invalid", "This page is gone; begin again.")
        return carriers[carriers.index(last) + 1 if last else 0 :]
    if asked.platform_id is not None:
        mine = and_(identities.c.shop_id == call.shop.id, identities.c.closed_at.is_(None))
        named = and_(identities.c.kind == "customer", identities.c.value == asked.platform_id)
        return list(call.connection.execute(select(identities.c.member_id).where(mine, named)).scalars())
    if asked.card is not None:
        found = cards.holder(call.connection, call.shop.id, asked.card)
        return [found] if found is not None else []
    mine = and_(members.c.shop_id == call.shop.id, members.c.merged_into.is_(None), members.c.id > (last or ""))
    if asked.tier is not None:
        mine = and_(mine, ranks.is_in(call.connection, call.shop.id, asked.tier, call.now))
    statement = select(members.c.id).where(mine).order_by(members.c.id).limit(asked.limit + 1)
    return list(call.connection.execute(statement).scalars())


@operation(
    "GET",
    "/members/<member:member_id>",
    tag="Members",
    query=schemas.MemberQuery,
    gives={200: answers.Member},
    errors=(NotFound,),
)
def read_member(call: Call, asked: schemas.MemberQuery, member_id: str) -> Answer:
    """Read a member.

    After a merge or a claim the old id answers with the survivor.
    """
    return Answer(view(call.connection, call.vault, call.shop, member_id, call.now, asked.at))


def _view(call: Call, member_id: str) -> dict[str, Any]:
    return view(call.connection, call.vault, call.shop, member_id, call.now)


@operation(
    "GET",
    "/members/<member:member_id>/entries",
    tag="Members",
    query=schemas.ToldQuery,
    gives={200: answers.Entries},
    errors=(NotFound,),
)
def list_entries(call: Call, asked: schemas.ToldQuery, member_id: str) -> Answer:
    """List a member's entries.

    The ledger's, newest first, each with its explanation. After a merge or claim also those of the members that this
    one has taken in, each with its own `member_id`; their changes still add up to this member's accounts.
    """
    row = member_row(call.connection, call.shop.id, member_id)
    everyone = readouts.family(call.connection, call.shop.id, row.id)
    last = _seen(after(asked.cursor, "entries", str), everyone)
    rows = readouts.history(call.connection, call.shop.id, everyone, last, asked.limit + 1)
    in_words = sentences.in_language(
        asked.language, programmes.current_or_none(call.connection, call.shop.id, call.now)
    )
    shown = [_entry(each, in_words) for each in rows]
    return Answer(page(shown, asked.limit, "entries", [f"{each['member_id']}:{each['n']}" for each in rows]))


def _seen(last: str | None, everyone: list[str]) -> readouts.Seen | None:
    """Read which entry a page ended with. Raises: Invalid."""
    if last is None:
        return None
    member_id, _, number = last.partition(":")
    if member_id in everyone and number.isascii() and number.isdigit() and len(number) < 19:
        return (member_id, int(number))
    raise wrong("cursor", "invalid", "Send the `next` of the page before, as it was.")


def _entry(row: RowMapping, in_words: Words = ENGLISH) -> dict[str, Any]:
    return {
        "id": row["key"],
        "member_id": row["member_id"],
        "at": time_text(row["at"]),
        "kind": row["kind"],
        "points": row["points"],
        "account_changes": row["account_changes"],
        "source": {"type": row["source_type"], "id": row["source_id"]},
        "explanation": row["explanation"],
        "sentence": sentences.of_entry(row["kind"], row["points"], row["explanation"], in_words),
    }


@operation(
    "POST",
    "/members/<member:member_id>/adjustments",
    tag="Members",
    takes=schemas.NewAdjustment,
    gives={201: answers.Adjustment},
    errors=(NotFound, InsufficientPoints, Conflict, IdempotencyConflict),
)
def adjust_points(call: Call, given: schemas.NewAdjustment, member_id: str) -> Answer:
    """Give or take points by hand.

    The Idempotency-Key is also the ledger's key (`adjust:{key}`) and never forgotten: later the same facts answer
    with the first entry, other facts with 409. What is taken is never more than what is available (409
    `insufficient_points`).
    """
    shop = shops.hold(call.connection, call.shop.id)
    row = held_row(call.connection, shop.id, member_id)
    entry_key = adjusting.adjust(
        call.connection, shop, row.id, given.points, reason=given.reason, key=call.key, now=call.now
    )
    entry = cast(RowMapping, readouts.entry_with_key(call.connection, shop.id, entry_key))
    points = readouts.points_now(call.connection, shop.id, row.id, row.claimed, call.now)
    return Answer({"member_id": row.id, "entry": _entry(entry), "points": points_document(points)}, 201)


@operation(
    "POST",
    "/members/<member:member_id>/shopper-token",
    tag="Members",
    takes=schemas.TokenWish,
    gives={201: answers.ShopperToken},
    errors=(NotFound, Conflict),
)
def make_shopper_token(call: Call, given: schemas.TokenWish, member_id: str) -> Answer:
    """Make a shopper token.

    With it a shopper's browser reads its own points, for ten minutes at most. Only for shops that vouch for their
    shoppers themselves (custom shops); 403 for the others, whose platform does.
    """
    if not CONNECTORS[call.shop.platform].vouches_for_shoppers:
        raise Forbidden("the platform of this shop says who its shoppers are; ask it instead")
    row = living(member_row(call.connection, call.shop.id, member_id))
    secret, now = services().config.secret_key, services().clock.real()
    token, ends = tokens.make(secret, call.shop.id, row.id, given.ttl_s, now)
    return Answer({"token": token, "expires_at": time_text(ends)}, 201)
