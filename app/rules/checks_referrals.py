"""What is wrong between referrals and the rest of a programme document."""

from __future__ import annotations

from collections.abc import Iterator

from app.rules.checks import Problem, _at, _rows


def referral_checks(document: object) -> Iterator[Problem]:
    """Yield rewards that referrals give and the programme lacks."""
    known = {row.get("key") for _, row in _rows(document, "rewards")}
    for name in ("referrer_reward", "friend_reward"):
        key = _at(document, "referrals", name)
        if isinstance(key, str) and key not in known:
            yield Problem(f"referrals.{name}", "unknown_reward", "Write the key of one of the programme's rewards.")
