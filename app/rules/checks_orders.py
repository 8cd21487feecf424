"""What may be wrong between the order rules of a programme: markets, margins, segments, campaigns, eligibility."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

from app.rules.raw import Problem, at, number, rows, texts, time

Band = tuple[str, str, Decimal | None, Decimal | None]  # place, key, from, to


def order_checks(document: object) -> Iterator[Problem]:
    """Yield what is wrong between values that may each be right."""
    yield from _who_names_what_exists(document)
    yield from _segments(document)
    yield from _markets(document)
    yield from _margins(document)
    yield from _limits(document)
    yield from _contradictions("eligibility", at(document, "eligibility"), _ELIGIBILITY)


_ELIGIBILITY = (
    ("countries", "exclude_countries"),
    ("any_tag", "exclude_tags"),
    ("customer_groups", "exclude_customer_groups"),
)
_NAMES = {"segments": ("segments",), "tiers": ("tiers",), "markets": ("earning", "markets")}


def _who_names_what_exists(document: object) -> Iterator[Problem]:
    for part in ("campaigns", "activities", "rewards"):
        for place, row in rows(document, part):
            for kind, path in _NAMES.items():
                yield from _unknown(document, f"{place}.who.{kind}", at(row, "who", kind), path)


def _unknown(document: object, place: str, named: object, path: tuple[str, ...]) -> Iterator[Problem]:
    known = [row.get("key") for _, row in rows(document, *path)]  # a list: anything may stand there
    for position, key in enumerate(texts(named)):
        if key not in known:
            message = f"Name one of {'.'.join(path)} by its key, or add it there."
            yield Problem(f"{place}.{position}", "unknown_key_named", message)


def _segments(document: object) -> Iterator[Problem]:
    for place, row in rows(document, "segments"):
        yield from _unknown(document, f"{place}.tiers", row.get("tiers"), ("tiers",))
        yield from _contradictions(place, row, (("any_tag", "no_tag"),))
        least, most = row.get("orders_at_least"), row.get("orders_at_most")
        if isinstance(least, int) and isinstance(most, int) and least > most:
            yield Problem(f"{place}.orders_at_most", "empty_range", "Write a number of at least orders_at_least.")
        first, end = time(row.get("joined_from")), time(row.get("joined_to"))
        if first is not None and end is not None and first >= end:
            yield Problem(f"{place}.joined_to", "empty_period", "Write a time after joined_from; it is exclusive.")


def _contradictions(place: str, row: object, pairs: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """Refuse a word that is both wanted and refused: nobody could ever fit by it."""
    for wanted, refused in pairs:
        both = set(texts(at(row, wanted))) & set(texts(at(row, refused)))
        if both:
            yield Problem(f"{place}.{refused}", "contradiction", f"Take {', '.join(sorted(both))} out of one of both.")


def _markets(document: object) -> Iterator[Problem]:
    currency = at(document, "currency")
    for place, row in rows(document, "earning", "markets"):
        rates = row.get("rates")
        if isinstance(currency, str) and isinstance(rates, dict) and currency in rates:
            message = "Write the rate of the programme's own currency in the market's rate only."
            yield Problem(f"{place}.rates.{currency}", "duplicate_rate", message)


def _margins(document: object) -> Iterator[Problem]:
    bands: list[Band] = []
    for place, row in rows(document, "earning", "margins"):
        least, below = number(row.get("from")), number(row.get("to"))
        if least is not None and below is not None and least >= below:
            yield Problem(f"{place}.to", "empty_range", "Write a share above from; to is exclusive.")
        elif least is not None and least >= 1:
            yield Problem(f"{place}.from", "out_of_range", 'Write a share of the price below 1: "0.4" is 40 %.')
        elif all(row.get(name) is None or number(row.get(name)) is not None for name in ("from", "to")):
            bands.append((place, str(row.get("key")), least, below))
    for one, other in combinations(bands, 2):
        if _overlap(one, other):
            yield Problem(f"{other[0]}.from", "overlap", f"Begin where the band {one[1]!r} ends: each margin has one.")


def _overlap(one: Band, other: Band) -> bool:
    (_, _, least, below), (_, _, others_least, others_below) = one, other
    apart = below is not None and others_least is not None and below <= others_least
    return not apart and not (others_below is not None and least is not None and others_below <= least)


def _limits(document: object) -> Iterator[Problem]:
    for place, row in rows(document, "campaigns"):
        whole, each = row.get("max_orders"), row.get("max_orders_per_member")
        if isinstance(whole, int) and isinstance(each, int) and each > whole:
            yield Problem(f"{place}.max_orders_per_member", "out_of_range", "Write a number of at most max_orders.")
        coupon = row.get("coupon")
        if isinstance(coupon, str) and coupon != coupon.strip():
            yield Problem(f"{place}.coupon", "not_printable", "Write the code without spaces around it.")
        if row.get("stackable") is False and _gives_nothing(row):
            message = "Give it a multiplier or a bonus: alone it would only keep other campaigns away."
            yield Problem(f"{place}.stackable", "no_effect", message)


def _gives_nothing(row: dict[str, Any]) -> bool:
    return row.get("multiplier") is None and not row.get("bonus")
