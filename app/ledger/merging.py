"""Two members turn out to be one person: everything the one has moves to the other."""

from __future__ import annotations

from datetime import datetime

from app.ledger.account import Account, Changes
from app.models import ACCOUNTS


def merge(old: Account, survivor: Account, at: datetime) -> None:
    """Move all points of `old` to `survivor`, lots with their dates.

    Each side gets one entry whose changes sum to zero; over both nothing is created or lost.
    Source: semantics 1.2.
    """
    moved = {account: old.sums[account] for account in ACCOUNTS}
    survivor.clamp_waiting += old.clamp_waiting  # before the deficit leaves the old side, and this with it
    survivor.clamped += old.clamped
    _post(old, {a: (p if a == "issued" else -p) for a, p in moved.items()}, survivor.member_id, "out", at)
    for lot in old.lots.values():
        survivor.lots[lot.key] = lot
        survivor.touched.add(lot.key)
    old.lots = {}
    old.touched = set()
    old.clamped = old.clamp_waiting = 0
    gap = min(survivor.deficit, max(0, moved["available"])) or min(
        max(0, survivor.sums["available"]), max(0, -moved["available"])
    )
    survivor.spend(gap, at, "fill")
    _post(survivor, {a: (-p if a == "issued" else p) for a, p in moved.items()}, old.member_id, "in", at)


def _post(account: Account, changes: Changes, other: str, way: str, at: datetime) -> None:
    key = f"merge:{account.member_id}:{other}:{way}"
    explanation = {"rule": "merge", "way": way, "member": other}
    account.append(key, "merge", at, 0, changes, ("merge", other), explanation)
