"""Spending in two phases: a hold ends exactly once, by commit or void; a committed one may be returned.

Also adjustments by hand, which spend or credit at once. Source: semantics 1.6, 2 "Claw-back", 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.errors import HoldEnded, InsufficientPoints
from app.ledger.account import Account, Arrival, Changes, Entry, Grace, Lot, add
from app.ledger.orders import clamp_deficit, unclamp_deficit


@dataclass(slots=True)
class Hold:
    id: str
    points: int
    state: str = "held"  # held → committed | voided
    lots: list[tuple[str, int]] = field(default_factory=list)  # in spending order
    returned: int = 0  # of a committed one

    @property
    def source(self) -> tuple[str, str]:
        return ("redemption", self.id)


def spendable(account: Account) -> int:
    return max(0, account.sums["available"])


def hold(account: Account, hold_id: str, points: int, now: datetime, facts: str) -> Hold:
    """Move points from available to held. Raises: InsufficientPoints. Once: the key is the caller's id."""
    if points > spendable(account):
        raise InsufficientPoints(points, spendable(account))
    made = Hold(hold_id, points)
    made.lots = [(lot.key, part) for lot, part in account.spend(points, now, "hold")]
    changes = {"available": -points, "held": points}
    explanation = {"rule": "hold", "points": points}
    account.append(f"redeem:{hold_id}", "hold", now, -points, changes, made.source, explanation, facts)
    return made


def commit(account: Account, ended: Hold, at: datetime) -> Entry:
    """End a hold because its reward was used. Raises: HoldEnded."""
    _end(ended, "committed")
    changes = {"held": -ended.points, "redeemed": ended.points}
    entry = account.append(f"commit:{ended.id}", "redemption", at, 0, changes, ended.source, {"rule": "commit"})
    clamp_deficit(account, entry.key, at, ended.source)
    return entry


def void(account: Account, ended: Hold, at: datetime, now: datetime, grace: Grace) -> Entry:
    """End a hold because its reward will not be used; its points return to their lots. Raises: HoldEnded."""
    _end(ended, "voided")
    changes: Changes = {"held": -ended.points}
    key = f"void:{ended.id}"
    unclamp = _come_back(account, ended.lots, key, changes, now, grace)
    entry = account.append(key, "void", at, ended.points, changes, ended.source, {"rule": "void"})
    unclamp_deficit(account, unclamp, key, at, ended.source)
    clamp_deficit(account, key, at, ended.source)
    return entry


def give_back(account: Account, used: Hold, points: int, at: datetime, now: datetime, grace: Grace) -> Entry | None:
    """Return points of a committed hold, up to what is left of it, because its order came back.

    Units: `points` is the total returned so far, so that repeats return nothing.
    """
    part = min(points, used.points) - used.returned
    if used.state != "committed" or part <= 0:
        return None
    lots = _slice(used.lots, used.returned, part)
    used.returned += part
    key = f"return:{used.id}:{used.returned}"
    changes: Changes = {"redeemed": -part}
    unclamp = _come_back(account, lots, key, changes, now, grace)
    entry = account.append(key, "return", at, part, changes, used.source, {"rule": "return", "points": part})
    unclamp_deficit(account, unclamp, key, at, used.source)
    return entry


def _end(ended: Hold, state: str) -> None:
    if ended.state != "held":
        raise HoldEnded(ended.id, ended.state)
    ended.state = state


def _slice(lots: list[tuple[str, int]], skip: int, points: int) -> list[tuple[str, int]]:
    """Return the next `points` of a hold's lots after the first `skip`."""
    parts: list[tuple[str, int]] = []
    for key, held in lots:
        gone = min(skip, held)
        skip -= gone
        part = min(points, held - gone)
        points -= part
        if part:
            parts.append((key, part))
    return parts


def _come_back(
    account: Account, lots: list[tuple[str, int]], key: str, changes: Changes, now: datetime, grace: Grace
) -> int:
    """Put points back: the deficit first, then earlier clamps, then their own lots; return what unclamps."""
    unclamp = 0
    for lot_key, points in lots:
        filled = min(points, account.uncovered(changes))
        undone = min(points - filled, account.clamped)
        account.clamped -= undone
        unclamp += undone
        add(changes, "available", filled + undone)
        if points > filled + undone:
            account.arrive(Arrival(account.lots[lot_key], key, now, grace), points - filled - undone, changes)
    return unclamp


def adjust(
    account: Account,
    key: str,
    points: int,
    now: datetime,
    explanation: Mapping[str, object],
    facts: str,
    expires_at: datetime | None = None,
) -> Entry:
    """Credit or debit by hand. Raises: InsufficientPoints, when it would go below what is available."""
    source = ("adjustment", key.partition(":")[2])
    if points < 0:
        if -points > spendable(account):
            raise InsufficientPoints(-points, spendable(account))
        account.spend(-points, now, "adjust")
        changes: Changes = {"available": points, "written_off": -points}
        return account.append(key, "adjustment", now, points, changes, source, explanation, facts)
    changes = {"issued": -points}
    lot = account.open_lot(
        Lot(
            key=key,
            source=source,
            points=points,
            remaining=0,
            opened_at=now,
            available_from=now,
            expires_at=expires_at,
            booked=True,
        )
    )
    account.arrive(Arrival(lot, key, now, lambda moment: moment), points, changes)
    return account.append(key, "adjustment", now, points, changes, source, explanation, facts)
