"""Contests: prizes for the places of a period that has ended; surprises: members drawn by a seed."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Any

import pytest

from app.activities.mechanism import Grant
from app.scheduled.standings import Standing, best
from tests.build import Tessera, line, refund
from tests.scheduled.play import Play, moment, play, rule


def contest(by: str, prizes: list[int], period: str = "month", **changes: Any) -> dict[str, Any]:
    return rule("leaderboard_prize", 0, contest={"by": by, "period": period, "prizes": prizes}, **changes)


def surprise(members: int, period: str = "month", **changes: Any) -> dict[str, Any]:
    drawn = {"period": period, "members": members, "seed": "spring", "active_within_days": 30}
    return rule("surprise", 40, surprise=drawn, **changes)


def spend(shop: Play, name: str, day: str, price: str) -> str:
    return shop.buy(name, day, lines=[line(quantity=1, unit_price=price)])


def prizes(shop: Play) -> dict[str, tuple[int, int]]:
    """Return place and prize by the customer's name."""
    names = {shop.enrol(name): name for name in ("ada", "bob", "charlie", "dora")}
    rows = shop.awards("leaderboard_prize")
    return {names[row.member_id]: (row.explanation["place"], row.posted) for row in rows}


def test_the_months_best_buyers_win_when_it_is_over(tessera: Tessera) -> None:
    shop = play(tessera, contest("spend", [500, 200]))
    spend(shop, "ada", "2026-03-02", "30.00")
    spend(shop, "ada", "2026-03-09", "30.00")
    spend(shop, "bob", "2026-03-03", "50.00")
    spend(shop, "charlie", "2026-03-04", "10.00")
    spend(shop, "dora", "2026-04-01T12:00", "99.00")  # the month after
    assert shop.tick("2026-03-31T21:59").scheduled == 0
    assert shop.tick("2026-03-31T22:00").scheduled == 2
    assert prizes(shop) == {"ada": (1, 500), "bob": (2, 200)}
    (award, _) = sorted(shop.awards("leaderboard_prize"), key=lambda row: -row.posted)
    assert award.id == f"contest:leaderboard_prize:2026-03:{award.member_id}"
    told = {name: award.explanation[name] for name in ("by", "period", "value", "among")}
    assert told == {"by": "spend", "period": "2026-03", "value": "60", "among": 3}
    shop.agrees()


def test_who_ties_shares_the_better_place_and_those_after_are_skipped(tessera: Tessera) -> None:
    shop = play(tessera, contest("orders", [500, 200, 100]))
    for name, count in (("ada", 2), ("bob", 2), ("charlie", 1), ("dora", 1)):
        for day in range(count):
            spend(shop, name, f"2026-03-0{2 + day}", "10.00")
    shop.tick("2026-05-02")
    assert prizes(shop) == {"ada": (1, 500), "bob": (1, 500), "charlie": (3, 100), "dora": (3, 100)}
    shop.agrees()


def test_prizes_go_only_to_whom_the_rule_is_for(tessera: Tessera) -> None:
    tiers = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "1000000"}]
    shop = play(tessera, contest("spend", [500], who={"tiers": ["gold"]}), tiers=tiers)
    shop.into_tier("charlie", "gold")
    for name, price in (("ada", "90.00"), ("bob", "80.00"), ("charlie", "10.00")):
        spend(shop, name, "2026-03-05", price)
    shop.tick("2026-04-02")
    assert prizes(shop) == {"charlie": (1, 500)}
    shop.agrees()


def test_the_higher_tier_wins_and_within_one_the_greater_spend(tessera: Tessera) -> None:
    tiers = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "1000000"}]
    shop = play(tessera, contest("tier", [300, 200, 100]), tiers=tiers)
    shop.into_tier("charlie", "gold")
    for name, price in (("ada", "90.00"), ("bob", "80.00"), ("charlie", "10.00")):
        spend(shop, name, "2026-03-05", price)
    shop.tick("2026-04-02")
    assert prizes(shop) == {"charlie": (1, 300), "ada": (2, 200), "bob": (3, 100)}
    shop.agrees()


def test_points_count_those_of_orders_and_of_activities(tessera: Tessera) -> None:
    shop = play(tessera, contest("points", [100]), rule("survey", 700))
    spend(shop, "ada", "2026-03-02", "50.00")  # 500 points
    shop.buy("bob", "2026-03-02", lines=[line(quantity=1, unit_price="10.00")])
    shop.grant("bob", Grant(id="s1", kind="survey", at=shop.now(), points=700, explanation={}))
    shop.tick("2026-04-02")
    assert {name: place for name, (place, _) in prizes(shop).items()} == {"bob": 1}


