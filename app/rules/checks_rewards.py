"""What is wrong with the rewards of a programme, read from the document as it was sent.

Each kind needs some fields and has no use for others: a field without use is refused, never ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.rules.money import decimals_of, has_more_decimals, is_currency
from app.rules.raw import Problem, at, no_time, number, rows, time

_ORDER = ("min_basket", "min_above_average_percent", "combines", "personal")
_ON_GOODS = (*_ORDER, "products", "collections")

# kind → (what it needs, what it may have besides); what stands in neither it must not have
_FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "amount_off": (("amount",), _ON_GOODS),
    "percent_off": (("percent",), ("max_amount", *_ON_GOODS)),
    "free_shipping": ((), _ORDER),
    "free_product": (("product",), _ORDER),
    "gift_card": (("amount",), ()),
    "store_credit": (("amount",), ()),
    "pay_with_points": (("rate",), ("min_points", "max_points", *_ON_GOODS)),
    "partner_voucher": ((), ("amount",)),
    "exclusive_product": (("product",), ()),
    "early_access": (("product",), ()),
    "exclusive_content": (("content",), ()),
    "contest_entry": ((), ()),
    "donation": ((), ("amount",)),
}
_OF_SOME_KINDS = sorted({name for needed, besides in _FIELDS.values() for name in (*needed, *besides)})
_MONEY = ("amount", "max_amount", "min_basket", "cost")


def reward_checks(document: object) -> Iterator[Problem]:
    """Yield what is wrong between the values of each reward, and between them and the rest."""
    for place, row in rows(document, "rewards"):
        yield from _fields(place, row)
        yield from _price(place, row)
        yield from _sizes(place, row)
        yield from _amounts(place, row, document)
        yield from _empty_time(place, row)
    yield from _gifts(document)


def _set(row: dict[str, Any], name: str) -> bool:
    """Tell whether a field says something: null, nothing in it, and false or 0 as its default say nothing."""
    value = row.get(name)
    return not (value is None or value is False or (value == 0 and name == "min_points") or value in ([], {}))


def _fields(place: str, row: dict[str, Any]) -> Iterator[Problem]:
    kind = row.get("kind")
    if not isinstance(kind, str) or kind not in _FIELDS:
        return
    needed, besides = _FIELDS[kind]
    for name in needed:
        if not _set(row, name):
            yield Problem(f"{place}.{name}", "missing", f"Add this key: a reward of kind {kind} needs it.")
    for name in _OF_SOME_KINDS:
        if _set(row, name) and name not in (*needed, *besides):
            yield Problem(f"{place}.{name}", "not_for_this_kind", f"Remove this key: {kind} has no use for it.")


def _price(place: str, row: dict[str, Any]) -> Iterator[Problem]:
    points = row.get("points")
    if row.get("kind") == "pay_with_points" and points not in (None, 0):
        yield Problem(f"{place}.points", "not_for_this_kind", "Remove this key: the shopper says how many.")
    rate_points = number(at(row, "rate", "points"))
    if row.get("kind") == "pay_with_points" and rate_points == 0:
        yield Problem(f"{place}.rate.points", "not_above_zero", "Write a number above 0: money is never free.")


def _sizes(place: str, row: dict[str, Any]) -> Iterator[Problem]:
    least, most, percent = row.get("min_points") or 0, row.get("max_points"), number(row.get("percent"))
    if isinstance(least, int) and isinstance(most, int) and not isinstance(most, bool) and most < max(1, least):
        yield Problem(f"{place}.max_points", "empty_range", "Write at least 1, and no less than min_points.")
    if percent is not None and percent > 100:
        yield Problem(f"{place}.percent", "out_of_range", "Write at most 100.")
    if _set(row, "min_basket") and _set(row, "min_above_average_percent"):
        message = "Keep one of min_basket and min_above_average_percent."
        yield Problem(f"{place}.min_above_average_percent", "too_many", message)


def _amounts(place: str, row: dict[str, Any], document: object) -> Iterator[Problem]:
    for name in _MONEY:
        amount, currency = number(at(row, name, "amount")), at(row, name, "currency")
        known = isinstance(currency, str) and is_currency(currency)
        if known and amount is not None and has_more_decimals(amount, decimals_of(currency)):
            message = f"Write at most {decimals_of(currency)} decimals for {currency}."
            yield Problem(f"{place}.{name}.amount", "too_many_decimals", message)
        main = at(document, "currency")
        if known and name in ("max_amount", "min_basket") and isinstance(main, str) and currency != main:
            yield Problem(
                f"{place}.{name}.currency", "other_currency", f"Write it in the programme's currency, {main}."
            )


def _empty_time(place: str, row: dict[str, Any]) -> Iterator[Problem]:
    first, end = at(row, "when", "from"), at(row, "when", "to")
    if isinstance(first, str) and isinstance(end, str):
        start, stop = time(first), time(end)
        if start is not None and stop is not None and start >= stop:
            yield Problem(f"{place}.when.to", "empty_period", "Write a time after from; to is exclusive.")
    if no_time(at(row, "when", "hours")):
        yield Problem(f"{place}.when.hours", "empty_period", "Write an end that differs from the start.")


def _gifts(document: object) -> Iterator[Problem]:
    """Yield rules that give away a reward whose worth only a shopper's points could say."""
    open_ended = [row.get("key") for _, row in rows(document, "rewards") if row.get("kind") == "pay_with_points"]
    given = [(f"{place}.reward", row.get("reward")) for place, row in rows(document, "activities")]
    given += [
        (f"{place}.perks.entry_reward", at(row, "perks", "entry_reward")) for place, row in rows(document, "tiers")
    ]
    given += [(f"referrals.{name}", at(document, "referrals", name)) for name in ("referrer_reward", "friend_reward")]
    for field, key in given:
        if isinstance(key, str) and key in open_ended:
            yield Problem(field, "cannot_be_given", "Name a reward with a fixed worth, such as amount_off.")
