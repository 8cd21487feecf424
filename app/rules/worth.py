"""What a point is worth, by the rewards it can be spent on."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from app.rules.document import Money, Reward
from app.rules.money import ZERO, exact, total
from app.rules.programme import Programme


class RewardWorth(NamedTuple):
    """One reward's worth of one point, in the programme's currency."""

    key: str
    face: Fraction  # what the shopper gets
    cost: Fraction  # what it costs the shop: its `cost` where one is given, else its face value
    by: str  # amount, rate, percent, cost: what the face value was taken from


class PointWorth(NamedTuple):
    """The worth of a point over all rewards that have one."""

    rewards: tuple[RewardWorth, ...]
    unvalued: tuple[str, ...]  # rewards whose worth in money nobody told

    @property
    def least(self) -> Fraction | None:
        return min((each.face for each in self.rewards), default=None)

    @property
    def greatest(self) -> Fraction | None:
        return max((each.face for each in self.rewards), default=None)

    @property
    def average(self) -> Fraction | None:
        return _mean([each.face for each in self.rewards])

    @property
    def cost(self) -> Fraction | None:
        """Return the mean cost of a point to the shop."""
        return _mean([each.cost for each in self.rewards])


def _mean(values: list[Fraction]) -> Fraction | None:
    return total(values) / len(values) if values else None


def worth_of(programme: Programme, average_order: Fraction | None = None) -> PointWorth:
    """Return what a point is worth under a programme.

    `average_order`: what a percentage is taken of. A percentage never counts for more than its maximum.
    """
    found, unvalued = [], []
    for reward in programme.rewards:
        worth = _worth(reward, programme.currency, average_order)
        if worth is not None:
            found.append(worth)
        elif reward.points:
            unvalued.append(reward.key)
    return PointWorth(tuple(found), tuple(unvalued))


def _worth(reward: Reward, currency: str, average_order: Fraction | None) -> RewardWorth | None:
    if reward.kind == "pay_with_points" and reward.rate is not None and reward.rate.points:
        rate = exact(reward.rate.per) / exact(reward.rate.points)
        return RewardWorth(reward.key, rate, rate, "rate")
    if not reward.points:
        return None  # given by rules, not bought with points
    cost = _amount(reward.cost, currency)
    face, by = _face(reward, currency, average_order)
    if face is None:
        face, by = cost, "cost"
    if face is None:
        return None
    return RewardWorth(reward.key, face / reward.points, (face if cost is None else cost) / reward.points, by)


def _face(reward: Reward, currency: str, average_order: Fraction | None) -> tuple[Fraction | None, str]:
    if reward.kind != "percent_off" or reward.percent is None:
        return _amount(reward.amount, currency), "amount"
    most = _amount(reward.max_amount, currency)
    if average_order is None:
        return most, "percent"
    off = max(ZERO, average_order * exact(reward.percent) / 100)
    return (off if most is None else min(off, most)), "percent"


def _amount(money: Money | None, currency: str) -> Fraction | None:
    return exact(money.amount) if money is not None and money.currency == currency else None
