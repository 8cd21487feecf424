"""What is wrong between referrals and the rest of a programme document."""

from __future__ import annotations

from collections.abc import Iterator

from app.rules.raw import Problem, at, rows


def referral_checks(document: object) -> Iterator[Problem]:
    """Yield rewards that referrals give and the programme lacks."""
    known = {row["key"] for _, row in rows(document, "rewards") if isinstance(row.get("key"), str)}
    for name in ("referrer_reward", "friend_reward"):
        key = at(document, "referrals", name)
        if isinstance(key, str) and key not in known:
            yield Problem(f"referrals.{name}", "unknown_reward", "Write the key of one of the programme's rewards.")
