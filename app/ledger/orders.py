"""The points of an order or an activity: increases, and claw-backs that remember what they took, to be undone.

Source: semantics 2, "Claw-back".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.ledger.account import Account, Arrival, Changes, Entry, Grace, Lot, add

# Whoever tells an activity or an order names it: "visit:2" would be the key of the second posting of "visit".
_LIKE_A_LATER_ONE = re.compile(r"(activity|(min_spend|product_set):.*?):.+:[0-9]+", re.DOTALL)

Policy = Literal["carry", "clamp", "pending_only"]
Take = tuple[str, str | None, int]  # (slot, lot, points)


@dataclass(slots=True)
class OrderPoints:
    """What the ledger knows of one order or activity; lives on its row, under its lock."""

    id: str
    posted: int = 0
    postings: int = 0
    lot: str | None = None
    available_from: datetime | None = None  # fixed by the first posting above 0
    expires_at: datetime | None = None
    takes: list[Take] = field(default_factory=list)  # what claw-backs took, newest last
    kind: str = "order"  # or "activity"

    @property
    def source(self) -> tuple[str, str]:
        return (self.kind, self.id)

    @property
    def next_key(self) -> str:
        """Return the key of the next posting: an activity's first one is named by its business fact alone."""
        number = self.postings + 1
        if self.kind == "order":
            return f"order:{self.id}:{number}"
        return first_key(self.id) if number == 1 else f"{self.id}:{number}"


def first_key(activity_id: str) -> str:
    """Return the key of an activity's first posting."""
    return f"{activity_id}:1" if _LIKE_A_LATER_ONE.fullmatch(activity_id) else activity_id


@dataclass(slots=True, kw_only=True)
class Posting:
    """One posting of an order: its moment, its reason, and the rules of giving and taking."""

    at: datetime
    now: datetime
    explanation: Mapping[str, object]
    facts: str
    version: int | None
    grace: Grace
    policy: Policy = "carry"
    changes: Changes = field(default_factory=dict)


def post_difference(account: Account, order: OrderPoints, difference: int, posting: Posting) -> Entry | None:
    """Post what an order's target differs by. None where nothing can be moved.

    Units: points, signed. Once: the caller holds the order's lock; `postings` numbers the keys.
    """
    if difference > 0:
        return _increase(account, order, difference, posting)
    return _decrease(account, order, -difference, posting)


def _append(account: Account, order: OrderPoints, kind: str, points: int, posting: Posting) -> Entry:
    key = order.next_key
    order.postings += 1
    order.posted += points
    return account.append(
        key, kind, posting.at, points, posting.changes, order.source, posting.explanation, posting.facts
    )


def _increase(account: Account, order: OrderPoints, points: int, posting: Posting) -> Entry:
    """Undo earlier claw-backs backwards, then credit the order's own lot."""
    posting.changes["issued"] = -points
    rest, unclamp = points, 0
    while rest and order.takes:
        slot, lot, taken = order.takes.pop()
        part = min(rest, taken)
        if part < taken:
            order.takes.append((slot, lot, taken - part))
        unclamp += _give_back(account, order, (slot, lot, part), posting)
        rest -= part
    if rest:
        _credit_own(account, order, rest, posting)
    entry = _append(account, order, "earn" if order.kind == "order" else order.kind, points, posting)
    unclamp_deficit(account, unclamp, entry.key, posting.at, order.source)
    return entry


def _give_back(account: Account, order: OrderPoints, take: Take, posting: Posting) -> int:
    """Return one take; answer how much of it undoes a clamp, which has its own entry."""
    slot, lot_key, points = take
    lot = account.lots.get(lot_key) if lot_key else None
    if slot == "expired" and lot is not None:  # what had expired stays expired
        lot.expired += points
        account.touched.add(lot.key)
        add(posting.changes, "expired", points)
        return 0
    if slot == "other" and lot is not None:
        account.arrive(_arrival(lot, order, posting), points, posting.changes)
        return 0
    if slot != "deficit":
        _credit_own(account, order, points, posting)
        return 0
    filled = min(points, account.uncovered(posting.changes))
    unclamp = min(points - filled, account.clamped)
    add(posting.changes, "available", filled + unclamp)
    account.clamped -= unclamp
    if rest := points - filled - unclamp:
        _credit_own(account, order, rest, posting)
    return unclamp


