"""What the draft would have cost, asked over HTTP: bounded, because an answer may take a second per thousand orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app import programmes
from app.backtest.asking import ask
from app.errors import FieldError, Invalid, NotFound
from app.web.api.fields import Given, Id, Moment, TimeText, Told, Whole
from app.web.api.operations import Answer, Call, operation

MOST_ORDERS = 5_000


class BacktestWish(Given):
    orders_at_most: int = Field(
        1_000, ge=1, le=MOST_ORDERS, description="Members are taken in the order of their random ids until so many."
    )
    from_: Moment | None = Field(None, alias="from", description="Only orders placed from then on count.")
    to: Moment | None = Field(None, description="Only orders placed before count.")


class MoneyTold(Told):
    amount: str
    currency: str


class ProgrammeTried(Told):
    name: str
    currency: str


class SampleTold(Told):
    orders_at_most: Whole
    of: Whole


class OrdersTried(Told):
    replayed: Whole
    earning: Whole
    earning_nothing: dict[str, int] = Field(description="How many, by the reason.")
    without_a_state: Whole


class MembersTried(Told):
    with_orders: Whole
    without: Whole


class SalesTold(Told):
    """Goods kept by shoppers, without tax."""

    orders: Whole
    revenue: MoneyTold
    average_order: MoneyTold | None
    covered_by_costs: str | None = Field(description="The share of the revenue whose costs the catalogue knows.")
    margin: MoneyTold | None = Field(description="Of the covered part; null where no cost is known.")
    orders_in_other_currencies: Whole


class PointsTried(Told):
    issued: Whole
    pending: Whole
    used: Whole
    expired: Whole
    open: Whole
    open_of_other_sources: Whole


class LiabilityTold(Told):
    points: Whole
    least: MoneyTold | None
    average: MoneyTold | None
    greatest: MoneyTold | None


class RewardWorthTold(Told):
    reward: str
    by: str
    face: MoneyTold
    cost: MoneyTold


class RewardsTried(Told):
    cost_so_far: MoneyTold | None
    cost_expected: MoneyTold | None
    cost_if_all_used: MoneyTold | None
    worth_of_100_points: list[RewardWorthTold]
    without_a_worth: list[str]


class SideTold(Told):
    points: PointsTried
    tiers: dict[str, int] = Field(description="Members in each tier at the end.")
    liability: LiabilityTold | None
    rewards: RewardsTried | None
    profit: MoneyTold | None = Field(description="The margin less its share of the rewards; null where unknown.")


class Needs(Told):
    orders: Whole
    members: Whole


class BreakageInputs(Told):
    older_than_days: Whole
    orders: Whole
    members: Whole
    points: Whole
    expired_or_unused: Whole
    needs: Needs


class UsedSoFar(Told):
    points: int
    of: int
    share: str


class BreakageTold(Told):
    share: str | None
    known: bool
    inputs: BreakageInputs
    used_so_far: UsedSoFar


class AffectedTold(Told):
    member_id: Id
    draft: int
    actual: int
    difference: int


class MostAffected(Told):
    gain: list[AffectedTold]
    lose: list[AffectedTold]


class NotSimulated(Told):
    what: str
    why: str
    points: int | None = None


class BacktestTold(Told):
    shop_id: Id
    programme: ProgrammeTried
    from_: TimeText | None = Field(alias="from")
    to: TimeText | None
    as_of: TimeText
    sample: SampleTold | None
    orders: OrdersTried
    members: MembersTried
    sales: SalesTold
    draft: SideTold
    actual: SideTold
    breakage: BreakageTold
    most_affected: MostAffected
    not_simulated: list[NotSimulated]


@operation(
    "POST",
    "/programme/draft/backtest",
    tag="Programme",
    writes=False,
    takes=BacktestWish,
    gives={200: BacktestTold},
    errors=(NotFound,),
)
def backtest_draft(call: Call, given: BacktestWish) -> Answer:
    """Back-test the draft.

    What it would have given for past orders, beside what was really posted. Nothing is written. For all orders of a
    large shop there is `tessera backtest` on the command line.
    """
    _in_order(given.from_, given.to)
    programme = programmes.check(programmes.draft(call.connection, call.shop.id))
    asked: dict[str, Any] = {"start": given.from_, "end": given.to, "at_most": given.orders_at_most}
    return Answer(ask(call.connection, call.shop, programme, call.now, **asked))


def _in_order(start: datetime | None, end: datetime | None) -> None:
    if start is not None and end is not None and start >= end:
        raise Invalid("to is not after from", (FieldError("to", "empty_period", "Write a time after from."),))


_EUR = {"currency": "EUR"}
_NOTHING = {"amount": "0.00", **_EUR}
_SIDE = {
    "points": {"issued": 799, "pending": 0, "used": 0, "expired": 0, "open": 799, "open_of_other_sources": 0},
    "tiers": {"entry": 1},
    "liability": {key: {"amount": "7.99", **_EUR} for key in ("least", "average", "greatest")} | {"points": 799},
    "rewards": {
        "cost_so_far": _NOTHING,
        "cost_expected": None,
        "cost_if_all_used": {"amount": "7.99", **_EUR},
        "worth_of_100_points": [
            {"reward": "five", "by": "amount", "face": {"amount": "1.00", **_EUR}, "cost": {"amount": "1.00", **_EUR}}
        ],
        "without_a_worth": [],
    },
    "profit": None,
}
EXAMPLE: dict[str, Any] = {
    "shop_id": "d48w0q6zk1",
    "programme": {"name": "Club", "currency": "EUR"},
    "from": None,
    "to": None,
    "as_of": "2026-03-02T12:00:00Z",
    "sample": {"orders_at_most": 1000, "of": 1},
    "orders": {"replayed": 1, "earning": 1, "earning_nothing": {}, "without_a_state": 0},
    "members": {"with_orders": 1, "without": 0},
    "sales": {
        "orders": 1,
        "revenue": {"amount": "39.98", **_EUR},
        "average_order": {"amount": "39.98", **_EUR},
        "covered_by_costs": "0.0000",
        "margin": None,
        "orders_in_other_currencies": 0,
    },
    "draft": _SIDE,
    "actual": _SIDE,
    "breakage": {
        "share": None,
        "known": False,
        "inputs": {
            "older_than_days": 365,
            "orders": 0,
            "members": 0,
            "points": 0,
            "expired_or_unused": 0,
            "needs": {"orders": 100, "members": 30},
        },
        "used_so_far": {"points": 0, "of": 399, "share": "0.0000"},
    },
    "most_affected": {
        "gain": [{"member_id": "m_5f3a9c1e7b2d4f608a1c", "draft": 799, "actual": 399, "difference": 400}],
        "lose": [],
    },
    "not_simulated": [{"what": "activity", "why": "points of activities are counted as they were", "points": 0}],
}
