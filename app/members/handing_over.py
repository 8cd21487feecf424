"""What stands under a merged member's id goes on under the survivor's: a column for each thing that is somebody's."""

from __future__ import annotations

from sqlalchemy import Connection, and_, update

from app.ledger.book import move_lots
from app.members import cards, choices, names
from app.models import activities, fingerprints, holds, identities, orders, push_subscriptions, redemptions, referrals
from app.scheduled import boosters, rhythm_rows

_OWNERS = (
    *(table.c.member_id for table in (identities, orders, holds, activities, redemptions, fingerprints)),
    push_subscriptions.c.member_id,
    referrals.c.referrer_id,
    referrals.c.friend_id,
)


def hand_over(connection: Connection, shop_id: str, old: str, survivor: str) -> None:
    """Let everything of a merged member be the survivor's."""
    for owner in _OWNERS:
        mine = and_(owner.table.c.shop_id == shop_id, owner == old)
        connection.execute(update(owner.table).where(mine).values({owner: survivor}))
    move_lots(connection, shop_id, old, survivor)
    rhythm_rows.join(connection, shop_id, old, survivor)
    boosters.join(connection, shop_id, old, survivor)
    choices.join(connection, shop_id, old, survivor)
    cards.join(connection, shop_id, old, survivor)
    names.join(connection, shop_id, old, survivor)
