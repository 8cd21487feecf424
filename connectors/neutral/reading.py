"""Typed reading of a parsed document: each reader takes one field or says which field is wrong, and why.

Every platform's translation goes through these, so that no document, however odd, can raise anything but
`BadFact`. A reader is called with the object and the key; `each` and `part` add the path on the way out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, TypeVar

from iso4217 import Currency

from connectors.contract import ZERO, BadFact

Doc = Mapping[str, Any]
T = TypeVar("T")

EXACT = Context(prec=200)  # the default context rounds at 28 digits
MAX_UNITS = 1_000_000_000
ARM = "_tessera_arm"  # what the arm of an experiment is called among an order's attributes
REFERRAL = "_tessera_referral"  # … and the code of the friend who brought the buyer

_MAX_ID = 255

_MONEY = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,30})?")
_DAY_AND_HOUR = r"([0-9]{4})-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
_TIME = re.compile(_DAY_AND_HOUR + r"([Zz]|[+-][0-9]{2}:[0-9]{2})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CODE = re.compile(r"[0-9A-Za-z -]{1,64}")
_ARM = re.compile(r"[A-Za-z0-9_.-]{1,100}:[a-z]{1,20}")
_NO_MONEY = {"XXX", "XTS"}  # "no currency" and "for testing": in the standard, but nothing is sold in them


class BadField(BadFact):
    """A field that cannot be believed; `path` grows as the error leaves the objects around it."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")

    def inside(self, outer: str) -> BadField:
        return BadField(f"{outer}.{self.path}" if self.path else outer, self.reason)


def exact_product(amount: Decimal, units: int) -> Decimal:
    """Multiply without rounding."""
    return EXACT.multiply(amount, Decimal(units))


def exact_sum(*amounts: Decimal) -> Decimal:
    """Add without rounding."""
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


# ---- one value ----------------------------------------------------------------------------------------------


def to_ident(value: object) -> str:
    """An id as text: a non-empty string, or an integer as its decimal text (beyond 2^53 intact)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and 0 < len(value) <= _MAX_ID:
        return value
    raise ValueError(f"must be an id: text of 1 to {_MAX_ID} characters, or an integer")


def to_money(value: object) -> Decimal:
    """Money told as text: every decimal counts; no exponent, no blanks, no other digits than 0-9."""
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        raise ValueError('must be an amount as text, such as "19.99"')
    return Decimal(value)


def to_positive_money(value: object) -> Decimal:
    amount = to_money(value)
    if amount < 0:
        raise ValueError("must not be negative")
    return amount


def to_time(value: object) -> datetime:
    """RFC 3339 with an offset, to UTC."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[3] is None:
        raise ValueError("must be an RFC 3339 time with an offset, such as 2026-03-01T10:00:00Z")
    return _utc(match)


def to_utc_time(value: object) -> datetime:
    """RFC 3339 without an offset, meant in UTC (WooCommerce's *_gmt)."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("must be a time such as 2026-03-01T10:00:00")
    return _utc(match)


def _utc(match: re.Match[str]) -> datetime:
    if not "1970" <= match[1] < "2200":
        raise ValueError("must be a time between 1970 and 2199")
    try:
        moment = datetime.fromisoformat(match[0].upper())
    except ValueError:
        raise ValueError("is not a day and hour that exist") from None
    return moment.replace(tzinfo=UTC) if match[3] is None else moment.astimezone(UTC)


@lru_cache(maxsize=512)
def _is_currency(code: str) -> bool:
    try:
        return Currency(code).code == code and code not in _NO_MONEY
    except ValueError:
        return False


def to_currency(value: object) -> str:
    if not isinstance(value, str) or len(value) != 3 or not _is_currency(value):
        raise ValueError("must be an ISO 4217 currency code such as EUR")
    return value


def to_country(value: object) -> str:
    if not isinstance(value, str) or not _COUNTRY.fullmatch(value):
        raise ValueError("must be an ISO 3166-1 country code such as FR")
    return value


def to_country_told(value: object) -> str | None:
    """Read the country of a platform's address; what is no ISO code, such as an empty text, is none."""
    text = to_text(value)
    return text if _COUNTRY.fullmatch(text) else None


def to_arm(value: object) -> str:
    """Read the experiment and arm that a shopper's browser told, "key:arm"; what is none is "", and fails no order."""
    return value if isinstance(value, str) and _ARM.fullmatch(value) else ""


def to_units(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_UNITS:
        raise ValueError("must be a whole number, 0 or more")
    return value


def to_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def to_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")
    return value


def to_object(value: object) -> Doc:
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    return value


# ---- one field ----------------------------------------------------------------------------------------------


def need(doc: Doc, key: str, read: Callable[[object], T]) -> T:
    """Read a field that must be there. Raises: BadField."""
    value = doc.get(key)
    if value is None:
        raise BadField(key, "is missing")
    try:
        return read(value)
    except ValueError as wrong:
        raise BadField(key, str(wrong)) from None


def maybe(doc: Doc, key: str, read: Callable[[object], T]) -> T | None:
    """Read a field that may be absent or null. Raises: BadField."""
    return None if doc.get(key) is None else need(doc, key, read)


def each(doc: Doc, key: str, read: Callable[[Doc], T]) -> tuple[T, ...]:
    """Read every object of a list; an absent or null list is empty. Raises: BadField."""
    items = doc.get(key)
    if items is None:
        return ()
    if not isinstance(items, list):
        raise BadField(key, "must be a list")
    read_items = []
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise BadField(f"{key}[{index}]", "must be an object")
        try:
            read_items.append(read(item))
        except BadField as bad:
            raise bad.inside(f"{key}[{index}]") from None
    return tuple(read_items)


def arm_told(doc: Doc, listed: str, name: str) -> str | None:
    """Return the first arm among an order's attributes, which are named by `name`; odd ones fail no order."""
    pairs = doc.get(listed)
    for pair in pairs if isinstance(pairs, list) else ():
        if isinstance(pair, dict) and pair.get(name) == ARM:
            return to_arm(pair.get("value"))
    return None


def referral_told(doc: Doc, listed: str, name: str) -> str | None:
    """Return the first friend's code among an order's attributes, which are named by `name`; odd ones fail no order."""
    pairs = doc.get(listed)
    for pair in pairs if isinstance(pairs, list) else ():
        if isinstance(pair, dict) and pair.get(name) == REFERRAL:
            value = pair.get("value")
            return value if isinstance(value, str) and _CODE.fullmatch(value) else None
    return None


def part(doc: Doc, key: str, read: Callable[[Doc], T]) -> T | None:
    """Read an object inside this one; None where it is absent or null. Raises: BadField."""
    inner = maybe(doc, key, to_object)
    if inner is None:
        return None
    try:
        return read(inner)
    except BadField as bad:
        raise bad.inside(key) from None
