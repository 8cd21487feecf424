"""Tiers in a shop's life: reached by the measure, kept for terms, taken back by refunds, set by hand."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.db import reading
from app.models import facts, standings
from tests.app.tiers import LADDER, YEAR, Club, open_club
from tests.build import Tessera, line, refund


def test_the_order_that_crosses_a_threshold_earns_at_the_old_tier_and_the_next_at_the_new(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01")
    assert club.now().key == "gold"
    assert club.shop.order("1").target == 5000
    club.buy("2", "2026-03-02", "10.00")
    assert club.shop.order("2").target == 200
    assert club.history() == [("gold", "2026-03-01", None, "measure")]
    club.proved()


def test_a_refund_of_the_qualifying_order_takes_the_tier_back_at_once(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01")
    club.buy("2", "2026-03-02", "10.00")
    club.tell("1", "2026-03-01", at="2026-03-02", refunds=[refund()])
    assert club.now().key == "entry"
    assert club.shop.order("2").target == 200  # frozen
    assert [tier for tier, *_ in club.history()] == ["gold", "entry"]
    club.proved()


def test_a_cancelled_order_that_is_reopened_gives_its_tier_again(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01")
    club.tell("1", "2026-03-01", at="2026-03-02", cancelled_at="2026-03-02T10:00:00Z")
    assert club.now().key == "entry"
    club.tell("1", "2026-03-01", at="2026-03-03")
    assert club.now().key == "gold"
    club.proved()


@pytest.mark.parametrize(
    ("by", "enter", "price"), [("spend", "100", "50.00"), ("points", "1000", "50.00"), ("orders", "2", "1.00")]
)
@pytest.mark.parametrize("window", ["lifetime", "calendar_year", "rolling_12_months"])
def test_every_measure_over_every_window(tessera: Tessera, by: str, enter: str, price: str, window: str) -> None:
    ladder = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": enter}]
    club = open_club(tessera, tiers=ladder, tier_measure={"by": by, "window": window})
    club.buy("1", "2026-03-01", price)
    assert club.now().key == "entry"
    club.buy("2", "2026-05-01", price)
    assert club.now().key == "gold"
    kept = {"lifetime": None, "calendar_year": "2027-12-31", "rolling_12_months": "2027-05-01"}[window]
    assert club.history() == [("gold", "2026-05-01", kept, "measure")]
    club.tick("2029-01-01")
    assert club.now().key == ("gold" if window == "lifetime" else "entry")
    club.tell("2", "2026-05-01", price, at="2026-05-02", refunds=[refund()])
    assert club.now().key == "entry"
    club.proved()


def test_what_falls_out_of_the_window_counts_no_more(tessera: Tessera) -> None:
    club = open_club(tessera, tier_measure=YEAR)
    club.buy("1", "2026-12-01", "300.00")
    club.buy("2", "2027-01-02", "300.00")
    assert club.now().key == "entry"
    club.buy("3", "2027-01-03", "200.00")
    assert club.now().key == "gold"
    club.proved()


def test_after_downtime_every_term_that_passed_is_its_own_change_in_order(tessera: Tessera) -> None:
    club = open_club(tessera, tier_measure={**YEAR, "downgrade": "one_step"})
    club.buy("1", "2026-03-01", "1000.00")
    club.tick("2031-06-01")
    assert club.history() == [
        ("platinum", "2026-03-01", "2027-12-31", "measure"),
        ("gold", "2027-12-31", "2028-12-31", "measure"),
        ("entry", "2028-12-31", None, "measure"),
    ]
    club.proved()


def test_a_term_ends_at_its_own_moment_whether_or_not_anybody_looks(tessera: Tessera) -> None:
    club = open_club(tessera, tier_measure=YEAR)
    club.buy("1", "2026-03-01")
    club.sleep_until("2028-02-01")
    assert (club.now().key, club.now().keeps_until) == ("entry", None)  # no tick has come by
    club.buy("2", "2028-02-02", "10.00")
    assert club.shop.order("2").target == 100  # it was placed after the term
    assert [change[:2] for change in club.history()] == [("gold", "2026-03-01"), ("entry", "2027-12-31")]
    club.proved()


def test_an_order_that_comes_late_earns_at_the_tier_of_its_own_time(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-10")
    club.sleep_until("2026-03-20")
    club.tell("2", "2026-03-05", "10.00", at="2026-03-20")
    assert club.shop.order("2").target == 100
    club.proved()


def test_grace_holds_a_tier_that_was_not_kept(tessera: Tessera) -> None:
    club = open_club(tessera, tier_measure={**YEAR, "grace_days": 30})
    club.buy("1", "2026-03-01")
    club.tick("2028-01-15")
    assert club.now().key == "gold"
    club.tick("2028-02-15")
    assert club.history()[1:] == [
        ("gold", "2027-12-31", "2028-01-30", "measure"),
        ("entry", "2028-01-30", None, "measure"),
    ]
    club.proved()


def test_a_lower_threshold_keeps_a_tier(tessera: Tessera) -> None:
    ladder = [LADDER[0], {**LADDER[1], "keep": "100"}]
    club = open_club(tessera, tiers=ladder, tier_measure=YEAR)
    club.buy("1", "2026-03-01")
    club.buy("2", "2027-03-01", "100.00")
    club.tick("2028-03-01")
    assert (club.now().key, club.history()[-1]) == ("gold", ("gold", "2027-12-31", "2028-12-31", "measure"))
    club.tick("2029-03-01")
    assert club.now().key == "entry"
    club.proved()


def test_spending_and_adjusting_points_moves_no_tier(tessera: Tessera) -> None:
    club = open_club(tessera, tier_measure={"by": "points"})
    club.buy("1", "2026-03-01", "49.90")
    api = tessera.client()
    headers = {"Authorization": f"Bearer {club.shop.keys.api_key}"}
    path = f"/api/v1/members/{club.ada}/adjustments"
    assert api.post(path, json={"points": 5000, "reason": "sorry"}, headers=headers).status_code == 201
    assert club.now().key == "entry"
    club.buy("2", "2026-03-02", "0.10")
    assert club.now().key == "gold"
    assert api.post(path, json={"points": -5400, "reason": "spent"}, headers=headers).status_code == 201
    assert club.now().key == "gold"
    club.proved()


def test_a_tier_set_by_hand_stays_until_it_is_set_again(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01", "10.00")
    club.by_hand("platinum")
    club.buy("2", "2026-03-02", "600.00")
    assert (club.now().key, club.now().source) == ("platinum", "manual")
    club.by_hand("entry")
    club.buy("3", "2026-03-03")
    assert club.now().key == "entry"
    assert [source for *_, source in club.history()] == ["manual", "manual"]
    club.proved()


def test_after_its_date_a_tier_set_by_hand_gives_way_to_the_measure(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01")
    club.by_hand("platinum", until="2026-06-01")
    club.buy("2", "2026-05-01", "10.00")
    assert club.now().key == "platinum"
    club.tick("2026-06-02")
    assert club.history()[1:] == [
        ("platinum", "2026-03-01", "2026-06-01", "manual"),
        ("gold", "2026-06-01", None, "measure"),
    ]
    club.proved()


def test_a_tier_brings_its_gift_once_when_it_is_entered_from_below(tessera: Tessera) -> None:
    rewards = [{"key": "mug", "kind": "free_product", "product": "p9", "points": 100}]
    gold = {**LADDER[1], "perks": {"entry_points": 100, "entry_reward": "mug"}}
    club = open_club(tessera, tiers=[LADDER[0], gold, LADDER[2]], tier_measure=YEAR, rewards=rewards)
    club.buy("1", "2026-03-01")
    assert club.gifts() == [100]
    assert club.rewards() == ["mug"]
    club.tick("2028-03-01")
    club.buy("2", "2028-03-02")
    assert [tier for tier, *_ in club.history()] == ["gold", "entry", "gold"]
    assert (club.gifts(), club.rewards()) == ([100], ["mug"])
    club.proved()


def test_a_gift_goes_with_the_tier_that_a_refund_takes_back_and_comes_again_with_it(tessera: Tessera) -> None:
    gold = {**LADDER[1], "perks": {"entry_points": 100}}
    club = open_club(tessera, tiers=[LADDER[0], gold])
    club.buy("1", "2026-03-01")
    club.tell("1", "2026-03-01", at="2026-03-02", refunds=[refund()])
    assert (club.now().key, club.gifts()) == ("entry", [100, -100])
    club.buy("2", "2026-03-05")
    assert club.gifts() == [100, -100, 100]
    assert club.shop.balance()["available"] == 5100
    club.proved()


WELCOME = [{**LADDER[0], "perks": {"entry_points": 50}}, LADDER[1]]


def test_the_first_tiers_gift_comes_with_joining_and_once(tessera: Tessera) -> None:
    club = open_club(tessera, tiers=WELCOME)
    club.buy("1", "2026-03-01")
    club.tell("1", "2026-03-01", at="2026-03-02", refunds=[refund()])
    assert club.gifts() == [50]
    club.proved()


def test_a_guest_gets_it_when_they_prove_who_they_are(tessera: Tessera) -> None:
    club = open_club(tessera, tiers=WELCOME)
    club.buy("1", "2026-03-01", customer={"id": None, "email": "eve@example.com"})
    assert club.gifts() == []
    known = {"id": "eve", "updated_at": "2026-03-01T11:00:00Z", "email": "eve@example.com", "email_verified": True}
    club.shop.tell(known, topic="customer")
    assert club.gifts() == [50]
    club.proved()


def test_of_two_gifts_for_one_tier_a_merge_takes_back_the_later(tessera: Tessera) -> None:
    gold = {**LADDER[1], "perks": {"entry_points": 100}}
    club = open_club(tessera, tiers=[LADDER[0], gold])
    club.buy("1", "2026-03-01", customer={"id": "ada"})
    club.buy("2", "2026-03-02", customer={"id": None, "email": "ada@example.com"})
    known = {"id": "ada", "updated_at": "2026-03-02T11:00:00Z", "email": "ada@example.com", "email_verified": True}
    club.shop.tell(known, topic="customer")
    assert sum(club.gifts()) == 100
    assert [sums["available"] for sums in club.shop.balances() if sums] == [10100]
    club.proved()


def test_a_gift_of_points_never_helps_to_the_next_tier(tessera: Tessera) -> None:
    gold = {**LADDER[1], "perks": {"entry_points": 9000}}
    club = open_club(tessera, tiers=[LADDER[0], gold, LADDER[2]], tier_measure={"by": "points"})
    club.buy("1", "2026-03-01", "50.00")
    assert (club.now().key, club.gifts()) == ("gold", [9000])
    club.proved()


def test_an_order_that_changes_hands_takes_its_tier_along(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01")
    ada = club.ada
    club.tell("1", "2026-03-01", at="2026-03-02", customer={"id": "bob"})
    assert club.now(ada).key == "entry"
    assert [change[0] for change in club.history()].count("gold") == 2
    club.proved()


def test_orders_of_one_batch_follow_each_other(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.sleep_until("2026-04-01")
    for number in range(1, 5):
        club.shop.deliver(_order(number))
    club.shop.drain()
    assert [club.shop.order(str(number)).target for number in range(1, 5)] == [3000, 3000, 6000, 6000]
    assert [tier for tier, *_ in club.history()] == ["gold", "platinum"]
    club.proved()


def _order(number: int) -> dict[str, object]:
    from tests.build import order

    placed = f"2026-03-0{number}T10:00:00Z"
    return order(id=str(number), placed_at=placed, updated_at=placed, lines=[line(quantity=1, unit_price="300.00")])


def test_two_ticks_at_once_and_a_third_change_nothing_twice(tessera: Tessera) -> None:
    club = open_club(tessera, tier_measure=YEAR)
    club.buy("1", "2026-03-01")
    club.tick("2028-03-01")
    told = _journal(club)
    club.tick()
    assert _journal(club) == told
    with reading(tessera.engine) as connection:
        mine = standings.c.shop_id == club.shop.id
        assert connection.execute(select(standings.c.review_at).where(mine)).scalars().all() == [None]
    club.proved()


def _journal(club: Club) -> list[str]:
    with reading(club.tessera.engine) as connection:
        return list(connection.execute(select(facts.c.kind).where(facts.c.shop_id == club.shop.id)).scalars())
