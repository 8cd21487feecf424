"""A person asks to be forgotten: nothing personal stays anywhere, the books stay as they are.

Entries, orders and journal go on under the member's id, which names nobody. A later order of the same customer or
e-mail opens a new member. Source: semantics 1.2, 1.8, 8.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from app import journal
from app.ledger import telling
from app.members import leftovers
from app.members.faceless import faceless
from app.members.views import member_row
from app.models import (
    activities,
    activity_digests,
    fingerprints,
    identities,
    member_cards,
    member_choices,
    member_names,
    members,
    orders,
    push_subscriptions,
    referral_codes,
    referrals,
    verifications,
)
from app.points.readouts import family
from app.settling import Settling
from app.shops import Shop
from app.vault import Vault


@dataclass(frozen=True, slots=True)
class Moment:
    """When: programme time for the books, real time for shopper tokens."""

    now: datetime
    real: datetime


def erase(connection: Connection, vault: Vault, shop: Shop, member_id: str, when: Moment) -> str:
    """Erase a person and everyone merged into them; return the member's id.

    Once: erasing again finds nothing more. The caller holds the shop exclusively: nothing comes in meanwhile.
    Raises: NotFound.
    """
    row = member_row(connection, shop.id, member_id)
    settling = Settling(connection, shop, when.now)
    everyone = _lock(settling, family(connection, shop.id, row.id))
    leftovers.drop(connection, vault, shop.id, _trace(connection, vault, shop.id, everyone))
    carry_out(settling, everyone)
    these = and_(members.c.shop_id == shop.id, members.c.id.in_(everyone))
    connection.execute(update(members).where(these).values(tokens_from=when.real))
    return str(row.id)


def _lock(settling: Settling, everyone: Sequence[str]) -> list[str]:
    mine = _of(orders, settling.desk.shop.id, everyone)
    settling.load([], list(settling.connection.execute(select(orders.c.id).where(mine)).scalars()), member_ids=everyone)
    return sorted({*everyone, *(settling.desk.people.survivor(each) for each in everyone)})


def _of(table: Table, shop_id: str, everyone: Sequence[str]) -> ColumnElement[bool]:
    return and_(table.c.shop_id == shop_id, table.c.member_id.in_(everyone))


def _trace(connection: Connection, vault: Vault, shop_id: str, everyone: Sequence[str]) -> leftovers.Trace:
    """Return by what the person is known in bodies that are still kept."""
    these = and_(members.c.shop_id == shop_id, members.c.id.in_(everyone))
    sealed = connection.execute(select(members.c.email, members.c.phone).where(these)).all()
    texts = {vault.open(shop_id, each).decode().lower() for row in sealed for each in row if each}
    mine = and_(_of(identities, shop_id, everyone), identities.c.kind == "customer")
    customers = set(connection.execute(select(identities.c.value).where(mine)).scalars())
    of_them = set(connection.execute(select(orders.c.id).where(_of(orders, shop_id, everyone))).scalars())
    did = set(connection.execute(select(activities.c.id).where(_of(activities, shop_id, everyone))).scalars())
    return leftovers.Trace(*map(frozenset, (everyone, texts, customers, of_them, did)))


_PERSONAL = (
    *("email", "phone", "country", "email_norm_ref"),
    *("birthday", "birthday_day", "birthday_set_at", "birthday_changed_at"),
)

_DROPPED = (
    *(fingerprints, verifications, referral_codes),
    *(member_choices, member_names, member_cards, push_subscriptions),
)


def carry_out(settling: Settling, everyone: Sequence[str]) -> None:
    """Let an erasure take effect on what replay knows too; replay comes through here."""
    connection, shop_id, now = settling.connection, settling.desk.shop.id, settling.desk.now
    for order in settling.orders.values():
        faceless(order)
        settling.changed[order.id] = order
    settling.rows.append(journal.Row("erasure", everyone[0], now, {"members": list(everyone)}))
    settling.flush()
    _close(connection, shop_id, everyone, now)
    nobody: dict[str, Any] = dict.fromkeys(_PERSONAL)
    nobody |= {"tags": [], "customer_groups": [], "disposable_email": False, "erased_at": now}
    these = and_(members.c.shop_id == shop_id, members.c.id.in_(everyone))
    connection.execute(update(members).where(these).values(**nobody))
    telling.mark(connection, shop_id, everyone)
    theirs = _of(activities, shop_id, everyone)
    seen = activity_digests.c.activity.in_(select(activities.c.id).where(theirs))
    connection.execute(delete(activity_digests).where(activity_digests.c.shop_id == shop_id, seen))
    connection.execute(update(activities).where(theirs).values(evidence=None))
    for table in _DROPPED:
        connection.execute(delete(table).where(_of(table, shop_id, everyone)))
    for side in (referrals.c.referrer_id, referrals.c.friend_id):
        mine = and_(referrals.c.shop_id == shop_id, side.in_(everyone))
        connection.execute(update(referrals).where(mine).values(network_ref=None, note=None))


def _close(connection: Connection, shop_id: str, everyone: Sequence[str], now: datetime) -> None:
    """Close identities and put a random text in place of what could be looked up."""
    mine = _of(identities, shop_id, everyone)
    for row in connection.execute(select(identities.c.id, identities.c.closed_at).where(mine)).all():
        this = and_(identities.c.shop_id == shop_id, identities.c.id == row.id)
        gone = {"value": f"erased:{secrets.token_hex(10)}", "closed_at": row.closed_at or now}
        connection.execute(update(identities).where(this).values(**gone))


def replay(settling: Settling, body: Mapping[str, Any]) -> None:
    _lock(settling, body["members"])
    carry_out(settling, body["members"])
