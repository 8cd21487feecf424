"""Why a reward cannot be had now, in one sentence for the shopper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.rewards.shelf import Shelf
from app.rules.document import Reward
from app.rules.rewards import Reason
from app.rules.when import Window
from app.rules.words import Words

TOO_FEW = "insufficient_points"
_PLAIN = {"out_of_stock": "sold_out", "programme_closed": "closed"}  # what is not here is the shop's affair


def sentence(
    on_it: Shelf, reward: Reward, member_id: str | None, reasons: Sequence[Reason], missing: int, in_words: Words
) -> str | None:
    """Say the first of the reasons; that points are missing only where nothing else keeps them from it.

    Units: `missing` points.
    """
    if not reasons:
        return None
    code = min(reasons, key=lambda reason: reason.code == TOO_FEW).code
    if code == TOO_FEW:
        return in_words.say("unavailable.missing", points=in_words.points(missing))
    if code == "not_eligible":
        return _for_whom(on_it, reward, member_id, in_words)
    if code == "not_now":
        return _when(on_it, reward, in_words)
    return in_words.say(f"unavailable.{_key(code, reward)}")


def _key(code: str, reward: Reward) -> str:
    if code == "limit_reached":
        return "had" if reward.per_member == 1 else "limit"
    if code == "budget_spent":
        return "sold_out" if reward.budget and reward.budget.period == "lifetime" else "spent"
    return _PLAIN.get(code, "now")


def _for_whom(on_it: Shelf, reward: Reward, member_id: str | None, in_words: Words) -> str:
    """Name the lowest tier that it is for, if that is what the member lacks and it is no secret."""
    wanted = [tier for tier in on_it.version.programme.tiers if tier.key in reward.who.tiers]
    if not wanted or wanted[0].hidden or on_it.facts_of(member_id).tier in reward.who.tiers:
        return in_words.say("unavailable.members")
    return in_words.say("widget.gate_tier", tier=wanted[0].name or wanted[0].key)


def _when(on_it: Shelf, reward: Reward, in_words: Words) -> str:
    now, zone = on_it.now, on_it.shop.zone
    at = _opens_at(Window.of(reward.when), now, on_it)
    if at is None:
        return in_words.say("unavailable.over")
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return in_words.say("unavailable.from_hour", time=in_words.time(at, zone))
    return in_words.say("unavailable.from_day", day=in_words.day(at, zone))


def _opens_at(window: Window, now: datetime, on_it: Shelf) -> datetime | None:
    """Return when it can be had next; None: never again."""
    at = window.changes_at(now, on_it.shop.zone)
    while at is not None and not window.runs_at(at, on_it.shop.zone):
        at = window.changes_at(at, on_it.shop.zone)
    return at
