"""What every call has in common: errors in the answer, ids and times as Shopify writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.contract import PlatformRefused


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


def time_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
