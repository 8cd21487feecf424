"""Texts and pictures that were told before, as keyed digests."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, delete, select

from app.db import insert_new
from app.models import activity_digests


class Digests:
    """The digests one transaction works with. Once: of two that tell the same text at once, the second waits."""

    def __init__(self, connection: Connection, shop_id: str) -> None:
        self.connection = connection
        self.shop_id = shop_id
        self._known: set[str] = set()

    def load(self, digests: Iterable[str]) -> None:
        """Look digests up, with one statement."""
        wanted = sorted(set(digests) - self._known)
        if wanted:
            mine = and_(activity_digests.c.shop_id == self.shop_id, activity_digests.c.digest.in_(wanted))
            self._known |= set(self.connection.execute(select(activity_digests.c.digest).where(mine)).scalars())

    def claim(self, digests: Iterable[str], activity_id: str) -> bool:
        """Keep digests as this activity's; tell whether another had brought one of them before."""
        seen = False
        for digest in sorted(digests):
            row = {"shop_id": self.shop_id, "digest": digest, "activity": activity_id}
            if digest in self._known or not insert_new(self.connection, activity_digests, row):
                seen = True
            self._known.add(digest)
        return seen

    def release(self, digests: Iterable[str], activity_id: str) -> None:
        """Forget the digests of an activity that was refused: its text may be told again."""
        mine = and_(activity_digests.c.shop_id == self.shop_id, activity_digests.c.activity == activity_id)
        self.connection.execute(delete(activity_digests).where(mine, activity_digests.c.digest.in_(list(digests))))
        brought = select(activity_digests.c.digest).where(activity_digests.c.shop_id == self.shop_id)
        kept = self.connection.execute(brought.where(activity_digests.c.digest.in_(list(digests)))).scalars()
        self._known = (self._known - set(digests)) | set(kept)
