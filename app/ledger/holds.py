"""Spending in two phases: a hold ends exactly once, by commit or void; a committed one may come back, and go again.

Also adjustments by hand, which spend or credit at once. Source: semantics 1.6, 2 "Claw-back", 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.errors import HoldEnded, InsufficientPoints
from app.ledger.account import Account, Arrival, Changes, Entry, Grace, Lot, add
from app.ledger.orders import Policy, clamp_deficit, unclamp_deficit

Part = tuple[str, int]  # (lot, points)


@dataclass(slots=True)
class Hold:
    """Points set aside for one reward. `lots` says where those came from that are still gone."""

    id: str
    points: int
    state: str = "held"  # held → committed | voided
    lots: list[Part] = field(default_factory=list)  # in spending order
    back: list[tuple[str | None, str, int]] = field(default_factory=list)  # (lot they are in, lot they are of, points)
    moves: int = 0  # how often points of a committed one went back or again

    @property
    def source(self) -> tuple[str, str]:
        return ("redemption", self.id)

    @property
    def returned(self) -> int:
        return sum(points for _, _, points in self.back)

    @property
    def lot_keys(self) -> set[str]:
        """Return every lot that its points may touch."""
        return {lot for lot, _ in self.lots} | {lot for pair in self.back for lot in pair[:2] if lot is not None}


def spendable(account: Account) -> int:
    return max(0, account.sums["available"])


def hold(
    account: Account,
    hold_id: str,
    points: int,
    now: datetime,
    facts: str,
    *,
    key: str | None = None,
    told: Mapping[str, object] | None = None,
) -> Hold:
    """Move points from available to held. Raises: InsufficientPoints. Once: the key names the command."""
    if points > spendable(account):
        raise InsufficientPoints(points, spendable(account))
    made = Hold(hold_id, points)
    made.lots = [(lot.key, part) for lot, part in account.spend(points, now, "hold")]
    changes = {"available": -points, "held": points}
    explanation = {"rule": "hold", "points": points, **(told or {})}
    account.append(key or f"redeem:{hold_id}", "hold", now, -points, changes, made.source, explanation, facts)
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
    used.moves += 1
    key = f"return:{used.id}:{used.moves}"
    changes: Changes = {"redeemed": -part}
    parts, used.lots = _split(used.lots, part)
    unclamp = _come_back(account, parts, key, changes, now, grace, used.back)
    entry = account.append(key, "return", at, part, changes, used.source, {"rule": "return", "points": part})
    unclamp_deficit(account, unclamp, key, at, used.source)
    return entry


def take_again(
    account: Account, used: Hold, points: int, at: datetime, now: datetime, policy: Policy = "carry"
) -> Entry | None:
    """Take back what a committed hold had returned, because its order stands again: the newest return first.

    From the lots it went to, from what of them has expired, from other lots, last from nowhere: a deficit.
    Units: `points` is the total that stays returned.
    """
    part = used.returned - max(0, points)
    if used.state != "committed" or part <= 0:
        return None
    used.moves += 1
    key = f"again:{used.id}:{used.moves}"
    changes: Changes = {"redeemed": part}
    parts, missing = _take_own(account, used, part, now, changes)
    spent = [(lot.key, taken) for lot, taken in account.spend(sum(p for _, p in missing), now, "again")]
    owed = _beyond(missing, sum(taken for _, taken in spent))
    deficit = sum(taken for _, taken in owed)
    add(changes, "available", -deficit - sum(taken for _, taken in spent))
    used.lots = [*parts, *spent, *owed, *used.lots]
    entry = account.append(key, "return", at, -part, changes, used.source, {"rule": "again", "points": part})
    if policy == "clamp":
        account.clamp_waiting += deficit
        clamp_deficit(account, key, at, used.source)
    return entry


def _take_own(
    account: Account, used: Hold, points: int, now: datetime, changes: Changes
) -> tuple[list[Part], list[Part]]:
    """Take from the lots a hold's points went back to; return what was there, and what is to come from elsewhere."""
    parts: list[Part] = []
    missing: list[Part] = []
    while points:
        lot_key, origin, back = used.back.pop()
        part = min(points, back)
        if part < back:
            used.back.append((lot_key, origin, back - part))
        points -= part
        lot = account.lots[lot_key] if lot_key else None
        taken = _take_of(account, lot, part, now, changes) if lot else 0
        if lot and taken:
            parts.insert(0, (lot.key, taken))
        if elsewhere := part - taken:
            missing.insert(0, (origin, elsewhere))
    return parts, missing


def _take_of(account: Account, lot: Lot, points: int, now: datetime, changes: Changes) -> int:
    """Take points that may still be spent, then what has expired; return how many there were."""
    live = min(points, lot.spendable(now))
    account.take(lot, live, "again")
    add(changes, "available", -live)
    lapsed = min(points - live, lot.expired)
    lot.expired -= lapsed
    add(changes, "expired", -lapsed)
    return live + lapsed


def _beyond(parts: list[Part], points: int) -> list[Part]:
    """Leave the first `points` out."""
    return _split(parts, points)[1]


def _end(ended: Hold, state: str) -> None:
    if ended.state != "held":
        raise HoldEnded(ended.id, ended.state)
    ended.state = state


def _split(lots: list[Part], points: int) -> tuple[list[Part], list[Part]]:
    """Part the first `points` from the rest."""
    first: list[Part] = []
    rest: list[Part] = []
    for key, held in lots:
        part = min(points, held)
        points -= part
        first += [(key, part)] if part else []
        rest += [(key, held - part)] if held > part else []
    return first, rest


def _come_back(
    account: Account,
    lots: list[Part],
    key: str,
    changes: Changes,
    now: datetime,
    grace: Grace,
    back: list[tuple[str | None, str, int]] | None = None,
) -> int:
    """Put points back: the deficit first, then earlier clamps, then their own lots; return what unclamps.

    `back` notes where they went.
    """
    unclamp = 0
    noted = back if back is not None else []
    for lot_key, points in lots:
        filled = min(points, account.uncovered(changes))
        undone = min(points - filled, account.clamped)
        account.clamped -= undone
        unclamp += undone
        nowhere = filled + undone
        add(changes, "available", nowhere)
        if nowhere:
            noted.append((None, lot_key, nowhere))
        if rest := points - nowhere:
            lot = account.arrive(Arrival(account.lots[lot_key], key, now, grace), rest, changes)
            noted.append((lot.key, lot_key, rest))
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
