"""What every call has in common: errors in the answer, ids, amounts and times as Shopify writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.contract import PlatformRefused
from connectors.contract.rewarding import Grant


def is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def done(told: Mapping[str, Any], mutation: str, *but: str) -> str | None:
    """Return the code of an error that is expected; None: it is done. Raises: PlatformRefused."""
    for error in told[mutation]["userErrors"]:
        code = str(error.get("code") or "")
        if code in but:
            return code
        raise PlatformRefused(f"Shopify refused: {str(error.get('message'))[:200]}", code=code)
    return None


def money_of(told: Mapping[str, str], grant: Grant) -> str:
    """Return an amount: a reward's is always of the shop's currency. Raises: PlatformRefused."""
    if told["currency"] != grant.currency:
        raise PlatformRefused(f"the reward is worth {told['currency']}, and the shop sells in {grant.currency}")
    return told["amount"]


def time_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
