"""Amounts of the shop, in whole cents. Prices include 24 % tax, gift cards none."""

from __future__ import annotations

import re
from collections.abc import Sequence

TAX_PERCENT = 24

_AMOUNT = re.compile(r"\d{1,6}([.,]\d{1,2})?")


def decimal_text(cents: int) -> str:
    """Write an amount as a document has it: 1999 → "19.99"."""
    return f"{cents // 100}.{cents % 100:02d}"


def parse_amount(text: str) -> int:
    """Read an amount as a person types it. Units: cents. Raises: ValueError."""
    if not _AMOUNT.fullmatch(text.strip()):
        raise ValueError("Write the amount like 12.50")
    whole, _, rest = text.strip().replace(",", ".").partition(".")
    return int(whole) * 100 + int(rest.ljust(2, "0"))


def tax_within(cents: int) -> int:
    """Return the tax contained in a price that includes it, rounded half up."""
    return (2 * cents * TAX_PERCENT + 100 + TAX_PERCENT) // (2 * (100 + TAX_PERCENT))


def spread(cents: int, weights: Sequence[int]) -> list[int]:
    """Share an amount out in proportion, to the cent; the largest remainders get the odd cents."""
    whole = sum(weights)
    if not whole:
        return [0 for _ in weights]
    shares = [cents * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(cents * weights[i] % whole), i))
    for index in by_remainder[: cents - sum(shares)]:
        shares[index] += 1
    return shares
