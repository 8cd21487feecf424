"""E-mails as they are compared and kept: normal, and hashed with the shop's own key.

Source: semantics 1.2, 8.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass, replace

from app.members.disposable import is_disposable
from app.rules.referrals import alike_email
from connectors.contract import CustomerRef


def normal_email(text: str | None) -> str | None:
    """Return an e-mail as it is compared: trimmed, NFKC, lower case; None for nothing."""
    if text is None:
        return None
    return unicodedata.normalize("NFKC", text.strip()).strip().lower() or None


def keyed(pepper: bytes, kind: str, text: str) -> str:
    """Return the keyed hash of an opaque text, of its own kind: it never equals an e-mail's."""
    return hmac.new(pepper, f"{kind}:{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:40]


def email_ref(pepper: bytes, email: str | None) -> str | None:
    """Return the keyed hash under which an e-mail is kept and looked up."""
    normal = normal_email(email)
    if normal is None:
        return None
    return hmac.new(pepper, normal.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Traits:
    """What of an e-mail is compared between a member and a friend. Empty: nothing was told."""

    ref: str | None = None  # keyed hash without dots and +tags
    disposable: bool = False


NO_TRAITS = Traits()


def traits_of(pepper: bytes, email: str | None) -> Traits:
    """Return the traits of an e-mail, by which nobody can be looked up."""
    normal = normal_email(email)
    return NO_TRAITS if normal is None else Traits(email_ref(pepper, alike_email(normal)), is_disposable(normal))


def without_email(customer: CustomerRef | None, pepper: bytes) -> CustomerRef | None:
    """Replace the address by its keyed hash; None where nobody is named at all."""
    if customer is None:
        return None
    ref = customer.email_ref or email_ref(pepper, customer.email)
    if customer.id is None and ref is None:
        return None
    return replace(customer, email=None, email_ref=ref)
