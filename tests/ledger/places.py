"""Where a count by hand says that points are: in lots, earned by orders, held for rewards; each point for itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(eq=False)
class Place:
    """A lot: where points can be."""

    name: str
    root: str
    opened: datetime
    begins: datetime
    ends: datetime | None
    pending: bool
    points: int = 0
    lapsed: int = 0

    @property
    def identity(self) -> tuple[str, datetime, datetime | None]:
        return (self.root, self.opened, self.ends)

    def over(self, now: datetime) -> bool:
        return self.ends is not None and self.ends <= now

    def next_moment(self) -> datetime | None:
        if self.pending and not (self.ends is not None and self.ends <= self.begins):
            return self.begins
        return self.ends

    def comes_to_pass(self, now: datetime) -> bool:
        moment = self.next_moment()
        return moment is not None and moment <= now


@dataclass(eq=False)
class Earned:
    """An order: each point posted, and each that was clawed back, newest last."""

    name: str
    begins: datetime | None = None
    ends: datetime | None = None
    posted: int = 0
    postings: int = 0
    own: Place | None = None
    takes: list[tuple[str, Place | None]] = field(default_factory=list)


@dataclass(eq=False)
class Held:
    """A reward: the lots its points came from, one by one; of those that came back, where they went."""

    out: list[Place]
    back: list[tuple[Place | None, Place]] = field(default_factory=list)
    state: str = "held"
    moves: int = 0


def turn(place: Place) -> tuple[bool, datetime, datetime, str]:
    """Tell which lot is spent first: soonest expiry, then oldest, then by name; those that never expire last."""
    return (place.ends is None, place.ends or place.opened, place.opened, place.name)
