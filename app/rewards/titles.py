"""What shoppers call a reward: by the merchant's own title, else by its kind and amount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rules.document import Reward
from app.rules.words import Words

_OF_AMOUNT = {
    "pay_with_points": "amount_off",  # once it is known how many points
    "partner_voucher": "partner_voucher_of",
    "donation": "donation_of",
}


def title(reward: Reward, words: Words) -> str:
    """Return a reward's title in a language: "€5 off", "Free shipping", or what the merchant wrote."""
    if reward.name:
        return reward.name
    value = reward.model_dump(include={"amount", "max_amount", "percent"}, exclude_none=True)
    return title_by_kind(reward.kind, value, words)


def title_by_kind(kind: str, value: Mapping[str, Any], words: Words) -> str:
    """Return the title of a reward that has none; `value` is as a redemption holds it."""
    key, money = kind, value.get("amount")
    if kind == "percent_off" and "max_amount" in value:
        key, money = "percent_off_up_to", value["max_amount"]
    elif money:
        key = _OF_AMOUNT.get(kind, kind)
    figures = {"money": words.price(money["amount"], money["currency"])} if money else {}
    if "percent" in value:
        figures["percent"] = words.percent(value["percent"])
    return words.say(f"reward.{key}", **figures)


def title_of(told: Mapping[str, Any], words: Words) -> str:
    """Return the title of an offer or a redemption, as documents tell them."""
    return told["name"] or title_by_kind(told["kind"], told["value"], words)
