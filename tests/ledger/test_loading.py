"""What the book loads and locks: open lots, named ones, and no row of another shop or member."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.dialects import postgresql

from app.ledger import holds
from app.ledger.account import Account, Lot
from app.ledger.book import Book, move_lots
from app.ledger.orders import OrderPoints
from app.models import lots
from tests.ledger.test_account import day, earn, posting
from tests.ledger.test_book import OTHER, SHOP, TABLES, posted, rows


def lots_of(book: Book, member: str) -> dict[str, int]:
    return {key.split(":")[1]: lot.remaining for key, lot in book.accounts[member].lots.items()}


def test_open_lots_are_loaded_and_closed_ones_when_they_are_named(connection: Connection) -> None:
    posted(connection, "ada", open=0, closed=-1, other=-1)
    posted(connection, "ada", shop=OTHER, foreign=0)
    posted(connection, "bob", his=0, gone=-1)
    book = Book(connection, SHOP, day(1))
    book.load(["ada"])
    assert (book.accounts.keys(), lots_of(book, "ada")) == ({"ada"}, {"open": 100})

    book = Book(connection, SHOP, day(1))
    book.load(["ada"], ["order:closed:1", "order:gone:1", "order:his:1", "order:foreign:1"])
    assert (book.accounts.keys(), lots_of(book, "ada")) == ({"ada"}, {"open": 100, "closed": 0})


def test_a_lot_with_one_point_left_is_open(connection: Connection) -> None:
    posted(connection, "ada", one=0)
    book = Book(connection, SHOP, day(1))
    holds.adjust(book.open("ada"), "adjust:a", -99, day(1), {}, "")
    book.flush()
    book = Book(connection, SHOP, day(1))
    assert book.open("ada").lots["order:one:1"].remaining == 1


def restored(connection: Connection) -> Lot:
    """Write a lot that lapsed, with what lived on from it and is spent too; return the latter."""
    book = Book(connection, SHOP, day(0))
    account = book.open("ada")
    earn(account, OrderPoints("1", expires_at=day(10)), 100, day(0))
    held = holds.hold(account, "r", 100, day(0), "")
    holds.void(account, held, day(12), day(12), posting(day(12)).grace)
    holds.hold(account, "q", 100, day(12), "")
    book.flush()
    return account.lots["void:r/1"]


def test_what_lived_on_from_a_named_lot_is_loaded_with_it(connection: Connection) -> None:
    lived_on = restored(connection)
    book = Book(connection, SHOP, day(12))
    book.load(["ada"])
    assert book.accounts["ada"].lots == {}
    book.load_lots(["order:1:1"], lambda member: member)
    assert book.accounts["ada"].lots.keys() == {"order:1:1", "void:r/1"}
    assert book.accounts["ada"].lots["void:r/1"] == lived_on
    book = Book(connection, SHOP, day(12))
    book.load(["ada"], ["order:1:1"])
    assert book.accounts["ada"].lots.keys() == {"order:1:1", "void:r/1"}


def test_named_lots_join_the_accounts_in_hand_and_replace_none_there(connection: Connection) -> None:
    posted(connection, "ada", open=0, closed=-1)
    posted(connection, "ada", shop=OTHER, foreign=-1)
    posted(connection, "guest", old=-1)
    posted(connection, "bob", his=-1)
    book = Book(connection, SHOP, day(1))
    held = holds.hold(book.open("ada"), "r", 30, day(1), "")
    in_hand = book.accounts["ada"].lots["order:open:1"]

    book.load_lots([], lambda member: member)
    assert lots_of(book, "ada") == {"open": 70}
    named = [f"order:{name}:1" for name in ("open", "closed", "old", "his", "foreign")]
    book.load_lots(named, lambda member: "ada" if member == "guest" else member)

    assert lots_of(book, "ada") == {"open": 70, "closed": 0, "old": 0}
    assert book.accounts["ada"].lots["order:open:1"] is in_hand
    assert book.accounts.keys() == {"ada"}
    holds.void(book.account("ada"), held, day(1), day(1), posting(day(1)).grace)
    check_sums(book.accounts["ada"])


def check_sums(account: Account) -> None:
    assert account.sums["available"] == sum(lot.spendable(day(1)) for lot in account.lots.values())


def test_an_account_is_brought_up_to_date_before_anything_is_posted(connection: Connection) -> None:
    book = Book(connection, SHOP, day(0))
    earn(book.open("ada"), OrderPoints("1", available_from=day(5)), 100, day(0))
    book.flush()
    late = Book(connection, SHOP, day(6))
    late.load(["ada"])
    assert late.accounts["ada"].sums["pending"] == 100
    account = late.account("ada")
    assert (account.sums["available"], account.entries[-1].at) == (100, day(5))
    assert late.flush() == 1
    with pytest.raises(KeyError):
        late.account("somebody else")


def test_an_account_in_hand_is_never_read_again(connection: Connection) -> None:
    posted(connection, "ada", one=0)
    book = Book(connection, SHOP, day(1))
    account = book.open("ada")
    earn(account, OrderPoints("2"), 10, day(1))
    book.load(["ada", "new"])
    assert book.accounts["ada"] is account
    assert book.open("ada").sums["available"] == 110
    assert book.account("new") == Account("new")
    book.begin("newer")
    assert book.account("newer") == Account("newer")


def test_accounts_are_locked_in_the_order_of_their_ids_and_nothing_else_is(connection: Connection) -> None:
    asked: list[str] = []

    def note(_connection: object, statement: Any, *_: object) -> None:
        asked.append(" ".join(str(statement.compile(dialect=postgresql.dialect())).split()))

    event.listen(connection, "before_execute", note)
    book = Book(connection, SHOP, day(0))
    book.load(["bob", "ada"], ["order:1:1"])
    book.load_lots(["order:1:1"], lambda member: member)
    of_balances, *of_lots = asked
    assert of_balances.endswith("ORDER BY balances.member_id FOR UPDATE")
    assert len(of_lots) == 2
    assert not any("FOR UPDATE" in each or "ORDER BY" in each for each in of_lots)


def test_lots_of_a_merged_member_go_to_the_survivor_and_no_others_do(connection: Connection) -> None:
    posted(connection, "guest", open=0, closed=-1)
    posted(connection, "guest", shop=OTHER, foreign=0)
    posted(connection, "ada", hers=0)
    posted(connection, "bob", his=0)

    move_lots(connection, SHOP, "guest", "ada")

    owners = {(row["shop_id"], row["key"].split(":")[1]): row["member_id"] for row in rows(connection, lots)}
    ours = {"open": "ada", "closed": "ada", "hers": "ada", "his": "bob"}
    assert owners == {(SHOP, key): member for key, member in ours.items()} | {(OTHER, "foreign"): "guest"}


def test_two_shops_books_know_nothing_of_each_other(connection: Connection) -> None:
    for shop, points in ((SHOP, 100), (OTHER, 30)):
        book = Book(connection, shop, day(0))
        earn(book.open("ada"), OrderPoints("1", expires_at=day(60)), points, day(0))
        assert book.flush() == 1
    for shop, points in ((SHOP, 100), (OTHER, 30)):
        account = Book(connection, shop, day(1)).open("ada")
        assert (account.sums["available"], account.lots["order:1:1"].remaining) == (points, points)
        check_sums(account)
    assert [row["shop_id"] for table in TABLES[:4] for row in rows(connection, table)] == [SHOP, OTHER] * 4
