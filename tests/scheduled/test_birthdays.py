"""Birthdays: once a year, on the shop's local day, for a date that has been known for a while."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.db import reading
from app.errors import Conflict
from app.models import members
from tests.app.test_referrals import merge
from tests.build import Tessera
from tests.scheduled.play import moment, play, rule

BIRTHDAY = rule("birthday", 200)


def test_a_birthday_is_celebrated_once_on_its_day(tessera: Tessera) -> None:
    shop = play(tessera, BIRTHDAY)
    shop.enrol("ada", "1990-05-02")
    shop.enrol("bob", "1985-05-03")
    assert shop.tick("2026-05-01T21:59").scheduled == 0  # a minute before midnight in Paris
    assert shop.tick("2026-05-01T22:00").scheduled == 1
    assert shop.tick("2026-05-02T12:00").scheduled == 0
    (award,) = shop.awards()
    assert award.id == f"birthday:{award.member_id}:2026"
    assert (award.posted, award.at.isoformat()) == (200, "2026-05-01T22:00:00+00:00")
    assert award.explanation["day"] == "2026-05-02"
    shop.agrees()


def test_missed_days_and_years_are_caught_up_in_order_each_at_its_own_moment(tessera: Tessera) -> None:
    shop = play(tessera, BIRTHDAY)
    shop.enrol("ada", "1990-05-02")
    shop.enrol("bob", "1985-12-31")
    assert shop.tick("2027-12-31").scheduled == 4
    assert shop.given() == [
        ("2026-05-02", 200),
        ("2026-12-31", 200),
        ("2027-05-02", 200),
        ("2027-12-31", 200),
    ]
    assert shop.tick("2027-12-31").scheduled == 0
    shop.agrees()


@pytest.mark.parametrize(("entered", "points"), [("2026-04-01T12:00", 200), ("2026-04-02T12:00", 0)])
def test_a_date_entered_within_the_last_30_days_is_not_celebrated(tessera: Tessera, entered: str, points: int) -> None:
    shop = play(tessera, BIRTHDAY)
    shop.enrol("ada")
    shop.enrol("ada", "1990-05-02", at=entered)
    shop.tick("2026-06-01")
    assert sum(points for _, points in shop.given()) == points
    shop.agrees()


def test_the_29th_of_february_is_celebrated_on_the_28th_in_other_years(tessera: Tessera) -> None:
    shop = play(tessera, BIRTHDAY, since=moment("2027-01-01"), now="2027-01-01")
    shop.enrol("ada", "2000-02-29")
    shop.enrol("bob", "1999-02-28")
    shop.tick("2028-03-01")
    assert [day for day, _ in shop.given()] == ["2027-02-28", "2027-02-28", "2028-02-28", "2028-02-29"]
    shop.agrees()


@pytest.mark.parametrize(
    ("zone", "birthday", "begins"),
    [
        ("Africa/Cairo", "1990-04-28", "2023-04-27T22:00:00+00:00"),
        ("Asia/Beirut", "1990-03-26", "2017-03-25T22:00:00+00:00"),
        ("America/Sao_Paulo", "1990-11-04", "2018-11-04T03:00:00+00:00"),
    ],
)
def test_the_day_is_the_shops_own_also_where_a_clock_change_removes_midnight(
    tessera: Tessera, zone: str, birthday: str, begins: str
) -> None:
    year = int(begins[:4])
    shop = play(tessera, BIRTHDAY, zone=zone, now=f"{year}-01-01", since=moment(f"{year}-01-01"))
    shop.enrol("ada", birthday)
    shop.tick(f"{year}-12-01")
    (award,) = shop.awards()
    assert award.at.isoformat() == begins
    shop.agrees()


def test_it_is_changed_at_most_once_a_year(tessera: Tessera) -> None:
    shop = play(tessera, BIRTHDAY)
    shop.enrol("ada", "1990-05-02")
    shop.enrol("ada", "1990-06-02")  # the first date was an entry, this is a change
    shop.enrol("ada", "1990-06-02")
    with pytest.raises(Conflict, match="from 2027-03-01 on"):
        shop.enrol("ada", "1990-07-02", at="2026-05-01")
    told = {"id": "ada", "updated_at": "2026-05-01T00:00:00Z", "birthday": "1990-07-02"}
    assert shop.shop.tell(told, topic="customer").failed == 0  # a platform is not refused, the date is kept out
    shop.tick("2026-12-01")
    assert [day for day, _ in shop.given()] == ["2026-06-02"]
    shop.enrol("ada", "1990-12-24", at="2027-03-02")
    shop.tick("2027-12-31")
    assert [day for day, _ in shop.given()] == ["2026-06-02", "2027-12-24"]
    shop.agrees()


def test_a_customer_webhook_may_tell_it(tessera: Tessera) -> None:
    shop = play(tessera, BIRTHDAY)
    told = {"id": "ada", "updated_at": "2026-03-01T00:00:00Z", "birthday": "1990-05-02"}
    shop.shop.tell(told, topic="customer")
    shop.tick("2026-05-02T12:00")
    assert shop.given() == [("2026-05-02", 200)]
    shop.agrees()


def test_a_tier_adds_its_birthday_points(tessera: Tessera) -> None:
    tiers = [
        {"key": "entry", "enter": "0"},
        {"key": "gold", "enter": "1", "perks": {"birthday_points": 50}},
    ]
    shop = play(tessera, BIRTHDAY, tiers=tiers)
    shop.enrol("ada", "1990-05-02")
    shop.into_tier("ada", "gold")
    shop.enrol("bob", "1990-05-02")
    shop.tick("2026-05-02T12:00")
    assert sorted(points for _, points in shop.given()) == [200, 250]
    shop.agrees()


def test_of_several_birthday_rules_one_gives(tessera: Tessera) -> None:
    tiers = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "1"}]
    for_gold = rule("birthday", 500, key="golden", who={"tiers": ["gold"]})
    shop = play(tessera, for_gold, BIRTHDAY, tiers=tiers)
    shop.enrol("ada", "1990-05-02")
    shop.into_tier("ada", "gold")
    shop.enrol("bob", "1990-05-02")
    shop.tick("2026-05-02T12:00")
    assert sorted(points for _, points in shop.given()) == [200, 500]
    shop.agrees()


def test_a_rule_starts_with_its_version_and_ends_with_the_next_one_without_it(tessera: Tessera) -> None:
    shop = play(tessera)
    shop.enrol("ada", "1990-05-02")
    shop.enrol("bob", "1990-06-02")
    shop.enrol("charlie", "1990-07-02")
    shop.tick("2026-05-20")
    shop.publish(BIRTHDAY)
    assert shop.tick().scheduled == 0
    shop.tick("2026-06-20")
    shop.publish()
    shop.tick("2026-12-01")
    assert shop.given() == [("2026-06-02", 200)]
    shop.agrees()


def test_who_is_enrolled_later_gets_nothing_for_days_before(tessera: Tessera) -> None:
    shop = play(tessera, BIRTHDAY)
    shop.enrol("ada", "1990-02-01")
    shop.tick("2026-12-31")
    assert shop.given() == []
    shop.agrees()


def test_a_paused_programme_celebrates_nothing(tessera: Tessera) -> None:
    shop = play(tessera, BIRTHDAY)
    shop.enrol("ada", "1990-05-02")
    shop.enrol("bob", "1990-06-02")
    shop.tick("2026-04-20")
    shop.publish(BIRTHDAY, phase={"kind": "paused"})
    shop.tick("2026-05-20")
    shop.publish(BIRTHDAY)
    shop.tick("2026-06-20")
    assert shop.given() == [("2026-06-02", 200)]
    shop.agrees()


def test_who_is_too_young_for_the_programme_gets_nothing_and_the_audit_knows_why(tessera: Tessera) -> None:
    shop = play(tessera, BIRTHDAY, eligibility={"min_age": 18})
    shop.enrol("ada", "1990-05-02")
    shop.enrol("bob", "2012-05-02")
    shop.tick("2026-05-03")
    assert [row.member_id for row in shop.awards()] == [shop.enrol("ada")]
    shop.agrees()


def test_nothing_is_left_of_the_birthday_of_who_is_erased(tessera: Tessera) -> None:
    shop = play(tessera, BIRTHDAY)
    member_id = shop.enrol("ada", "1990-05-02")
    shop.erase(member_id)
    with reading(tessera.engine) as connection:
        row = connection.execute(select(members).where(members.c.id == member_id)).one()
    assert (row.birthday, row.birthday_day, row.birthday_set_at, row.birthday_changed_at) == (None,) * 4
    assert shop.tick("2026-05-03").scheduled == 0
    shop.agrees()


def test_who_becomes_one_person_has_one_birthday_a_year(tessera: Tessera) -> None:
    shop = play(tessera, BIRTHDAY)
    ada, bob = shop.enrol("ada", "1990-05-02"), shop.enrol("bob", "1985-12-01")
    shop.tick("2026-05-03")
    merge(shop.shop, ada, bob)
    shop.tick("2026-12-02")
    assert shop.given() == [("2026-05-02", 200)]
    shop.tick("2027-12-02")
    assert shop.given() == [("2026-05-02", 200), ("2027-12-01", 200)]
    shop.agrees()