def _credit_own(account: Account, order: OrderPoints, points: int, posting: Posting) -> None:
    """Credit the order's own lot, opening it the first time; its dates stay as first fixed."""
    lot = account.lots.get(order.lot) if order.lot else None
    if lot is None:
        order.lot = order.next_key
        lot = account.open_lot(
            Lot(
                key=order.lot,
                source=order.source,
                points=points,
                remaining=0,
                opened_at=posting.at,
                available_from=order.available_from or posting.at,
                expires_at=order.expires_at,
                # without a pending period points are available when posted, whatever the clocks say
                booked=order.available_from is None,
                version=posting.version,
            )
        )
    account.arrive(_arrival(lot, order, posting), points, posting.changes)


def _arrival(lot: Lot, order: OrderPoints, posting: Posting) -> Arrival:
    return Arrival(lot, order.next_key, posting.now, posting.grace)


def _decrease(account: Account, order: OrderPoints, points: int, posting: Posting) -> Entry | None:
    """Claw points back: pending, unspent, expired, other lots, deficit."""
    takes: list[Take] = []
    rest = points - _take_own(account, order, points, posting, takes)
    if posting.policy != "pending_only":
        own = [lot.key for lot in family(account, order)]
        spent = account.spend(rest, posting.now, "other", but=own)
        takes += [("other", lot.key, part) for lot, part in spent]
        rest -= sum(part for _, part in spent)
        if rest:
            takes.append(("deficit", None, rest))
        add(posting.changes, "available", -rest - sum(part for _, part in spent))
    taken = sum(part for _, _, part in takes)
    if not taken:
        return None
    order.takes += takes
    posting.changes["reversed"] = taken
    entry = _append(account, order, "reversal", -taken, posting)
    if posting.policy == "clamp":
        account.clamp_waiting += rest
        clamp_deficit(account, entry.key, posting.at, order.source)
    return entry


def _take_own(account: Account, order: OrderPoints, points: int, posting: Posting, takes: list[Take]) -> int:
    """Take what the order's own lots still hold, then what of them has expired; return how much it was."""
    before = points
    only_pending = posting.policy == "pending_only"
    lots = family(account, order)
    for lot in lots:
        part = min(points, lot.spendable(posting.now) if lot.booked else lot.remaining)
        if part and not (only_pending and lot.booked):
            account.take(lot, part, "own")
            add(posting.changes, "available" if lot.booked else "pending", -part)
            takes.append(("own", lot.key, part))
            points -= part
    for lot in () if only_pending else lots:
        part = min(points, lot.expired)
        if part:
            lot.expired -= part
            account.touched.add(lot.key)
            add(posting.changes, "expired", -part)
            takes.append(("expired", lot.key, part))
            points -= part
    return before - points


def family(account: Account, order: OrderPoints) -> list[Lot]:
    """Return the order's own lot, and what lived on from it after it had lapsed."""
    own = account.lots.get(order.lot) if order.lot else None
    if own is None:
        return []
    later = [lot for lot in account.lots.values() if lot.root == own.key and lot is not own]
    return [own, *sorted(later, key=lambda lot: lot.key)]


def clamp_deficit(account: Account, key: str, at: datetime, source: tuple[str, str]) -> Entry | None:
    """Close what of the deficit is to be clamped, but for the part that points on hold may still fill."""
    points = min(account.clamp_waiting, account.deficit - account.sums["held"])
    if points <= 0:
        return None
    account.clamp_waiting -= points
    account.clamped += points
    changes = {"written_off": -points, "available": points}
    explanation = {"rule": "clamp", "points": points}
    return account.append(f"clamp:{key}", "clamp", at, points, changes, source, explanation)


def unclamp_deficit(account: Account, points: int, key: str, at: datetime, source: tuple[str, str]) -> None:
    """Take back, from points that came just now, what an earlier clamp had written off."""
    if points:
        changes = {"written_off": points, "available": -points}
        explanation = {"rule": "unclamp", "points": points}
        account.append(f"unclamp:{key}", "unclamp", at, -points, changes, source, explanation)
