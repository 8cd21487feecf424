"""Anniversaries of joining and of the first purchase."""

from __future__ import annotations

from tests.build import Tessera, refund
from tests.scheduled.play import moment, play, rule

JOINED = rule("member_anniversary", 50)
FIRST = rule("first_purchase_anniversary", 70)


def test_joining_is_celebrated_each_year(tessera: Tessera) -> None:
    shop = play(tessera, JOINED)
    shop.enrol("ada", at="2026-03-10T23:30")  # the 11th in Paris
    shop.enrol("bob", at="2026-06-01")
    shop.tick("2028-03-12")
    assert shop.given() == [("2027-03-11", 50), ("2027-06-01", 50), ("2028-03-11", 50)]
    (first, *_) = shop.awards()
    assert first.id == f"member_anniversary:{first.member_id}:2027"
    assert shop.tick("2028-03-12").scheduled == 0
    shop.agrees()


def test_the_first_purchase_is_celebrated_by_when_it_was_placed(tessera: Tessera) -> None:
    shop = play(tessera, FIRST)
    shop.buy("ada", "2026-04-20")
    shop.buy("ada", "2026-03-05")  # told later, placed earlier
    shop.tick("2027-05-01")
    assert shop.given() == [("2027-03-05", 70)]
    shop.agrees()


def test_a_first_purchase_given_back_moves_it_to_the_next_one(tessera: Tessera) -> None:
    shop = play(tessera, FIRST)
    first = shop.buy("ada", "2026-03-05")
    shop.buy("ada", "2026-04-20")
    shop.tick("2027-03-04")
    gone = {"updated_at": "2026-06-01T00:00:00Z", "refunds": [refund(quantity=2)]}
    shop.buy("ada", "2026-03-05", order_id=first, **gone)
    shop.tick("2027-04-21")
    assert shop.given() == [("2027-04-20", 70)]
    shop.agrees()


def test_who_joined_on_a_leap_day_is_celebrated_on_the_28th_in_other_years(tessera: Tessera) -> None:
    shop = play(tessera, JOINED, FIRST, since=moment("2028-02-29"), now="2028-02-29")
    shop.buy("ada", "2028-02-29T12:00")
    shop.tick("2029-03-01")
    assert shop.given() == [("2029-02-28", 70), ("2029-02-28", 50)]
    shop.agrees()


def test_two_members_who_prove_one_person_have_one_first_purchase(tessera: Tessera) -> None:
    shop = play(tessera, FIRST)
    shop.buy("x", "2026-03-05", customer={"id": None, "email": "ada@example.com"})
    shop.buy("ada", "2026-04-20")
    shop.enrol("ada", email="ada@example.com", email_verified=True)
    shop.tick("2027-05-01")
    assert shop.given() == [("2027-03-05", 70)]
    shop.agrees()
