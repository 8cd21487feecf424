"""What a page asks of a gate, in a query. What is wrong is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from app.errors import FieldError, Invalid
from app.rewards.opening import Gate


def gate_of(query: Mapping[str, str]) -> Gate:
    """Read a gate. An empty parameter counts as absent. Raises: Invalid, naming the parameter."""
    tier, product, content = (_text(query, name) for name in ("tier", "product", "content"))
    gate = Gate(tier=tier, product=product, content=content, early=_moment(query.get("early")))
    if gate == Gate():
        raise _wrong("tier", "send a tier, a product, a content or a moment")
    return gate


def _text(query: Mapping[str, str], name: str) -> str | None:
    text = query.get(name) or None
    if text is not None and (len(text) > 255 or "\x00" in text):
        raise _wrong(name, "send a text of 255 characters at most")
    return text


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 2000 <= moment.year < 9000:
        raise _wrong("early", "send a moment such as 2026-12-01T10:00:00Z")
    return moment.astimezone(UTC)


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", (FieldError(field, "invalid", message),))
