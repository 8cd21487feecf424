"""What is wrong with tiers and memberships between values that may each be right; read from the document as sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.rules.raw import Problem, at, number, rows


def tier_checks(document: object) -> Iterator[Problem]:
    """Yield what is wrong with the ladder, its measure and what opens its tiers."""
    yield from _keeps(document)
    yield from _needs_window(document)
    yield from _rewards(document)
    yield from _perks(document)
    yield from _memberships(document)


def _keeps(document: object) -> Iterator[Problem]:
    for place, row in rows(document, "tiers"):
        enter, keep = number(row.get("enter")), number(row.get("keep"))
        if keep is not None and enter is not None and keep > enter:
            yield Problem(f"{place}.keep", "above_enter", "Write at most what entering the tier takes.")
        if keep is not None and "enter" in row and row["enter"] is None:
            yield Problem(f"{place}.keep", "never_measured", "Leave it out: this tier is not entered by the measure.")


def _needs_window(document: object) -> Iterator[Problem]:
    """Refuse what only the end of a term could make true where there are no terms."""
    if at(document, "tier_measure", "window") not in (None, "lifetime"):
        return
    message = "Choose the window calendar_year or rolling_12_months, or leave this out: over a lifetime no term ends."
    if at(document, "tier_measure", "downgrade") == "one_step":
        yield Problem("tier_measure.downgrade", "needs_window", message)
    if at(document, "tier_measure", "grace_days"):
        yield Problem("tier_measure.grace_days", "needs_window", message)
    for place, row in rows(document, "tiers"):
        if number(row.get("keep")) is not None:
            yield Problem(f"{place}.keep", "needs_window", message)


def _rewards(document: object) -> Iterator[Problem]:
    known = _keys(document, "rewards")
    for place, row in rows(document, "tiers"):
        reward = at(row, "perks", "entry_reward")
        if isinstance(reward, str) and reward not in known:
            yield Problem(f"{place}.perks.entry_reward", "unknown_reward", "Write the key of one of the rewards.")


def _perks(document: object) -> Iterator[Problem]:
    """Refuse discounts beyond the price, and tags by which two tiers would get each other's."""
    seen: dict[str, bool] = {}
    for place, row in rows(document, "tiers"):
        percent = number(at(row, "perks", "discount_percent"))
        if percent is not None and percent > 100:
            yield Problem(f"{place}.perks.discount_percent", "above_100", "Write at most 100.")
        stands = bool(percent) or at(row, "perks", "free_shipping") is True
        tag = at(row, "perks", "customer_tag") or (f"tessera-{row.get('key')}" if stands else None)
        if not isinstance(tag, str):
            continue
        known = tag.casefold()
        if known in seen and (stands or seen[known]):
            message = "Write a tag that no other tier has: its discount goes by the tag."
            yield Problem(f"{place}.perks.customer_tag", "duplicate_tag", message)
        seen[known] = stands or seen.get(known, False)


def _memberships(document: object) -> Iterator[Problem]:
    tiers, products = _keys(document, "tiers"), set[str]()
    for place, row in rows(document, "memberships"):
        tier, product = row.get("tier"), row.get("product")
        if isinstance(tier, str) and tier not in tiers:
            yield Problem(f"{place}.tier", "unknown_tier", "Write the key of one of the tiers.")
        if isinstance(tier, str) and tier == next(iter(tiers), None):
            yield Problem(f"{place}.tier", "entry_tier", "Write a tier above the first: everyone is in that one.")
        if isinstance(product, str):
            if product in products:
                yield Problem(f"{place}.product", "duplicate_product", "Let each product open one membership only.")
            products.add(product)
        if (row.get("months") is None) == (row.get("days") is None):
            yield Problem(place, "one_term", "Write exactly one of months and days.")


def _keys(document: object, name: str) -> list[Any]:
    return [row.get("key") for _, row in rows(document, name) if isinstance(row.get("key"), str)]
