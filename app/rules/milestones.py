"""What a member's purchases so far have earned beside their own points: a pure function of those purchases.

Kinds: order_count_milestone, spend_milestone, product_set, min_spend. Source: semantics 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from app.rules.document import ActivityRule
from app.rules.money import ZERO, exact, text_of

MOST = 1_000  # of one rule for one member


class Buy(NamedTuple):
    """One counted purchase. Buys come in the order (placed_at, order id)."""

    order_id: str
    at: datetime
    spend: Fraction | None  # kept basis in the programme's currency; None: not known there
    products: frozenset[str] = frozenset()


class Due(NamedTuple):
    """Something a purchase has brought about: the Nth order, a sum reached, a set complete, a large order."""

    subject: str  # the number, the sum, or the order
    buy: Buy
    of_order: bool = False  # one for each order, not one for the member


def dues_of(rule: ActivityRule, buys: Sequence[Buy]) -> list[Due]:
    """Return what one rule's condition was fulfilled by, in time order; who and when are not asked here."""
    found: dict[str, Due] = {}  # a sum may be reached as `at` and as one of `every`
    for due in _DUES[rule.kind](rule, buys):
        found.setdefault(due.subject, due)
        if len(found) == MOST:
            break
    return list(found.values())


def _counts(rule: ActivityRule, buys: Sequence[Buy]) -> Iterator[Due]:
    milestone = rule.milestone
    if milestone is None:
        return
    at = None if milestone.at is None else exact(milestone.at)
    every = None if milestone.every is None else exact(milestone.every)
    for number, buy in enumerate(buys, 1):
        if number == at or (every is not None and number % every == 0):
            yield Due(str(number), buy)


def _sums(rule: ActivityRule, buys: Sequence[Buy]) -> Iterator[Due]:
    before = ZERO
    for buy in buys:
        after = before + (buy.spend or ZERO)
        yield from (Due(text_of(reached), buy) for reached in _reached(rule, before, after))
        before = after


def _reached(rule: ActivityRule, before: Fraction, after: Fraction) -> Iterator[Fraction]:
    """Yield the sums that a purchase has brought within reach."""
    milestone = rule.milestone
    if milestone is not None and milestone.at is not None and before < (at := exact(milestone.at)) <= after:
        yield at
    if milestone is not None and milestone.every is not None:
        every = exact(milestone.every)
        yield from (every * times for times in range(before // every + 1, after // every + 1))


def _sets(rule: ActivityRule, buys: Sequence[Buy]) -> Iterator[Due]:
    wanted = rule.product_set
    if wanted is None:
        return
    of_set = frozenset(wanted.products)
    needed = len(of_set) if wanted.at_least is None else wanted.at_least
    have: frozenset[str] = frozenset()
    for buy in buys:
        found = buy.products & of_set
        if wanted.in_one_order:
            if len(found) >= needed:
                yield Due(buy.order_id, buy, of_order=True)
            continue
        have |= found
        if len(have) >= needed:
            yield Due("set", buy)
            return


def _large(rule: ActivityRule, buys: Sequence[Buy]) -> Iterator[Due]:
    for buy in buys:
        if buy.spend is not None and buy.spend >= (ZERO if rule.min_amount is None else exact(rule.min_amount)):
            yield Due(buy.order_id, buy, of_order=True)


_DUES = {
    "order_count_milestone": _counts,
    "spend_milestone": _sums,
    "product_set": _sets,
    "min_spend": _large,
}
