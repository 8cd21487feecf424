"""Shopify writes tags as one text, `"sale, summer"`, and in newer bodies as a list."""

from __future__ import annotations

from connectors.neutral.reading import BadField, Doc


def tags(doc: Doc) -> tuple[str, ...]:
    """Return the tags of a customer or product. Raises: BadField."""
    told = doc.get("tags") or []
    words = told.split(",") if isinstance(told, str) else told
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadField("tags", "must be text or a list of texts")
    return tuple(word.strip() for word in words if word.strip())
