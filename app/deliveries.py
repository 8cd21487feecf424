"""How deliveries fare: what is not finished yet, and what was finished since a moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from app.inbox import Outcome
from app.models import inbox

LONGEST_BATCH = timedelta(minutes=1)


def finished_since(connection: Connection, moment: datetime, waiting: Collection[tuple[str, int]] = ()) -> Outcome:
    """Count deliveries finished anywhere since a moment of real time, and those that were `waiting` then.

    A delivery in another worker's hands is stamped a little before its transaction ends.
    """
    recent = select(inbox.c.shop_id, inbox.c.id, inbox.c.state, inbox.c.finished_at)
    rows = connection.execute(recent.where(inbox.c.finished_at >= moment - LONGEST_BATCH)).tuples()
    mine = Counter(state for shop, id_, state, at in rows if at >= moment or (shop, id_) in waiting)
    return Outcome(mine["done"], mine["ignored"], mine["failed"])


def waiting(connection: Connection) -> set[tuple[str, int]]:
    """Return the deliveries that are not finished, those in another worker's hands included."""
    unfinished = select(inbox.c.shop_id, inbox.c.id).where(inbox.c.state == "new")
    return set(connection.execute(unfinished).tuples().all())
