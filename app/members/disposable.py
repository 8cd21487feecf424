"""E-mail domains that are thrown away after one use, by the list that the field keeps."""

from __future__ import annotations

from functools import cache


def is_disposable(email: str) -> bool:
    """Tell whether an e-mail is at a throw-away domain, or below one."""
    domain = email.rpartition("@")[2].rstrip(".")
    parts = domain.split(".")
    return any(".".join(parts[start:]) in _domains() for start in range(len(parts) - 1))


@cache
def _domains() -> frozenset[str]:
    # ten thousand names: read when the first e-mail is
    from disposable_email_domains import blocklist

    return frozenset(blocklist)
