"""How much a shop keeps of a price, and which band that is in."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from app.rules.bands import ExactBand, band_of, margin_of
from app.rules.document import MarginBand

BANDS = [
    ExactBand.of(MarginBand.model_validate({"key": key, "from": first, "to": end, "multiplier": "1"}))
    for key, first, end in (("low", None, "0.2"), ("middle", "0.2", "0.5"), ("high", "0.6", None))
]


@pytest.mark.parametrize(
    ("price", "cost", "margin", "band"),
    [
        ("10", "12", Fraction(-1, 5), "low"),
        ("10", "8.01", Fraction(199, 1000), "low"),
        ("10", "8", Fraction(1, 5), "middle"),
        ("0.50", "0.26", Fraction(12, 25), "middle"),
        ("10", "5", Fraction(1, 2), None),
        ("10", "4", Fraction(3, 5), "high"),
        ("10", "0", Fraction(1), "high"),
        ("0", "0", None, None),
        ("0", "5", None, None),
        (None, "5", None, None),
        ("5", None, None, None),
    ],
)
def test_a_band_begins_with_its_first_margin_and_ends_before_its_last(price, cost, margin, band):
    told = [None if each is None else Decimal(each) for each in (price, cost)]
    assert margin_of(*told) == margin
    assert band_of(BANDS, *told) == band
