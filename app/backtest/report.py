"""A back-test's answer as JSON: every number with what it was made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.backtest import Question
from app.backtest.estimates import LEAST_MEMBERS, LEAST_ORDERS, Breakage, Costs, Standing, costs_of, standing_of
from app.backtest.others import Others
from app.backtest.tally import Affected, Sales, Tally
from app.members.views import time_text
from app.rules.money import decimals_of
from app.rules.programme import Programme
from app.rules.worth import PointWorth, worth_of


@dataclass(frozen=True, slots=True)
class Side:
    """One programme's outcome: the draft's, or what really happened."""

    programme: Programme | None
    standing: Standing
    tiers: Mapping[str, int]


def report(question: Question, tally: Tally, others: Others) -> dict[str, Any]:
    """Return the whole answer."""
    breakage = Breakage(tally.used, question.old_after.days)
    draft = Side(question.programme, standing_of(tally.draft, breakage), _all_tiers(question, tally, others))
    actual = Side(others.current, _really(tally), others.tiers)
    currency = question.programme.currency
    return {
        "shop_id": question.shop.id,
        "programme": {"name": question.programme.name, "currency": currency},
        "from": time_text(question.start),
        "to": time_text(question.end),
        "as_of": time_text(question.now),
        "sample": None if question.at_most is None else {"orders_at_most": question.at_most, "of": others.orders},
        "orders": _orders(tally, others),
        "members": {"with_orders": tally.members, "without": others.members - tally.members},
        "sales": _sales(tally.sales, currency),
        "draft": _side(draft, breakage, tally.sales, others),
        "actual": _side(actual, breakage, tally.sales, others),
        "breakage": _breakage(breakage),
        "most_affected": {
            "gain": [_affected(one) for one in tally.gain.listed()],
            "lose": [_affected(one) for one in tally.lose.listed()],
        },
        "not_simulated": [*others.not_simulated(), *_waiting(question.programme)],
    }


def _waiting(programme: Programme) -> list[dict[str, Any]]:
    scarce = [each.key for each in programme.campaigns if each.max_orders is not None]
    places = "a campaign the draft changes has a place for everyone: orders go by member by member"
    return [{"what": f"campaigns.{key}.max_orders", "why": places} for key in scarce]


def _really(tally: Tally) -> Standing:
    """Return where the points of the same orders do stand: what left their lots was used, or is on hold."""
    used = max(0, tally.issued - tally.open - tally.expired)
    return Standing(tally.issued, tally.pending, used, tally.expired, tally.open)


def _all_tiers(question: Question, tally: Tally, others: Others) -> Mapping[str, int]:
    """Count members without an order in, who are in the entry tier, unless only some orders were read."""
    keys = [tier.key for tier in question.programme.tiers]
    found = Counter(tally.draft_tiers)
    if keys and question.at_most is None:
        found[keys[0]] += others.members - tally.seen
    return {key: found[key] for key in keys}


def _orders(tally: Tally, others: Others) -> dict[str, Any]:
    nothing = dict(sorted(tally.nothing_because.items()))
    if others.of_nobody:
        nothing["nobody"] = others.of_nobody
    return {
        "replayed": tally.orders,
        "earning": tally.earning,
        "earning_nothing": nothing,
        "without_a_state": others.waiting,
    }


def _sales(sales: Sales, currency: str) -> dict[str, Any]:
    return {
        "orders": sales.orders,
        "revenue": money(sales.revenue.amount, currency),
        "average_order": money(sales.average, currency),
        "covered_by_costs": _share(sales.covered_share) if sales.orders else None,
        "margin": money(sales.margin.amount, currency) if sales.covered.micros else None,
        "orders_in_other_currencies": sales.not_told,
    }


def _side(side: Side, breakage: Breakage, sales: Sales, others: Others) -> dict[str, Any]:
    points = side.standing._asdict() | {"open_of_other_sources": others.open}
    if side.programme is None:
        return {"points": points, "tiers": dict(side.tiers), "liability": None, "rewards": None, "profit": None}
    currency = side.programme.currency
    worth = worth_of(side.programme, sales.average)
    costs = costs_of(side.standing, worth, breakage, sales)
    return {
        "points": points,
        "tiers": dict(side.tiers),
        "liability": _liability(side.standing.open + others.open, worth, currency),
        "rewards": _rewards(worth, costs, currency),
        "profit": money(costs.profit, currency),
    }


def _liability(points: int, worth: PointWorth, currency: str) -> dict[str, Any]:
    values = {"least": worth.least, "average": worth.average, "greatest": worth.greatest}
    told = {name: money(None if each is None else points * each, currency) for name, each in values.items()}
    return {"points": points, **told}


def _rewards(worth: PointWorth, costs: Costs, currency: str) -> dict[str, Any]:
    return {
        "cost_so_far": money(costs.so_far, currency),
        "cost_expected": money(costs.expected, currency),
        "cost_if_all_used": money(costs.if_all_used, currency),
        "worth_of_100_points": [
            {
                "reward": each.key,
                "by": each.by,
                "face": money(each.face * 100, currency),
                "cost": money(each.cost * 100, currency),
            }
            for each in worth.rewards
        ],
        "without_a_worth": list(worth.unvalued),
    }


def _breakage(breakage: Breakage) -> dict[str, Any]:
    used, share = breakage.used, breakage.share
    return {
        "share": None if share is None else _share(share),
        "known": share is not None,
        "inputs": {
            "older_than_days": breakage.days,
            "orders": used.old_orders,
            "members": used.old_members,
            "points": used.old_posted,
            "expired_or_unused": used.old_unused,
            "needs": {"orders": LEAST_ORDERS, "members": LEAST_MEMBERS},
        },
        "used_so_far": {"points": used.used, "of": used.posted, "share": _share(breakage.used_share)},
    }


def _affected(one: Affected) -> dict[str, Any]:
    return {"member_id": one.member_id, "draft": one.draft, "actual": one.actual, "difference": one.difference}


def money(amount: Fraction | None, currency: str) -> dict[str, str] | None:
    """Write an amount with its currency's decimals, rounded half to even; None stays unknown."""
    if amount is None:
        return None
    decimals = decimals_of(currency)
    whole = round(amount * 10**decimals)
    digits = str(abs(whole)).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return {"amount": f"-{text}" if whole < 0 else text, "currency": currency}


def _share(share: Fraction) -> str:
    return f"{float(share):.4f}"
