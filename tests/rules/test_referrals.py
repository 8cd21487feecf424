"""The pure part of referrals: codes, e-mails that are alike, and how a link stands by what was bought."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.disposable import is_disposable
from app.rules.document import ReferralChecks, Referrals
from app.rules.programme import InvalidProgramme, parse_programme
from app.rules.referrals import (
    ALPHABET,
    CODE_LENGTH,
    NETWORK_SPAN,
    Bought,
    alike_email,
    heeded,
    large_enough,
    link,
    read_code,
    show_code,
    standing,
    survives_at,
    window_ends,
)

PARIS = ZoneInfo("Europe/Paris")
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOCUMENT = {"name": "Club", "currency": "EUR", "earning": {"rate": {"points": "10", "per": "1"}}}
codes = st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH)


@given(codes)
def test_a_code_is_read_as_it_is_shown_and_however_it_is_typed(code: str) -> None:
    assert read_code(show_code(code)) == code
    assert read_code(f" {code.lower()[:3]} {code[3:]}\t") == code


def test_a_code_has_ten_characters_of_28():
    assert [read_code(typed) for typed in ("BCDFG-HJKMN", "bcdfghjkm", "NPQRSTVWXY", "23456789ZZ")] == [
        "BCDFGHJKMN",
        None,
        "NPQRSTVWXY",
        "23456789ZZ",
    ]
    assert timedelta(days=7) == NETWORK_SPAN


@pytest.mark.parametrize("typed", ["", "BBBBB", "BBBBB-BBBBA", "BBBBB-BBBB0", "BBBBB-BBBBBB", "ẞẞẞẞẞẞẞẞẞẞ"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


@pytest.mark.parametrize(
    ("landing", "address"),
    [
        ("https://shop.example", "https://shop.example/?ref=BCDFG-HJKMN"),
        ("https://shop.example/hi?a=1", "https://shop.example/hi?a=1&ref=BCDFG-HJKMN"),
    ],
)
def test_a_link_carries_the_code(landing: str, address: str) -> None:
    assert link(landing, "BCDFGHJKMN") == address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.com", "ada+club@example.com"),
        ("a.da@gmail.com", "ada+x.y@googlemail.com"),
    ],
)
def test_e_mails_are_alike_without_dots_and_tags(one: str, other: str) -> None:
    assert alike_email(one) == alike_email(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.da@example.com", "ada@example.com"),
        ("ada@example.com", "ada@example.org"),
        ("+ada@example.com", "+bob@example.com"),
    ],
)
def test_others_are_not(one: str, other: str) -> None:
    assert alike_email(one) != alike_email(other)


@given(st.text(min_size=1))
def test_leaving_out_twice_leaves_out_no_more(text: str) -> None:
    assert alike_email(alike_email(text)) == alike_email(text)


def test_throw_away_domains_are_known_with_what_lies_below() -> None:
    assert is_disposable("x@mailinator.com")
    assert is_disposable("x@deep.mailinator.com")
    assert not is_disposable("x@amailinator.example")
    assert not is_disposable("x@gmail.com")
    assert not is_disposable("nothing")


def bought(name: str, day: int, spend: str | None = "39.98") -> Bought:
    return Bought(name, datetime(2026, 3, day, tzinfo=UTC), None if spend is None else Fraction(spend))


def test_the_first_order_of_the_window_counts() -> None:
    rules = Referrals(window_days=7)
    assert standing(AT, [], rules, PARIS).first is None
    assert standing(AT, [bought("a", 2), bought("b", 3)], rules, PARIS).first == bought("a", 2)
    assert standing(AT, [bought("a", 9)], rules, PARIS).first is None
    assert not standing(AT, [bought("a", 9)], rules, PARIS).bought_before


def test_who_had_bought_before_is_told() -> None:
    stand = standing(AT, [bought("old", 1), bought("new", 3)], Referrals(), PARIS)
    assert stand.bought_before
    assert stand.first == bought("new", 3)


TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("offsets", "first", "before"),
    [
        ([-TICK], None, True),
        ([timedelta(0)], 0, False),
        ([TICK], 0, False),
        ([-TICK, timedelta(0)], 1, True),
        ([-TICK, -TICK, TICK], 2, True),
        ([timedelta(0), TICK], 0, False),
        ([timedelta(days=7, hours=11) - TICK], 0, False),  # the last tick of 8 March in Paris
        ([timedelta(days=7, hours=11)], None, False),
        ([-TICK, timedelta(days=7, hours=11)], None, True),
        ([timedelta(days=7, hours=11), timedelta(days=8)], None, False),
    ],
)
def test_the_window_begins_with_the_link_and_ends_with_a_local_day(offsets, first, before) -> None:
    orders = [Bought(str(number), AT + offset, None) for number, offset in enumerate(offsets)]
    stand = standing(AT, orders, Referrals(window_days=7), PARIS)
    assert (stand.first, stand.bought_before) == (None if first is None else orders[first], before)


def test_days_end_at_local_midnight() -> None:
    rules = Referrals(window_days=30, pending_days=14)
    assert window_ends(AT, rules, PARIS) == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert survives_at(AT, rules, PARIS) == datetime(2026, 3, 15, 23, tzinfo=UTC)
    assert survives_at(AT, Referrals(pending_days=0), PARIS) == AT


@pytest.mark.parametrize(
    ("spend", "least", "enough"),
    [("20", "20", True), ("19.99", "20", False), (None, "20", False), (None, None, True), ("0", None, True)],
)
def test_the_least_basis(spend: str | None, least: str | None, enough: bool) -> None:
    rules = Referrals(min_basis=Decimal(least) if least else None)
    assert large_enough(None if spend is None else Fraction(spend), rules) is enough


def test_only_heeded_signs_hold() -> None:
    signs = {"ring", "same_device", "max_per_month"}
    assert heeded(signs, ReferralChecks()) == ["max_per_month", "ring", "same_device"]
    assert heeded(signs, ReferralChecks(rings=False, same_fingerprint=False)) == ["max_per_month"]
    assert heeded({"network"}, ReferralChecks(per_network=None)) == []


def test_referrals_can_be_published() -> None:
    rewards = [{"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}]
    full = {**DOCUMENT, "rewards": rewards, "referrals": {"referrer_points": 500, "friend_reward": "five"}}
    parse_programme(full)


@pytest.mark.parametrize(
    ("referrals", "field", "code"),
    [
        ({"friend_reward": "none"}, "referrals.friend_reward", "unknown_reward"),
        ({"referrer_reward": "none"}, "referrals.referrer_reward", "unknown_reward"),
        ({"landing_url": "http://shop.example"}, "referrals.landing_url", "not_an_address"),
        ({"landing_url": "https://shop.example/#top"}, "referrals.landing_url", "not_an_address"),
        ({"window_days": 0}, "referrals.window_days", "out_of_range"),
        ({"checks": {"luck": True}}, "referrals.checks.luck", "unknown_key"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(referrals: dict, field: str, code: str) -> None:
    with pytest.raises(InvalidProgramme) as invalid:
        parse_programme({**DOCUMENT, "referrals": referrals})
    assert [(problem.field, problem.code) for problem in invalid.value.problems] == [(field, code)]


def test_a_page_to_land_on_is_kept_as_it_is_written_up_to_500_characters():
    page = "https://shop.example/" + "a" * 479
    read = parse_programme(DOCUMENT | {"referrals": {"landing_url": page}})
    assert read.referrals is not None
    assert read.referrals.landing_url == page
    with pytest.raises(InvalidProgramme) as invalid:
        parse_programme(DOCUMENT | {"referrals": {"landing_url": page + "a"}})
    assert [(each.field, each.code) for each in invalid.value.problems] == [("referrals.landing_url", "too_long")]
