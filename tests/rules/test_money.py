"""Exact numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.money import (
    MAX_POINTS,
    ONE,
    ZERO,
    BadNumber,
    UnknownCurrency,
    decimals_of,
    difference,
    exact,
    fixed,
    is_currency,
    parse_amount,
    parse_decimal,
    text_of,
    text_of_product,
    times,
    total,
)


@pytest.mark.parametrize(("currency", "decimals"), [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4), ("KRW", 0)])
def test_a_currency_has_its_own_decimals(currency, decimals):
    assert decimals_of(currency) == decimals
    assert is_currency(currency)


@pytest.mark.parametrize("code", ["eur", "EURO", "", "XXX", "XAU", "ZZZ", "€"])
def test_what_nobody_pays_with_is_no_currency(code):
    assert not is_currency(code)
    with pytest.raises(UnknownCurrency):
        decimals_of(code)


@pytest.mark.parametrize("text", ["0", "19.99", "007", "0.00000000000000000001", "9" * 20 + "." + "9" * 20])
def test_plainly_written_decimals_are_read_exactly(text):
    assert parse_decimal(text) == Decimal(text)


@pytest.mark.parametrize(
    "text", ["", " ", "1e3", "1E3", "NaN", "Infinity", "-1", "+1", "1,50", "1.", ".5", "1 0", "１", "٣", "1_0", "1\n"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(BadNumber):
        parse_decimal(text)


@pytest.mark.parametrize("value", [1, 1.5, None, True, b"1", Decimal(1), ["1"], "9" * 21, "1." + "9" * 21])
def test_what_is_no_text_or_too_long_is_refused(value):
    with pytest.raises(BadNumber):
        parse_decimal(value)


def test_a_minus_sign_is_read_where_it_may_stand():
    assert parse_decimal("-1.50", signed=True) == Decimal("-1.50")


def test_an_amount_has_no_more_decimals_than_its_currency():
    for text, currency in (("1.5", "EUR"), ("1.50", "EUR"), ("1", "JPY"), ("0.001", "KWD")):
        assert parse_amount(text, currency) == Decimal(text)
    for text, currency in (("1.005", "EUR"), ("1.0", "JPY")):
        with pytest.raises(BadNumber):
            parse_amount(text, currency)


@given(st.decimals(-(10**9), 10**9, places=4), st.decimals(0, 10**9, places=4), st.integers(0, 10**6))
def test_arithmetic_is_exact(left, right, quantity):
    assert exact(left) == Fraction(left)
    assert difference(left, right) == max(0, Fraction(left) - Fraction(right))
    assert exact(times(left, quantity)) == Fraction(left) * quantity


@given(st.lists(st.fractions(), max_size=6))
def test_a_total_is_the_sum(amounts):
    assert total(amounts) == sum(amounts, Fraction(0))


@given(st.fractions())
def test_what_is_written_reads_back_as_the_same_number(number):
    assert Fraction(text_of(number)) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("3998/100", "39.98"),
        ("30", "30"),
        ("1/8", "0.125"),
        ("-1/20", "-0.05"),
        ("10/3", "10/3"),
        ("0", "0"),
        ("1/1000", "0.001"),
    ],
)
def test_numbers_are_written_as_decimals_where_these_end(number, text):
    assert text_of(Fraction(number)) == text


def test_numbers_too_long_to_print_are_written_roughly():
    assert text_of(Fraction(2 * 3**4000 + 1, 3**4000)) == "~2"
    assert text_of(Fraction(3**9000)) == "~"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2**3999 - 1, str(2**3999 - 1)),
        (2**3999, "~"),
        (-(2**3999), "~"),
        (Fraction(2**3998 - 1, 2), f"{2**3997 - 1}.5"),
        (Fraction(2**3998 + 1, 2), f"~{2**3997}"),
        (Fraction(2**3999 + 1, 2), f"~{2**3998}"),
        (Fraction(2**4000 + 1, 2), "~"),
        (Fraction(1, 3**2523), f"1/{3**2523}"),
        (Fraction(1, 3**2524), "~0"),
    ],
    ids=range(9),
)
def test_four_thousand_bits_are_written_in_full(number, text):
    assert text_of(Fraction(number)) == text


@given(st.fractions(), st.fractions())
def test_a_product_is_written_as_such(left, right):
    assert text_of_product(left, right) == text_of(left * right)


@pytest.mark.parametrize(
    "held", ["9" * 60, "1e60", "9" * 60 + "e1", "1e-119", "-1e60", "1." + "0" * 58 + "1", "0", "1e-60"]
)
def test_sixty_digits_are_held_exactly(held):
    assert exact(Decimal(held)) == Fraction(held)
    assert difference(Decimal(held), Decimal(0)) == max(0, Fraction(held))
    assert times(Decimal(held), 1) == Decimal(held)


@pytest.mark.parametrize("too_long", ["9" * 61, "1e61", "1e-120", "1." + "0" * 59 + "1", "NaN", "sNaN", "Infinity"])
def test_what_does_not_fit_is_refused_and_never_rounded(too_long):
    for work in (exact, lambda number: difference(number, Decimal(0)), lambda number: exact(times(number, 1))):
        with pytest.raises(BadNumber, match="not a finite number of sensible size"):
            work(Decimal(too_long))


def test_a_product_that_does_not_fit_is_refused():
    with pytest.raises(BadNumber, match="not a finite number of sensible size"):
        times(Decimal("9" * 60), 2)


def test_points_fit_in_64_bits():
    assert [exact(Decimal(number)) for number in ("0", "1", "9223372036854775807")] == [ZERO, ONE, MAX_POINTS]


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        ("0", 2, "0.00"),
        ("0.005", 2, "0.01"),
        ("0.00499", 2, "0.00"),
        ("10/3", 2, "3.33"),
        ("1.05", 3, "1.050"),
        ("2.5", 0, "3"),
    ],
)
def test_a_number_is_written_with_the_decimals_of_its_currency(number, decimals, text):
    assert fixed(Fraction(number), decimals) == text


@given(st.fractions(min_value=0, max_value=10**30), st.integers(0, 4))
def test_what_is_written_so_is_never_more_than_half_a_unit_off(number, decimals):
    assert abs(Fraction(fixed(number, decimals)) - number) * 2 * 10**decimals <= 1