def test_the_most_referrals_win(tessera: Tessera) -> None:
    shop = play(tessera, contest("referrals", [100], period="quarter"))
    for number, name in enumerate(("ada", "bob", "bob")):
        shop.grant(name, Grant(id=f"r{number}", kind="referral", at=shop.now(), points=0, explanation={}))
    shop.tick("2026-04-02")
    (award,) = shop.awards("leaderboard_prize")
    assert (award.member_id, award.explanation["period"]) == (shop.enrol("bob"), "2026-Q1")


def test_a_refund_afterwards_changes_no_prize(tessera: Tessera) -> None:
    shop = play(tessera, contest("spend", [500]))
    won = spend(shop, "ada", "2026-03-02", "30.00")
    spend(shop, "bob", "2026-03-02", "20.00")
    shop.tick("2026-04-02")
    gone = {"updated_at": "2026-04-03T00:00:00Z", "refunds": [refund()], "lines": [line(quantity=1)]}
    shop.buy("ada", "2026-03-02", order_id=won, **gone)
    shop.tick("2026-04-05")
    assert prizes(shop) == {"ada": (1, 500)}
    shop.agrees()


def test_months_missed_are_decided_one_after_the_other(tessera: Tessera) -> None:
    shop = play(tessera, contest("spend", [500]))
    spend(shop, "ada", "2026-03-02", "30.00")
    spend(shop, "bob", "2026-04-02", "20.00")
    spend(shop, "ada", "2026-05-02", "20.00")
    shop.tick("2026-06-15")
    awards = [(row.explanation["period"], row.member_id) for row in shop.awards("leaderboard_prize")]
    assert awards == [("2026-03", shop.enrol("ada")), ("2026-04", shop.enrol("bob")), ("2026-05", shop.enrol("ada"))]
    shop.agrees()


def test_a_period_that_ends_with_its_version_is_still_decided(tessera: Tessera) -> None:
    shop = play(tessera, contest("spend", [500]))
    spend(shop, "ada", "2026-03-02", "30.00")
    shop.tessera.set_clock(moment("2026-03-31T22:00"))  # midnight in Paris
    shop.publish()
    shop.tick("2026-05-02")
    assert prizes(shop) == {"ada": (1, 500)}
    shop.agrees()


# --- surprises --------------------------------------------------------------------------------------------------------


def test_a_surprise_draws_active_members_as_anybody_can_draw_again(tessera: Tessera) -> None:
    shop = play(tessera, surprise(2), since=moment("2026-03-01"))
    names = [f"c{number}" for number in range(6)]
    for name in names:
        shop.buy(name, "2026-03-10")
    shop.buy("away", "2026-01-20")  # no order within 30 days of the draw
    shop.enrol("newcomer")
    assert shop.tick("2026-04-02").scheduled == 2
    drawn = sorted(names, key=lambda name: hashlib.sha256(f"spring:2026-03:{shop.enrol(name)}".encode()).hexdigest())
    awards = shop.awards("surprise")
    assert {row.member_id for row in awards} == {shop.enrol(name) for name in drawn[:2]}
    told = {name: awards[0].explanation[name] for name in ("seed", "period", "among")}
    assert told == {"seed": "spring", "period": "2026-03", "among": 6}
    assert awards[0].id == f"surprise:surprise:2026-03:{awards[0].member_id}"
    assert shop.tick("2026-04-30").scheduled == 0
    shop.agrees()


@pytest.mark.parametrize(("budget", "given"), [(100, 2), (80, 2), (79, 1)])
def test_a_surprise_ends_with_its_budget(tessera: Tessera, budget: int, given: int) -> None:
    shop = play(tessera, surprise(5, budget={"points": budget, "period": "month"}))
    for number in range(4):
        shop.buy(f"c{number}", "2026-03-10")
    assert shop.tick("2026-04-02").scheduled == given
    shop.agrees()


def test_a_surprise_draws_among_those_it_is_for(tessera: Tessera) -> None:
    tiers = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "1000000"}]
    shop = play(tessera, surprise(5, who={"tiers": ["gold"]}), tiers=tiers)
    for name in ("ada", "bob"):
        shop.buy(name, "2026-03-10")
    shop.into_tier("bob", "gold")
    shop.tick("2026-04-02")
    (award,) = shop.awards("surprise")
    assert (award.member_id, award.explanation["among"]) == (shop.enrol("bob"), 1)
    shop.agrees()


def test_where_everybody_ties_nobody_is_sorted_again_for_each() -> None:
    class Counted(Fraction):
        asked = 0

        def __neg__(self) -> Fraction:
            Counted.asked += 1
            return super().__neg__()

    same = [Standing((Counted(1),), f"m_{number:04}") for number in range(4_000)]
    assert best(same, 3) == (same, 4_000)
    assert best(same, 3, ties=False) == (same[:3], 4_000)
    assert Counted.asked < 20 * 4_000
