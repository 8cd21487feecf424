"""Two members are one person, as the merchant says: identities, orders, lots, and everything that hangs on them.

Source: semantics 1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update

from app import journal
from app.errors import Conflict, FieldError, Invalid
from app.members import enrolling
from app.members.people import People
from app.members.views import member_row
from app.models import identities, members, orders
from app.settling import Settling
from app.shops import Shop

_KEPT_ONCE = ("email", "phone", "birthday", "birthday_day", "birthday_set_at", "birthday_changed_at")


def merge_members(connection: Connection, shop: Shop, old: str, into: str, now: datetime) -> str:
    """Make two members one; return who lives on.

    Once: of members who are one already nothing changes. Raises: Invalid (into itself), NotFound, Conflict.
    """
    if old == into:
        message = "Name two different members."
        raise Invalid(f"into: {message}", (FieldError("into", "same_member", message),))
    one, other = member_row(connection, shop.id, old), member_row(connection, shop.id, into)
    if one.id == other.id:
        return str(other.id)
    if one.erased_at is not None or other.erased_at is not None:
        raise Conflict("one of them has been erased")
    return carry_out(Settling(connection, shop, now), one.id, other.id)


def carry_out(settling: Settling, old: str, into: str) -> str:
    """Let a merge take effect; replay comes through here too."""
    connection, shop_id, now = settling.connection, settling.desk.shop.id, settling.desk.now
    mine = and_(orders.c.shop_id == shop_id, orders.c.member_id == old)
    settling.load([], list(connection.execute(select(orders.c.id).where(mine)).scalars()), member_ids=[old, into])
    people = settling.desk.people
    old, into = people.survivor(old), people.survivor(into)
    if old == into:
        return into
    known = _identities(people, old, into)
    people.merge(old, into, now)
    _join_persons(people, old, into)
    if people.people[into].claimed:  # an e-mail nobody has proved must not lead to somebody who is known
        unclaimed = [value for kind, value in known if kind == "unclaimed"]
        people.close([("unclaimed", ref) for ref in unclaimed], now)
        for ref in unclaimed:
            people.carry(ref, into)
    settling.rows.append(journal.Row("merge", into, now, {"from": old, "into": into}))
    enrolling.flush(settling, now)
    _join_profiles(connection, shop_id, old, into)
    return into


def replay(settling: Settling, body: Mapping[str, Any]) -> None:
    carry_out(settling, body["from"], body["into"])


def _identities(people: People, old: str, into: str) -> list[tuple[str, str]]:
    """Load what identifies the two; their balances guard it."""
    mine = and_(
        identities.c.shop_id == people.shop_id,
        identities.c.member_id.in_([old, into]),
        identities.c.closed_at.is_(None),
    )
    rows = people.connection.execute(select(identities.c.kind, identities.c.value, identities.c.member_id).where(mine))
    return [people.know(row.kind, row.value, row.member_id) for row in rows]


def _join_persons(people: People, old: str, into: str) -> None:
    gone, lives = people.people[old], people.people[into]
    if gone.claimed and not lives.claimed:
        lives.claimed = True
        lives.changes["claimed"] = True
    if gone.requested_at is not None:
        lives.request(gone.requested_at)
    lives.tell(tags=tuple(dict.fromkeys((*lives.tags, *gone.tags))))
    lives.tell(country=None if lives.country else gone.country)
    lives.tell(customer_groups=tuple(dict.fromkeys((*lives.customer_groups, *gone.customer_groups))))
    if lives.email_norm_ref is None and gone.email_norm_ref is not None:
        lives.email_norm_ref, lives.disposable_email = gone.email_norm_ref, gone.disposable_email
        lives.changes |= {"email_norm_ref": gone.email_norm_ref, "disposable_email": gone.disposable_email}


def _join_profiles(connection: Connection, shop_id: str, old: str, into: str) -> None:
    """Hand over what is sealed, where the survivor has none of its own, and keep it once."""
    both = and_(members.c.shop_id == shop_id, members.c.id.in_([old, into]))
    rows = {row["id"]: row for row in connection.execute(select(members).where(both)).mappings()}
    taken = {name: rows[old][name] for name in _KEPT_ONCE if rows[into][name] is None}
    mine = and_(members.c.shop_id == shop_id, members.c.id == into)
    theirs = and_(members.c.shop_id == shop_id, members.c.id == old)
    connection.execute(update(members).where(mine).values(**taken) if taken else select(1))
    connection.execute(update(members).where(theirs).values(dict.fromkeys(_KEPT_ONCE)))
