"""What an activity earns: the first rule that fits, its conditions, its caps. Pure: the same for award and replay.

An activity is `(member, kind, subject, time, evidence)`. Source: semantics 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from app.rules.document import ActivityCap, ActivityRule
from app.rules.money import exact, text_of
from app.rules.people import MemberFacts, fits
from app.rules.periods import period_name, period_of
from app.rules.usual import caps_of
from app.rules.when import Window

State = Literal["awarded", "review", "refused"]

# Why an activity earns nothing, or not yet. Stable: shops and shoppers' pages rely on the words.
# While a programme does not run, the reason is its phase: paused, winding_down, ended.
NO_PROGRAMME = "no_programme"  # none was in effect at its time
NO_RULE = "no_rule"  # the programme has none for this kind and subject
NOT_TOLD = "not_told"  # we compute this kind ourselves: from orders, or by the clock
NOT_NOW = "not_now"  # there is one, at other times
NOT_ELIGIBLE = "not_eligible"  # the programme is not open to this member
NOT_FOR_MEMBER = "not_for_this_member"  # there is one, for others
NOT_FROM_BROWSER = "not_self_reported"  # there is one, but a shopper's browser may not tell it
TOO_SMALL = "below_min_amount"
TOO_NEW = "account_too_new"
NOT_BOUGHT = "not_a_buyer"
CAP = "cap_reached"
BUDGET = "budget_spent"
NO_RATE = "currency_without_rate"
NOTHING = "nothing_earned"
APPROVAL = "approval"  # waits for the merchant, because the rule says so
REJECTED = "rejected"  # by the merchant
NO_LONGER = "no_longer_due"  # the orders it followed from have come back
MERGED = "merged"  # two members are one, and had it twice
SEEN = "seen_before"  # waits for the merchant: the same text or picture was told before


class Occasion(NamedTuple):
    """What was done, as rules see it."""

    kind: str
    at: datetime
    subject: str | None = None
    amount: Fraction | None = None  # money told in the evidence, or reached by the order
    currency: str | None = None
    self_reported: bool = False  # told by a shopper's browser
    seen_before: bool = False


@dataclass(frozen=True, slots=True)
class Doer:
    """Who did it, as rules see them at that moment."""

    facts: MemberFacts
    segments: Sequence[str] = ()
    market: str | None = None
    bought: bool = True  # asked only where a rule wants a verified buyer


class Taken(NamedTuple):
    """What an earlier activity of the member took of a rule's caps."""

    rule: str | None
    subject: str | None
    at: datetime
    points: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of an activity. Units: points ≥ 0, what it is worth; nothing is posted while it waits."""

    state: State
    reason: str | None = None
    points: int = 0
    told: dict[str, Any] = field(default_factory=dict)  # for the explanation

    @property
    def taken(self) -> int:
        return 0 if self.state == "refused" else self.points


def refuse(reason: str, **told: Any) -> Verdict:
    return Verdict("refused", reason, 0, told)


def rule_for(rules: Iterable[ActivityRule], occasion: Occasion, doer: Doer, zone: ZoneInfo) -> ActivityRule | str:
    """Return the first rule that fits; else why there is none."""
    why = NO_RULE
    for rule in rules:
        if rule.kind == occasion.kind and rule.subject in (None, occasion.subject):
            missing = misfit(rule, occasion, doer, zone)
            if missing is None:
                return rule
            why = missing if why == NO_RULE else why
    return why


def misfit(rule: ActivityRule, occasion: Occasion, doer: Doer, zone: ZoneInfo) -> str | None:
    """Tell why a rule of the right kind and subject does not fit an occasion; None: it fits."""
    if occasion.self_reported and not rule.self_reported:
        return NOT_FROM_BROWSER
    if not fits(rule.who, doer.facts, doer.segments, doer.market):
        return NOT_FOR_MEMBER
    if not Window.of(rule.when).runs_at(occasion.at, zone):
        return NOT_NOW
    if rule.min_amount is not None and (occasion.amount is None or occasion.amount < exact(rule.min_amount)):
        return TOO_SMALL
    return None


def judge(
    rule: ActivityRule,
    occasion: Occasion,
    doer: Doer,
    *,
    taken: Iterable[Taken],
    currency: str,
    zone: ZoneInfo,
    budget_left: int | None = None,
    points: int | None = None,
) -> Verdict:
    """Return what a rule that fits says: conditions, worth, caps, budget, approval, in this order.

    `taken`: what the member's other activities took. `budget_left`: None, without a budget. `points`: instead of
    those of the rule, for prizes.
    """
    if doer.facts.joined_at is not None and not old_enough_account(rule, occasion.at, doer.facts.joined_at):
        return refuse(TOO_NEW, min_account_age_days=rule.min_account_age_days)
    if rule.verified_buyer and not doer.bought:
        return refuse(NOT_BOUGHT)
    worth = _worth(rule, occasion, currency) if points is None else points
    if worth is None:
        return refuse(NO_RATE, currency=occasion.currency)
    if not worth and rule.reward is None and rule.booster is None:
        return refuse(NOTHING)
    return _within(rule, occasion, worth, list(taken), zone, budget_left)


def _within(
    rule: ActivityRule, occasion: Occasion, worth: int, taken: list[Taken], zone: ZoneInfo, budget_left: int | None
) -> Verdict:
    told: dict[str, Any] = {}
    caps = [_cap_left(cap, occasion, rule.key, taken, zone) for cap in caps_of(rule)]
    if caps:
        told["caps"] = {"rule": [left.told for left in caps]}
    if any(left.closed for left in caps):
        return refuse(CAP, **told)
    points = min([worth, *(left.points for left in caps if left.points is not None)])
    if rule.budget is not None and budget_left is not None:
        period = {"period": rule.budget.period, "of": period_name(rule.budget.period, occasion.at, zone)}
        told["budget"] = {**period, "points": rule.budget.points, "left": budget_left}
        if points > budget_left or budget_left <= 0:  # a promised award is never cut short by others
            return refuse(BUDGET, **told)
    if occasion.seen_before:
        return Verdict("review", SEEN, points, told)
    if rule.approval == "review":
        return Verdict("review", APPROVAL, points, told)
    return Verdict("awarded", None, points, told)


def old_enough_account(rule: ActivityRule, at: datetime, joined_at: datetime) -> bool:
    """Tell whether an account is as old as a rule asks."""
    return not rule.min_account_age_days or at - joined_at >= timedelta(days=rule.min_account_age_days)


def _worth(rule: ActivityRule, occasion: Occasion, currency: str) -> int | None:
    """Return points + floor(rate × money); None where the money is in a currency the rate is not for."""
    if rule.rate is None or occasion.amount is None:
        return rule.points
    if occasion.currency is not None and occasion.currency != currency:
        return None
    return rule.points + int(occasion.amount * exact(rule.rate.points) / exact(rule.rate.per))


class _Left(NamedTuple):
    closed: bool
    points: int | None  # None: no cap on points
    told: dict[str, Any]


def _cap_left(cap: ActivityCap, occasion: Occasion, rule: str, taken: list[Taken], zone: ZoneInfo) -> _Left:
    first, end = period_of(cap.period, occasion.at, zone)
    mine = [
        each
        for each in taken
        if each.rule == rule and first <= each.at < end and (not cap.per_subject or each.subject == occasion.subject)
    ]
    told: dict[str, Any] = {"period": cap.period, "of": period_name(cap.period, occasion.at, zone)}
    if cap.per_subject:
        told["per_subject"] = True
    closed, points = False, None
    if cap.times is not None:
        told |= {"times": cap.times, "times_left": max(0, cap.times - len(mine))}
        closed = len(mine) >= cap.times
    if cap.points is not None:
        points = max(0, cap.points - sum(each.points for each in mine))
        told |= {"points": cap.points, "points_left": points}
        closed = closed or points == 0
    return _Left(closed, points, told)


class Room(NamedTuple):
    """What all caps of a rule leave at a moment; None: no limit."""

    times: int | None
    points: int | None


def room_left(rule: ActivityRule, occasion: Occasion, taken: list[Taken], zone: ZoneInfo) -> Room:
    """Return what a member may still have of a rule now, to be shown. Caps for each subject need one to be told."""
    caps = [cap for cap in caps_of(rule) if not cap.per_subject or occasion.subject is not None]
    told = [_cap_left(cap, occasion, rule.key, taken, zone) for cap in caps]
    times = [left.told["times_left"] for left in told if "times_left" in left.told]
    return Room(min(times, default=None), min((left.points for left in told if left.points is not None), default=None))


def earliest_that_counts(rule: ActivityRule, at: datetime, zone: ZoneInfo) -> datetime:
    """Return since when earlier activities may count against the rule's caps at a moment."""
    return min((period_of(cap.period, at, zone)[0] for cap in caps_of(rule)), default=at)


def explained(
    rule: ActivityRule, occasion: Occasion, verdict: Verdict, *, version: int, currency: str, extra: Mapping[str, Any]
) -> dict[str, Any]:
    """Say why, machine-readable: rule, version, worth, caps, budget. Nothing a shopper wrote is in it."""
    told: dict[str, Any] = {"kind": occasion.kind, "rule": rule.key, "version": version}
    if occasion.subject is not None:
        told["subject"] = occasion.subject
    if rule.rate is not None and occasion.amount is not None:
        told["rate"] = {"points": f"{rule.rate.points:f}", "per": f"{rule.rate.per:f}"}
        told |= {"amount": text_of(occasion.amount), "currency": currency}
    if rule.reward is not None:
        told["reward"] = rule.reward
    return told | {"points": verdict.points} | verdict.told | dict(extra)
