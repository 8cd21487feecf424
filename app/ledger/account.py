"""One member's points in memory: what may happen to them, as pure arithmetic.

An `Account` is loaded and locked by `app.ledger.book`, changed here, and flushed by the book. Nothing here
knows a database or a clock; `now` is programme time. Points are whole numbers.

`available` is net: a deficit is its negative part, and while there is one, no available lot holds points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.errors import TooManyPoints
from app.models import ACCOUNTS

Changes = dict[str, int]
MOST_POINTS = 10**17  # far below 64 bits, so that a shop's sums fit too
Grace = Callable[[datetime], datetime]  # when points that return now to a lapsed lot expire at last
SOMEDAY = datetime(9999, 1, 1, tzinfo=UTC)  # `available_from` while the event that ends the pending period is awaited
WARNINGS = (("30d", timedelta(days=30)), ("7d", timedelta(days=7)))  # before an expiry, in the order they are recorded


def add(changes: Changes, account: str, points: int) -> None:
    changes[account] = changes.get(account, 0) + points


@dataclass(slots=True)
class Lot:
    """Points credited together. `remaining` is what of them may still be spent, or is pending."""

    key: str
    source: tuple[str, str]
    points: int
    remaining: int
    opened_at: datetime
    available_from: datetime
    expires_at: datetime | None
    booked: bool  # counted in `available`; else in `pending`
    version: int | None = None
    expired: int = 0  # of this lot, now in the account `expired`
    root: str = ""
    warned: int = 0  # how many of WARNINGS are recorded for `expires_at` as it is now

    def lapsed(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def spendable(self, now: datetime) -> int:
        return self.remaining if self.booked and not self.lapsed(now) else 0

    def next_moment(self) -> datetime | None:
        """Return when its points next change account by date alone, or a warning of that is due."""
        if not self.remaining:
            return None
        if not self.lapses_next:
            return None if self.booked or self.available_from == SOMEDAY else self.available_from
        early = WARNINGS[self.warned][1] if self.warned < len(WARNINGS) else timedelta(0)
        return self.expires_at - early if self.expires_at is not None else None

    @property
    def lapses_next(self) -> bool:
        """Tell whether its points expire before they change account in any other way by date."""
        return self.expires_at is not None and (self.booked or self.expires_at <= self.available_from)


@dataclass(slots=True)
class Allocation:
    entry_n: int
    lot: str | None
    slot: str
    points: int


@dataclass(slots=True)
class Entry:
    n: int
    key: str
    facts: str
    kind: str
    at: datetime
    points: int
    account_changes: Changes
    source: tuple[str, str]
    explanation: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Warned:
    """An expiry that was announced before it could be booked."""

    lot: str
    kind: str
    expires_at: datetime
    points: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where and when points come (back): the lot they belong to, and the key of the entry that brings them."""

    lot: Lot
    key: str
    now: datetime
    grace: Grace


