"""Evidence of an activity: parted into what rules need, digests of what was written or shown, and the sealed rest.

Digests are keyed with the shop's pepper, so that nobody can try texts against them. Source: semantics 3, 8.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from typing import Any

import orjson

_KNOWN = ("amount", "currency")  # what rules need travels beside the evidence, in the fact itself


def digests(pepper: bytes, evidence: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the keyed digests of an activity's text and picture; a blank text has none."""
    told = evidence or {}
    found = []
    if isinstance(text := told.get("text"), str) and (plain := normal_text(text)):
        found.append(f"text\n{plain}")
    if isinstance(url := told.get("picture_url"), str) and url.strip():
        found.append(f"picture\n{url.strip()}")
    if isinstance(sha256 := told.get("picture_sha256"), str) and sha256.strip():
        found.append(f"bytes\n{sha256.strip().lower()}")
    return tuple(sorted({hmac.new(pepper, each.encode(), hashlib.sha256).hexdigest() for each in found}))


def normal_text(text: str) -> str:
    """Return a text as it is compared: NFKC, case folded, letters and digits only, single spaces between words."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(char if char.isalnum() else " " for char in folded).split())


def to_seal(evidence: Mapping[str, Any] | None) -> bytes | None:
    """Return what of the evidence is kept for the merchant's eyes only."""
    rest = {name: value for name, value in (evidence or {}).items() if name not in _KNOWN}
    return orjson.dumps(rest) if rest else None
