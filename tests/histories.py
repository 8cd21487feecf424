"""Random lives of orders: what a shop might tell, in whatever order, with repeats and losses."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests import build

PLACED = datetime(2026, 2, 1, 9, tzinfo=UTC)


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def random_programme(dice: random.Random) -> dict[str, Any]:
    document = build.programme(
        rate={"points": dice.choice(["10", "0.5", "1"]), "per": dice.choice(["1", "3", "10"])},
        rounding=dice.choice(["floor", "half_up", "ceil"]),
        stacking=dice.choice(["add", "multiply", "best"]),
        earn_on=dice.choice(["paid", "paid", "fulfilled", "delivered"]),
        pending_days=dice.choice([0, 0, 10, 60]),
        deficit=dice.choice(["carry", "clamp", "pending_only"]),
        products=[{"key": "new", "match": {"tag": "new"}, "multiplier": "1.5", "bonus": dice.choice([0, 25])}],
        caps={"order": dice.choice([None, None, 300])},
        markets=[{"key": "east", "countries": ["RO", "FI"], "rate": {"points": "12", "per": "1"}}],
        margins=[{"key": "low", "to": "0.3", "multiplier": "0.5"}, {"key": "high", "from": "0.6", "multiplier": "1.2"}],
        campaigns=[
            {"key": "big", "multiplier": "2", "min_basis": "50.00"},
            {"key": "code", "bonus": 30, "coupon": "Spring", "priority": dice.choice([0, 1]), "who": _who(dice)},
            {
                "key": "alone",
                "multiplier": "1.1",
                "stackable": dice.choice([True, False]),
                "who": {"markets": ["east"]},
            },
        ],
        tiers=[{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "500", "multiplier": "2"}],
    )
    document["segments"] = [{"key": "vip", "any_tag": ["vip"], "multiplier": "1.25"}]
    document["eligibility"] = {"exclude_countries": dice.choice([[], ["NZ"]])}
    return document


def _who(dice: random.Random) -> dict[str, Any]:
    return dice.choice([{}, {"segments": ["vip"]}, {"any_tag": ["vip", "staff"]}, {"tiers": ["entry"]}])


def known_before() -> list[tuple[str, dict[str, Any]]]:
    """What a shop tells before its first order: who is a regular, and what its products cost. (topic, document)"""
    begin = _time(PLACED - timedelta(days=1))
    costs = ["8.00", "5.00", "2.00", None]
    products = [
        {"id": f"p{number}", "updated_at": begin, "variants": [{"id": "v", "price": "10.00", "cost": cost}]}
        for number, cost in enumerate(costs)
    ]
    vip = {"id": "ada", "updated_at": begin, "tags": ["vip", "early"]}
    return [("customer", vip), *(("product", product) for product in products)]


@dataclass
class Life:
    """One order: the states it goes through, oldest first; each is its full state."""

    states: list[dict[str, Any]] = field(default_factory=list)

    @property
    def last(self) -> dict[str, Any]:
        return self.states[-1]


def random_life(dice: random.Random, order_id: str) -> Life:
    """Let an order be placed, paid, edited, refunded, cancelled and reopened as chance will have it."""
    moment = PLACED + timedelta(minutes=dice.randrange(10_000))
    customer = dice.choice([{"id": "ada"}, {"id": "bob"}, {"id": None, "email": "guest@example.com"}])
    state = build.order(
        id=order_id,
        placed_at=_time(moment),
        customer=customer,
        financial_status="pending",
        lines=[_line(dice, number) for number in range(dice.randint(1, 3))],
        shipping=dice.choice(["0", "4.90"]),
        country=dice.choice([None, "FR", "RO", "NZ"]),
        discount_codes=[{"code": code} for code in dice.choice([[], ["SPRING"], ["other"]])],
    )
    life = Life()
    for step in ("place", "pay", *dice.choices(("edit", "refund", "money", "cancel", "reopen", "hand_over"), k=4)):
        moment += timedelta(hours=dice.randint(1, 90))
        state = {**state, **_step(dice, step, state, moment), "updated_at": _time(moment)}
        life.states.append(state)
    return life


def _line(dice: random.Random, number: int) -> dict[str, Any]:
    quantity = dice.randint(1, 4)
    cents = dice.randint(1, 6000)
    return {
        "id": f"l{number}",
        "product_id": f"p{number}",
        "quantity": quantity,
        "unit_price": f"{cents / 100:.2f}",
        "discount": f"{dice.choice([0, 0, cents * quantity // 10]) / 100:.2f}",
        "tags": dice.choice([[], ["new"]]),
        "gift_card": dice.random() < 0.1,
    }


def _step(dice: random.Random, step: str, state: dict[str, Any], moment: datetime) -> dict[str, Any]:
    refunds = state.get("refunds", [])
    if step == "pay":
        return {"financial_status": "paid", "paid_at": _time(moment)}
    if step == "edit":
        return {"lines": [*state["lines"], _line(dice, len(state["lines"]))]}
    if step == "refund":
        return {"refunds": refunds + _refund_a_unit(dice, state, moment)}
    if step == "money":
        told = {"id": f"m{len(refunds)}", "at": _time(moment), "lines": [], "amount": f"{dice.randint(1, 900) / 100}"}
        return {"refunds": [*refunds, told]}
    if step == "hand_over":
        return {"fulfilled_at": _time(moment), "delivered_at": _time(moment)}
    return {"cancelled_at": _time(moment) if step == "cancel" else None}


def _refund_a_unit(dice: random.Random, state: dict[str, Any], moment: datetime) -> list[dict[str, Any]]:
    refunds = state.get("refunds", [])
    gone: dict[str, int] = {}
    for told in refunds:
        for part in told["lines"]:
            gone[part["line_id"]] = gone.get(part["line_id"], 0) + part["quantity"]
    kept = [line for line in state["lines"] if line["quantity"] > gone.get(line["id"], 0)]
    if not kept:
        return []
    part: dict[str, Any] = {"line_id": dice.choice(kept)["id"], "quantity": 1}
    return [{"id": f"r{len(refunds)}", "at": _time(moment), "lines": [part]}]


def deliveries(dice: random.Random, lives: list[Life]) -> list[dict[str, Any]]:
    """Lose some states, repeat some, shuffle all; the last of each life arrives at least once."""
    told = [state for life in lives for state in life.states if dice.random() < 0.8]
    told += [life.last for life in lives]
    told += dice.choices(told, k=len(told) // 3)
    dice.shuffle(told)
    return told