@dataclass(slots=True)
class Account:
    """A member's accounts, open lots, and what was posted since loading."""

    member_id: str
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ACCOUNTS, 0))
    clamped: int = 0  # deficits written off and not yet undone
    clamp_waiting: int = 0  # part of the deficit that is to be clamped once holds end
    last_n: int = 0
    lots: dict[str, Lot] = field(default_factory=dict)
    good_until: datetime | None = None
    entries: list[Entry] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    @property
    def deficit(self) -> int:
        return max(0, -self.sums["available"])

    def append(
        self,
        key: str,
        kind: str,
        at: datetime,
        points: int,
        changes: Changes,
        source: tuple[str, str],
        explanation: Mapping[str, object],
        facts: str = "",
    ) -> Entry:
        """Append one entry; its number is the one `take` and `put` allocated to. Units: points.

        `changes` must sum to zero.
        """
        changes = {account: change for account, change in changes.items() if change}
        if sum(changes.values()):
            raise AssertionError(f"{key}: {changes} does not sum to zero")
        for account, change in changes.items():
            # `issued` is kept positive in sums and has the opposite sign in entries
            self.sums[account] += -change if account == "issued" else change
            if abs(self.sums[account]) > MOST_POINTS:
                raise TooManyPoints(f"a member can have {MOST_POINTS} points at most")
        self.clamp_waiting = min(self.clamp_waiting, self.deficit)
        self.last_n += 1
        entry = Entry(self.last_n, key, facts, kind, at, points, changes, source, explanation)
        self.entries.append(entry)
        return entry

    def take(self, lot: Lot, points: int, slot: str) -> None:
        """Take points out of a lot, for the entry about to be appended."""
        lot.remaining -= points
        if points:
            self.allocations.append(Allocation(self.last_n + 1, lot.key, slot, -points))
        self.touched.add(lot.key)

    def put(self, lot: Lot, points: int, slot: str) -> None:
        """Put points into a lot, for the entry about to be appended."""
        self.take(lot, -points, slot)

    def arrive(self, arrival: Arrival, points: int, changes: Changes) -> Lot:
        """Put points into a lot as it stands now: pending, available (a deficit first), or lapsed.

        Returns the lot that holds them. Points of a lapsed lot live on for the grace in a lot of their own.
        """
        lot = arrival.lot
        if not lot.booked and lot.available_from > arrival.now and not lot.lapsed(arrival.now):
            self.put(lot, points, "return")
            add(changes, "pending", points)
            return lot
        lot.booked = True
        self.touched.add(lot.key)
        rest = points - min(points, self.uncovered(changes))
        add(changes, "available", points)
        if rest and lot.lapsed(arrival.now):
            lot = self._restore(arrival)
        self.put(lot, rest, "return")
        return lot

    def _restore(self, arrival: Arrival) -> Lot:
        earlier = sum(1 for key in self.lots if key.startswith(arrival.key + "/"))
        lapsed = arrival.lot
        return self.open_lot(
            Lot(
                key=f"{arrival.key}/{earlier + 1}",
                source=lapsed.source,
                points=0,
                remaining=0,
                opened_at=arrival.now,
                available_from=arrival.now,
                expires_at=arrival.grace(arrival.now),
                booked=True,
                version=lapsed.version,
                root=lapsed.root,
            )
        )

    def open_lot(self, lot: Lot) -> Lot:
        lot.root = lot.root or lot.key
        self.lots[lot.key] = lot
        self.touched.add(lot.key)
        return lot

    def redate(self, lot: Lot, expires_at: datetime | None) -> None:
        """Let a lot lapse at another moment; it is warned of anew."""
        if lot.expires_at != expires_at:
            lot.expires_at, lot.warned = expires_at, 0
            self.touched.add(lot.key)

    def release(self, lot: Lot, available_from: datetime, expires_at: datetime | None) -> None:
        """Fix the dates of a lot that was waiting for an event; it never lapses later than it already would."""
        lot.available_from = available_from
        self.touched.add(lot.key)
        self.redate(lot, earliest(lot.expires_at, expires_at))

    def uncovered(self, changes: Changes) -> int:
        """Return the deficit that is left when the changes gathered so far are counted in."""
        return max(0, -(self.sums["available"] + changes.get("available", 0)))

    def spend_order(self, now: datetime, but: Iterable[str] = ()) -> list[Lot]:
        """Return lots that may be spent: soonest expiry first, then oldest, then key; never-expiring last."""
        skip = set(but)
        spendable = [lot for lot in self.lots.values() if lot.key not in skip and lot.spendable(now)]
        return sorted(spendable, key=_spend_key)

    def spend(self, points: int, now: datetime, slot: str, but: Iterable[str] = ()) -> list[tuple[Lot, int]]:
        """Take up to `points` from spendable lots in spending order; return what came from where."""
        taken: list[tuple[Lot, int]] = []
        for lot in self.spend_order(now, but):
            part = min(points, lot.remaining)
            if part <= 0:
                break
            self.take(lot, part, slot)
            taken.append((lot, part))
            points -= part
        return taken

    def next_moment(self) -> datetime | None:
        """Return the next date transition; the cached balance is good until then."""
        moments = [moment for lot in self.lots.values() if (moment := lot.next_moment()) is not None]
        return min(moments, default=None)


def earliest(*moments: datetime | None) -> datetime | None:
    """Return the earliest of the moments that there are."""
    return min((moment for moment in moments if moment is not None), default=None)


def _spend_key(lot: Lot) -> tuple[bool, float, datetime, str]:
    expiry = lot.expires_at.timestamp() if lot.expires_at else 0.0
    return (lot.expires_at is None, expiry, lot.opened_at, lot.key)


def book_due(account: Account, now: datetime) -> int:
    """Book every date transition up to `now`, in time order, each with its own moment; return how many.

    No expiry is booked before its warnings are recorded, however late it is. Source: semantics 1.7, 5.
    """
    booked = 0
    while (moment := account.next_moment()) is not None and moment <= now:
        due = [lot for lot in account.lots.values() if lot.next_moment() == moment]
        for lot in sorted(due, key=_spend_key):
            if lot.lapses_next and lot.warned < len(WARNINGS):
                _warn(account, lot, now)
            else:
                _pass_moment(account, lot, moment)
                booked += 1
    return booked


def _warn(account: Account, lot: Lot, now: datetime) -> None:
    kind, _ = WARNINGS[lot.warned]
    lot.warned += 1
    account.touched.add(lot.key)
    if lot.expires_at is not None:
        account.warnings.append(Warned(lot.key, kind, lot.expires_at, lot.remaining, now))


def _pass_moment(account: Account, lot: Lot, moment: datetime) -> None:
    points = lot.remaining
    if lot.lapses_next:
        account.take(lot, points, "expire")
        lot.expired += points
        gone = {"available" if lot.booked else "pending": -points}
        changes, kind, key = {**gone, "expired": points}, "expiry", f"expire:{lot.key}"
    else:
        lot.booked = True
        # a filling no longer expires; a moment without a deficit moves nothing but the mark
        account.take(lot, min(points, account.deficit), "fill")
        changes, kind, key = {"pending": -points, "available": points}, "release", f"available:{lot.key}"
    explanation = {"rule": kind, "lot": lot.key, "moment": moment.isoformat()}
    account.append(key, kind, moment, 0 if kind == "release" else -points, changes, lot.source, explanation)
