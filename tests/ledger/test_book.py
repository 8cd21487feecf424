"""The book writes what was posted: every row and column, once, and reads it back the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from app.ledger import holds
from app.ledger.book import Book
from app.ledger.orders import OrderPoints, post_difference
from app.models import ACCOUNTS, allocations, balances, entries, expiry_warnings, lots
from tests.ledger.test_account import day, earn, posting

TABLES = [balances, entries, lots, allocations, expiry_warnings]
SHOP, OTHER = "s1", "s2"


def rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    ordered = select(table).order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(ordered).mappings()]


def posted(connection: Connection, member: str, shop: str = SHOP, **expiring: int) -> None:
    """Write a lot of 100 points for each name, with the day it lapses on (0: never), or none left of it (-1)."""
    book = Book(connection, shop, day(0))
    account = book.open(member)
    for name, ends in expiring.items():
        order = OrderPoints(name, expires_at=day(ends) if ends > 0 else None)
        earn(account, order, 100, day(0))
        if ends < 0:
            earn(account, order, -100, day(0))
    book.flush()


def test_what_is_written_is_read_back_the_same(connection: Connection) -> None:
    book = Book(connection, SHOP, day(3))
    account = book.open("ada")
    order = OrderPoints("1", available_from=day(2), expires_at=day(40))
    post_difference(account, order, 300, posting(day(1)))
    book.account("ada")
    waiting = OrderPoints("2", available_from=day(9), expires_at=day(90), kind="activity")
    post_difference(account, waiting, 50, posting(day(3)))
    held = holds.hold(account, "r", 120, day(3), "facts")
    post_difference(account, OrderPoints("3"), 1, posting(day(3)))
    account.clamped, account.clamp_waiting = 7, 0
    lot = account.lots["order:1:1"]
    lot.expired = 4
    now = {**account.sums}, account.last_n, account.next_moment(), {**account.lots}
    account.clamp_waiting = 3

    assert book.flush() == 5

    again = Book(connection, SHOP, day(3))
    again.load(["ada"])
    read = again.accounts["ada"]
    assert (read.sums, read.last_n, read.good_until, read.lots) == now
    assert (read.member_id, read.clamped, read.clamp_waiting, held.lots) == ("ada", 7, 3, [("order:1:1", 120)])
    assert (read.entries, read.allocations, read.warnings, read.touched) == ([], [], [], set())


def test_every_column_of_an_entry_and_a_balance_is_what_was_posted(connection: Connection) -> None:
    book = Book(connection, SHOP, day(2))
    account = book.open("ada")
    post_difference(account, OrderPoints("1", available_from=day(0), expires_at=day(40)), 300, posting(day(0)))
    holds.adjust(account, "adjust:k", -20, day(2), {"why": "sorry"}, "facts")
    before = datetime.now(UTC)
    book.flush()

    first, second = rows(connection, entries)
    assert before <= first.pop("booked_at") == second.pop("booked_at") <= datetime.now(UTC)
    common = {"shop_id": SHOP, "member_id": "ada"}
    assert first == common | {
        "n": 1,
        "key": "order:1:1",
        "facts": "",
        "kind": "earn",
        "at": day(0),
        "points": 300,
        "account_changes": {"issued": -300, "available": 300},
        "source_type": "order",
        "source_id": "1",
        "explanation": {},
    }
    assert second == common | {
        "n": 2,
        "key": "adjust:k",
        "facts": "facts",
        "kind": "adjustment",
        "at": day(2),
        "points": -20,
        "account_changes": {"available": -20, "written_off": 20},
        "source_type": "adjustment",
        "source_id": "k",
        "explanation": {"why": "sorry"},
    }
    (balance,) = rows(connection, balances)
    sums = dict.fromkeys(ACCOUNTS, 0) | {"issued": 300, "available": 280, "written_off": 20}
    rest = {"clamped": 0, "clamp_waiting": 0, "entries": 2, "good_until": day(10)}
    assert balance == common | sums | rest


def test_every_column_of_a_lot_and_its_allocations_is_what_was_posted(connection: Connection) -> None:
    book = Book(connection, SHOP, day(1))
    account = book.open("ada")
    for name, ends in (("1", day(40)), ("2", None)):
        post_difference(account, OrderPoints(name, available_from=day(0), expires_at=ends), 100, posting(day(0)))
    holds.hold(account, "r", 150, day(1), "")
    book.flush()

    common = {"shop_id": SHOP, "member_id": "ada"}
    one = common | {
        "key": "order:1:1",
        "source_type": "order",
        "source_id": "1",
        "version": 1,
        "points": 100,
        "remaining": 0,
        "expired": 0,
        "opened_at": day(0),
        "available_from": day(0),
        "booked": True,
        "expires_at": day(40),
        "root": "order:1:1",
        "warned": 0,
    }
    two = one | {"key": "order:2:1", "source_id": "2", "root": "order:2:1", "remaining": 50, "expires_at": None}
    assert rows(connection, lots) == [one, two]
    assert rows(connection, allocations) == [
        common | {"entry_n": n, "i": i, "lot": lot, "slot": slot, "points": points}
        for n, i, lot, slot, points in (
            (1, 1, "order:1:1", "return", 100),
            (2, 1, "order:2:1", "return", 100),
            (3, 1, "order:1:1", "hold", -100),
            (3, 2, "order:2:1", "hold", -50),
        )
    ]


def test_warnings_are_written_before_the_expiry_they_announce(connection: Connection) -> None:
    posted(connection, "ada", soon=40)
    for now in (day(9), day(10), day(11)):
        book = Book(connection, SHOP, now)
        book.open("ada")
        assert book.flush() == 0
    warned = {"shop_id": SHOP, "member_id": "ada", "lot": "order:soon:1", "expires_at": day(40), "points": 100}
    assert rows(connection, expiry_warnings) == [warned | {"kind": "30d", "recorded_at": day(10)}]

    late = Book(connection, SHOP, day(50))
    late.open("ada")
    assert late.flush() == 1
    assert rows(connection, expiry_warnings)[1:] == [warned | {"kind": "7d", "recorded_at": day(50)}]
    assert [entry["kind"] for entry in rows(connection, entries)] == ["earn", "expiry"]


def test_nothing_is_written_twice(connection: Connection) -> None:
    book = Book(connection, SHOP, day(39))
    earn(book.open("ada"), OrderPoints("1", expires_at=day(40)), 100, day(0))
    book.account("ada")
    assert book.flush() == 1
    before = [rows(connection, table) for table in TABLES]
    assert book.flush() == 0
    assert [rows(connection, table) for table in TABLES] == before
    assert len(before[4]) == 2


def test_an_account_is_written_when_it_has_but_an_entry_or_but_a_changed_lot(connection: Connection) -> None:
    posted(connection, "ada", one=0)
    posted(connection, "bob", two=0)
    book = Book(connection, SHOP, day(1))
    held = holds.hold(book.open("ada"), "r", 40, day(1), "")
    book.flush()

    holds.commit(book.account("ada"), held, day(1))  # touches no lot
    bob = book.open("bob")
    bob.redate(bob.lots["order:two:1"], day(50))  # posts no entry
    book.open("carol")  # nothing at all
    assert book.flush() == 1

    ada, bob = rows(connection, balances)
    assert (ada["redeemed"], ada["held"], ada["entries"]) == (40, 0, 3)
    assert (bob["good_until"], bob["entries"]) == (day(20), 1)
    assert [lot["expires_at"] for lot in rows(connection, lots)] == [None, day(50)]
