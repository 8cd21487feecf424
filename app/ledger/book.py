"""Load members' accounts under lock, and write what was posted: one statement a table.

The only file that writes entries. Lock order: orders by id, identity buckets, balances by member id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, or_, select, update

from app.db import write_rows
from app.ledger import announcing, telling
from app.ledger.account import Account, Allocation, Entry, Lot, Warned, book_due
from app.models import ACCOUNTS, allocations, balances, entries, expiry_warnings, lots

_LOT_CHANGES = ("member_id", "remaining", "expired", "booked", "available_from", "expires_at", "warned")
_BALANCE_CHANGES = (*ACCOUNTS, "clamped", "clamp_waiting", "entries", "good_until")


class Book:
    """The accounts of one shop that one transaction works on. Once: nothing is posted before `flush`."""

    def __init__(self, connection: Connection, shop_id: str, now: datetime) -> None:
        self.connection = connection
        self.shop_id = shop_id
        self.now = now
        self.accounts: dict[str, Account] = {}

    def load(self, member_ids: Iterable[str], lot_keys: Iterable[str] = ()) -> None:
        """Lock and load accounts with their open lots, and the named lots with what lived on from them."""
        wanted = sorted(set(member_ids) - self.accounts.keys())
        if not wanted:
            return
        for row in self._rows(balances, balances.c.member_id.in_(wanted), lock=True):
            self.accounts[row["member_id"]] = account_of(row)
        for member_id in wanted:
            self.accounts.setdefault(member_id, Account(member_id))
        keys = sorted(set(lot_keys))
        chosen = and_(lots.c.member_id.in_(wanted), lots.c.remaining > 0)
        if keys:
            chosen = or_(chosen, lots.c.key.in_(keys), lots.c.root.in_(keys))
        for row in self._rows(lots, chosen):
            if row["member_id"] in self.accounts:
                self.accounts[row["member_id"]].lots[row["key"]] = lot_of(row)

    def load_lots(self, lot_keys: Iterable[str], owner: Callable[[str], str]) -> None:
        """Load named lots into accounts that are loaded already, with what lived on from them.

        `owner` follows merges: a lot may still stand under a member that has just been merged.
        """
        keys = sorted(set(lot_keys))
        if not keys:
            return
        held = {key for account in self.accounts.values() for key in account.lots}
        for row in self._rows(lots, or_(lots.c.key.in_(keys), lots.c.root.in_(keys))):
            account = self.accounts.get(owner(row["member_id"]))
            if account is not None and row["key"] not in held:
                account.lots[row["key"]] = lot_of(row)

    def account(self, member_id: str) -> Account:
        """Return a loaded account with every date transition booked that is due.

        One that was neither loaded nor begun is a mistake of the caller: it would be taken for empty.
        """
        account = self.accounts[member_id]
        book_due(account, self.now)
        return account

    def begin(self, member_id: str) -> None:
        """Begin the account of a member who is new in this transaction."""
        self.accounts[member_id] = Account(member_id)

    def open(self, member_id: str) -> Account:
        """Load, lock and bring one account up to date."""
        self.load([member_id])
        return self.account(member_id)

    def flush(self) -> int:
        """Write what was posted since loading; return the number of entries."""
        accounts = [account for account in self.accounts.values() if account.entries or account.touched]
        booked_at = datetime.now(UTC)
        posted = [_entry_row(self.shop_id, a.member_id, e, booked_at) for a in accounts for e in a.entries]
        write_rows(self.connection, entries, posted)
        touched = [_lot_row(self.shop_id, a.member_id, a.lots[key]) for a in accounts for key in sorted(a.touched)]
        write_rows(self.connection, lots, touched, update=_LOT_CHANGES)
        parts = [row for a in accounts for row in _allocation_rows(self.shop_id, a)]
        write_rows(self.connection, allocations, parts)
        warned = [_warning_row(self.shop_id, a.member_id, each) for a in accounts for each in a.warnings]
        write_rows(self.connection, expiry_warnings, warned)
        write_rows(
            self.connection, balances, [_balance_row(self.shop_id, a) for a in accounts], update=_BALANCE_CHANGES
        )
        telling.mark(self.connection, self.shop_id, [account.member_id for account in accounts])
        announcing.announce(self.connection, self.shop_id, announcing.of_accounts(accounts, self.now))
        for account in accounts:
            account.entries, account.allocations, account.touched, account.warnings = [], [], set(), []
        return len(posted)

    def _rows(self, table: Any, condition: Any, lock: bool = False) -> list[RowMapping]:
        statement = select(table).where(table.c.shop_id == self.shop_id, condition)
        if lock:
            statement = statement.order_by(table.c.member_id).with_for_update()
        return list(self.connection.execute(statement).mappings())


def account_of(row: RowMapping) -> Account:
    return Account(
        row["member_id"],
        {account: row[account] for account in ACCOUNTS},
        row["clamped"],
        row["clamp_waiting"],
        row["entries"],
        good_until=row["good_until"],
    )


def lot_of(row: RowMapping) -> Lot:
    return Lot(
        key=row["key"],
        source=(row["source_type"], row["source_id"]),
        points=row["points"],
        remaining=row["remaining"],
        opened_at=row["opened_at"],
        available_from=row["available_from"],
        expires_at=row["expires_at"],
        booked=row["booked"],
        version=row["version"],
        expired=row["expired"],
        root=row["root"],
        warned=row["warned"],
    )


def _lot_row(shop_id: str, member_id: str, lot: Lot) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "key": lot.key,
        "member_id": member_id,
        "source_type": lot.source[0],
        "source_id": lot.source[1],
        "version": lot.version,
        "points": lot.points,
        "remaining": lot.remaining,
        "expired": lot.expired,
        "opened_at": lot.opened_at,
        "available_from": lot.available_from,
        "booked": lot.booked,
        "expires_at": lot.expires_at,
        "root": lot.root,
        "warned": lot.warned,
    }


def _warning_row(shop_id: str, member_id: str, each: Warned) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "lot": each.lot,
        "kind": each.kind,
        "expires_at": each.expires_at,
        "member_id": member_id,
        "points": each.points,
        "recorded_at": each.recorded_at,
    }


def _entry_row(shop_id: str, member_id: str, entry: Entry, booked_at: datetime) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "member_id": member_id,
        "n": entry.n,
        "key": entry.key,
        "facts": entry.facts,
        "kind": entry.kind,
        "at": entry.at,
        "points": entry.points,
        "account_changes": entry.account_changes,
        "source_type": entry.source[0],
        "source_id": entry.source[1],
        "explanation": entry.explanation,
        "booked_at": booked_at,
    }


def _allocation_rows(shop_id: str, account: Account) -> list[dict[str, Any]]:
    numbers: dict[int, int] = {}
    rows = []
    for part in account.allocations:
        i = numbers[part.entry_n] = numbers.get(part.entry_n, 0) + 1
        rows.append(_allocation_row(shop_id, account.member_id, part, i))
    return rows


def _allocation_row(shop_id: str, member_id: str, part: Allocation, i: int) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "member_id": member_id,
        "entry_n": part.entry_n,
        "i": i,
        "lot": part.lot,
        "slot": part.slot,
        "points": part.points,
    }


def _balance_row(shop_id: str, account: Account) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "member_id": account.member_id,
        **account.sums,
        "clamped": account.clamped,
        "clamp_waiting": account.clamp_waiting,
        "entries": account.last_n,
        "good_until": account.next_moment(),
    }


def move_lots(connection: Connection, shop_id: str, old: str, new: str) -> None:
    """Hand every lot of a merged member to the survivor, closed ones too: refunds may name them."""
    connection.execute(update(lots).where(lots.c.shop_id == shop_id, lots.c.member_id == old).values(member_id=new))
