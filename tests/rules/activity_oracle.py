"""A second opinion on activities: docs/activities.md, "What a rule asks, in this order", from the raw document.

Slow and plain on purpose, and it shares no code with app.rules.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
USUAL = {  # docs/activities.md, "Kinds"
    "manual": [],
    "site_visit": [{"period": "day", "times": 1}],
    "review": [{"period": "lifetime", "times": 1, "per_subject": True}],
    "wishlist_add": [{"period": "lifetime", "times": 1, "per_subject": True}, {"period": "day", "times": 5}],
}


def name_of(period: str, at: datetime) -> str:
    local = at.astimezone(PARIS)
    year, week, _ = local.isocalendar()
    return {
        "day": local.strftime("%Y-%m-%d"),
        "week": f"{year}-W{week:02}",
        "month": local.strftime("%Y-%m"),
        "year": local.strftime("%Y"),
        "lifetime": "lifetime",
    }[period]


def naive_misfit(raw: dict, done, doer) -> str | None:
    when = raw.get("when", {})
    if done.self_reported and not raw.get("self_reported"):
        return "not_self_reported"
    if raw.get("who") and doer.facts.tier not in raw["who"]["tiers"]:
        return "not_for_this_member"
    if "from" in when and done.at < datetime.fromisoformat(when["from"]):
        return "not_now"
    if "to" in when and done.at >= datetime.fromisoformat(when["to"]):
        return "not_now"
    if "min_amount" in raw and (done.amount is None or done.amount < Fraction(raw["min_amount"])):
        return "below_min_amount"
    return None


def naive_caps(raw: dict) -> list[dict]:
    own = raw.get("caps") or list(USUAL[raw["kind"]])
    daily = {"period": "day", "times": 1}
    return [*own, daily] if not raw.get("caps") and raw.get("self_reported") and daily not in own else own


def naive_cap(raw: dict, cap: dict, done, taken: list) -> dict:
    name = name_of(cap["period"], done.at)
    counted = [each for each in taken if each.rule == raw["key"] and name_of(cap["period"], each.at) == name]
    told = {"period": cap["period"], "of": name}
    if cap.get("per_subject"):
        counted = [each for each in counted if each.subject == done.subject]
        told["per_subject"] = True
    if "times" in cap:
        told |= {"times": cap["times"], "times_left": max(0, cap["times"] - len(counted))}
    if "points" in cap:
        told |= {"points": cap["points"], "points_left": max(0, cap["points"] - sum(each.points for each in counted))}
    return told


def naive_verdict(  # noqa: C901  one story, told in the page's order
    raw: dict, done, doer, taken: list, left: int | None, points: int | None
) -> tuple[str, str | None, int, dict]:
    age, joined = raw.get("min_account_age_days", 0), doer.facts.joined_at
    if age and joined is not None and done.at < joined + timedelta(days=age):
        return "refused", "account_too_new", 0, {"min_account_age_days": age}
    if raw.get("verified_buyer") and not doer.bought:
        return "refused", "not_a_buyer", 0, {}
    if points is None:
        points = raw["points"]
        if "rate" in raw and done.amount is not None:
            if done.currency not in (None, "EUR"):
                return "refused", "currency_without_rate", 0, {"currency": done.currency}
            points += math.floor(done.amount * Fraction(raw["rate"]["points"]) / Fraction(raw["rate"]["per"]))
    if points == 0 and "reward" not in raw and "booster" not in raw:
        return "refused", "nothing_earned", 0, {}
    caps = [naive_cap(raw, cap, done, taken) for cap in naive_caps(raw)]
    told = {"caps": {"rule": caps}} if caps else {}
    if any(0 in (cap.get("times_left"), cap.get("points_left")) for cap in caps):
        return "refused", "cap_reached", 0, told
    for cap in caps:
        points = min(points, cap.get("points_left", points))
    if "budget" in raw and left is not None:
        period = raw["budget"]["period"]
        told["budget"] = {"period": period, "of": name_of(period, done.at), "points": 30, "left": left}
        if left <= 0 or points > left:
            return "refused", "budget_spent", 0, told
    if done.seen_before:
        return "review", "seen_before", points, told
    if raw.get("approval") == "review":
        return "review", "approval", points, told
    return "awarded", None, points, told


def naive_explanation(raw: dict, done, points: int, told: dict) -> dict:
    said = {"kind": done.kind, "rule": raw["key"], "version": 3, "points": points}
    if done.subject is not None:
        said["subject"] = done.subject
    if "rate" in raw and done.amount is not None:
        amounts = {None: None, Fraction(0): "0", Fraction(20): "20", Fraction(2999, 100): "29.99"}
        said |= {"rate": raw["rate"], "amount": amounts[done.amount], "currency": "EUR"}
    if "reward" in raw:
        said["reward"] = raw["reward"]
    return said | told
