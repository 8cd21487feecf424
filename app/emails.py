"""E-mails as they are compared and kept: normal, and hashed with the shop's own key.

Source: semantics 1.2, 8.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import replace

from connectors.contract import CustomerRef


def normal_email(text: str | None) -> str | None:
    """Return an e-mail as it is compared: trimmed, NFKC, lower case; None for nothing."""
    if text is None:
        return None
    return unicodedata.normalize("NFKC", text.strip()).strip().lower() or None


def email_ref(pepper: bytes, email: str | None) -> str | None:
    """Return the keyed hash under which an e-mail is kept and looked up."""
    normal = normal_email(email)
    if normal is None:
        return None
    return hmac.new(pepper, normal.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:40]


def without_email(customer: CustomerRef | None, pepper: bytes) -> CustomerRef | None:
    """Replace the address by its keyed hash; None where nobody is named at all."""
    if customer is None:
        return None
    ref = customer.email_ref or email_ref(pepper, customer.email)
    if customer.id is None and ref is None:
        return None
    return replace(customer, email=None, email_ref=ref)
