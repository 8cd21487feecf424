"""Why a reward cannot be had, and what came back of an order that used one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.rules.document import Reward
from app.rules.rewards import DEAD, Taken, all_back, why_not, why_not_now
from tests.rules.builders import after, back, line, order, refund

PARIS = ZoneInfo("Europe/Paris")


def reward(**changes: Any) -> Reward:
    return Reward.model_validate({"key": "r", "kind": "donation", "points": 50} | changes)


def codes(told: Reward, points: int = 50, eligible: bool = True, **taken: int | None) -> list[str]:
    return [reason.code for reason in why_not(told, points, Taken(**taken), eligible=eligible)]


@pytest.mark.parametrize(
    ("changes", "taken", "reasons"),
    [
        ({}, {"stock": 9, "budget": 9, "by_member": 9}, []),
        ({"points": 0}, {}, ["given_only"]),
        ({"points": 0, "kind": "pay_with_points"}, {}, []),
        ({"stock": 2}, {"stock": 1}, []),
        ({"stock": 2}, {"stock": 2}, ["out_of_stock"]),
        ({"stock": 0}, {}, ["out_of_stock"]),
        ({}, {"vouchers_left": 1}, []),
        ({}, {"vouchers_left": 0}, ["out_of_stock"]),
        ({"stock": 2}, {"vouchers_left": 0}, ["out_of_stock"]),
        ({"per_member": 2}, {"by_member": 1}, []),
        ({"per_member": 2}, {"by_member": 2}, ["limit_reached"]),
        ({"budget": {"points": 100}}, {"budget": 50}, []),
        ({"budget": {"points": 100}}, {"budget": 51}, ["budget_spent"]),
        ({"budget": {"points": 50}}, {}, []),
        ({"budget": {"points": 49}, "per_member": 1}, {"by_member": 1}, ["limit_reached", "budget_spent"]),
    ],
    ids=str,
)
def test_every_limit_that_is_reached_is_named(changes, taken, reasons):
    assert codes(reward(**changes), **taken) == reasons
    assert codes(reward(**changes), eligible=False, **taken) == ["not_eligible", *reasons]


def test_a_budget_counts_the_points_it_would_cost():
    pay = reward(kind="pay_with_points", points=0, budget={"points": 100})
    assert codes(pay, 100) == []
    assert codes(pay, 101) == ["budget_spent"]


def test_nothing_is_taken_until_told():
    assert Taken() == Taken(stock=0, budget=0, by_member=0, vouchers_left=None)
    assert codes(reward(stock=1, per_member=1, budget={"points": 50})) == []


@pytest.mark.parametrize(
    ("when", "spending", "reasons"),
    [
        ({}, True, []),
        ({}, False, ["programme_closed"]),
        ({"weekdays": ["mon"]}, True, []),  # already Monday in Paris
        ({"weekdays": ["sun"]}, True, ["not_now"]),
        ({"hours": ["00:00", "01:00"]}, True, []),
        ({"hours": ["01:00", "24:00"]}, True, ["not_now"]),
        ({"from": "2026-03-01T23:30:00Z"}, True, []),
        ({"from": "2026-03-01T23:30:01Z"}, True, ["not_now"]),
        ({"to": "2026-03-01T23:30:00Z"}, False, ["programme_closed", "not_now"]),
    ],
    ids=str,
)
def test_a_reward_has_its_time(when, spending, reasons):
    now = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # a Sunday
    assert [reason.code for reason in why_not_now(reward(when=when), now, PARIS, spending=spending)] == reasons


# ---- what came back --------------------------------------------------------------------------------------------------

BOUGHT = order(line("10.00", 2, id="a"), line("10.00", 1, id="b"))


@pytest.mark.parametrize(
    ("state", "everything"),
    [
        (BOUGHT, False),
        *((order(status=status), True) for status in sorted(DEAD | {"refunded"})),
        (order(status="pending"), False),
        (order(all_refunded=True), True),
        (after(BOUGHT, refund(back(2, line_id="a"))), False),
        (after(BOUGHT, refund(back(2, line_id="a")), refund(back(1, line_id="b"))), True),
        (after(BOUGHT, refund(back(1, line_id="a"), back(1, line_id="a"), back(5, line_id="b"))), True),
        (after(BOUGHT, refund(back(1, line_id="a"), back(1, line_id="b"))), False),
        (after(BOUGHT, refund(back(1, line_id="gone"))), False),
        (order(line("10.00", 0, id="a")), True),
        (order(line("10.00", 2, removed=2)), True),
        (after(order(line("10.00", 2, removed=1)), refund(back(1))), True),
        (order(line("10.00", 2, removed=1)), False),
    ],
)
def test_everything_came_back_when_no_unit_is_kept(state, everything):
    assert all_back(state) is everything


def test_an_order_without_lines_has_given_nothing_back():
    assert all_back(replace(order(), lines=())) is False
