"""What the arms of experiments have come to."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from pydantic import BaseModel, Field

from app.experiments import report
from app.experiments.report import Outcome, Sum
from app.experiments.trials import FOREVER, Trial
from app.members.views import time_text
from app.rules.money import decimals_of, fixed
from app.web.api.fields import ExactText, TimeText, Told, Whole
from app.web.api.operations import Answer, Call, operation


class ArmRevenue(Told):
    """Of orders in one currency; what a verdict needs beside the visitors."""

    currency: str
    amount: ExactText = Field(description="Sum of the orders' values.")
    sum_of_squares: ExactText = Field(description="Sum of the squares of the orders' values.")
    orders: Whole


class ExperimentArm(Told):
    key: Literal["points", "none", "holdout"]
    share: ExactText = Field(description="Of all visitors, as published; what was counted should be near it.")
    visitors: Whole = Field(description="Browsers, each counted once; seconds old.")
    orders: Whole = Field(description="Placed while it ran, and something of them is paid and kept as they stand now.")
    members_orders: Whole = Field(description="Of these, orders of claimed members.")
    points: Whole = Field(description="What the ledger gave for orders of this arm and has not taken back.")
    revenue: list[ArmRevenue] = Field(
        description="Of goods without tax, less what was given back; in the shop's currency where it is told."
    )


class ExperimentTold(Told):
    key: str
    kind: Literal["points_display"]
    state: Literal["planned", "running", "ended"]
    from_: TimeText = Field(alias="from", description="Since when it was in effect.")
    to: TimeText | None = Field(description="Its end, or when a version without it took effect; null: none is set.")
    arms: list[ExperimentArm]


class Experiments(Told):
    data: list[ExperimentTold]


@operation("GET", "/reports/experiments", tag="Reports", gives={200: Experiments})
def report_experiments(call: Call, _: None) -> Answer:
    """Read the experiments.

    Every one that was ever published, the latest to begin first, arm by arm.
    """
    found = report.read(call.connection, call.shop, call.now)
    return Answer({"data": [{**_trial(call, trial), "arms": list(map(_arm, arms))} for trial, arms in found]})


def _trial(call: Call, trial: Trial) -> dict[str, Any]:
    return {
        "key": trial.experiment.key,
        "kind": trial.experiment.kind,
        "state": trial.state(call.now),
        "from": time_text(trial.begins),
        "to": None if trial.ends == FOREVER else time_text(trial.ends),
    }


def _arm(outcome: Outcome) -> dict[str, Any]:
    return {
        "key": outcome.arm.key,
        "share": f"{outcome.arm.share:f}",
        "visitors": outcome.visitors,
        "orders": outcome.orders,
        "members_orders": outcome.members_orders,
        "points": outcome.points,
        "revenue": [_revenue(currency, summed) for currency, summed in sorted(outcome.sums.items())],
    }


def _revenue(currency: str, summed: Sum) -> dict[str, Any]:
    decimals = decimals_of(currency)
    return {
        "currency": currency,
        "amount": fixed(Fraction(summed.sum, 10**decimals), decimals),
        "sum_of_squares": fixed(Fraction(summed.squares, 100**decimals), 2 * decimals),
        "orders": summed.orders,
    }


def _example(key: str, visitors: int, orders: int, amount: str, squares: str) -> dict[str, Any]:
    money = {"currency": "EUR", "amount": amount, "sum_of_squares": squares, "orders": orders}
    counts = {"visitors": visitors, "orders": orders, "members_orders": orders // 2, "points": orders * 399}
    return {"key": key, "share": "0.1" if key == "holdout" else "0.45", **counts, "revenue": [money]}


EXAMPLES: dict[type[BaseModel], Any] = {
    Experiments: {
        "data": [
            {
                "key": "spring-display",
                "kind": "points_display",
                "state": "running",
                "from": "2026-03-01T00:00:00Z",
                "to": None,
                "arms": [
                    _example("points", 4_512, 141, "6345.18", "312044.9120"),
                    _example("none", 4_489, 128, "5734.40", "281310.0038"),
                    _example("holdout", 1_003, 27, "1188.00", "57024.7500"),
                ],
            }
        ]
    }
}
