"""Points as read from outside, always as of a moment. Nothing here writes.

Source: semantics 1.6, 1.7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select

from app.ledger.account import Account, book_due
from app.ledger.book import account_of, lot_of
from app.models import ACCOUNTS, balances, entries, lots, members


@dataclass(frozen=True, slots=True)
class Points:
    """A member's points at a moment. `available` and `deficit` are never both above 0."""

    available: int
    pending: int
    held: int
    deficit: int
    unclaimed: int
    lifetime_earned: int
    expiring: tuple[tuple[int, datetime], ...]
    coming: tuple[tuple[int, datetime], ...] = ()  # pending points by the moment they can be spent; SOMEDAY: an event


def points_now(connection: Connection, shop_id: str, member_id: str, claimed: bool, now: datetime) -> Points:
    """Read the cached balance; past its `good_until`, the open lots too (one query more)."""
    return _points(load(connection, shop_id, member_id, now), claimed)


def load(connection: Connection, shop_id: str, member_id: str, now: datetime) -> Account:
    """Return an account as of now, with transitions that are due counted in but not booked."""
    mine = and_(balances.c.shop_id == shop_id, balances.c.member_id == member_id)
    row = connection.execute(select(balances).where(mine)).mappings().first()
    account = account_of(row) if row else Account(member_id)
    if account.good_until is not None:
        _with_lots(connection, shop_id, [account])
        book_due(account, now)
    return account


def points_of(connection: Connection, shop_id: str, claimed: Mapping[str, bool], now: datetime) -> dict[str, Points]:
    """Read the points of many members at once: two queries, however many they are."""
    mine = and_(balances.c.shop_id == shop_id, balances.c.member_id.in_(list(claimed)))
    known = {row["member_id"]: account_of(row) for row in connection.execute(select(balances).where(mine)).mappings()}
    dated = [account for account in known.values() if account.good_until is not None]
    _with_lots(connection, shop_id, dated)
    for account in dated:
        book_due(account, now)
    return {member: _points(known.get(member) or Account(member), is_claimed) for member, is_claimed in claimed.items()}


def points_at(connection: Connection, shop_id: str, member_id: str, claimed: bool, at: datetime) -> Points:
    """Read points as of a moment: entries with `at` up to it, plus the date transitions up to it.

    What members had who are this one today was this one's.
    """
    account = Account(member_id)
    everyone = family(connection, shop_id, member_id)
    mine = and_(entries.c.shop_id == shop_id, entries.c.member_id.in_(everyone), entries.c.at <= at)
    for changes in connection.execute(select(entries.c.account_changes).where(mine)).scalars():
        for name, change in changes.items():
            account.sums[name] += -change if name == "issued" else change
    _with_lots(connection, shop_id, [account], opened_until=at)
    book_due(account, at)
    return _points(account, claimed)


def _with_lots(
    connection: Connection, shop_id: str, accounts: Iterable[Account], opened_until: datetime | None = None
) -> None:
    known = {account.member_id: account for account in accounts}
    mine = and_(lots.c.shop_id == shop_id, lots.c.member_id.in_(list(known)), lots.c.remaining > 0)
    for row in connection.execute(select(lots).where(mine)).mappings():
        if opened_until is None or row["opened_at"] <= opened_until:
            known[row["member_id"]].lots[row["key"]] = lot_of(row)


def _points(account: Account, claimed: bool) -> Points:
    net = account.sums["available"]
    booked = [(lot.remaining, lot.expires_at) for lot in account.lots.values() if lot.booked and lot.expires_at]
    waiting = [(lot.remaining, lot.available_from) for lot in account.lots.values() if not lot.booked]
    return Points(
        available=max(0, net) if claimed else 0,
        pending=account.sums["pending"],
        held=account.sums["held"],
        deficit=max(0, -net),
        unclaimed=0 if claimed else max(0, net),
        lifetime_earned=account.sums["issued"] - account.sums["reversed"],
        expiring=_by_moment(booked),
        coming=_by_moment(waiting),
    )


