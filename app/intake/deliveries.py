"""How deliveries fare: what is not finished yet, what was finished since a moment, and what is to be tried again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, select, update

from app.errors import Conflict, NotFound
from app.models import inbox

LONGEST_BATCH = timedelta(minutes=1)
BODIES_KEPT = timedelta(days=30)


@dataclass(slots=True)
class Outcome:
    done: int = 0
    ignored: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.done + self.ignored + self.failed

    def add(self, other: Outcome) -> None:
        self.done += other.done
        self.ignored += other.ignored
        self.failed += other.failed


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


def drop_bodies(connection: Connection, shop_id: str, now: datetime) -> int:
    """Drop a shop's raw bodies 30 days of real time after success; return how many. Source: semantics 8."""
    old = and_(inbox.c.shop_id == shop_id, inbox.c.finished_at.is_not(None), inbox.c.finished_at < now - BODIES_KEPT)
    over = and_(old, inbox.c.body.is_not(None), inbox.c.state.in_(("done", "ignored")))
    return connection.execute(update(inbox).where(over).values(body=None)).rowcount


def replay(connection: Connection, shop_id: str, delivery_id: int) -> None:
    """Put a delivery that failed or was ignored back in the queue.

    Once: one that took effect stays done. Raises: NotFound, Conflict (its body is no longer kept).
    """
    mine = and_(inbox.c.shop_id == shop_id, inbox.c.id == delivery_id)
    row = connection.execute(select(inbox.c.state, inbox.c.body.is_(None).label("gone")).where(mine)).first()
    if row is None:
        raise NotFound("there is no such delivery")
    if row.gone:
        raise Conflict("the body of this delivery is no longer kept")
    if row.state in ("failed", "ignored"):
        again = update(inbox).where(mine, inbox.c.state == row.state)  # another replay may have been quicker
        connection.execute(again.values(state="new", reason=None, finished_at=None))
