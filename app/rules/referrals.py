"""What becomes of a member's friend: pure, by what is known now. Source: semantics 7."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from app.rules.document import ReferralChecks, Referrals
from app.rules.expiry import pending_until
from app.rules.money import exact

# No vowels, so that no code is a word; nothing that is read as another.
ALPHABET = "BCDFGHJKMNPQRSTVWXYZ23456789"
CODE_LENGTH = 10
NETWORK_SPAN = timedelta(days=7)

# Whose mailboxes take any dots: the address without them is the same one.
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}

# sign → the check of the document that heeds it; a monthly limit and what the merchant says are always heeded
_HEEDED = {
    "same_identity": "same_identity",
    "same_address": "same_fingerprint",
    "same_device": "same_fingerprint",
    "same_payment": "same_fingerprint",
    "similar_email": "similar_email",
    "disposable_email": "disposable_email",
    "not_first_order": "not_first_order",
    "ring": "rings",
    "network": "per_network",
}


def read_code(text: str) -> str | None:
    """Return a code as it is kept, however it was typed; None for what cannot be one."""
    plain = "".join(character for character in text.upper() if character not in "- \t")
    return plain if len(plain) == CODE_LENGTH and set(ALPHABET).issuperset(plain) else None


def show_code(code: str) -> str:
    """Write a code for people: BCDFG-HJKMN."""
    return f"{code[:5]}-{code[5:]}"


def link(landing: str, code: str) -> str:
    """Return the address that carries a member's code."""
    parts = urlsplit(landing)
    query = "&".join(filter(None, (parts.query, f"ref={show_code(code)}")))
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))


def alike_email(normal: str) -> str:
    """Return a normal e-mail without +tag, and without dots where the mailbox ignores them."""
    name, _, domain = normal.rpartition("@")
    name = name.partition("+")[0] or name
    if domain in _DOTLESS:
        name, domain = name.replace(".", "") or name, _DOTLESS[domain]
    return f"{name}@{domain}" if domain else normal


@dataclass(frozen=True, slots=True)
class Bought:
    """One order of the friend that counts."""

    order_id: str
    placed_at: datetime
    spend: Fraction | None  # kept basis in the programme's currency; None: not known there


@dataclass(frozen=True, slots=True)
class Standing:
    """How a referral stands by the friend's orders."""

    first: Bought | None  # the first order, if it was placed within the window
    bought_before: bool


def window_ends(at: datetime, rules: Referrals, zone: ZoneInfo) -> datetime:
    """Return the moment from which on a first order comes too late."""
    ends = pending_until(at, rules.window_days, zone)
    assert ends is not None  # noqa: S101 (a window has one day at least)
    return ends


def standing(at: datetime, bought: Sequence[Bought], rules: Referrals, zone: ZoneInfo) -> Standing:
    """Return how a link stands; `bought` is in time order."""
    before = bool(bought) and bought[0].placed_at < at
    first = next((each for each in bought if each.placed_at >= at), None)
    if first is not None and first.placed_at >= window_ends(at, rules, zone):
        first = None
    return Standing(first, before)


def survives_at(qualified_at: datetime, rules: Referrals, zone: ZoneInfo) -> datetime:
    """Return when an order has survived: N days end at local midnight after day N."""
    return pending_until(qualified_at, rules.pending_days, zone) or qualified_at


def large_enough(spend: Fraction | None, rules: Referrals) -> bool:
    """Tell whether the kept basis reaches the least one; a basis nobody knows does not."""
    return rules.min_basis is None or (spend is not None and spend >= exact(rules.min_basis))


def heeded(signs: Iterable[str], checks: ReferralChecks) -> list[str]:
    """Return the signs that hold a referral for review, in a fixed order."""
    known = set(signs)
    return sorted(sign for sign in known if sign not in _HEEDED or getattr(checks, _HEEDED[sign]))