def _by_moment(dated: Iterable[tuple[int, datetime]]) -> tuple[tuple[int, datetime], ...]:
    """Join what has one date; the soonest first."""
    sums: dict[datetime, int] = {}
    for points, moment in dated:
        sums[moment] = sums.get(moment, 0) + points
    return tuple((points, moment) for moment, points in sorted(sums.items()) if points)


def accounts_report(connection: Connection, shop_id: str, now: datetime) -> dict[str, int]:
    """Sum the shop's accounts as of now. Balances that a date has passed are brought up to date in memory.

    `issued = pending + available − deficit + held + redeemed + expired + reversed + written_off + transferred`.
    """
    mine = balances.c.shop_id == shop_id
    fresh = or_(balances.c.good_until.is_(None), balances.c.good_until > now)
    sums = [func.coalesce(func.sum(balances.c[name]), 0).label(name) for name in ACCOUNTS]
    deficit = func.coalesce(func.sum(-balances.c.available).filter(balances.c.available < 0), 0)
    row = connection.execute(select(*sums, deficit.label("deficit")).where(mine, fresh)).mappings().one()
    report = {name: int(row[name]) for name in (*ACCOUNTS, "deficit")}
    report["available"] += report["deficit"]
    for account in _due_accounts(connection, shop_id, now):
        _add(report, account)
    return report


def _due_accounts(connection: Connection, shop_id: str, now: datetime) -> list[Account]:
    mine = and_(balances.c.shop_id == shop_id, balances.c.good_until <= now)
    accounts = [account_of(row) for row in connection.execute(select(balances).where(mine)).mappings()]
    _with_lots(connection, shop_id, accounts)
    for account in accounts:
        book_due(account, now)
    return accounts


def _add(report: dict[str, int], account: Account) -> None:
    for name in ACCOUNTS:
        report[name] += account.sums[name]
    report["available"] += account.deficit
    report["deficit"] += account.deficit


def family(connection: Connection, shop_id: str, member_id: str) -> list[str]:
    """Return a member and everyone merged into it, however long ago."""
    found, newest = [member_id], [member_id]
    while newest:
        mine = and_(members.c.shop_id == shop_id, members.c.merged_into.in_(newest))
        newest = list(connection.execute(select(members.c.id).where(mine)).scalars())
        found += newest
    return found


Seen = tuple[str, int]  # member and number of an entry


def history(
    connection: Connection, shop_id: str, member_ids: Iterable[str], after: Seen | None, limit: int
) -> list[RowMapping]:
    """Return the entries of a family, newest first as booked; `after` is the last one already seen."""
    seen_at = _booked_at(connection, shop_id, after) if after else None
    found: list[RowMapping] = []
    for member_id in member_ids:
        mine = and_(entries.c.shop_id == shop_id, entries.c.member_id == member_id)
        if after is not None:
            mine = and_(mine, _older(member_id, after, seen_at))
        statement = select(entries).where(mine).order_by(entries.c.n.desc()).limit(limit)
        found += connection.execute(statement).mappings()
    return sorted(found, key=lambda row: (row["booked_at"], row["member_id"], row["n"]), reverse=True)[:limit]


def _booked_at(connection: Connection, shop_id: str, seen: Seen) -> datetime | None:
    mine = and_(entries.c.shop_id == shop_id, entries.c.member_id == seen[0], entries.c.n == seen[1])
    return connection.execute(select(entries.c.booked_at).where(mine)).scalar()


def _older(member_id: str, seen: Seen, seen_at: datetime | None) -> ColumnElement[bool]:
    if member_id == seen[0]:
        return entries.c.n < seen[1]
    return entries.c.booked_at <= seen_at if member_id < seen[0] else entries.c.booked_at < seen_at


def entry_with_key(connection: Connection, shop_id: str, key: str) -> RowMapping | None:
    mine = and_(entries.c.shop_id == shop_id, entries.c.key == key)
    return connection.execute(select(entries).where(mine)).mappings().first()
