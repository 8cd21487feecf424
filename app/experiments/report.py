"""What each arm of an experiment has come to: visitors counted, orders as they stand now. Read, never kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, and_, func, select

from app import programmes
from app.experiments.trials import Trial, trials
from app.models import exposures, members, orders
from app.rules.experiments import Arm, arms_of
from app.rules.money import decimals_of
from app.shops import Shop

_PIECE = 2_000


@dataclass(slots=True)
class Sum:
    """Of one currency, in its smallest unit: exact, however many orders there are."""

    orders: int = 0
    sum: int = 0
    squares: int = 0

    def add(self, value: int, orders: int) -> None:
        self.orders += orders
        self.sum += value * orders
        self.squares += value * value * orders


@dataclass(slots=True)
class Outcome:
    """What an arm has come to."""

    arm: Arm
    visitors: int = 0
    orders: int = 0
    members_orders: int = 0
    points: int = 0
    sums: dict[str, Sum] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        """Count orders alike in. Who sold nothing, as it stands now, is none; points kept are told all the same."""
        self.points += int(row.points)
        if row.sold is None:
            return
        self.orders += row.alike
        self.members_orders += row.alike if row.claimed else 0
        minor = int(Fraction(row.sold) * 10 ** decimals_of(row.sold_currency))
        self.sums.setdefault(row.sold_currency, Sum()).add(minor, row.alike)


def read(connection: Connection, shop: Shop, now: datetime) -> list[tuple[Trial, list[Outcome]]]:
    """Return every experiment of a shop with its arms, as of now."""
    found = trials(programmes.versions(connection, shop.id))
    return [(trial, _outcomes(connection, shop, trial, now)) for trial in found]


def _outcomes(connection: Connection, shop: Shop, trial: Trial, now: datetime) -> list[Outcome]:
    key = trial.experiment.key
    visitors = _visitors(connection, shop, key, min(now, trial.ends))
    told = {f"{key}:{arm.key}": Outcome(arm, visitors=visitors.get(arm.key, 0)) for arm in arms_of(trial.experiment)}
    when = and_(orders.c.placed_at >= trial.begins, orders.c.placed_at < trial.ends, orders.c.placed_at <= now)
    mine = and_(orders.c.shop_id == shop.id, orders.c.arm.in_(list(told)), when)
    who = and_(members.c.shop_id == orders.c.shop_id, members.c.id == orders.c.member_id)
    alike = (orders.c.arm, orders.c.sold, orders.c.sold_currency, members.c.claimed)
    sums = (func.count().label("alike"), func.sum(orders.c.posted).label("points"))
    statement = select(*alike, *sums).select_from(orders.outerjoin(members, who)).where(mine).group_by(*alike)
    for row in connection.execute(statement.execution_options(yield_per=_PIECE)):
        told[row.arm].add(row)
    return list(told.values())


def _visitors(connection: Connection, shop: Shop, key: str, until: datetime) -> Mapping[str, int]:
    last = until.astimezone(shop.zone).date()
    mine = and_(exposures.c.shop_id == shop.id, exposures.c.experiment == key, exposures.c.day <= last)
    summed = select(exposures.c.arm, func.sum(exposures.c.visitors)).where(mine).group_by(exposures.c.arm)
    return {arm: int(visitors) for arm, visitors in connection.execute(summed)}
