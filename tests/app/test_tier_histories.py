"""Random lives with tiers: whatever the order of arrival, and however often time is looked at, one end state."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select

from app import schedules
from app.audit import audit
from app.db import reading
from app.models import orders, standings, tier_changes
from app.rules.programme import parse_programme
from app.rules.tiers import Event, measured
from tests.app.tiers import document
from tests.build import Shop, Tessera, line, order
from tests.rules.test_tiers import PARIS, oracle

BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
END = datetime(2030, 2, 1, 12, tzinfo=UTC)
LADDER = [
    {"key": "entry", "enter": "0"},
    {"key": "silver", "enter": "100", "keep": "60", "perks": {"entry_points": 7}},
    {"key": "gold", "enter": "250", "perks": {"entry_points": 11}},
]


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def random_rules(dice: random.Random) -> dict[str, Any]:
    window = dice.choice(["calendar_year", "rolling_12_months", "lifetime"])
    measure = {"by": "spend", "window": window}
    if window == "lifetime":
        return document(tier_measure=measure, tiers=[{**tier, "keep": None} for tier in LADDER])
    measure |= {"grace_days": dice.choice([0, 20]), "downgrade": dice.choice(["one_step", "to_measure"])}
    return document(tier_measure=measure, tiers=LADDER)


def random_orders(dice: random.Random) -> list[dict[str, Any]]:
    """Return states of orders over three years: placed and paid, some refunded or cancelled and reopened later."""
    told = []
    for number in range(dice.randint(1, 9)):
        moment = BEGIN + timedelta(hours=dice.randrange(24 * 365 * 3))
        lines = [line(quantity=2, unit_price=dice.choice(["10.00", "25.00", "50.00", "125.00"]))]
        state = order(id=str(number), placed_at=_time(moment), updated_at=_time(moment), lines=lines)
        told.append(state)
        for _ in range(dice.choice([0, 0, 1, 2])):
            moment += timedelta(hours=dice.randint(1, 24 * 200))
            refunds = [{"id": "r", "at": _time(moment), "lines": [{"line_id": "l1", "quantity": 1}]}]
            change = dice.choice([{"refunds": refunds}, {"cancelled_at": _time(moment)}, {"cancelled_at": None}])
            state = {**state, **change, "updated_at": _time(moment)}
            told.append(state)
    return told


def live(tessera: Tessera, shop: Shop, told: list[dict[str, Any]], dice: random.Random) -> None:
    """Deliver in the order given, some in one batch, while time goes on and the tick comes by at times."""
    clock = BEGIN
    for state in told:
        clock = max(clock, min(datetime.fromisoformat(state["updated_at"]), END))
        tessera.set_clock(clock)
        shop.deliver(state)
        if dice.random() < 0.7:
            shop.drain()
        if dice.random() < 0.4:
            schedules.tick(tessera.engine, tessera.services.clock)
    shop.drain()
    tessera.set_clock(END)
    schedules.tick(tessera.engine, tessera.services.clock)


def stands(tessera: Tessera, shop: Shop) -> tuple[str, datetime | None]:
    with reading(tessera.engine) as connection:
        row = connection.execute(select(standings).where(standings.c.shop_id == shop.id)).first()
    return (row.tier, row.keeps_until) if row is not None and row.changes else ("entry", None)


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_arrival_ends_where_the_orders_say(tessera: Tessera, seed: int) -> None:
    dice = random.Random(seed)
    rules, told = random_rules(dice), random_orders(dice)
    last = {state["id"]: state for state in sorted(told, key=lambda state: state["updated_at"])}
    ends = []
    for _ in range(2):
        dice.shuffle(told)
        shop = tessera.shop(rules)
        live(tessera, shop, told, dice)
        ends.append(stands(tessera, shop))
        assert [each.line() for each in audit(tessera.engine, shop.id)] == []
        _history_is_in_order(tessera, shop)
    with reading(tessera.engine) as connection:
        kept = connection.execute(select(orders.c.placed_at, orders.c.spend).where(orders.c.shop_id == shop.id)).all()
    assert len(kept) == len(last)
    events = sorted(Event(row.placed_at, Fraction(row.spend)) for row in kept if Fraction(row.spend))
    ladder = parse_programme(rules).ladder
    expected = measured(ladder, events, END, PARIS)[:2] if ladder.lasting else oracle(ladder, events, END)
    assert set(ends) == {expected}


def _history_is_in_order(tessera: Tessera, shop: Shop) -> None:
    with reading(tessera.engine) as connection:
        mine = select(tier_changes).where(tier_changes.c.shop_id == shop.id).order_by(tier_changes.c.n)
        rows = list(connection.execute(mine))
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert all((a.tier, a.keeps_until) != (b.tier, b.keeps_until) for a, b in itertools.pairwise(rows))
