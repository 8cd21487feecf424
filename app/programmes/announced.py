"""What a programme announces, as a shop's theme keeps it to draw it by itself."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from app.programmes import Version
from app.rules.document import Announcement
from app.rules.spoken import said

MOST_BYTES = 14_000  # beside an address, within what every platform keeps in one field


def for_themes(version: Version | None) -> dict[str, Any]:
    """Return the announcement with its times, empty where there is none; nothing where it is too long: ask then."""
    display = version.programme.display if version else None
    told = display.announcement if display else None
    document = _document(told) if told else {}
    fits = len(json.dumps(document, ensure_ascii=False).encode()) <= MOST_BYTES
    return {"announcement": document} if fits else {}


def _document(told: Announcement) -> dict[str, Any]:
    texts = {language: text for language, text in told.text.items() if language}
    return {
        "text": {"default": said(told.text, ""), **texts},
        "link": told.link,
        "from": _seconds(told.from_),
        "until": _seconds(told.to),
    }


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
