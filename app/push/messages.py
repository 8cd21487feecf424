"""What a message says, in the member's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.points import sentences
from app.programmes import Version
from app.rules.words import Words
from app.shops import Shop

_TICK = timedelta(microseconds=1)

Body = Mapping[str, Any]


def message(body: Body, version: Version, shop: Shop, language: str | None) -> dict[str, Any]:
    """Return what the browser shows. `tag`: a message takes the place of the one before with the same."""
    in_words, programme = sentences.in_language(language, version), version.programme
    return {
        "title": programme.name,
        "body": _sentence(body, version, shop, in_words),
        "tag": body["tag"],
        "lang": in_words.language,
        "icon": programme.display.logo if programme.display else None,
    }


def _sentence(body: Body, version: Version, shop: Shop, in_words: Words) -> str:
    event = body["event"]
    if event == "tier":
        names = {tier.key: tier.name for tier in version.programme.tiers}
        return in_words.say("push.tier", tier=names.get(body["tier"]) or body["tier"])
    points = in_words.points(body["points"])
    if event == "expiring":
        end = datetime.fromisoformat(body["expires_at"])
        return in_words.say("push.expiring", points=points, day=in_words.day(end - _TICK, shop.zone))
    return in_words.say(f"push.{event}", points=points)
