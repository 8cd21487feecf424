"""Exact numbers: ISO 4217 decimals, decimal strings, and fractions written down without loss."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm

from iso4217 import Currency

MAX_POINTS = 2**63 - 1
ZERO = Fraction(0)
ONE = Fraction(1)

# Funds, metals and test codes (XAU, XXX …) have no decimals of their own: nobody pays with them.
_DECIMALS: dict[str, int] = {each.value: each.exponent for each in Currency if each.exponent is not None}
_PLAIN = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_MOST_BITS = 4000  # of a fraction that is written in full; Python refuses to print numbers much longer

# Sixty digits hold any amount of money; what does not fit is refused, never rounded.
_EXACT = Context(prec=60, Emax=60, Emin=-60, traps=[Inexact, InvalidOperation, Overflow])
_subtract, _multiply, _plus = _EXACT.subtract, _EXACT.multiply, _EXACT.plus


class BadNumber(ValueError):
    """Not a finite, plainly written number of sensible size."""


class UnknownCurrency(ValueError):
    """Not an ISO 4217 currency that money can be counted in."""


def is_currency(code: str) -> bool:
    return code in _DECIMALS


def decimals_of(currency: str) -> int:
    """Return how many decimals the currency has (JPY 0, EUR 2, KWD 3). Raises: UnknownCurrency."""
    try:
        return _DECIMALS[currency]
    except KeyError:
        raise UnknownCurrency(f"{currency!r} is not an ISO 4217 currency") from None


def parse_decimal(text: object, *, signed: bool = False) -> Decimal:
    """Read an exact decimal string such as "19.99". Raises: BadNumber for anything written otherwise."""
    if not isinstance(text, str) or not _PLAIN.fullmatch(text):
        raise BadNumber("not an exact decimal string")
    if text[0] == "-" and not signed:
        raise BadNumber("negative")
    return Decimal(text)


def parse_amount(text: object, currency: str) -> Decimal:
    """Read an amount ≥ 0 with no more decimals than its currency has. Raises: BadNumber, UnknownCurrency."""
    amount = parse_decimal(text)
    if has_more_decimals(amount, decimals_of(currency)):
        raise BadNumber(f"{currency} has {decimals_of(currency)} decimals")
    return amount


def has_more_decimals(amount: Decimal, decimals: int) -> bool:
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and -exponent > decimals


def exact(amount: Decimal) -> Fraction:
    """Return the amount as a fraction. Raises: BadNumber when it is not finite or absurdly long."""
    try:
        return Fraction(*_plus(amount).as_integer_ratio())
    except (DecimalException, ValueError, OverflowError):
        raise BadNumber("not a finite number of sensible size") from None


def difference(left: Decimal, right: Decimal) -> Fraction:
    """Return left − right, never below 0. Raises: BadNumber."""
    try:
        above, below = _subtract(left, right).as_integer_ratio()
    except (DecimalException, ValueError, OverflowError):
        raise BadNumber("not a finite number of sensible size") from None
    return Fraction(max(0, above), below)


def total(amounts: Iterable[Fraction]) -> Fraction:
    """Return the exact sum; several times quicker than adding fractions one by one."""
    above, below = 0, 1
    for amount in amounts:
        its_above, its_below = amount.as_integer_ratio()
        if its_below != below:
            common = lcm(below, its_below)
            above, its_above, below = above * (common // below), its_above * (common // its_below), common
        above += its_above
    return Fraction(above, below)


def times(unit_price: Decimal, quantity: int) -> Decimal:
    """Return unit price × quantity. Raises: BadNumber."""
    try:
        return _multiply(unit_price, Decimal(quantity))
    except DecimalException:
        raise BadNumber("not a finite number of sensible size") from None


def text_of(number: Fraction) -> str:
    """Write a fraction exactly: "39.98" where the decimals end, else "10/3"."""
    return _text(*number.as_integer_ratio())


def text_of_product(left: Fraction, right: Fraction) -> str:
    """Write left × right exactly, without the cost of a fraction in between."""
    (above, below), (others_above, others_below) = left.as_integer_ratio(), right.as_integer_ratio()
    above, below = above * others_above, below * others_below
    shared = gcd(above, below)
    return _text(above // shared, below // shared)


def fixed(number: Fraction, decimals: int) -> str:
    """Write a number of at least 0 with so many decimals, a half rounded up."""
    scale = 10**decimals
    above, below = number.numerator * scale, number.denominator
    whole = (2 * above + below) // (2 * below)
    return f"{whole // scale}.{whole % scale:0{decimals}}" if decimals else str(whole)


def _text(above: int, below: int) -> str:
    if above.bit_length() + below.bit_length() > _MOST_BITS:  # say about how much
        whole = above // below
        return f"~{whole}" if whole.bit_length() < _MOST_BITS else "~"
    if below == 1:
        return str(above)
    places = _places(below)
    if places is None:
        return f"{above}/{below}"
    digits = str(abs(above) * (10**places // below)).rjust(places + 1, "0")
    return f"{'-' if above < 0 else ''}{digits[:-places]}.{digits[-places:]}"


@lru_cache(maxsize=512)
def _places(denominator: int) -> int | None:
    """Return after how many decimals 1 ÷ denominator ends; None: never."""
    rest, twos, fives = denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None
