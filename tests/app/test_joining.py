"""Two members are one person: everything of the one is the other's, and the whole history is told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.audit import audit
from app.db import reading
from app.errors import Invalid, NotFound
from app.models import entries, identities, members, orders
from app.points.readouts import family, history, points_at
from tests.app.test_referrals import member_of, merge
from tests.build import START, Shop, Tessera, order, programme, refund

GUEST = {"id": None, "email": "gus@example.com"}


def two(tessera: Tessera) -> tuple[Shop, str, str]:
    """Make a shop where ada and bob have each bought for 399 points."""
    shop = tessera.shop(programme())
    shop.tell(order(), order(id="1002", customer={"id": "bob", "email": "bob@example.com"}))
    return shop, member_of(shop, "ada"), member_of(shop, "bob")


def rows(shop: Shop, table: Any) -> list[Any]:
    with reading(shop.tessera.engine) as connection:
        return list(connection.execute(select(table).where(table.c.shop_id == shop.id)))


def test_points_orders_and_identities_go_to_who_lives_on(tessera: Tessera) -> None:
    shop, ada, bob = two(tessera)
    assert merge(shop, ada, bob) == bob
    assert [balance.get("available", 0) for balance in sorted(shop.balances(), key=len)] == [0, 798]
    assert {row.member_id for row in rows(shop, orders)} == {bob}
    assert {row.member_id for row in rows(shop, identities)} == {bob}
    shop.tell(order(id="1003"))  # of ada's platform id
    shop.tell(order(updated_at="2026-03-03T10:00:00Z", refunds=[refund(quantity=2)]))
    assert max(balance.get("available", 0) for balance in shop.balances()) == 798
    assert audit(tessera.engine, shop.id) == []


def test_merging_again_changes_nothing_whichever_id_is_named(tessera: Tessera) -> None:
    shop, ada, bob = two(tessera)
    merge(shop, ada, bob)
    before = rows(shop, entries)
    assert merge(shop, ada, bob) == merge(shop, bob, ada) == bob
    assert rows(shop, entries) == before


def test_a_member_is_not_merged_into_itself_nor_with_nobody(tessera: Tessera) -> None:
    shop, ada, _ = two(tessera)
    with pytest.raises(Invalid):
        merge(shop, ada, ada)
    with pytest.raises(NotFound):
        merge(shop, ada, "m_00000000000000000000")


def test_a_guest_merged_into_a_customer_is_claimed_and_the_e_mail_proves_nothing(tessera: Tessera) -> None:
    shop, ada, _ = two(tessera)
    shop.tell(order(id="1003", customer=GUEST))
    (guest,) = [row for row in rows(shop, members) if not row.claimed]
    assert merge(shop, guest.id, ada) == ada
    # the e-mail was never verified: who verifies it later is somebody else
    shop.tell(order(id="1004", customer={**GUEST, "id": "gus", "email_verified": True}))
    assert member_of(shop, "gus") != ada
    assert {row.id: row.member_id for row in rows(shop, orders)}["1003"] == ada
    assert audit(tessera.engine, shop.id) == []


def test_a_customer_merged_into_a_guest_makes_it_claimed(tessera: Tessera) -> None:
    shop, ada, _ = two(tessera)
    shop.tell(order(id="1003", customer=GUEST))
    (guest,) = [row for row in rows(shop, members) if not row.claimed]
    merge(shop, ada, guest.id)
    claimed = {row.id: row.claimed for row in rows(shop, members)}
    assert claimed[guest.id]
    assert audit(tessera.engine, shop.id) == []


def test_the_survivor_takes_what_it_lacks_and_keeps_what_it_has(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    told = {"updated_at": "2026-03-01T10:00:00Z"}
    shop.tell({**told, "id": "ada", "tags": ["vip"], "email": "ada@example.com"}, topic="customer")
    shop.tell({**told, "id": "bob", "tags": ["early", "vip"]}, topic="customer")
    ada, bob = member_of(shop, "ada"), member_of(shop, "bob")
    merge(shop, ada, bob)
    known = {row.id: row for row in rows(shop, members)}
    assert tessera.services.vault.open(shop.id, known[bob].email) == b"ada@example.com"
    assert known[ada].email is None
    assert known[bob].tags == ["early", "vip"]


def test_the_history_of_a_family_is_whole_in_time_order_and_adds_up(tessera: Tessera) -> None:
    shop, ada, bob = two(tessera)
    merge(shop, ada, bob)
    shop.tell(order(id="1003"))
    with reading(tessera.engine) as connection:
        everyone = family(connection, shop.id, bob)
        assert everyone == [bob, ada]
        whole = history(connection, shop.id, everyone, None, 100)
        assert [row["kind"] for row in whole] == ["earn", "merge", "merge", "earn", "earn"]
        assert {row["member_id"] for row in whole} == {ada, bob}
        assert sum(row["account_changes"].get("available", 0) for row in whole) == 3 * 399
        paged, seen = [], None
        while page := history(connection, shop.id, everyone, seen, 2):
            paged += page
            seen = (page[-1]["member_id"], page[-1]["n"])
        assert [row["key"] for row in paged] == [row["key"] for row in whole]


def test_points_of_a_moment_before_the_merge_are_both_members(tessera: Tessera) -> None:
    shop, ada, bob = two(tessera)
    merge(shop, ada, bob)
    with reading(tessera.engine) as connection:
        before = points_at(connection, shop.id, bob, True, START.replace(hour=11))
        assert (before.available, before.lifetime_earned) == (798, 798)
        assert points_at(connection, shop.id, bob, True, START).available == 798


def test_of_two_equal_one_time_awards_the_later_ones_unspent_part_is_reversed(tessera: Tessera) -> None:
    shop = tessera.shop(programme(activities=[{"key": "review", "kind": "review", "points": 50}]))
    for name in ("ada", "bob"):
        told = {"id": f"by {name}", "customer": {"id": name}, "kind": "review", "subject": "p1"}
        shop.tell({**told, "at": "2026-03-01T11:00:00Z"}, topic="activity")
    merge(shop, member_of(shop, "ada"), member_of(shop, "bob"))
    assert sum(balance.get("available", 0) for balance in shop.balances()) == 50
    assert audit(tessera.engine, shop.id) == []
